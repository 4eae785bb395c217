//! `WWW-Authenticate`: what a caller has to show (RFC 6750, RFC 9728 5.1, A2, A6).

use std::collections::BTreeMap;

use mcpsec_policy::Policy;

/// Writes challenges for one server.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    /// Scheme and realm.
    begin: String,
    /// Where the metadata is, with its comma.
    metadata: String,
    /// Which scopes a scope includes (A7).
    includes: BTreeMap<String, Vec<String>>,
}

impl Challenge {
    /// For the server of `policy`, whose metadata is at `metadata`.
    pub(crate) fn new(policy: &Policy, metadata: Option<&str>) -> Self {
        let metadata = metadata.map_or_else(String::new, |url| format!(", resource_metadata=\"{}\"", quoted(url)));
        let begin = format!("Bearer realm=\"{}\"", quoted(&policy.server.name));
        Self { begin, metadata, includes: policy.access.scopes.clone() }
    }

    /// For a request without a credential: no error, since nothing was wrong.
    pub(crate) fn missing(&self) -> String {
        format!("{}{}", self.begin, self.metadata)
    }

    /// For a credential that is not accepted.
    pub(crate) fn invalid(&self, why: &str) -> String {
        let why = quoted(why);
        format!("{}, error=\"invalid_token\", error_description=\"{why}\"{}", self.begin, self.metadata)
    }

    /// For a caller who is known and not allowed, where one of `scopes` would do: names the least of them, so that a
    /// client which asks for what it reads here does not ask for more than the call needs.
    pub(crate) fn insufficient(&self, scopes: &[String]) -> String {
        let least =
            scopes.iter().find(|scope| !scopes.iter().any(|other| other != *scope && self.includes(scope, other)));
        let scope = least.or(scopes.first()).map_or_else(String::new, |scope| format!(", scope=\"{}\"", quoted(scope)));
        format!("{}, error=\"insufficient_scope\"{scope}{}", self.begin, self.metadata)
    }

    /// Whether who has `scope` has `other`, too.
    fn includes(&self, scope: &str, other: &str) -> bool {
        let mut seen = Vec::new();
        let mut open = vec![scope];
        while let Some(scope) = open.pop() {
            if scope == other {
                return true;
            }
            if !seen.contains(&scope) {
                seen.push(scope);
                open.extend(self.includes.get(scope).into_iter().flatten().map(String::as_str));
            }
        }
        false
    }
}

/// What may stand between quotes in a header; anything else is left out.
fn quoted(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(name: &str) -> Policy {
        let mut policy = Policy::default();
        name.clone_into(&mut policy.server.name);
        policy
    }

    #[test]
    fn nothing_breaks_out_of_the_quotes() {
        let challenge = Challenge::new(&policy("a\"b\\c\r\nd\u{e9}"), Some("https://a\"/, x=\"y"));
        assert_eq!(challenge.missing(), "Bearer realm=\"abcd\", resource_metadata=\"https://a/, x=y\"");
        let challenge = Challenge::new(&policy("a"), None);
        assert_eq!(
            challenge.insufficient(&["read\", x=\"y".to_owned()]),
            "Bearer realm=\"a\", error=\"insufficient_scope\", scope=\"read, x=y\""
        );
        assert_eq!(challenge.insufficient(&[]), "Bearer realm=\"a\", error=\"insufficient_scope\"");
    }

    #[test]
    fn the_least_scope_that_does_is_named() {
        let mut policy = policy("a");
        policy.access.scopes.insert("admin".to_owned(), vec!["write".to_owned()]);
        policy.access.scopes.insert("write".to_owned(), vec!["read".to_owned(), "admin".to_owned()]);
        policy.access.scopes.insert("write".to_owned(), vec!["read".to_owned()]);
        let challenge = Challenge::new(&policy, None);
        for (scopes, named) in [
            (&["admin", "read", "write"][..], "read"),
            (&["admin", "write"], "write"),
            (&["admin"], "admin"),
            (&["other", "read"], "other"),
        ] {
            let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
            let said = challenge.insufficient(&scopes);
            assert!(said.ends_with(&format!("scope=\"{named}\"")), "{scopes:?}: {said}");
        }
    }
}
