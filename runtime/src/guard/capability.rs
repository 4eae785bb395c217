//! Refuses methods of capabilities that the policy does not name, and takes them out of every announcement.
//!
//! A handler may implement more than its operator means to offer: a debugging prompt, a resource tree. What is not in
//! `[capabilities]` is neither announced nor answered, with the error of a method that does not exist. A core method
//! whose parameters rmcp could not read arrives as a custom request; it is refused here as malformed, since a handler
//! that forwards custom requests would let it around every typed check.
//!
//! It does **not** look into `experimental` and `extensions` beyond what hangs on tools and resources (tasks, skills):
//! those are the handler's word. What a handler sends unasked is not checked.

use mcpsec_policy::model::Capabilities;
use rmcp::model::{ProtocolVersion, SKILLS_EXTENSION_ID, ServerCapabilities, TASKS_EXTENSION_ID};

use super::{Answer, Call, Context, Facts, Guard, Kind, Next, Outcome, Refusal, refuse};

/// What may be announced and asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Capability {
    allowed: Capabilities,
}

impl Capability {
    pub(crate) fn new(allowed: Capabilities) -> Self {
        Self { allowed }
    }

    fn judge(self, facts: &Facts) -> Result<(), Refusal> {
        let kind = match facts.kind {
            Kind::CustomRequest => match core_method(&facts.method) {
                // Version 2026-07-28 removed some methods, whatever their parameters.
                Some(kind) if facts.modern && is_removed(kind) => return Err(Refusal::no_such_method(kind.method())),
                Some(kind) if self.offers(kind) => {
                    return Err(Refusal::malformed(format!("the parameters of `{}` are malformed", kind.method())));
                }
                Some(kind) => kind,
                None if is_ours_to_ask(&facts.method) => {
                    return Err(Refusal::no_such_method(facts.method.clone()));
                }
                None => return Ok(()),
            },
            Kind::OnCustomNotification if core_method(&facts.method).is_some() => {
                return Err(Refusal::malformed("the parameters of a notification are malformed"));
            }
            kind => kind,
        };
        if self.offers(kind) { Ok(()) } else { Err(Refusal::no_such_method(kind.method())) }
    }

    fn offers(self, kind: Kind) -> bool {
        let Capabilities { tools, resources, prompts, completions, logging } = self.allowed;
        match kind {
            Kind::CallTool | Kind::ListTools | Kind::GetTask | Kind::UpdateTask | Kind::CancelTask => tools,
            Kind::ListResources
            | Kind::ListResourceTemplates
            | Kind::ReadResource
            | Kind::Subscribe
            | Kind::Unsubscribe
            | Kind::ListSkills
            | Kind::GetSkill
            | Kind::ReadResourceDirectory => resources,
            Kind::GetPrompt | Kind::ListPrompts => prompts,
            Kind::Complete => completions,
            Kind::SetLevel => logging,
            Kind::Listen => tools || resources || prompts,
            Kind::Ping
            | Kind::Initialize
            | Kind::Discover
            | Kind::CustomRequest
            | Kind::OnCancelled
            | Kind::OnProgress
            | Kind::OnInitialized
            | Kind::OnRootsListChanged
            | Kind::OnCustomNotification => true,
        }
    }

    /// Takes out of an announcement what is not allowed.
    #[allow(deprecated)] // logging is still announced to older clients
    pub(crate) fn narrow(self, announced: &mut ServerCapabilities) {
        let Capabilities { tools, resources, prompts, completions, logging } = self.allowed;
        announced.tools.take_if(|_| !tools);
        announced.resources.take_if(|_| !resources);
        announced.prompts.take_if(|_| !prompts);
        announced.completions.take_if(|_| !completions);
        announced.logging.take_if(|_| !logging);
        if let Some(extensions) = &mut announced.extensions {
            if !tools {
                extensions.remove(TASKS_EXTENSION_ID);
            }
            if !resources {
                extensions.remove(SKILLS_EXTENSION_ID);
            }
        }
    }
}

/// The kind behind the name of a core method, whatever reached us under it.
fn core_method(name: &str) -> Option<Kind> {
    const CORE: [Kind; 25] = [
        Kind::Ping,
        Kind::Initialize,
        Kind::Discover,
        Kind::Complete,
        Kind::SetLevel,
        Kind::GetPrompt,
        Kind::ListPrompts,
        Kind::ListResources,
        Kind::ListResourceTemplates,
        Kind::ReadResource,
        Kind::Listen,
        Kind::Subscribe,
        Kind::Unsubscribe,
        Kind::CallTool,
        Kind::ListTools,
        Kind::GetTask,
        Kind::UpdateTask,
        Kind::CancelTask,
        Kind::ListSkills,
        Kind::GetSkill,
        Kind::ReadResourceDirectory,
        Kind::OnCancelled,
        Kind::OnProgress,
        Kind::OnInitialized,
        Kind::OnRootsListChanged,
    ];
    CORE.into_iter().find(|kind| kind.method() == name)
}

