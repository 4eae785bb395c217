//! Who is calling: one file per method of proof.
//!
//! A method looks at the headers of a request and says one of three things: nothing was shown to it, what was shown is
//! not good, or this is who it is. What is not good stays refused, whatever another method or
//! `auth.insecure_allow_anyone` says: a caller who shows a key expects to be the owner of that key.

mod api_key;

use std::time::SystemTime;

use http::{HeaderMap, header};
use mcpsec_policy::{Identity, Policy};

use crate::serve::ServeError;

/// The header that some clients use for a key instead of `Authorization`.
const KEY_HEADER: &str = "x-api-key";

/// What a caller is told whose credential is wrong in whatever way.
const NOT_ACCEPTED: &str = "the credential is not accepted";

/// What a method of proof makes of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Proof {
    /// The request shows nothing that this method knows.
    Absent,
    /// It shows something that is not good, for the reason that the caller is told.
    Refused(&'static str),
    /// It proves this identity.
    Proven(Identity),
}

/// One way to prove who is calling.
trait Method: Send + Sync {
    fn prove(&self, headers: &HeaderMap, now: SystemTime) -> Proof;
}

/// Every method that the policy names.
pub(crate) struct Authenticator {
    methods: Vec<Box<dyn Method>>,
    anyone: bool,
}

impl Authenticator {
    /// Makes the methods of `policy` ready.
    ///
    /// # Errors
    ///
    /// When the policy names no method and does not say `insecure_allow_anyone = true` either, or when the keys cannot
    /// be read.
    pub(crate) fn new(policy: &Policy) -> Result<Self, ServeError> {
        let mut methods: Vec<Box<dyn Method>> = Vec::new();
        if let Some(keys) = api_key::ApiKeys::from_policy(&policy.auth)? {
            methods.push(Box::new(keys));
        }
        let anyone = policy.auth.insecure_allow_anyone;
        if methods.is_empty() && !anyone {
            return Err(ServeError::Configuration(
                "`[auth]` names no method, so anybody could call this server over HTTP: set `auth.api_keys` and make a \
                 key with `mcpsec key new`, or write `auth.insecure_allow_anyone = true`"
                    .to_owned(),
            ));
        }
        Ok(Self { methods, anyone })
    }

    /// Whether callers without proof are let in, as the subject `anonymous`.
    pub(crate) fn allows_anyone(&self) -> bool {
        self.anyone
    }

    /// Who sent a request with these headers, at the time `now`.
    pub(crate) fn prove(&self, headers: &HeaderMap, now: SystemTime) -> Proof {
        let shown = headers.contains_key(header::AUTHORIZATION) || headers.contains_key(KEY_HEADER);
        let mut refused = shown.then_some(NOT_ACCEPTED);
        for method in &self.methods {
            match method.prove(headers, now) {
                Proof::Proven(identity) => return Proof::Proven(identity),
                Proof::Refused(why) => refused = Some(why),
                Proof::Absent => {}
            }
        }
        match (refused, self.anyone) {
            (Some(why), _) => Proof::Refused(why),
            (None, true) => Proof::Proven(Identity::anonymous()),
            (None, false) => Proof::Absent,
        }
    }
}

/// Takes the credentials out of a request that is handed on, so that no handler can log or forward them (A4, A8).
pub(crate) fn strip_credentials(headers: &mut HeaderMap) {
    headers.remove(header::AUTHORIZATION);
    headers.remove(header::COOKIE);
    headers.remove(KEY_HEADER);
}

/// Whether an address carries what belongs into a header (A5): addresses end up in logs, histories and referrers.
pub(crate) fn query_carries_credentials(query: &str) -> bool {
    const NAMES: [&str; 7] = ["access_token", "token", "api_key", "apikey", "api-key", "x-api-key", "authorization"];
    query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)) || name.contains("mcps_") || value.contains("mcps_")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_the_query_is_seen_under_any_name() {
        for query in ["api_key=x", "a=b&TOKEN=x", "whatever=mcps_abc", "mcps_abc", "Access_Token="] {
            assert!(query_carries_credentials(query), "{query}");
        }
        for query in ["", "session=1", "tokens=3&page=2"] {
            assert!(!query_carries_credentials(query), "{query}");
        }
    }

    #[test]
    fn a_wrong_credential_is_refused_even_where_anyone_may_call() {
        let authenticator = Authenticator { methods: Vec::new(), anyone: true };
        let mut headers = HeaderMap::new();
        assert_eq!(authenticator.prove(&headers, SystemTime::now()), Proof::Proven(Identity::anonymous()));
        headers.insert(header::AUTHORIZATION, http::HeaderValue::from_static("Bearer nonsense"));
        assert_eq!(authenticator.prove(&headers, SystemTime::now()), Proof::Refused(NOT_ACCEPTED));
    }
}
