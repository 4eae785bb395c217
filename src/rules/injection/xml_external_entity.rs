//! Input of a caller is parsed as XML with external entities.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "xml-external-entity",
    group: "injection",
    title: "input of a caller is parsed as XML with external entities",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python],
    since: "0.1.0",
    references: &["CWE-611"],
    docs: "
A parser that replaces entities reads the files and requests the addresses that the document names. `<!ENTITY x SYSTEM
'file:///etc/passwd'>` in an argument of a tool puts the file into the answer.

Leave entities off: `resolve_entities=False`, no `noent`. In Python use `defusedxml`.

Reported is only a parser that was told to replace entities; the usual settings of today's parsers leave them alone.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads names a file as an entity, and gets it back";
    let fix = "parse without entities (`resolve_entities=False`, no `noent`)";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::Xml,
        |_| Told::usual(&RULE, "which replaces external entities in it", attack, fix),
    );
}
