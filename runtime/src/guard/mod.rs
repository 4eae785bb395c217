//! What every call passes, one file per guard.
//!
//! A guard sees one [`Call`] and the rest of the pipeline ([`Next`]). It refuses, or hands the call on and may look at
//! the answer. [`Pipeline::new`] states the order; nothing else does.

mod access;
mod admission;
mod arguments;
mod audit;
mod breaker;
mod call;
mod cancellation;
mod capability;
mod deadline;
mod errors;
mod output;
mod panic;
mod places;
mod rate;
mod refusal;
mod replay;
mod retry;
#[cfg(test)]
pub(crate) mod testing;

use std::{any::TypeId, sync::Arc};

use futures::future::BoxFuture;
use mcpsec_policy::Policy;
use rmcp::model::{ErrorData, Tool};
use tracing::Instrument as _;

use crate::{clean::Rules, rate::Rates};

pub(crate) use breaker::Breakers;
pub use breaker::{BreakerPosition, BreakerState};
#[cfg(any(feature = "http", feature = "stdio", feature = "unix", feature = "redis"))]
pub(crate) use call::new_request_id;
pub(crate) use call::{Answer, Call, Context, Facts, Kind, Params};
pub(crate) use capability::Capability;
pub use places::Load;
pub(crate) use places::Places;
pub(crate) use refusal::{Refusal, Verdict};

/// What a call turns into, some time later.
pub(crate) type Outcome<'a> = BoxFuture<'a, Result<Answer, Refusal>>;

/// One protection, in one file.
pub(crate) trait Guard: Send + Sync {
    /// Refuses `call`, or lets it go on with [`Next::run`].
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a>;
}

/// The handler at the end of the pipeline, without its type.
pub(crate) trait Endpoint: Send + Sync {
    /// Which handler type this is: schemas of different handlers are never mixed.
    fn id(&self) -> TypeId;
    /// The definition of a tool, where the handler can look it up without listing.
    fn tool(&self, name: &str) -> Option<Tool>;
    /// Runs the handler's method for these parameters.
    fn handle(&self, params: Params, context: Context) -> BoxFuture<'_, Result<Answer, ErrorData>>;
}

/// The guards that a call has yet to pass, and the handler behind them.
#[derive(Clone, Copy)]
pub(crate) struct Next<'a> {
    guards: &'a [Box<dyn Guard>],
    endpoint: &'a dyn Endpoint,
}

impl<'a> Next<'a> {
    /// Hands the call to the next guard, or to the handler.
    pub(crate) fn run(self, call: Box<Call>) -> Outcome<'a> {
        match self.guards.split_first() {
            Some((guard, guards)) => guard.pass(call, Next { guards, endpoint: self.endpoint }),
            None => {
                Box::pin(async move { self.endpoint.handle(call.params, call.context).await.map_err(Refusal::failed) })
            }
        }
    }

    /// The handler, for guards that must ask it something.
    pub(crate) fn endpoint(&self) -> &'a dyn Endpoint {
        self.endpoint
    }
}

/// A refusal that is known at once.
pub(crate) fn refuse<'a>(refusal: Refusal) -> Outcome<'a> {
    Box::pin(std::future::ready(Err(refusal)))
}

/// All guards, in order.
pub(crate) struct Pipeline {
    guards: Vec<Box<dyn Guard>>,
    pub(crate) places: Arc<Places>,
    pub(crate) breakers: Arc<Breakers>,
}

impl Pipeline {
    /// The guards in the order in which a call passes them.
    pub(crate) fn new(policy: &Arc<Policy>, log: Arc<crate::audit::Audit>, rates: Arc<Rates>) -> Self {
        let rules = Arc::new(Rules::new(&policy.redact));
        let places = Arc::new(Places::new(&policy.limits));
        let breakers = Arc::new(Breakers::new(policy));
        let guards: Vec<Box<dyn Guard>> = vec![
            Box::new(audit::Audit::new(log)),
            Box::new(panic::Panic),
            Box::new(cancellation::Cancellation),
            Box::new(rate::Rate::new(policy, rates)),
            Box::new(Capability::new(policy.capabilities)),
            Box::new(access::Access::new(Arc::clone(policy))),
            Box::new(admission::Admission::new(policy, Arc::clone(&places))),
            Box::new(arguments::Arguments::new(policy)),
            Box::new(replay::Replay::new(policy)),
            Box::new(breaker::Guarded(Arc::clone(&breakers))),
            Box::new(deadline::Deadline::new(policy)),
            Box::new(errors::Errors::new(Arc::clone(&rules))),
            Box::new(output::Output::new(policy, rules)),
            Box::new(retry::Retry::new(policy)),
        ];
        Self { guards, places, breakers }
    }

    /// Sends a call through all guards to `endpoint`, and turns a refusal into what the client sees.
    pub(crate) async fn run(&self, call: Call, endpoint: &dyn Endpoint) -> Result<Answer, ErrorData> {
        let facts = Arc::clone(&call.facts);
        let span = tracing::info_span!("call", request_id = facts.request_id, method = %facts.method);
        match (Next { guards: &self.guards, endpoint }).run(Box::new(call)).instrument(span).await {
            Ok(answer) => Ok(answer),
            Err(refusal) => {
                refusal.tell_http(&facts);
                refusal.into_answer(&facts)
            }
        }
    }
}
