//! API keys, in `Authorization: Bearer mcps_...` or `X-API-Key: mcps_...`.
//!
//! Keys are random and stored as SHA-256, so one look-up by the key's public part and one comparison in constant time
//! decide. It does **not** accept a key from the address (see `query_carries_credentials`) or from a cookie. A caller who
//! shows the right key after its time is told so; nobody else learns why a key is not accepted.

use std::future::ready;

use futures::future::BoxFuture;
use mcpsec_policy::{
    keys::{KeyStore, PREFIX, Refusal},
    model::Auth,
};

use super::{Credential, Method, NOT_ACCEPTED, Proof, Shown};
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
    fn prove<'a>(&'a self, shown: Shown<'a>) -> BoxFuture<'a, Proof> {
        let key = match Credential::of(shown.headers) {
            Credential::Key(key) => key,
            // What does not look like a key may be somebody else's to judge.
            Credential::Bearer(key) if key.starts_with(PREFIX) => key,
            _ => return Box::pin(ready(Proof::Absent)),
        };
        Box::pin(ready(match self.keys.verify(key, shown.now) {
            Ok(identity) => Proof::Proven(identity),
            Err(Refusal::Expired { .. }) => Proof::Refused("the key has expired"),
            Err(_) => Proof::Refused(NOT_ACCEPTED),
        }))
    }
}
