//! A cache that only grows.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "cache-unbounded",
    group: "limits",
    title: "a cache that callers fill is never emptied",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript, Language::Python, Language::Go],
    since: "0.1.0",
    references: &["CWE-770"],
    docs: "
What a tool remembers under a key that its caller chooses grows with every new key. Nothing ends it but the memory of the
machine, and with it the process of everybody.

Bound it: an LRU cache with a size and a time to live (`lru-cache`, `functools.lru_cache(maxsize=..)`, `cachetools`,
`hashicorp/golang-lru`), or delete the oldest entry where the size is reached.

Only collections of a module whose name says that they remember (`cache`, `memo`, `history`, `seen`), that a tool fills under
a key that is not written down, and whose file never deletes from them or asks for their size, are reported. In Rust such
collections stand in fields of objects, which is not followed.
",
    applies: context::has_server_or_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for cache in &project.facts.conduct.growing {
        findings.push(context::finding(
            project,
            &RULE,
            cache.place.clone(),
            format!("`{}` grows with every new key, and nothing takes anything out", cache.what),
            "a caller sends a new key with every call until the process runs out of memory",
            "bound the cache by size and age",
        ));
    }
}
