//! Ends a call that runs longer than its limit.
//!
//! A handler that waits for something which never comes holds its place among the running calls; a client that knows
//! how to provoke that could take all places. When the limit is over the handler's future is dropped, its token is
//! cancelled, and the client gets an answer: for a tool call a result with `isError`, which a model can read.
//!
//! It does **not** stop a handler that blocks its thread (a busy loop, a blocking call): such a future never gives the
//! timer a chance. Tasks that it spawned go on unless they watch the token. A subscription has no limit; it is meant
//! to last.

use std::{collections::BTreeMap, time::Duration};

use mcpsec_policy::Policy;

use super::{Call, Facts, Guard, Kind, Next, Outcome, Refusal};

/// The limit of all calls, and those of single tools.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    limit: Duration,
    tools: BTreeMap<String, Duration>,
}

impl Deadline {
    pub(crate) fn new(policy: &Policy) -> Self {
        let tools = policy.tools.iter().filter_map(|(name, tool)| Some((name.clone(), tool.timeout?))).collect();
        Self { limit: policy.limits.timeout, tools }
    }

    /// How long this call may run; `None` for one that is meant to last.
    fn judge(&self, facts: &Facts) -> Option<Duration> {
        match (facts.kind, &facts.target) {
            (Kind::Listen, _) => None,
            (Kind::CallTool, Some(tool)) => Some(self.tools.get(tool).copied().unwrap_or(self.limit)),
            _ => Some(self.limit),
        }
    }
}

impl Guard for Deadline {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        let Some(limit) = self.judge(&call.facts) else { return next.run(call) };
        let token = call.cancellation.clone();
        Box::pin(async move {
            match tokio::time::timeout(limit, next.run(call)).await {
                Ok(outcome) => outcome,
                Err(_) => {
                    token.cancel();
                    Err(Refusal::deadline(limit))
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use mcpsec_policy::model::Tool;

    use super::*;
    use crate::guard::testing::facts;

    #[test]
    fn a_tool_may_have_its_own_limit() {
        let mut policy = Policy::default();
        let slow = Tool { timeout: Some(Duration::from_secs(90)), ..Tool::default() };
        policy.tools.insert("slow".to_owned(), slow);
        let deadline = Deadline::new(&policy);
        assert_eq!(deadline.judge(&facts(Kind::CallTool, Some("slow"))), Some(Duration::from_secs(90)));
        assert_eq!(deadline.judge(&facts(Kind::CallTool, Some("other"))), Some(Duration::from_secs(30)));
        assert_eq!(deadline.judge(&facts(Kind::GetPrompt, Some("slow"))), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_subscription_has_no_limit() {
        assert_eq!(Deadline::new(&Policy::default()).judge(&facts(Kind::Listen, None)), None);
    }
}
