//! Keys of an issuer that is asked over the network.
//!
//! Keys that are fresh enough are used. Older ones are used, too, while others are fetched behind the call's back: an
//! issuer that is slow or down does not slow or stop callers whose keys are known. Only a token that names a key which
//! nobody knows yet waits, and however many such tokens come, there is one fetch at a time and a pause between two.
//! After `jwks_keep` without a fetch, nobody is believed any more.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use jsonwebtoken::Algorithm;
use mcpsec_policy::model::Jwt;
use tokio::{sync::Mutex, task};

use super::{fetch::Address, keys::Keys, token::Token};
use crate::serve::ServeError;

/// Keys, and when they came.
#[derive(Clone)]
struct Known {
    keys: Arc<Keys>,
    since: Instant,
}

/// A key set at an address.
pub(super) struct Remote {
    address: Address,
    algorithms: Vec<Algorithm>,
    refresh: Duration,
    pause: Duration,
    keep: Duration,
    known: RwLock<Option<Known>>,
    /// When the last attempt ended. Whoever holds it fetches.
    attempt: Mutex<Option<Instant>>,
}

impl Remote {
    /// Makes the address ready and begins to fetch. An issuer that is down does not keep a server from starting: then
    /// nobody gets in until it is there.
    ///
    /// # Errors
    ///
    /// When the address or the authorities cannot be used.
    pub(super) fn start(url: &str, jwt: &Jwt, algorithms: &[Algorithm]) -> Result<Arc<Self>, ServeError> {
        let remote = Arc::new(Self {
            address: Address::new(url, jwt)?,
            algorithms: algorithms.to_vec(),
            refresh: jwt.jwks_refresh,
            pause: jwt.jwks_pause,
            keep: jwt.jwks_keep,
            known: RwLock::default(),
            attempt: Mutex::default(),
        });
        remote.refresh_behind();
        Ok(remote)
    }

    /// The keys to judge `token` with.
    pub(super) async fn keys_for(self: &Arc<Self>, token: &Token<'_>) -> Option<Arc<Keys>> {
        match self.known() {
            Some(known) if known.keys.know(token) => {
                if self.refresh <= known.since.elapsed() {
                    self.refresh_behind();
                }
                Some(known.keys)
            }
            before => {
                // Of its own, so that a caller who goes away does not end what others wait for.
                let (remote, seen) = (Arc::clone(self), before.map(|known| known.since));
                let _ = task::spawn(async move { remote.fetch_after(seen).await }).await;
                self.known().map(|known| known.keys)
            }
        }
    }

    /// What is known and not too old.
    fn known(&self) -> Option<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        known.filter(|known| known.since.elapsed() < self.keep)
    }

    /// Fetches, unless somebody has fetched since `seen`, or tried a moment ago.
    async fn fetch_after(&self, seen: Option<Instant>) {
        let mut attempt = self.attempt.lock().await;
        let newer = self.known().map(|known| known.since) != seen;
        let lately = attempt.is_some_and(|at| at.elapsed() < self.pause);
        if !newer && !lately {
            self.fetch().await;
            *attempt = Some(Instant::now());
        }
    }

    /// Fetches without anybody waiting for it.
    fn refresh_behind(self: &Arc<Self>) {
        match self.attempt.try_lock() {
            Ok(attempt) if attempt.is_none_or(|at| self.pause <= at.elapsed()) => {}
            _ => return,
        }
        let (remote, seen) = (Arc::clone(self), self.known().map(|known| known.since));
        task::spawn(async move { remote.fetch_after(seen).await });
    }

    async fn fetch(&self) {
        let fetched = self.address.fetch().await.and_then(|bytes| Keys::parse(&bytes, &self.algorithms));
        match fetched {
            Ok(keys) => {
                let known = Known { keys: Arc::new(keys), since: Instant::now() };
                *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
                tracing::debug!("the keys of `auth.jwt.jwks` are fresh");
            }
            Err(why) => {
                let age = self.known().map(|known| known.since.elapsed().as_secs());
                match age {
                    Some(age) => tracing::warn!(why, age, "`auth.jwt.jwks` cannot be fetched: older keys stay in use"),
                    None => tracing::error!(why, "`auth.jwt.jwks` cannot be fetched: nobody with a token gets in"),
                }
            }
        }
    }
}
