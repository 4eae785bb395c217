//! Rights that the caller claims.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Opens},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "caller-asserted-identity",
    group: "auth",
    title: "a tool believes what its caller says of its own rights",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python, Language::Go],
    since: "0.1.0",
    references: &["CWE-807", "CWE-639", "MCP07"],
    docs: "
The arguments of a tool are written by a model, and so by whoever can write to the model. A parameter such as `role` or
`is_admin` that decides what the tool may do is a lock whose key hangs beside it.

Take rights from what was proven: the token's scopes and claims (`authInfo` in TypeScript, `get_access_token()` in Python, the
token info of the request in Go).

Only a role that is compared with an administrator's name, and parameters such as `is_admin`, that stand in a condition are
reported; in a function that also reads what was proven they are not. For servers on standard output alone, where the
caller owns the process, the finding is low. Rust's arguments come in structs; they are not looked at.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for gate in project.facts.conduct.open_gates.iter().filter(|gate| gate.opens == Opens::ByClaim) {
        let mut finding = context::finding(
            project,
            &RULE,
            gate.place.clone(),
            format!("`{}` is an argument of the tool, and decides what it may do", gate.written),
            "the model is told to say that it is an administrator, and the tool believes it",
            "take the caller's rights from its token, and drop the parameter",
        );
        if project.facts.endpoints.is_empty() {
            finding.severity = Severity::Low;
        }
        findings.push(finding);
    }
}
