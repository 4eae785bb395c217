//! Refuses calls of a tool that keeps failing, until a single call has shown that it works again.
//!
//! When a database is down, every call of the tool in front of it waits for its time limit, holds a place meanwhile, and
//! adds to the load that keeps the database down. After `resilience.failures` failed calls within `resilience.window`, if
//! they are at least half of all, the breaker opens: calls are refused at once, with the time to come back. After
//! `resilience.open_for` one call tries; the breaker closes when it succeeds. Tools that name the same `dependency`
//! share a breaker.
//!
//! Failed is what is the handler's own fault: an internal error, a panic, the time limit; a result with `isError` only where
//! `resilience.tool_errors` says so. Neither counts what the client did wrong (arguments, an error such as -32602), nor a call
//! that the client took back: else one client could open the breaker for all. A client that knows an input on which a
//! tool fails can do so still, as far as its rate goes and while the others' calls are less than half.
//!
//! It does **not** share its state between replicas.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use mcpsec_policy::{Policy, model::Resilience};
use rmcp::model::{CallToolResponse, ErrorCode};

use super::{Answer, Call, Facts, Guard, Kind, Next, Outcome, Refusal, Verdict, refuse};

/// What a breaker does now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BreakerPosition {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// The next call, or the one that runs, decides.
    HalfOpen,
}

/// One breaker, for metrics and probes.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BreakerState {
    /// The dependency, or the tool, as the policy names it.
    pub name: String,
    /// What it does now.
    pub position: BreakerPosition,
    /// How often it opened.
    pub opened: u64,
}

/// The breakers of a policy, by tool.
pub(crate) struct Breakers {
    by_tool: BTreeMap<String, Arc<Breaker>>,
    tool_errors: bool,
}

/// The guard.
pub(crate) struct Guarded(pub(crate) Arc<Breakers>);

struct Breaker {
    name: String,
    failures: usize,
    window: Duration,
    open_for: Duration,
    state: Mutex<State>,
}

struct State {
    now: Now,
    opened: u64,
}

#[derive(Clone, Copy)]
enum Now {
    Closed {
        since: Instant,
        calls: usize,
        failed: usize,
    },
    Open {
        until: Instant,
    },
    /// One call tries.
    Trying,
}

/// The right to make one call. What became of it is said, or it goes by how it is dropped.
struct Permit<'a> {
    breaker: &'a Breaker,
    tries: bool,
    said: bool,
}

impl Breakers {
    /// Breakers for the tools of `policy` that ask for one.
    pub(crate) fn new(policy: &Policy) -> Self {
        let rules = &policy.resilience;
        let mut shared: BTreeMap<&String, Arc<Breaker>> = BTreeMap::new();
        let mut by_tool = BTreeMap::new();
        for (name, tool) in &policy.tools {
            if let Some(dependency) = &tool.dependency {
                let new = || Arc::new(Breaker::new(dependency, rules));
                by_tool.insert(name.clone(), Arc::clone(shared.entry(dependency).or_insert_with(new)));
            } else if tool.breaker {
                by_tool.insert(name.clone(), Arc::new(Breaker::new(name, rules)));
            }
        }
        Self { by_tool, tool_errors: rules.tool_errors }
    }

    /// Every breaker as it is now, by name.
    pub(crate) fn states(&self) -> Vec<BreakerState> {
        let mut states: Vec<_> = self.by_tool.values().map(|breaker| breaker.show(Instant::now())).collect();
        states.sort_by(|a, b| a.name.cmp(&b.name));
        states.dedup_by(|a, b| a.name == b.name);
        states
    }

    fn of(&self, facts: &Facts) -> Option<&Breaker> {
        let tool = facts.target.as_ref().filter(|_| facts.kind == Kind::CallTool)?;
        self.by_tool.get(tool).map(Arc::as_ref)
    }

    /// Whether the handler is to blame for this ending.
    fn has_failed(&self, outcome: &Result<Answer, Refusal>) -> bool {
        match outcome {
            Ok(Answer::CallTool(CallToolResponse::Complete(result))) => {
                self.tool_errors && result.is_error == Some(true)
            }
            Ok(_) => false,
            Err(refusal) => match refusal.verdict {
                Verdict::TimedOut | Verdict::Panicked => true,
                Verdict::Failed => refusal.code == ErrorCode::INTERNAL_ERROR,
                _ => false,
            },
        }
    }
}

