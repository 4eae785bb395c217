//! A configuration that a client does not read, or not as it is meant.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::Project,
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-config-unparsable",
    group: "clients",
    title: "a client reads this configuration differently, or not at all",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1286", "CWE-436", "MCP09"],
    docs: "
A configuration with a mistake in its grammar is ignored by some clients and read in part by others. Of two entries with the same
name one counts, and the reviewer may have read the other. Servers under the key of another client (`mcpServers` in
`.vscode/mcp.json`) never start, and neither do the restrictions that stand beside them. What a checker cannot read it cannot
judge.

Mend the file: one entry per name, under the key that the client reads, with a transport that it knows.

Comments and trailing commas are legal in these files and not reported.
",
    applies: context::has_client,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "an entry that no reviewer counts on is started, or a restriction that everybody counts on is ignored";
    for client in &project.clients {
        if let Some(error) = &client.error {
            let place = Place::new(&client.path, error.span.start, error.span.end);
            let message = format!("this file cannot be parsed: {}", error.message);
            findings.push(context::finding(project, &RULE, place, message, attack, "mend the grammar of the file"));
        }
        for problem in &client.problems {
            let fix = "write one entry per name, under the key and with the transport that the client knows";
            let mut finding =
                context::finding(project, &RULE, problem.place.clone(), problem.message.clone(), attack, fix);
            if !problem.certain {
                finding.confidence = finding.confidence.min(Confidence::Medium);
            }
            findings.push(finding);
        }
    }
}
