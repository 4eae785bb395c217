//! Where the keys of an issuer come from: the policy, a file, an address.

use std::{path::Path, sync::Arc};

use jsonwebtoken::Algorithm;
use mcpsec_policy::{
    keys::read_file,
    model::{JwksSource, Jwt},
};

#[cfg(feature = "jwks-url")]
use super::remote::Remote;
use super::{keys::Keys, token::Token};
use crate::{
    audit::Audit,
    auth::reload::{Reloaded, Watched},
    serve::ServeError,
};

/// The keys, now and later.
pub(super) enum Source {
    /// Those of the policy do not change.
    Secrets(Arc<Keys>),
    /// Those of a file do, when it does.
    File(Arc<Reloaded<Keys>>),
    /// Those at an address do, when it says so.
    #[cfg(feature = "jwks-url")]
    Address(Arc<Remote>),
}

impl Source {
    pub(super) fn new(jwt: &Jwt, algorithms: &[Algorithm], audit: &Arc<Audit>) -> Result<Self, ServeError> {
        match &jwt.jwks {
            None => Ok(Self::Secrets(Arc::new(Keys::secrets(jwt, algorithms)))),
            Some(JwksSource::File(path)) => {
                let algorithms = algorithms.to_vec();
                let read = Box::new(move |path: &Path| {
                    let text = read_file(path).map_err(|error| error.to_string());
                    let keys = text.and_then(|text| Keys::parse(text.as_bytes(), &algorithms));
                    keys.map_err(|why| format!("`auth.jwt.jwks`: `{}`: {why}", path.display()))
                });
                let file = Watched { setting: "auth.jwt.jwks", path: path.clone(), read };
                Reloaded::open(file, audit).map(Self::File)
            }
            #[cfg(feature = "jwks-url")]
            Some(JwksSource::Url(url)) => Remote::start(url, jwt, algorithms).map(Self::Address),
            #[cfg(not(feature = "jwks-url"))]
            Some(JwksSource::Url(_)) => Err(ServeError::Configuration(
                "`auth.jwt.jwks` is an address, and this build has no feature `jwks-url` of `mcpsec-runtime`: build \
                 with it, or keep the keys in a file"
                    .to_owned(),
            )),
        }
    }

    /// The keys to judge `token` with; `None` while there are none.
    pub(super) async fn keys_for(&self, token: &Token<'_>) -> Option<Arc<Keys>> {
        #[cfg(not(feature = "jwks-url"))]
        let _ = token;
        match self {
            Self::Secrets(keys) => Some(Arc::clone(keys)),
            Self::File(file) => Some(file.get()),
            #[cfg(feature = "jwks-url")]
            Self::Address(remote) => remote.keys_for(token).await,
        }
    }
}
