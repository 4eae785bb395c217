//! Schemas that somebody else writes.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "schema-remote-ref",
    group: "metadata",
    title: "a schema refers to one on the network",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP specification 2026-07-28: JSON Schema in tools", "CWE-918", "CWE-829"],
    docs: "
A `$ref` with an address makes whoever validates the schema fetch it, at every start and from wherever that is: the answer decides what
arguments are accepted, and the request tells the address who validates. The specification forbids fetching it without being asked, so
careful clients refuse the tool.

Write the schema out, with `$defs` for what is used twice. `$schema` and `$id` name a document and fetch nothing.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in &project.facts.offers {
        if let Some(said) = offer.input.remote.first() {
            findings.push(context::finding(
                project,
                &RULE,
                said.place.clone(),
                format!("the schema of {} refers to `{}`", offer.label(), said.text),
                "whoever controls that address decides which arguments pass, and sees who asks",
                "write the schema out, with `$defs` for what is used twice",
            ));
        }
    }
}
