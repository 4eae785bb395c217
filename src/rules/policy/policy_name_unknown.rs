//! The policy speaks of something that does not exist.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{Language, Project, data::Node, policy::PolicyFile},
    rules::{self, Rule, context},
};

use super::policy_invalid::applies;

pub(super) static RULE: Rule = Rule {
    id: "policy-name-unknown",
    group: "policy",
    title: "the policy names a tool or a rule that does not exist",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript],
    since: "0.1.0",
    references: &["CWE-16", "CWE-1188"],
    docs: "
A section `[tools.NAME]` limits a tool, and `[doctor] ignore` switches a rule off. Where the name is misspelt, or the tool has
been renamed, the limit holds for nothing, and nobody is told.

Tools are compared only where all names of the servers beside the policy are known.
",
    applies,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in &project.policies {
        let Some(tree) = &file.tree else { continue };
        for node in tree.path(&["doctor", "ignore"]).map_or(&[][..], Node::items) {
            let Some(name) = node.text() else { continue };
            let known = rules::RULES.iter().any(|rule| rule.id == name || rule.group == name);
            if !known {
                let place = Place::new(&file.path, node.span.start, node.span.end);
                findings.push(finding(project, place, format!("there is no rule or group `{name}`")));
            }
        }
        let Some(known) = tools(project, file) else { continue };
        for entry in tree.get("tools").map_or(&[][..], Node::entries) {
            if !known.contains(&entry.key.as_str()) {
                let place = Place::new(&file.path, entry.key_span.start, entry.key_span.end);
                findings.push(finding(project, place, format!("no server here has a tool `{}`", entry.key)));
            }
        }
    }
}

fn finding(project: &Project, place: Place, message: String) -> Finding {
    let attack = "what was meant to be limited is not, and nobody is told";
    context::finding(project, &RULE, place, message, attack, "correct the name, or remove it")
}

/// The names of all tools beside the policy; nothing where one of them is not known.
fn tools<'a>(project: &'a Project, file: &PolicyFile) -> Option<Vec<&'a str>> {
    let folder = file.path.strip_suffix("mcpsec.toml").unwrap_or_default();
    let servers: Vec<_> = project.facts.servers.iter().filter(|server| server.place.path.starts_with(folder)).collect();
    let complete = !servers.is_empty() && servers.iter().all(|server| server.incomplete.is_empty());
    let names: Option<Vec<&str>> =
        servers.iter().flat_map(|server| &server.tools).map(|tool| tool.name.as_deref()).collect();
    names.filter(|_| complete)
}
