//! Input of a caller becomes a part of a query's text.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "nosql-injection",
    group: "injection",
    title: "input of a caller becomes a part of a query's text",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python],
    since: "0.1.0",
    references: &["CWE-943", "CWE-90", "MCP05"],
    docs: "
A query in Cypher, SPARQL or LDAP is built as text from an argument of a tool. Quotes and brackets in it change what is asked,
as they do in SQL.

Use the parameters of the driver (`session.run(query, {name})`), or its function for escaping.

Only text that is built is reported. A tool whose caller writes the whole query does so by design, and filters that are
objects (MongoDB) are not followed: a schema that asks for a string keeps operators out of them.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads changes what the query asks for";
    let fix = "hand the value over as a parameter of the query";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::NoSql && !flow.by_design,
        |_| Told::usual(&RULE, "which runs it as a part of the query", attack, fix),
    );
}
