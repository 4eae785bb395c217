//! A check that vanishes with an option of the interpreter.

use std::collections::BTreeMap;

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "assert-validation",
    group: "lang",
    title: "input is checked with assert alone",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[Language::Python],
    since: "0.1.0",
    references: &["CWE-617", "CWE-703", "MCP05"],
    docs: "
`assert` is for what cannot be. Python leaves every `assert` out when it is started with `-O` or `PYTHONOPTIMIZE`, which images of
containers do to save space: then a tool that checks a path or a number with `assert` checks nothing. Until then a failed check
says `AssertionError` and nothing that the model could mend its call by.

Write `if not ...: raise ValueError(\"...\")`, or put the limits into the schema of the tool (`Field(ge=1, le=100)`, `Literal[...]`).

Reported are comparisons and calls in an `assert` about a parameter of a tool, prompt or resource, in its own function. What only tells
a type checker what is known (`is not None`, `isinstance`) and what stands in helpers or tests is not reported.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    for asserted in &project.facts.asserted_inputs {
        let handler = project
            .facts
            .offers
            .iter()
            .find(|offer| offer.handler.as_ref().is_some_and(|handler| handler.place == asserted.function));
        let Some(offer) = handler else { continue };
        let Some(field) = offer.input.fields.iter().find(|field| asserted.names.contains(&field.name)) else {
            continue;
        };
        let key = (asserted.function.path.as_str(), asserted.function.start);
        if let Some(first) = seen.get(&key).and_then(|&index| findings.get_mut(index)) {
            first.related.push(Related { place: asserted.place.clone(), message: "and here".to_owned() });
            continue;
        }
        seen.insert(key, findings.len());
        findings.push(context::finding(
            project,
            &RULE,
            asserted.place.clone(),
            format!("`{}` of {} is checked with `assert`, which `python -O` leaves out", field.name, offer.label()),
            "where the interpreter runs with `-O`, a caller sends what the check was there to refuse",
            "raise an exception, or put the limit into the schema",
        ));
    }
}
