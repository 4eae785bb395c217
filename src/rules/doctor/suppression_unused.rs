//! Reported by `doctor::suppress`, after all other rules; here is what there is to say about it.

use crate::{
    finding::{Confidence, Severity},
    rules::{Rule, always},
};

pub(super) static RULE: Rule = Rule {
    id: "suppression-unused",
    group: "doctor",
    title: "a suppression covers nothing",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1116"],
    docs: "
Nothing is reported in the line, or the file, that this suppression covers. Either the weakness is gone, and the comment
can go as well; or the code has moved, and the comment no longer stands where it should.

A suppression that nobody needs would silence the next finding of its rule in that place, which nobody has looked at.
",
    applies: always,
    check: |_, _| {},
};
