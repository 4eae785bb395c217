//! A tool runs whatever SQL its caller sends.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Language, Project,
        facts::{Flow, Sink},
    },
    rules::{Rule, context, flows},
};

pub(super) static RULE: Rule = Rule {
    id: "arbitrary-sql-tool",
    group: "injection",
    title: "a tool runs whatever SQL its caller sends",
    severity: Severity::Info,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-89", "MCP05"],
    docs: "
Running statements of its caller is what this tool is for. A model that reads a hostile text can be talked into `DROP TABLE`, or
into reading a table that nobody meant to share.

Connect with a role that may only read what the tool is for, open transactions as read-only, set a time limit, and let a
person approve what writes. A list of allowed first words does not hold: `WITH` and functions write, too.

Told once for each tool. What the role of the connection may do is not in the code, so the finding stays informational.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let wanted = |flow: &Flow| flow.sink == Sink::Sql && flow.by_design;
    let attack = "whoever writes a text that the model reads has the tool read or change any table of the connection";
    let fix = "connect with a role that may only read, and let a person approve what writes";
    flows::report_tools(project, &RULE, findings, wanted, "runs the SQL that its caller sends", (attack, fix));
}
