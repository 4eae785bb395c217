//! Tokens of the token file, in `Authorization: Bearer ...` or `X-API-Key: ...`.
//!
//! They are compared by their hash. A file that changes is in force within seconds; one that others than its owner can
//! read is not used. It does **not** make tokens, and they do not end by themselves.

use std::{future::ready, path::Path, sync::Arc};

use futures::future::BoxFuture;
use mcpsec_policy::keys::{PREFIX, TokenStore};

use super::{
    Credential, Method, NOT_ACCEPTED, Proof, Shown,
    reload::{Reloaded, Watched},
};
use crate::{audit::Audit, serve::ServeError};

/// The tokens of a file.
pub(super) struct FileTokens(Arc<Reloaded<TokenStore>>);

impl FileTokens {
    /// The tokens in the file at `path`.
    ///
    /// # Errors
    ///
    /// When the file cannot be used.
    pub(super) fn open(path: &Path, audit: &Arc<Audit>) -> Result<Self, ServeError> {
        let read = Box::new(|path: &Path| TokenStore::open(path).map_err(|why| format!("`auth.tokens`: {why}")));
        let file = Watched { setting: "auth.tokens", path: path.to_owned(), read };
        Reloaded::open(file, audit).map(Self)
    }
}

impl Method for FileTokens {
    fn prove<'a>(&'a self, shown: Shown<'a>) -> BoxFuture<'a, Proof> {
        // Keys and signed tokens are told by their form, and are others' to judge.
        let ours = |token: &&str| !token.starts_with(PREFIX) && !token.contains('.');
        let token = match Credential::of(shown.headers) {
            Credential::Bearer(token) | Credential::Key(token) => Some(token).filter(ours),
            Credential::Both(bearer, key) => [bearer, key].into_iter().find(ours),
            Credential::Absent | Credential::Unclear => None,
        };
        Box::pin(ready(match token {
            None => Proof::Absent,
            Some(token) => self.0.get().verify(token).map_or(Proof::Refused(NOT_ACCEPTED), Proof::Proven),
        }))
    }
}
