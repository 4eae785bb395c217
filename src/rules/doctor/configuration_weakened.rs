//! Reported by `doctor::weakened`, where two revisions are compared; here is what there is to say about it.

use crate::{
    finding::{Confidence, Severity},
    rules::{Rule, always},
};

pub(super) static RULE: Rule = Rule {
    id: "configuration-weakened",
    group: "doctor",
    title: "this change makes the doctor say less",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-693", "MCP08"],
    docs: "
Said where two revisions are compared, with `--since` or `--staged`: the later one sets a higher `fail_on`, ignores more
rules, excludes more paths, lowers a severity, or accepts more findings in its baseline than the earlier one. New
suppressions are named, too, with severity low, and so is a baseline that is taken up.

Who wants a weakness merged can silence the check by the same change, and a reviewer reads code, not settings. While two
revisions are compared the stricter settings of both hold, so that a change cannot lower the gate it is held against.

Where the change is meant, have it reviewed on its own, and ignore this rule for that one run: `--ignore
configuration-weakened`.
",
    applies: always,
    check: |_, _| {},
};
