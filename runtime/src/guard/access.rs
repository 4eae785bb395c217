//! Refuses what no access rule allows to this caller, and leaves it out of every list.
//!
//! A server with several callers has tools that are not meant for each of them, and a model calls whatever it reads in a
//! list. So one question, `mcpsec_policy::decide`, is asked for each call, and again for each entry of a list: who may
//! not call a tool does not see it. Answers that depend on the caller are marked `private`, so that no cache between
//! server and client hands them to somebody else.
//!
//! Handshake, discovery, ping and the standard notifications need no rule; listing does. A completion or a subscription
//! is also allowed to whoever may get that prompt or read that resource. Over HTTP a refusal becomes 403 with the scopes
//! that would have sufficed.
//!
//! It does **not** look at arguments: a rule names a tool, not what the tool is told to do.

use std::sync::Arc;

use mcpsec_policy::{Call as Asked, Decision, Identity, Policy, decide};
use rmcp::model::{CacheScope, ReadResourceResponse};

use super::{Answer, Call, Facts, Guard, Kind, Next, Outcome, Params, Refusal, refuse};

/// Asks the policy.
pub(crate) struct Access {
    policy: Arc<Policy>,
}

impl Access {
    pub(crate) fn new(policy: Arc<Policy>) -> Self {
        Self { policy }
    }

    fn judge(&self, facts: &Facts) -> Result<(), Refusal> {
        let Some(caller) = &facts.caller else {
            return Err(Refusal::access("nobody vouches for this caller", Vec::new()));
        };
        let target = facts.target.as_deref();
        let also = match facts.kind {
            Kind::Complete => &["prompts/get", "resources/read"][..],
            Kind::Subscribe | Kind::Unsubscribe | Kind::ReadResourceDirectory | Kind::GetSkill => &["resources/read"],
            Kind::ListResourceTemplates | Kind::ListSkills => &["resources/list"],
            _ => &[],
        };
        match decide(&self.policy, caller, Asked { method: &facts.method, target }) {
            Decision::Allow => Ok(()),
            Decision::Deny { .. } if also.iter().any(|method| self.may(caller, method, target)) => Ok(()),
            // A stranger learns no more about a custom method than that it does not exist.
            Decision::Deny { .. } if facts.kind == Kind::CustomRequest => {
                Err(Refusal::no_such_method(facts.method.clone()))
            }
            Decision::Deny { reason, missing_scopes } => Err(Refusal::access(reason, missing_scopes)),
        }
    }

    /// Whether the access rules allow the call.
    pub(super) fn allows(&self, facts: &Facts) -> bool {
        self.judge(facts).is_ok()
    }

    /// A subscription is allowed when each resource in it may be read.
    fn judge_subscription(&self, call: &Call) -> Result<(), Refusal> {
        let (Params::Listen(subscription), Some(caller)) = (&call.params, &call.facts.caller) else { return Ok(()) };
        let resources = subscription.accepted().resource_subscriptions.as_deref().unwrap_or_default();
        match resources.iter().all(|uri| self.may(caller, "resources/read", Some(uri))) {
            true => Ok(()),
            false => Err(Refusal::access("no access rule allows reading one of these resources", Vec::new())),
        }
    }

    fn may(&self, caller: &Identity, method: &str, target: Option<&str>) -> bool {
        matches!(decide(&self.policy, caller, Asked { method, target }), Decision::Allow)
    }

