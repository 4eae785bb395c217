//! Makes a call again that failed, where the policy says that this does no harm.
//!
//! Only a tool with `idempotent = true` in the policy is called again: the annotation of a tool is what its author claims,
//! and repeating a payment because of it would be this runtime's fault. Only an internal error is a reason (and a result
//! with `isError` where `resilience.tool_errors` says so). The waits double, a random part is left out so that clients do not come
//! back in step, and none reaches beyond the call's time limit. The budget keeps a failing dependency from being called
//! twice as often: at most so many percent of the calls are made again, beyond a first ten.
//!
//! It does **not** repeat a call that panicked or ran out of time, and a call counts once for rates and breakers, however
//! often it was made.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use mcpsec_policy::Policy;
use rmcp::model::{CallToolResponse, ErrorCode};

use super::{Answer, Call, Guard, Kind, Next, Outcome, Params, Refusal, Verdict};

/// The budget counts in hundredths of a call, and holds at most ten calls.
const CALL: u64 = 100;
const MOST: u64 = 10 * CALL;

/// What may be made again.
pub(crate) struct Retry {
    tools: BTreeMap<String, Tool>,
    wait: Duration,
    tool_errors: bool,
    /// What a call adds to the budget.
    share: u64,
    budget: AtomicU64,
    random: RandomState,
}

#[derive(Clone, Copy)]
struct Tool {
    retries: usize,
    limit: Duration,
}

impl Retry {
    pub(crate) fn new(policy: &Policy) -> Self {
        let rules = &policy.resilience;
        let idempotent = policy.tools.iter().filter(|(_, tool)| tool.idempotent);
        let tools = idempotent.map(|(name, tool)| {
            let limit = tool.timeout.unwrap_or(policy.limits.timeout);
            (name.clone(), Tool { retries: tool.retries.unwrap_or(rules.retries), limit })
        });
        let share = u64::try_from(rules.retry_budget).unwrap_or(0);
        Self {
            tools: tools.filter(|(_, tool)| 0 < tool.retries).collect(),
            wait: rules.retry_wait,
            tool_errors: rules.tool_errors,
            share,
            budget: AtomicU64::new(if share == 0 { 0 } else { MOST }),
            random: RandomState::new(),
        }
    }

    fn earn(&self) {
        let more = |budget: u64| Some((budget + self.share).min(MOST));
        let _ = self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    fn spend(&self) -> bool {
        self.budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |budget| budget.checked_sub(CALL)).is_ok()
    }

    /// The wait before the next time, of which a random part of up to a half is left out.
    fn pause(&self, made: usize) -> Duration {
        let whole = self.wait.saturating_mul(1 << made.min(10));
        let part = u32::try_from(self.random.hash_one(Instant::now()) % 512).unwrap_or(0);
        whole - whole / 1_024 * part
    }

    fn is_reason(&self, outcome: &Result<Answer, Refusal>) -> bool {
        match outcome {
            Ok(Answer::CallTool(CallToolResponse::Complete(result))) => {
                self.tool_errors && result.is_error == Some(true)
            }
            Ok(_) => false,
            Err(refusal) => refusal.verdict == Verdict::Failed && refusal.code == ErrorCode::INTERNAL_ERROR,
        }
    }
}

impl Guard for Retry {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        let tool = call.facts.target.as_ref().filter(|_| call.facts.kind == Kind::CallTool);
        let (Some(tool), Params::CallTool(params)) = (tool.and_then(|tool| self.tools.get(tool)), &call.params) else {
            return next.run(call);
        };
        let (tool, params) = (*tool, params.clone());
        let (facts, context, cancellation) = (call.facts.clone(), call.context.clone(), call.cancellation.clone());
        self.earn();
        Box::pin(async move {
            let begun = Instant::now();
            let mut outcome = next.run(call).await;
            for made in 0..tool.retries {
                let pause = self.pause(made);
                if !self.is_reason(&outcome) || tool.limit <= begun.elapsed() + pause || !self.spend() {
                    break;
                }
                tokio::time::sleep(pause).await;
                let again = Call {
                    facts: facts.clone(),
                    params: Params::CallTool(params.clone()),
                    context: context.clone(),
                    cancellation: cancellation.clone(),
                };
                outcome = next.run(Box::new(again)).await;
            }
            outcome
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_a_share_of_the_calls() {
        let retry = Retry::new(&Policy::default());
        assert_eq!((0..100).filter(|_| retry.spend()).count(), 10);
        for _ in 0..50 {
            retry.earn();
        }
        assert_eq!((0..100).filter(|_| retry.spend()).count(), 5);
    }

    #[test]
    fn waits_double_and_lose_less_than_half() {
        let retry = Retry::new(&Policy::default());
        for (made, most) in [(0, 100), (1, 200), (2, 400)] {
            let pause = retry.pause(made).as_millis();
            assert!((most / 2..=most).contains(&pause), "{pause}");
        }
    }
}
