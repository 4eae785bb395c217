//! A secret is compared character by character.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "secret-compare-timing",
    group: "secrets",
    title: "a secret is compared in time that depends on it",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-208", "MCP07"],
    docs: "
`==` ends at the first character that differs. Who can ask often and measures the answers learns how many characters of a guess are
right, and finds the secret one character after the other instead of all at once. Over a network that takes many requests; on the
same machine or in the same data centre it is practical.

Compare in constant time: `crypto.timingSafeEqual` on digests of both sides, `hmac.compare_digest`, `subtle::ConstantTimeEq`,
`subtle.ConstantTimeCompare`. Limit how often a caller may try.

Reported is a comparison of a value from the configuration or the environment whose name says that it is a secret, with what a
caller presents. Comparisons with literals and with nothing, of digests, and of two values of the same owner are not reported.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for comparison in &project.facts.secret_comparisons {
        let mut finding = context::finding(
            project,
            &RULE,
            comparison.place.clone(),
            format!("the comparison with `{}` ends at the first difference", comparison.secret),
            "whoever measures how long answers take finds the secret one character after the other",
            "compare in constant time",
        );
        finding.confidence = finding.confidence.min(comparison.confidence);
        findings.push(finding);
    }
}
