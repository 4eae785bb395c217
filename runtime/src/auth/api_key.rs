//! API keys, in `Authorization: Bearer mcps_...` or `X-API-Key: mcps_...`.
//!
//! Keys are random and stored as SHA-256, so one look-up by the key's public part and one comparison in constant time
//! decide. It does **not** accept a key from the address (see `query_carries_credentials`) or from a cookie. A caller who
//! shows the right key after its time is told so; nobody else learns why a key is not accepted.

use std::time::SystemTime;

use http::{HeaderMap, header};
use mcpsec_policy::{
    keys::{KeyStore, Refusal},
    model::Auth,
};

use super::{KEY_HEADER, Method, NOT_ACCEPTED, Proof};
use crate::serve::ServeError;

/// The keys of the policy.
pub(super) struct ApiKeys {
    keys: KeyStore,
}

impl ApiKeys {
    /// The keys that `auth` names, or nothing if it names none.
    ///
    /// # Errors
    ///
    /// When the file of keys cannot be read or holds something else than keys.
    pub(super) fn from_policy(auth: &Auth) -> Result<Option<Self>, ServeError> {
        if auth.api_keys.is_none() && auth.environment_keys.is_empty() {
            return Ok(None);
        }
        let keys = KeyStore::for_auth(auth).map_err(|error| ServeError::Configuration(error.to_string()))?;
        Ok(Some(Self { keys }))
    }
}

impl Method for ApiKeys {
    fn prove(&self, headers: &HeaderMap, now: SystemTime) -> Proof {
        match presented(headers) {
            Shown::Nothing => Proof::Absent,
            Shown::Unclear => Proof::Refused(NOT_ACCEPTED),
            Shown::Key(key) => match self.keys.verify(key, now) {
                Ok(identity) => Proof::Proven(identity),
                Err(Refusal::Expired { .. }) => Proof::Refused("the key has expired"),
                Err(_) => Proof::Refused(NOT_ACCEPTED),
            },
        }
    }
}

/// What the headers show.
#[derive(Debug, Eq, PartialEq)]
enum Shown<'a> {
    Nothing,
    /// More than one credential, another scheme, or bytes that no key has.
    Unclear,
    Key(&'a str),
}

fn presented(headers: &HeaderMap) -> Shown<'_> {
    let mut shown = headers.get_all(header::AUTHORIZATION).iter().chain(headers.get_all(KEY_HEADER));
    let Some(first) = shown.next() else { return Shown::Nothing };
    let (None, Ok(value)) = (shown.next(), first.to_str()) else { return Shown::Unclear };
    if headers.contains_key(KEY_HEADER) {
        return Shown::Key(value.trim());
    }
    match value.trim().split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => Shown::Key(key.trim()),
        _ => Shown::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_key_is_found_in_either_header_and_only_once() {
        assert_eq!(presented(&headers(&[])), Shown::Nothing);
        assert_eq!(presented(&headers(&[("authorization", "Bearer mcps_a")])), Shown::Key("mcps_a"));
        assert_eq!(presented(&headers(&[("authorization", "bearer  mcps_a ")])), Shown::Key("mcps_a"));
        assert_eq!(presented(&headers(&[("x-api-key", "mcps_a")])), Shown::Key("mcps_a"));
        assert_eq!(presented(&headers(&[("authorization", "Basic mcps_a")])), Shown::Unclear);
        assert_eq!(presented(&headers(&[("authorization", "mcps_a")])), Shown::Unclear);
        assert_eq!(presented(&headers(&[("x-api-key", "mcps_a"), ("x-api-key", "mcps_b")])), Shown::Unclear);
        assert_eq!(presented(&headers(&[("x-api-key", "a"), ("authorization", "Bearer a")])), Shown::Unclear);
    }
}
