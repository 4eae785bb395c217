//! Hidden is not refused.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "gate-asymmetry",
    group: "capabilities",
    title: "tools are hidden from the list and can still be called",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python, Language::Rust],
    since: "0.1.0",
    references: &["CVE-2026-46519", "CVE-2026-77243", "CWE-863", "MCP07"],
    docs: "
A read-only mode, an allow-list or a scope that filters `tools/list` hides tools from honest clients. A call does not need the list: whoever
knows a name calls it, and the mode that people rely on guards nothing.

Ask the same question in the handler of calls, best in one function that both use. Reported are low-level servers whose list asks for such a word
(`readOnly`, `allowedTools`, `scopes`) while the handler and what it calls never do, nor call anything that sounds
like a check. Tools that are not registered at all in that mode are fine.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for dispatch in &project.facts.dispatches {
        let Some(gate) = dispatch.gates.first() else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            gate.place.clone(),
            format!("`{}` decides which tools are listed, and the handler of calls does not ask for it", gate.text),
            "a caller who knows the name calls a tool that was switched off",
            "ask the same question in the handler of calls",
        );
        finding.related = vec![Related { place: dispatch.place.clone(), message: "calls are handled here".to_owned() }];
        findings.push(finding);
    }
}
