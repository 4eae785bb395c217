//! The inside of the program for everybody.

use crate::{
    edits,
    finding::{Confidence, Finding, Place, Safety, Severity},
    project::{
        Language, Project,
        container::{Container, Step},
        facts::Protects,
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "debug-enabled",
    group: "output",
    title: "a debugging aid is switched on",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[Language::TypeScript, Language::Python, Language::Go],
    since: "0.1.0",
    references: &["CWE-489", "CWE-215", "MCP10"],
    docs: "
Debugging aids show what a program has inside: tracebacks with variables, a console, heap dumps, a port that runs any code. A
server that ships with one switched on shows it to whoever can make it fail or finds its address.

Leave them off, or read the switch from the environment with a default of off. In an image set `NODE_ENV=production`. Serve
Go's profiler on a router of its own, on loopback.

What is read from the environment is not reported. In a container file only the last stage counts. Rust has no aid of this kind.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for option in project.facts.conduct.weak_options.iter().filter(|option| option.protects == Protects::Release) {
        let mut found = finding(project, option.place.clone(), &option.written, RULE.severity);
        if let Some(edits) = edits::without(project, &option.place) {
            found.fix = found.fix.map(|fix| edits::fix(fix.title, Safety::Unsafe, Some(edits)));
        }
        findings.push(found);
    }
    for stage in project.containers.iter().filter_map(Container::last) {
        for step in &stage.steps {
            if let Some((written, severity)) = in_image(step) {
                findings.push(finding(project, step.place.clone(), &written, severity));
            }
        }
    }
}

fn finding(project: &Project, place: Place, written: &str, severity: Severity) -> Finding {
    let message = format!("`{written}` shows the inside of the program");
    let attack = "whoever makes the server fail, or finds the address, reads its code, memory and settings";
    let fix = "switch it off, or let the environment switch it on";
    let found = context::finding(project, &RULE, place, message, attack, fix);
    Finding { severity: found.severity.min(severity), ..found }
}

/// A setting of an image that switches an aid on, and how much it shows.
fn in_image(step: &Step) -> Option<(String, Severity)> {
    let words = || step.arguments.split(|c: char| c.is_whitespace() || matches!(c, '"' | '[' | ']' | ','));
    match step.keyword.as_str() {
        "ENV" => {
            let text = step.arguments.replace('"', "").replacen(' ', "=", usize::from(!step.arguments.contains('=')));
            let low = ["NODE_ENV=development", "DEBUG=*"];
            let known = ["FLASK_DEBUG=1", "FLASK_DEBUG=true", "FLASK_ENV=development", "DJANGO_DEBUG=True"];
            let find = |list: &[&str]| text.split_whitespace().find(|pair| list.contains(pair)).map(str::to_owned);
            find(&known).map(|pair| (pair, Severity::Medium)).or_else(|| find(&low).map(|pair| (pair, Severity::Low)))
        }
        "CMD" | "ENTRYPOINT" => words()
            .find(|word| word.starts_with("--inspect") && (word.contains("0.0.0.0") || word.contains("=::")))
            .map(|word| (word.to_owned(), Severity::Medium)),
        _ => None,
    }
}
