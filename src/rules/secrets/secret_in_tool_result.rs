//! A secret of the server becomes a part of what a tool answers.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Misuse},
    rules::{Rule, context, flows},
};

pub(super) static RULE: Rule = Rule {
    id: "secret-in-tool-result",
    group: "secrets",
    title: "a secret of the server becomes a part of what a tool answers",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-200", "CWE-526", "MCP01", "MCP10"],
    docs: "
What a tool answers goes to a model, and from there to transcripts, logs and whoever can talk the model into repeating it. A key
in it is no secret any more. Most often it is the whole environment, for debugging, or the settings as they are.

Answer that a variable is set, its name or the name of the account. Write out the fields of the settings that a caller may see,
instead of all but those that it may not.

Reported are the whole environment, variables whose names say that they hold a secret, records with such a value among their
fields, and the caller's own token, where they reach the result of a tool, resource or prompt. Names of variables, lengths, truth
values, digests, pieces, and what a function named `redact` or `mask` gives are not reported, nor is the answer to a request that
was made with the secret. Objects of classes are not looked into, nor settings that a library reads.

A tool whose purpose is to show the environment is reported, too: it has no safe use outside of a sandbox without secrets.
",
    applies: context::has_server_or_held_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads has it call the tool and repeat the secret";
    let fix = "answer that it is set, or its name, and never its value";
    flows::report_held(
        project,
        &RULE,
        findings,
        Misuse::SecretAnswered,
        |flow, tool| {
            let name = if flow.name.contains(' ') { flow.name.clone() } else { format!("`{}`", flow.name) };
            format!(
                "{name} becomes a part of {}",
                if tool.starts_with('`') { format!("what {tool} answers") } else { tool.to_owned() }
            )
        },
        (attack, fix),
    );
}
