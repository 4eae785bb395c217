//! The one decision: may this caller make this call?
//!
//! Deny by default. A rule allows when one entry of its `who` names the caller and one entry of its `may` names the call;
//! there are no rules that forbid, so their order does not matter. Handshake, discovery, ping and the notifications that
//! belong to a call already allowed need no rule. Listing does: `may = ["tools/list", "tools/call:search_*"]`; a list is
//! filtered by deciding each of its entries.
//!
//! It does **not** know whether the server has the tool, or what the arguments are.

use std::collections::BTreeSet;

use crate::{Identity, Policy, model::AccessRule, pattern};

/// What is asked for: a method and what it is aimed at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Call<'a> {
    /// JSON-RPC method, such as `tools/call`.
    pub method: &'a str,
    /// Tool name, prompt name or resource URI, where the method has one.
    pub target: Option<&'a str>,
}

/// The answer of [`decide`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decision {
    /// The call may go on.
    Allow,
    /// The call is refused; the reason is fit for the caller and for the audit record.
    Deny {
        /// Why, in one lowercase clause without secrets.
        reason: String,
        /// Scopes of which one would have sufficed, for an `insufficient_scope` challenge. May be empty.
        missing_scopes: Vec<String>,
    },
}

impl Decision {
    /// Whether the call may go on.
    pub fn is_allowed(&self) -> bool {
        *self == Self::Allow
    }
}

/// Methods that every caller who got this far may use: without them there is no session to refuse anything in.
const FREE: [&str; 7] = [
    "initialize",
    "server/discover",
    "ping",
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
    "notifications/roots/list_changed",
];

/// Whether `identity` may make `call` under `policy`.
pub fn decide(policy: &Policy, identity: &Identity, call: Call<'_>) -> Decision {
    if FREE.contains(&call.method) {
        return Decision::Allow;
    }
    let mut missing_scopes = BTreeSet::new();
    for rule in policy.access.rules.iter().filter(|rule| names_call(rule, call)) {
        if rule.who.iter().any(|who| policy.access.names(who, identity)) {
            return Decision::Allow;
        }
        missing_scopes.extend(rule.who.iter().filter_map(|who| who.strip_prefix("scope:")).map(str::to_owned));
    }
    let reason = if missing_scopes.is_empty() {
        "no access rule allows this call".to_owned()
    } else {
        let scopes: Vec<_> = missing_scopes.iter().map(|scope| format!("`{scope}`")).collect();
        format!("this call needs the scope {}", scopes.join(" or "))
    };
    Decision::Deny { reason, missing_scopes: missing_scopes.into_iter().collect() }
}

fn names_call(rule: &AccessRule, call: Call<'_>) -> bool {
    rule.may.iter().any(|may| covers(may, call))
}

/// Whether `may`, an entry of a rule, names `call`.
pub fn covers(may: &str, call: Call<'_>) -> bool {
    let (method, target) = may.split_once(':').map_or((may, None), |(method, target)| (method, Some(target)));
    pattern::matches(method, call.method)
        && match (target, call.target) {
            (None | Some("*" | "**"), _) => true,
            (Some(pattern), Some(target)) => pattern::matches_target(pattern, target),
            (Some(_), None) => false,
        }
}

