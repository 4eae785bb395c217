//! One scope for everything.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "scope-omnibus",
    group: "auth",
    title: "a scope covers everything",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-250", "CWE-272", "MCP02", "MCP specification: scope minimisation"],
    docs: "
A token whose scope is everything is worth everything: to whoever steals it, and to the server that was given it for one task.
Users who are asked for everything cannot judge what they agree to.

Ask for what each tool needs, such as `notes:read` and `notes:write`, and for more when it is needed.

Only scopes that are written down are looked at: `*`, `all`, `full-access`, `admin:*` and their like, and Google's scope for
whole mailboxes. Names such as `repo` may be right for a tool that needs them.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for wide in &project.facts.conduct.wide_scopes {
        findings.push(context::finding(
            project,
            &RULE,
            wide.place.clone(),
            format!("the scope `{}` covers everything", wide.scope),
            "one stolen token, or one tool that is misled, does whatever its user may do",
            "name a scope for each kind of tool, and ask for the least",
        ));
    }
}
