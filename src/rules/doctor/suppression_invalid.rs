//! Reported by `doctor::suppress`, which reads the comments; here is what there is to say about it.

use crate::{
    finding::{Confidence, Severity},
    rules::{Rule, always},
};

pub(super) static RULE: Rule = Rule {
    id: "suppression-invalid",
    group: "doctor",
    title: "a suppression cannot be read, names no rule, gives no reason or is expired",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1116"],
    docs: "
A suppression says which rule does not count in which line, and why:

    mcpsec: ignore[rule-id] expires=2027-03-31 -- reason

in a comment at the end of the line, or alone in the line above. `ignore-file` covers the whole file; several rules are
separated by commas; a group's name stands for its rules; `expires` may be left out.

What does not have this form has no effect. Since its author believes that it has, it is reported: an unknown rule, a
missing reason, a day that is past.
",
    applies: always,
    check: |_, _| {},
};
