//! Refuses calls of one tool that come too often, where the policy gives that tool its own rate.
//!
//! A tool that sends mail or costs money needs a lower rate than one that adds numbers. It counts only calls that the
//! caller is allowed to make, beside the rate of `tools/call` as a whole.
//!
//! It does **not** know tools that the policy does not name; those have the common rate alone.

use std::collections::BTreeMap;

use mcpsec_policy::Policy;

use super::{
    Call, Facts, Guard, Kind, Next, Outcome, Refusal,
    buckets::{Buckets, Limit},
    refuse,
};

/// One bucket for each client and tool that has a rate.
pub(crate) struct ToolRate {
    tools: BTreeMap<String, usize>,
    buckets: Buckets,
}

impl ToolRate {
    pub(crate) fn new(policy: &Policy) -> Self {
        let limited = policy.tools.iter().filter_map(|(name, tool)| Some((name, tool.rate?)));
        let (names, limits): (Vec<_>, Vec<_>) = limited.map(|(name, rate)| (name.clone(), Limit::new(rate))).unzip();
        let tools = names.into_iter().enumerate().map(|(index, name)| (name, index)).collect();
        Self { tools, buckets: Buckets::new(limits, policy.rate.max_clients) }
    }

    fn judge(&self, facts: &Facts) -> Result<(), Refusal> {
        let (Kind::CallTool, Some(tool)) = (facts.kind, &facts.target) else { return Ok(()) };
        let Some(&limit) = self.tools.get(tool) else { return Ok(()) };
        self.buckets
            .take(facts.subject(), limit)
            .map_err(|wait| Refusal::rate(format!("too many calls of the tool `{tool}`"), wait))
    }
}

impl Guard for ToolRate {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        match self.judge(&call.facts) {
            Ok(()) => next.run(call),
            Err(refusal) => refuse(refusal),
        }
    }
}

#[cfg(test)]
mod tests {
    use mcpsec_policy::model::Tool;

    use super::*;
    use crate::guard::testing::facts;

    #[test]
    fn only_the_named_tool_is_limited() {
        let mut policy = Policy::default();
        let rate = Some(mcpsec_policy::Rate::per_minute(1));
        policy.tools.insert("mail".to_owned(), Tool { rate, ..Tool::default() });
        let guard = ToolRate::new(&policy);
        assert!(guard.judge(&facts(Kind::CallTool, Some("mail"))).is_ok());
        assert!(guard.judge(&facts(Kind::CallTool, Some("mail"))).is_err());
        for _ in 0..10 {
            assert!(guard.judge(&facts(Kind::CallTool, Some("add"))).is_ok());
        }
        assert!(guard.judge(&facts(Kind::GetPrompt, Some("mail"))).is_ok());
    }
}
