//! Input of a caller becomes a part of an SQL statement.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project, facts::Sink},
    rules::{
        Rule, context,
        flows::{self, Told},
    },
};

pub(super) static RULE: Rule = Rule {
    id: "sql-injection",
    group: "injection",
    title: "input of a caller becomes a part of an SQL statement",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-89", "MCP05", "MSSS INPUT-02"],
    docs: "
SQL is built as text from an argument of a tool. `' OR 1=1; DROP TABLE users --` in it is then a part of the statement, which
reads and changes whatever the connection may.

Bind values as parameters: `query('.. where id = $1', [id])`, `execute('.. where id = ?', (id,))`. Names of tables and
columns cannot be bound: take them from a fixed set, or let the driver quote them (`escapeId`, `sql.Identifier`,
`QuoteIdentifier`).

Recognised are the drivers' calls, and calls named like them where the text before the input is SQL. Tagged templates (`sql`
followed by a template) bind, and are not reported. A tool that runs whole statements of its caller is told by
`arbitrary-sql-tool`.
",
    applies: context::has_server_or_flow,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let attack = "whoever writes a text that the model reads ends the statement and adds another";
    let fix = "bind the value as a parameter; take names of tables and columns from a fixed set";
    flows::report(
        project,
        &RULE,
        findings,
        |flow| flow.sink == Sink::Sql && !flow.by_design,
        |flow| {
            let told = Told::usual(&RULE, "which runs it as a part of the statement", attack, fix);
            if flow.known { told } else { Told { confidence: Confidence::Medium, ..told } }
        },
    );
}
