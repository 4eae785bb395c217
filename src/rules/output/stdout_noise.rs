//! Something else than the protocol on standard output.

use std::collections::BTreeMap;

use crate::{
    edits,
    finding::{Confidence, Finding, Related, Safety, Severity},
    project::{Language, Project, facts::Moment},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "stdout-noise",
    group: "output",
    title: "a stdio server writes something else to standard output",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["CWE-684", "MCP specification: stdio servers must not write anything else to stdout"],
    docs: "
Over stdio, standard output is the connection: each line is a message of the protocol. One `console.log` or `print` in
between breaks it. Clients drop the line at best, and the connection at worst, often only when an unusual branch is taken.
Text that a caller chooses, and that is printed, can even forge messages.

Write to standard error: `console.error`, `print(..., file=sys.stderr)`, `eprintln!`, `fmt.Fprintln(os.Stderr, ...)`; and tell
the logger to do so.

Loggers count as well: Spring Boot needs `spring.main.banner-mode=off` and an empty `logging.pattern.console`, Logback a
`<target>System.err</target>`, the host of .NET `AddConsole` with `LogToStandardErrorThreshold`.

What runs only without stdio (`--help`, the HTTP mode, tests, scripts) is not reported. Writes while the server starts are
medium, while it stops low.
",
    applies: context::has_stdio,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut guessed: BTreeMap<&str, usize> = BTreeMap::new();
    for write in &project.facts.stdout_writes {
        let (severity, sure, when) = match write.moment {
            Moment::Serving => (Severity::High, Confidence::High, "while the server answers over it"),
            Moment::Starting => (Severity::Medium, Confidence::High, "while the server starts to speak over it"),
            Moment::Stopping => (Severity::Low, Confidence::Medium, "while the server stops"),
            Moment::Unknown => (Severity::Medium, Confidence::Low, "of a project whose server speaks over it"),
            Moment::Elsewhere => continue,
        };
        let (severity, confidence) = context::weigh(project, &write.place, severity, sure);
        // Of what may never run beside a server each file is one guess.
        if write.moment == Moment::Unknown {
            if let Some(&first) = guessed.get(write.place.path.as_str()) {
                findings[first].related.push(Related { place: write.place.clone(), message: "and here".to_owned() });
                continue;
            }
            guessed.insert(&write.place.path, findings.len());
        }
        let redirect = if sure > Confidence::Low { edits::stdout::redirect(project, write) } else { None };
        let (safety, edits) = redirect.map_or((Safety::Unsafe, None), |(safety, edits)| (safety, Some(edits)));
        findings.push(Finding {
            rule: RULE.id,
            severity,
            confidence,
            place: write.place.clone(),
            message: format!("`{}` writes to standard output {when}", write.call),
            attack: "a line that is no message breaks the connection, and printed input of a caller can forge one"
                .to_owned(),
            related: Vec::new(),
            fix: Some(edits::fix("write to standard error instead", safety, edits)),
        });
    }
}
