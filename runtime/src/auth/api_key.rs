//! API keys, in `Authorization: Bearer mcps_...` or `X-API-Key: mcps_...`.
//!
//! Keys are random and stored as SHA-256, so one look-up by the key's public part and one comparison in constant time
//! decide. It does **not** accept a key from the address (see `query_carries_credentials`) or from a cookie. A caller who
//! shows the right key after its time is told so; nobody else learns why a key is not accepted.

use std::{future::ready, path::Path, sync::Arc, time::SystemTime};

use futures::future::BoxFuture;
use mcpsec_policy::{
    Identity,
    keys::{KeyStore, PREFIX, Refusal},
    model::Auth,
};

use super::{
    Credential, Method, NOT_ACCEPTED, Proof, Shown,
    reload::{Reloaded, Watched},
};
use crate::{audit::Audit, serve::ServeError};

/// The keys of the policy.
pub(super) enum ApiKeys {
    /// Those of the environment do not change.
    Fixed(KeyStore),
    /// With those of a file, which may.
    File(Arc<Reloaded<KeyStore>>),
}

impl ApiKeys {
    /// The keys that `auth` names, or nothing if it names none.
    ///
    /// # Errors
    ///
    /// When the file of keys cannot be read or holds something else than keys.
    pub(super) fn from_policy(auth: &Auth, audit: &Arc<Audit>) -> Result<Option<Self>, ServeError> {
        let read = |auth: &Auth| KeyStore::for_auth(auth).map_err(|error| error.to_string());
        match &auth.api_keys {
            Some(path) => {
                let (path, auth) = (path.clone(), auth.clone());
                let read = Box::new(move |_: &Path| read(&auth));
                let file = Watched { setting: "auth.api_keys", path, read };
                Reloaded::open(file, audit).map(Self::File).map(Some)
            }
            None if auth.environment_keys.is_empty() => Ok(None),
            None => read(auth).map(Self::Fixed).map(Some).map_err(ServeError::Configuration),
        }
    }

    fn verify(&self, key: &str, now: SystemTime) -> Result<Identity, Refusal> {
        match self {
            Self::Fixed(keys) => keys.verify(key, now),
            Self::File(file) => file.get().verify(key, now),
        }
    }
}

impl Method for ApiKeys {
    fn prove<'a>(&'a self, shown: Shown<'a>) -> BoxFuture<'a, Proof> {
        let key = match Credential::of(shown.headers) {
            Credential::Key(key) if key.starts_with(PREFIX) => key,
            // What does not look like a key may be somebody else's to judge.
            Credential::Bearer(key) if key.starts_with(PREFIX) => key,
            Credential::Both(bearer, key) => match [bearer, key].into_iter().find(|key| key.starts_with(PREFIX)) {
                Some(key) => key,
                None => return Box::pin(ready(Proof::Absent)),
            },
            _ => return Box::pin(ready(Proof::Absent)),
        };
        Box::pin(ready(match self.verify(key, shown.now) {
            Ok(identity) => Proof::Proven(identity),
            Err(Refusal::Expired { .. }) => Proof::Refused("the key has expired"),
            Err(_) => Proof::Refused(NOT_ACCEPTED),
        }))
    }
}
