//! Who is calling.

use std::collections::BTreeSet;

/// A caller whose identity was proven (or, on stdio, given by the operating system).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Identity {
    /// Stable name of the caller: `key:<id>` for an API key, `local` for stdio, `anonymous` where the policy
    /// says in words that nobody is asked. Never a secret.
    pub subject: String,
    /// What the caller was granted.
    pub scopes: BTreeSet<String>,
}

impl Identity {
    /// The caller of a stdio server: the process that started it.
    pub fn local() -> Self {
        Self { subject: "local".to_owned(), scopes: BTreeSet::new() }
    }

    /// A caller that was not asked for proof.
    pub fn anonymous() -> Self {
        Self { subject: "anonymous".to_owned(), scopes: BTreeSet::new() }
    }
}
