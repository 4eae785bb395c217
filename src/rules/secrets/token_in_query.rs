//! A credential travels in an address.

use std::collections::BTreeMap;

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Language, Project},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "token-in-query",
    group: "secrets",
    title: "a credential is part of an address",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-598", "MCP01", "MCP specification: access tokens MUST NOT be in the query string"],
    docs: "
Addresses are written down everywhere: in logs of servers and proxies, in histories, in error messages, in `Referer`. A token that
a caller sends as `?token=...` is in all of them, and the specification of MCP forbids it.

Take the token from the header `Authorization: Bearer ...`, and refuse it in the query. Send keys to other services as headers, too.

Read are queries of requests (`req.query.token`, `searchParams.get(\"api_key\")`, extractors) and addresses that are put together
(`?api_key=${key}`). Some services take a key in the query alone: what is sent has low severity. Values of one exchange
(`code`, `state`, tokens of invitations) and marks of places in a list (`page_token`) are not reported.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut seen: BTreeMap<(&str, bool, &str), usize> = BTreeMap::new();
    for token in &project.facts.query_tokens {
        // Callers of one file send it in one way; services are told apart by their names for it.
        let name = if token.inbound { "" } else { token.name.as_str() };
        let key = (token.place.path.as_str(), token.inbound, name);
        if let Some(first) = seen.get(&key).and_then(|&index| findings.get_mut(index)) {
            first.related.push(Related { place: token.place.clone(), message: "and here".to_owned() });
            continue;
        }
        seen.insert(key, findings.len());
        let (message, fix) = if token.inbound {
            (
                format!("callers send `{}` in the address", token.name),
                "take it from the header `Authorization`, and refuse it in the query",
            )
        } else {
            (format!("`{}` is sent in the address", token.name), "send it as a header, if the service takes one")
        };
        let attack = "whoever reads a log of the server or of a proxy on the way acts with this credential";
        let mut finding = context::finding(project, &RULE, token.place.clone(), message, attack, fix);
        if !token.inbound {
            finding.severity = context::lower(finding.severity, 1);
        }
        findings.push(finding);
    }
}
