//! How often: the limits of the policy, and where calls are counted.
//!
//! [`limits`] says which limits one call has; a [`RateStore`] takes one from each of them, or from none. [`cell`] is the
//! arithmetic of one limit, [`memory`] counts in this process, `redis` in a
//! store that replicas share. It does **not** know what a call is for: the guard
//! `crate::guard::rate` does.

mod cell;
mod limits;
mod memory;
#[cfg(feature = "redis")]
mod redis;

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use mcpsec_policy::{Policy, model::Store};

pub(crate) use self::limits::{Chosen, Limits};
use self::memory::Memory;
use crate::{audit::Audit, serve::ServeError};

/// Whose limits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who<'a> {
    /// The caller.
    pub(crate) client: &'a str,
    /// Whom the caller belongs to.
    pub(crate) tenant: &'a str,
}

/// Of the caller's own limits of a call, the one that is nearest to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Standing {
    /// Its number in [`Limits`].
    pub(crate) limit: usize,
    /// Calls left.
    pub(crate) left: u32,
    /// When the whole count is there again.
    pub(crate) reset: Duration,
}

/// A limit has no call left.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Excess {
    /// Its number in [`Limits`].
    pub(crate) limit: usize,
    /// When it has one again.
    pub(crate) wait: Duration,
}

/// One was taken from each limit, or none from any.
pub(crate) type Taken = Result<Standing, Excess>;

/// Where calls are counted.
pub(crate) trait RateStore: Send + Sync {
    /// Takes one from each of the `chosen` limits, or none from any; `None` where that takes time. A store in this process
    /// costs no task switch and no allocation.
    fn take_now(&self, who: Who<'_>, chosen: &Chosen) -> Option<Taken>;

    /// The same, after a bounded time.
    fn take<'a>(&'a self, who: Who<'a>, chosen: &'a Chosen) -> BoxFuture<'a, Taken>;

    /// How a store outside of this process is doing.
    fn state(&self) -> Option<StoreState> {
        None
    }
}

/// How the shared store of rates is doing (`rate.store`), for metrics and probes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StoreState {
    /// It does not answer now (or was not asked yet): this process counts for itself, with its share of each limit.
    pub away: bool,
    /// How often it went away.
    pub outages: u64,
    /// Calls that were judged by this process alone.
    pub judged_locally: u64,
}

/// The limits of a policy, and their store.
pub(crate) struct Rates {
    pub(crate) limits: Arc<Limits>,
    pub(crate) store: Box<dyn RateStore>,
}

impl Rates {
    /// Makes the limits of `policy` ready.
    ///
    /// # Errors
    ///
    /// When this build cannot reach the store that the policy names.
    pub(crate) fn new(policy: &Policy, audit: &Arc<Audit>) -> Result<Self, ServeError> {
        let limits = Arc::new(Limits::new(policy));
        let store: Box<dyn RateStore> = match &policy.rate.store {
            Store::Memory => Box::new(Memory::new(Arc::clone(&limits), policy.rate.max_clients, 1)),
            #[cfg(feature = "redis")]
            Store::Redis(url) => Box::new(redis::Redis::new(policy, Arc::clone(&limits), url, Arc::clone(audit))?),
            #[cfg(not(feature = "redis"))]
            Store::Redis(_) => {
                let _ = audit;
                let message = "`rate.store` names a Redis, and `mcpsec-runtime` was built without its feature `redis`";
                return Err(ServeError::Configuration(message.to_owned()));
            }
        };
        Ok(Self { limits, store })
    }
}
