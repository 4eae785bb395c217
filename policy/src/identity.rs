//! Who is calling.

use std::{collections::BTreeSet, time::SystemTime};

/// How a caller was proven to be who it is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ProvenBy {
    /// The operating system: the process that started this one and speaks over its standard streams.
    Parent,
    /// Nothing: the policy says in words that nobody is asked.
    Nothing,
    /// An API key.
    ApiKey,
    /// A line of the token file.
    Token,
    /// A signed token of an issuer that the policy trusts.
    Jwt,
    /// A client certificate.
    Certificate,
    /// The peer of a UNIX socket, as the kernel says.
    Peer,
}

impl ProvenBy {
    /// The word in audit records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Nothing => "nothing",
            Self::ApiKey => "api_key",
            Self::Token => "token",
            Self::Jwt => "jwt",
            Self::Certificate => "certificate",
            Self::Peer => "peer",
        }
    }
}

/// A caller whose identity was proven (or, on stdio, given by the operating system).
///
/// Nothing in it is what a client says of itself without proof: `clientInfo` and headers of a client's choice never get
/// here (S7).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Identity {
    /// Stable name of the caller: `key:<id>`, `token:<name>`, `user:<sub>`, `cert:<name>`, `uid:<number>`, `local` for
    /// stdio, `anonymous` where the policy says in words that nobody is asked. Never a secret.
    pub subject: String,
    /// How that was proven.
    pub proven_by: ProvenBy,
    /// The application that acts for the subject, where a proof names one (`client_id` or `azp` of a token).
    pub client: Option<String>,
    /// Which credential of the caller was shown, where it may have several: `v2` of a key, the `jti` of a token. For the
    /// audit, never a secret.
    pub credential: Option<String>,
    /// When the proof ends, where it does.
    pub valid_until: Option<SystemTime>,
    /// Who other methods say the caller is, where the policy asks for all of them: `cert:...`. For the audit.
    pub witnesses: BTreeSet<String>,
    /// What the caller was granted.
    pub scopes: BTreeSet<String>,
    /// Roles that the proof itself names; those of `[access.roles]` are not in here, see [`decide`](crate::decide()).
    pub roles: BTreeSet<String>,
}

impl Identity {
    /// A caller with this name, without scopes and roles.
    pub fn new(subject: impl Into<String>, proven_by: ProvenBy) -> Self {
        Self {
            subject: subject.into(),
            proven_by,
            client: None,
            credential: None,
            valid_until: None,
            witnesses: BTreeSet::new(),
            scopes: BTreeSet::new(),
            roles: BTreeSet::new(),
        }
    }

    /// The caller of a stdio server: the process that started it.
    pub fn local() -> Self {
        Self::new("local", ProvenBy::Parent)
    }

    /// A caller that was not asked for proof.
    pub fn anonymous() -> Self {
        Self::new("anonymous", ProvenBy::Nothing)
    }

    /// Whom the caller belongs to, as far as its proof says so: its role `tenant:<name>` (the first in order, if there are
    /// more), else the application that acts for it, else itself.
    ///
    /// Roles of `[access.roles]` do not count: they list callers for rules, and say nothing about whose they are.
    pub fn tenant(&self) -> &str {
        let named = self.roles.iter().find(|role| role.starts_with("tenant:"));
        named.or(self.client.as_ref()).unwrap_or(&self.subject)
    }

    /// Whether this is the same caller with the same rights; another credential of it changes neither.
    pub fn is_same_as(&self, other: &Self) -> bool {
        let name = |it: &Self| (it.subject.clone(), it.proven_by, it.client.clone());
        name(self) == name(other) && self.scopes == other.scopes && self.roles == other.roles
    }

    /// With these scopes.
    #[must_use]
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes.extend(scopes.into_iter().map(Into::into));
        self
    }
}