impl Breaker {
    fn new(name: &str, rules: &Resilience) -> Self {
        let now = Now::Closed { since: Instant::now(), calls: 0, failed: 0 };
        Self {
            name: name.to_owned(),
            failures: rules.failures,
            window: rules.window,
            open_for: rules.open_for,
            state: Mutex::new(State { now, opened: 0 }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while it is held leaves it whole: every use is a few assignments.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, now: Instant) -> BreakerState {
        let state = self.lock();
        let position = match state.now {
            Now::Closed { .. } => BreakerPosition::Closed,
            Now::Open { until } if now < until => BreakerPosition::Open,
            Now::Open { .. } | Now::Trying => BreakerPosition::HalfOpen,
        };
        BreakerState { name: self.name.clone(), position, opened: state.opened }
    }

    /// Lets a call pass, or says when to come back.
    fn admit(&self, now: Instant) -> Result<Permit<'_>, Duration> {
        let mut state = self.lock();
        let tries = match state.now {
            Now::Closed { .. } => false,
            Now::Open { until } if now < until => return Err(until - now),
            Now::Open { .. } => {
                state.now = Now::Trying;
                true
            }
            Now::Trying => return Err(Duration::from_secs(1)),
        };
        Ok(Permit { breaker: self, tries, said: false })
    }

    /// Counts a call that ended; one that began before the breaker opened changes nothing any more.
    fn count(&self, tries: bool, failed: bool, now: Instant) {
        let mut state = self.lock();
        let open = match (&mut state.now, tries) {
            (Now::Closed { since, calls, failed: failures }, false) => {
                if self.window < now.saturating_duration_since(*since) {
                    (*since, *calls, *failures) = (now, 0, 0);
                }
                *calls += 1;
                *failures += usize::from(failed);
                failed && self.failures <= *failures && *calls <= 2 * *failures
            }
            (Now::Trying, true) if !failed => {
                tracing::info!(breaker = self.name, "closed");
                state.now = Now::Closed { since: now, calls: 0, failed: 0 };
                false
            }
            (Now::Trying, true) => true,
            _ => false,
        };
        if open {
            tracing::warn!(breaker = self.name, "open: calls are refused for {:?}", self.open_for);
            state.now = Now::Open { until: now + self.open_for };
            state.opened += 1;
        }
    }
}

impl Permit<'_> {
    fn end(mut self, failed: bool) {
        self.said = true;
        self.breaker.count(self.tries, failed, Instant::now());
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.said {
            return;
        }
        if std::thread::panicking() {
            self.breaker.count(self.tries, true, Instant::now());
        } else if self.tries {
            // The client took it back: nothing is known, and the next call tries.
            self.breaker.lock().now = Now::Open { until: Instant::now() };
        }
    }
}

impl Guard for Guarded {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        let Some(breaker) = self.0.of(&call.facts) else { return next.run(call) };
        let permit = match breaker.admit(Instant::now()) {
            Ok(permit) => permit,
            Err(wait) => {
                let reason = format!("the breaker of `{}` is open: its calls failed too often", breaker.name);
                return refuse(Refusal::busy(reason, wait));
            }
        };
        Box::pin(async move {
            let outcome = next.run(call).await;
            permit.end(self.0.has_failed(&outcome));
            outcome
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaker() -> Breaker {
        let rules = Resilience { failures: 3, window: Duration::from_secs(10), ..Resilience::default() };
        Breaker::new("db", &rules)
    }

    fn call(breaker: &Breaker, failed: bool, now: Instant) -> bool {
        match breaker.admit(now) {
            Ok(mut permit) => {
                permit.said = true;
                breaker.count(permit.tries, failed, now);
                true
            }
            Err(_) => false,
        }
    }

    #[test]
    fn it_opens_lets_one_try_and_closes() {
        let (breaker, start) = (breaker(), Instant::now());
        for _ in 0..3 {
            assert!(call(&breaker, true, start));
        }
        assert!(!call(&breaker, false, start));
        assert_eq!(breaker.show(start).position, BreakerPosition::Open);
        let later = start + Duration::from_secs(30);
        assert_eq!(breaker.show(later).position, BreakerPosition::HalfOpen);
        assert!(call(&breaker, true, later), "one may try");
        assert!(!call(&breaker, false, later), "it failed");
        let later = later + Duration::from_secs(30);
        let trying = breaker.admit(later).expect("one may try");
        assert!(breaker.admit(later).is_err(), "and no second one meanwhile");
        drop(trying);
        assert!(call(&breaker, false, later + Duration::from_secs(1)), "nothing was learnt: the next one tries");
        assert_eq!(breaker.show(later).position, BreakerPosition::Closed);
        assert_eq!(breaker.show(later).opened, 2);
    }

    #[test]
    fn failures_that_are_few_or_old_do_not_open_it() {
        let (breaker, start) = (breaker(), Instant::now());
        for _ in 0..20 {
            assert!(call(&breaker, false, start) && call(&breaker, false, start) && call(&breaker, true, start));
        }
        let breaker = self::breaker();
        for step in 0..20 {
            assert!(call(&breaker, true, start + Duration::from_secs(6 * step)));
        }
    }
}