    /// Leaves out what the caller may not use, and keeps shared caches from mixing callers.
    fn filter(&self, caller: &Identity, answer: &mut Answer) {
        let private = Some(CacheScope::Private);
        match answer {
            Answer::ListTools(list) => {
                list.tools.retain(|tool| self.may(caller, "tools/call", Some(&tool.name)));
                list.cache_scope = private;
            }
            Answer::ListPrompts(list) => {
                list.prompts.retain(|prompt| self.may(caller, "prompts/get", Some(&prompt.name)));
                list.cache_scope = private;
            }
            Answer::ListResources(list) | Answer::ReadResourceDirectory(list) => {
                list.resources.retain(|resource| self.may(caller, "resources/read", Some(&resource.uri)));
                list.cache_scope = private;
            }
            Answer::ListResourceTemplates(list) => {
                list.resource_templates
                    .retain(|template| self.may(caller, "resources/read", Some(&template.uri_template)));
                list.cache_scope = private;
            }
            Answer::ListSkills(list) => {
                list.skills.retain(|skill| self.may(caller, "resources/read", Some(&skill.uri)));
                list.cache_scope = private;
            }
            Answer::ReadResource(ReadResourceResponse::Complete(result)) => result.cache_scope = private,
            _ => {}
        }
    }
}

impl Guard for Access {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        if let Err(refusal) = self.judge(&call.facts).and_then(|()| self.judge_subscription(&call)) {
            return refuse(refusal);
        }
        let facts = Arc::clone(&call.facts);
        match (facts.kind, facts.caller.clone()) {
            (
                Kind::ListTools
                | Kind::ListPrompts
                | Kind::ListResources
                | Kind::ListResourceTemplates
                | Kind::ListSkills
                | Kind::ReadResourceDirectory
                | Kind::ReadResource,
                Some(caller),
            ) => Box::pin(async move {
                let mut answer = next.run(call).await?;
                self.filter(&caller, &mut answer);
                Ok(answer)
            }),
            _ => next.run(call),
        }
    }
}

#[cfg(test)]
mod tests {
    use mcpsec_policy::model::AccessRule;
    use rmcp::model::{ErrorCode, ListToolsResult, Tool};

    use super::*;
    use crate::guard::testing::{custom, facts};

    fn access(may: &[&str]) -> Access {
        let mut policy = Policy::default();
        let rule = AccessRule { who: vec!["local".into()], may: may.iter().map(|&entry| entry.to_owned()).collect() };
        policy.access.rules.push(rule);
        Access::new(Arc::new(policy))
    }

    #[test]
    fn only_what_a_rule_names_is_allowed() {
        let access = access(&["tools/call:add"]);
        assert!(access.judge(&facts(Kind::CallTool, Some("add"))).is_ok());
        assert_eq!(access.judge(&facts(Kind::CallTool, Some("rm"))).unwrap_err().code, ErrorCode(403));
        assert!(access.judge(&facts(Kind::ReadResource, Some("add"))).is_err());
        assert!(access.judge(&facts(Kind::Ping, None)).is_ok());
    }

    #[test]
    fn a_caller_whom_nobody_vouches_for_may_do_nothing() {
        let access = access(&["*"]);
        let mut nobody = facts(Kind::Ping, None);
        nobody.caller = None;
        assert!(access.judge(&nobody).is_err());
    }

    #[test]
    fn a_custom_method_that_is_not_allowed_does_not_exist() {
        assert_eq!(access(&[]).judge(&custom("acme/secret")).unwrap_err().code, ErrorCode::METHOD_NOT_FOUND);
    }

    #[test]
    fn whoever_may_get_a_prompt_may_complete_its_arguments() {
        let access = access(&["prompts/get:greet"]);
        assert!(access.judge(&facts(Kind::Complete, Some("greet"))).is_ok());
        assert!(access.judge(&facts(Kind::Complete, Some("other"))).is_err());
    }

    #[test]
    fn a_list_holds_what_the_caller_may_call_and_is_private() {
        let tool = |name: &'static str| Tool::new(name, "", serde_json::Map::new());
        let mut answer = Answer::ListTools(ListToolsResult::with_all_items(vec![tool("add"), tool("rm")]));
        access(&["tools/call:add"]).filter(&Identity::local(), &mut answer);
        let Answer::ListTools(list) = answer else { panic!("the answer changed its kind") };
        assert_eq!(list.tools.iter().map(|tool| tool.name.as_ref()).collect::<Vec<_>>(), ["add"]);
        assert_eq!(list.cache_scope, Some(CacheScope::Private));
    }
}
