//! What an HTTP layer tells the pipeline, and what the pipeline tells the HTTP layer.
//!
//! Both travel in the extensions of the request's `http::request::Parts`, which rmcp hands through unchanged.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use mcpsec_policy::Identity;

/// The verified caller of an HTTP request. A request that reaches the pipeline without one is refused.
#[derive(Clone, Debug)]
pub struct Caller(pub Arc<Identity>);

impl Caller {
    /// Wraps an identity that was proven.
    pub fn new(identity: Identity) -> Self {
        Self(Arc::new(identity))
    }
}

/// A refusal that HTTP can say better than JSON-RPC.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HttpRefusal {
    /// 403 (not allowed), 429 (too often) or 503 (busy).
    pub status: u16,
    /// Scopes of which one would have sufficed; for the `insufficient_scope` challenge of a 403. May be empty.
    pub scopes: Vec<String>,
    /// When another try makes sense; for `Retry-After`.
    pub retry_after: Option<Duration>,
}

/// Slot in the request's extensions through which a refusal made inside becomes an HTTP status outside.
///
/// The layer inserts an empty one before it calls rmcp and looks into it when the answer starts.
#[derive(Clone, Debug, Default)]
pub struct RefusalSlot(Arc<OnceLock<HttpRefusal>>);

impl RefusalSlot {
    /// The refusal, if the pipeline made one.
    pub fn get(&self) -> Option<&HttpRefusal> {
        self.0.get()
    }

    /// Leaves a refusal for the layer outside. The first one counts.
    pub(crate) fn set(&self, refusal: HttpRefusal) {
        let _ = self.0.set(refusal);
    }
}
