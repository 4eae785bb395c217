//! Refuses calls that come too often, for each client and method.
//!
//! A model in a loop, or a stolen key, can call faster than any person meant. Every call counts that reaches the
//! pipeline, also one that a later guard refuses, so that guessing names costs as much as calling; and notifications,
//! which nobody sees answered. Custom methods share one bucket, since their names are free to invent. The refusal
//! says when to come back: `retry_after_ms` in the error's data, and 429 with `Retry-After` over HTTP.
//!
//! It does **not** limit what is refused before there is a caller (that is throttled by address, in the HTTP layer),
//! nor does it share counts between processes.

use mcpsec_policy::Policy;

use super::{
    Call, Facts, Guard, Kind, Next, Outcome, Refusal,
    buckets::{Buckets, Limit},
    refuse,
};

/// One bucket for each client and method.
pub(crate) struct Rate {
    buckets: Buckets,
}

impl Rate {
    pub(crate) fn new(policy: &Policy) -> Self {
        let limits = vec![Limit::new(policy.rate.default); Kind::COUNT];
        Self { buckets: Buckets::new(limits, policy.rate.max_clients) }
    }

    fn judge(&self, facts: &Facts) -> Result<(), Refusal> {
        self.buckets
            .take(facts.subject(), facts.kind as usize)
            .map_err(|wait| Refusal::rate(format!("too many `{}` calls", facts.kind.method()), wait))
    }
}

impl Guard for Rate {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        match self.judge(&call.facts) {
            Ok(()) => next.run(call),
            Err(refusal) => refuse(refusal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::testing::facts;

    #[test]
    fn the_call_after_the_last_is_refused_and_other_methods_are_not() {
        let mut policy = Policy::default();
        policy.rate.default = mcpsec_policy::Rate::per_minute(3);
        let rate = Rate::new(&policy);
        for _ in 0..3 {
            assert!(rate.judge(&facts(Kind::CallTool, Some("a"))).is_ok());
        }
        let refusal = rate.judge(&facts(Kind::CallTool, Some("b"))).unwrap_err();
        assert!(refusal.retry_after.is_some());
        assert!(rate.judge(&facts(Kind::ListTools, None)).is_ok());
    }
}
