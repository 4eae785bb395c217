//! Reported by `doctor::baseline`, after all other rules; here is what there is to say about it.

use crate::{
    finding::{Confidence, Severity},
    rules::{Rule, always},
};

pub(super) static RULE: Rule = Rule {
    id: "baseline-stale",
    group: "doctor",
    title: "a line of the baseline covers nothing",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1116"],
    docs: "
A baseline holds findings that are accepted because they were there before. This one is not found any more: it was mended,
or the code around it has changed.

A line that covers nothing would cover the same mistake when somebody makes it again. `mcpsec baseline prune` removes it.
Do so in the change that mends the finding, and the baseline only shrinks.
",
    applies: always,
    check: |_, _| {},
};
