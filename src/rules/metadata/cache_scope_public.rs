//! One answer for all.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "cache-scope-public",
    group: "metadata",
    title: "a result that depends on the caller may be cached for everybody",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP specification 2026-07-28: caching", "CWE-524", "MCP10"],
    docs: "
`cacheScope: \"public\"` lets every cache on the way give the answer to other callers. In a function that asks who the caller is, the answer
is most likely about that caller: the next one gets somebody else's data.

Say `private`, or do not look at the caller. The specification also forbids relying on the scope for access control. Whether the answer
really depends on the caller is not followed, only that the function asks.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for cache in &project.facts.shared_caches {
        let mut finding = context::finding(
            project,
            &RULE,
            cache.place.clone(),
            format!("everybody may get this answer from a cache, and `{}` decides about it", cache.word),
            "another caller gets the cached answer, with data that is not theirs",
            "use the scope `private` for what depends on the caller",
        );
        finding.related = vec![Related { place: cache.asks.clone(), message: "asks who the caller is".to_owned() }];
        findings.push(finding);
    }
}
