//! What all calls of a server share.

#[cfg(feature = "http")]
use std::sync::{Mutex, PoisonError};
use std::{fmt, sync::Arc};

use mcpsec_policy::Policy;
use rmcp::{ServerHandler, model::ServerCapabilities};

#[cfg(feature = "http")]
use crate::auth::Authenticator;
use crate::{
    audit::Audit,
    guard::{BreakerState, Capability, Load, Pipeline},
    harden::Hardened,
    rate::{Rates, StoreState},
    serve::ServeError,
};

/// A policy made ready to enforce: rate buckets, places for running calls, compiled schemas, the audit sink.
///
/// One server process has one; every connection and every request shares it.
pub struct Runtime {
    policy: Arc<Policy>,
    pipeline: Pipeline,
    audit: Arc<Audit>,
    rates: Arc<Rates>,
    /// Made when the first transport that needs it starts.
    #[cfg(feature = "http")]
    authenticator: Mutex<Option<Arc<Authenticator>>>,
}

impl Runtime {
    /// Makes `policy` ready.
    ///
    /// # Errors
    ///
    /// When the audit sink cannot be opened, what the policy asks of it cannot be given, or the store of rates is not
    /// part of this build.
    pub fn new(policy: Policy) -> Result<Arc<Self>, ServeError> {
        let policy = Arc::new(policy);
        let audit = Arc::new(Audit::open(&policy.audit)?);
        let rates = Arc::new(Rates::new(&policy, &audit)?);
        let pipeline = Pipeline::new(&policy, Arc::clone(&audit), Arc::clone(&rates));
        Ok(Arc::new(Self {
            policy,
            pipeline,
            audit,
            rates,
            #[cfg(feature = "http")]
            authenticator: Mutex::default(),
        }))
    }

    /// Puts `handler` behind the guards.
    pub fn harden<H: ServerHandler>(self: &Arc<Self>, handler: H) -> Hardened<H> {
        Hardened::new(handler, Arc::clone(self))
    }

    /// The policy that is enforced.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// How the shared store of rates is doing; `None` where each process counts for itself.
    pub fn rate_store(&self) -> Option<StoreState> {
        self.rates.store.state()
    }

    /// How many calls run and wait now.
    pub fn load(&self) -> Load {
        self.pipeline.places.load()
    }

    /// Every breaker of the policy as it is now, by name.
    pub fn breakers(&self) -> Vec<BreakerState> {
        self.pipeline.breakers.states()
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// The audit log, for what transports refuse before there is a call.
    pub(crate) fn audit(&self) -> &Audit {
        &self.audit
    }

    /// The methods of `[auth]`, which all network transports share: what one of them has learnt the others know.
    ///
    /// # Errors
    ///
    /// When the policy names no method, or one that cannot be used.
    #[cfg(feature = "http")]
    pub(crate) fn authenticator(&self) -> Result<Arc<Authenticator>, ServeError> {
        let mut place = self.authenticator.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*place {
            return Ok(Arc::clone(known));
        }
        let new = Arc::new(Authenticator::new(&self.policy, &self.audit)?);
        *place = Some(Arc::clone(&new));
        Ok(new)
    }

    /// Takes out of an announcement what the policy does not allow.
    pub(crate) fn narrow(&self, capabilities: &mut ServerCapabilities) {
        Capability::new(self.policy.capabilities).narrow(capabilities);
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("policy", &self.policy).finish_non_exhaustive()
    }
}