/// What `identity` may do under `policy`, as the rules write it.
pub fn entitlements<'a>(policy: &'a Policy, identity: &'a Identity) -> impl Iterator<Item = &'a str> {
    let named = |rule: &&AccessRule| rule.who.iter().any(|who| policy.access.names(who, identity));
    policy.access.rules.iter().filter(named).flat_map(|rule| rule.may.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::{Call, Decision, decide};
    use crate::{Identity, Policy, ProvenBy, model::AccessRule};

    fn policy(rules: &[(&[&str], &[&str])]) -> Policy {
        let mut policy = Policy::default();
        let owned = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
        policy.access.rules = rules.iter().map(|(who, may)| AccessRule { who: owned(who), may: owned(may) }).collect();
        policy
    }

    fn key(id: &str, scopes: &[&str]) -> Identity {
        Identity::new(format!("key:{id}"), ProvenBy::ApiKey).with_scopes(scopes.iter().copied())
    }

    #[track_caller]
    fn check(policy: &Policy, identity: &Identity, method: &str, target: Option<&str>, allowed: bool) {
        let decision = decide(policy, identity, Call { method, target });
        assert_eq!(decision.is_allowed(), allowed, "{method} {target:?}: {decision:?}");
    }

    #[test]
    fn nothing_is_allowed_without_a_rule_but_the_handshake() {
        let policy = Policy::default();
        for method in ["initialize", "ping", "server/discover", "notifications/initialized", "notifications/cancelled"]
        {
            check(&policy, &Identity::anonymous(), method, None, true);
        }
        for method in ["tools/list", "tools/call", "resources/read", "logging/setLevel", "", "Ping", "ping/", "custom"]
        {
            check(&policy, &Identity::local(), method, Some("x"), false);
        }
    }

    #[test]
    fn who_names_the_caller() {
        for (who, identity, allowed) in [
            ("local", Identity::local(), true),
            ("local", Identity::anonymous(), false),
            ("local", key("local", &[]), false),
            ("anonymous", Identity::anonymous(), true),
            ("anonymous", Identity::local(), false),
            ("key:abc", key("abc", &[]), true),
            ("key:abc", key("abcd", &[]), false),
            ("abc", key("abc", &[]), false),
            ("scope:read", key("abc", &["read"]), true),
            ("scope:read", key("abc", &["reader"]), false),
            ("scope:*", key("abc", &["read"]), false),
            ("*", key("abc", &[]), true),
            ("*", Identity::local(), true),
            ("*", Identity::anonymous(), false),
            ("user:ann", Identity::new("user:ann", ProvenBy::Jwt), true),
            ("user:ann", Identity::new("user:anna", ProvenBy::Jwt), false),
            ("user:*", Identity::new("user:ann", ProvenBy::Jwt), true),
            ("user:*", Identity::new("cert:ann", ProvenBy::Certificate), false),
            ("cert:spiffe://a/b/*", Identity::new("cert:spiffe://a/b/c", ProvenBy::Certificate), true),
            ("cert:spiffe://a/b/*", Identity::new("cert:spiffe://a/b/../c", ProvenBy::Certificate), false),
            ("uid:1000", Identity::new("uid:1000", ProvenBy::Peer), true),
            ("token:ci", Identity::new("token:ci", ProvenBy::Token), true),
        ] {
            check(&policy(&[(&[who], &["tools/list"])]), &identity, "tools/list", None, allowed);
        }
    }

    #[test]
    fn a_role_is_whom_the_policy_lists_or_what_the_proof_names() {
        let mut policy = policy(&[(&["role:ops"], &["tools/list"])]);
        policy.access.roles.insert("ops".to_owned(), vec!["key:abc".to_owned(), "scope:admin".to_owned()]);
        check(&policy, &key("abc", &[]), "tools/list", None, true);
        check(&policy, &key("xyz", &[]), "tools/list", None, false);
        check(&policy, &key("xyz", &["admin"]), "tools/list", None, true);
        let mut named = Identity::new("user:ann", ProvenBy::Jwt);
        check(&policy, &named, "tools/list", None, false);
        named.roles.insert("ops".to_owned());
        check(&policy, &named, "tools/list", None, true);
    }

    #[test]
    fn a_scope_implies_what_the_policy_says_and_what_that_implies() {
        let mut policy = policy(&[(&["scope:read"], &["tools/list"])]);
        policy.access.scopes.insert("admin".to_owned(), vec!["write".to_owned()]);
        policy.access.scopes.insert("write".to_owned(), vec!["read".to_owned(), "admin".to_owned()]);
        check(&policy, &key("abc", &["admin"]), "tools/list", None, true);
        check(&policy, &key("abc", &["write"]), "tools/list", None, true);
        check(&policy, &key("abc", &["other"]), "tools/list", None, false);
    }

    #[test]
    fn may_names_method_and_target() {
        for (may, method, target, allowed) in [
            ("tools/list", "tools/list", None, true),
            ("tools/list", "tools/call", Some("a"), false),
            ("tools/*", "tools/call", Some("a"), true),
            ("tools/*", "toolsx/call", Some("a"), false),
            ("tools/call", "tools/call", Some("any"), true),
            ("tools/call:*", "tools/call", Some("any/thing"), true),
            ("tools/call:search_*", "tools/call", Some("search_web"), true),
            ("tools/call:search_*", "tools/call", Some("search_"), true),
            ("tools/call:search_*", "tools/call", Some("research_web"), false),
            ("tools/call:search_*", "tools/call", Some("Search_web"), false),
            ("tools/call:search_*", "tools/call", None, false),
            ("resources/read:file:///data/**", "resources/read", Some("file:///data/a/b.txt"), true),
            ("resources/read:file:///data/*", "resources/read", Some("file:///data/a/b.txt"), false),
            ("resources/read:file:///data/**", "resources/read", Some("file:///data/../etc/passwd"), false),
            ("resources/read:file:///data/**", "resources/read", Some("file:///data/%2e%2E/etc/passwd"), false),
            ("resources/read:file:///data/**", "resources/read", Some("file:///database"), false),
        ] {
            check(&policy(&[(&["local"], &[may])]), &Identity::local(), method, target, allowed);
        }
    }

    #[test]
    fn scopes_that_would_have_sufficed_are_named_and_no_others() {
        let policy = policy(&[
            (&["scope:write"], &["tools/call:delete_*"]),
            (&["scope:admin", "key:root"], &["tools/call:delete_all"]),
            (&["scope:read"], &["tools/call:search_*"]),
        ]);
        let call = Call { method: "tools/call", target: Some("delete_all") };
        match decide(&policy, &key("abc", &["read"]), call) {
            Decision::Deny { reason, missing_scopes } => {
                assert_eq!(missing_scopes, ["admin", "write"]);
                assert_eq!(reason, "this call needs the scope `admin` or `write`");
            }
            Decision::Allow => panic!("allowed"),
        }
    }
}
