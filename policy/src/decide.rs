//! The one decision: may this caller make this call?

use crate::{Identity, Policy};

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

/// Whether `identity` may make `call` under `policy`.
pub fn decide(policy: &Policy, identity: &Identity, call: Call<'_>) -> Decision {
    let _ = (policy, identity, call);
    Decision::Deny { reason: "no access rule allows it".to_owned(), missing_scopes: Vec::new() }
}
