//! Refuses calls that come too often: for each client and method, tool, and by the rules of `[rate]`.
//!
//! A model in a loop, or a stolen key, can call faster than any person meant. Every call counts that reaches the
//! pipeline, also one that a later guard refuses, so that guessing names costs as much as calling; and notifications,
//! which nobody sees answered. Custom methods share one limit, since their names are free to invent. The refusal says
//! when to come back: `retry_after_ms` in the error's data; over HTTP 429 with `Retry-After`, and with every answer
//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers) of the caller's own limit that is nearest to
//! its end.
//!
//! All limits of a call are judged here, before access: one take from all of them or from none, so that a store outside
//! of this process is asked once. So a call that is not allowed uses up the caller's own rate of that tool, which it
//! could not use anyway. What callers *share* (`per = "tenant"`, `per = "server"`) is taken only by a call that the
//! access rules allow: a caller without that right must not use up what belongs to others. What is left of a shared limit
//! is not told in headers; it would say what others do.
//!
//! It does **not** limit what is refused before there is a caller (that is throttled by address, in the HTTP layer).

use std::sync::Arc;

use mcpsec_policy::Policy;

use super::{Call, Facts, Guard, Next, Outcome, Refusal, access::Access, refuse};
use crate::{
    caller::Quota,
    rate::{Rates, Standing, Taken, Who},
};

/// The limits, and who may share them.
pub(crate) struct Rate {
    rates: Arc<Rates>,
    access: Access,
}

impl Rate {
    pub(crate) fn new(policy: &Arc<Policy>, rates: Arc<Rates>) -> Self {
        Self { rates, access: Access::new(Arc::clone(policy)) }
    }

    fn judge(&self, facts: &Facts, taken: Taken) -> Result<(), Refusal> {
        match taken {
            Ok(standing) => {
                self.tell(facts, standing);
                Ok(())
            }
            Err(excess) => {
                let limit = &self.rates.limits.all[excess.limit];
                if limit.is_own() {
                    self.tell(facts, Standing { limit: excess.limit, left: 0, reset: excess.wait });
                }
                Err(Refusal::rate(limit.excess.clone(), excess.wait))
            }
        }
    }

    /// Leaves the headers of an HTTP answer where its layer looks for them.
    fn tell(&self, facts: &Facts, standing: Standing) {
        if let Some(slot) = &facts.slot
            && let Some((policy, state)) = self.rates.limits.headers(standing)
        {
            slot.set_quota(Quota { policy, state });
        }
    }
}

/// Whose limits.
fn who(facts: &Facts) -> Who<'_> {
    Who { client: facts.subject(), tenant: facts.caller.as_ref().map_or("unknown", |caller| caller.tenant()) }
}

impl Guard for Rate {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        let facts = &call.facts;
        let chosen = self.rates.limits.of(facts, || self.access.allows(facts));
        match self.rates.store.take_now(who(facts), &chosen) {
            Some(taken) => match self.judge(facts, taken) {
                Ok(()) => next.run(call),
                Err(refusal) => refuse(refusal),
            },
            None => Box::pin(async move {
                let taken = self.rates.store.take(who(&call.facts), &chosen).await;
                self.judge(&call.facts, taken)?;
                next.run(call).await
            }),
        }
    }
}