/// Methods that version 2026-07-28 no longer has.
fn is_removed(kind: Kind) -> bool {
    matches!(kind, Kind::Initialize | Kind::Ping | Kind::SetLevel | Kind::Subscribe | Kind::Unsubscribe)
}

/// Requests that only a server sends to a client.
fn is_ours_to_ask(method: &str) -> bool {
    matches!(method, "sampling/createMessage" | "roots/list" | "elicitation/create")
}

/// Whether the call is for a method that MCP 2026-07-28 took out. rmcp says so itself where it could read the
/// parameters; a client of that revision hears the same where it could not.
fn is_gone(call: &Call) -> bool {
    let Context::Request(context) = &call.context else { return false };
    let modern = context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
    let gone = [Kind::Initialize, Kind::Ping, Kind::SetLevel, Kind::Subscribe, Kind::Unsubscribe];
    modern
        && call.facts.kind == Kind::CustomRequest
        && core_method(&call.facts.method).is_some_and(|kind| gone.contains(&kind))
}

impl Guard for Capability {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        if is_gone(&call) {
            return refuse(Refusal::no_such_method(call.facts.method.clone()));
        }
        if let Err(refusal) = self.judge(&call.facts) {
            return refuse(refusal);
        }
        match call.facts.kind {
            Kind::Initialize | Kind::Discover => Box::pin(async move {
                let mut answer = next.run(call).await?;
                match &mut answer {
                    Answer::Initialize(result) => self.narrow(&mut result.capabilities),
                    Answer::Discover(result) => self.narrow(&mut result.capabilities),
                    _ => {}
                }
                Ok(answer)
            }),
            _ => next.run(call),
        }
    }
}

#[cfg(test)]
mod tests {
    use rmcp::model::ErrorCode;

    use super::*;
    use crate::guard::testing::{custom, facts};

    const TOOLS: Capability = Capability {
        allowed: Capabilities { tools: true, resources: false, prompts: false, completions: false, logging: false },
    };

    #[test]
    fn what_is_not_named_does_not_exist() {
        assert!(TOOLS.judge(&facts(Kind::CallTool, Some("add"))).is_ok());
        assert!(TOOLS.judge(&facts(Kind::Ping, None)).is_ok());
        for kind in [Kind::ReadResource, Kind::GetPrompt, Kind::Complete, Kind::SetLevel, Kind::ListSkills] {
            let refusal = TOOLS.judge(&facts(kind, None)).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::METHOD_NOT_FOUND, "{kind:?}");
        }
    }

    #[test]
    fn a_core_method_in_the_clothes_of_a_custom_one_is_malformed() {
        assert_eq!(TOOLS.judge(&custom("tools/call")).unwrap_err().code, ErrorCode::INVALID_PARAMS);
        assert_eq!(TOOLS.judge(&custom("prompts/get")).unwrap_err().code, ErrorCode::METHOD_NOT_FOUND);
        assert_eq!(TOOLS.judge(&custom("sampling/createMessage")).unwrap_err().code, ErrorCode::METHOD_NOT_FOUND);
        assert!(TOOLS.judge(&custom("acme/report")).is_ok());
        let removed = Facts { modern: true, ..custom("initialize") };
        assert_eq!(TOOLS.judge(&removed).unwrap_err().code, ErrorCode::METHOD_NOT_FOUND);
    }

    #[test]
    fn announcements_are_narrowed() {
        let mut announced = ServerCapabilities::builder().enable_tools().enable_prompts().enable_resources().build();
        TOOLS.narrow(&mut announced);
        assert!(announced.tools.is_some());
        assert!(announced.prompts.is_none());
        assert!(announced.resources.is_none());
    }

    #[test]
    fn every_kind_but_the_custom_ones_is_a_core_method() {
        // A new kind that is missing from the list would be forwarded when its parameters are malformed.
        let last = Kind::OnCustomNotification as usize;
        assert_eq!(last + 1, Kind::ALL.len());
        assert_eq!(Kind::ALL.len() - 2, 25);
    }
}
