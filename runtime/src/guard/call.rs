//! One call on its way through the guards, and what comes back.
#![allow(deprecated)] // logging/setLevel and subscriptions still serve older clients

use std::{
    borrow::Cow,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use mcpsec_policy::Identity;
use rmcp::{
    RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, CancelTaskParams, CancelledNotificationParam, CompleteRequestParams,
        CompleteResult, CustomNotification, CustomRequest, CustomResult, DiscoverResult, Extensions,
        GetPromptRequestParams, GetPromptResponse, GetSkillRequestParams, GetSkillResult, GetTaskParams, GetTaskResult,
        InitializeRequestParams, InitializeResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
        ListSkillsResult, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam, ProtocolVersion,
        ReadResourceDirectoryRequestParams, ReadResourceRequestParams, ReadResourceResponse, Reference,
        SetLevelRequestParams, SubscribeRequestParams, UnsubscribeRequestParams, UpdateTaskParams,
    },
    service::{NotificationContext, RequestContext, SubscriptionContext},
};
use tokio_util::sync::CancellationToken;

use crate::caller::{Caller, Connection, RefusalSlot};

/// What a client may ask of a server. One entry for each asynchronous method of rmcp's handler trait.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Kind {
    Ping,
    Initialize,
    Discover,
    Complete,
    SetLevel,
    GetPrompt,
    ListPrompts,
    ListResources,
    ListResourceTemplates,
    ReadResource,
    Listen,
    Subscribe,
    Unsubscribe,
    CallTool,
    ListTools,
    CustomRequest,
    GetTask,
    UpdateTask,
    CancelTask,
    ListSkills,
    GetSkill,
    ReadResourceDirectory,
    OnCancelled,
    OnProgress,
    OnInitialized,
    OnRootsListChanged,
    OnCustomNotification,
}

impl Kind {
    /// Every kind, in order: each is the index of its place.
    pub(crate) const ALL: [Self; 27] = [
        Self::Ping,
        Self::Initialize,
        Self::Discover,
        Self::Complete,
        Self::SetLevel,
        Self::GetPrompt,
        Self::ListPrompts,
        Self::ListResources,
        Self::ListResourceTemplates,
        Self::ReadResource,
        Self::Listen,
        Self::Subscribe,
        Self::Unsubscribe,
        Self::CallTool,
        Self::ListTools,
        Self::CustomRequest,
        Self::GetTask,
        Self::UpdateTask,
        Self::CancelTask,
        Self::ListSkills,
        Self::GetSkill,
        Self::ReadResourceDirectory,
        Self::OnCancelled,
        Self::OnProgress,
        Self::OnInitialized,
        Self::OnRootsListChanged,
        Self::OnCustomNotification,
    ];

    /// JSON-RPC method; for custom methods the family, so that a stranger cannot invent names without end.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Initialize => "initialize",
            Self::Discover => "server/discover",
            Self::Complete => "completion/complete",
            Self::SetLevel => "logging/setLevel",
            Self::GetPrompt => "prompts/get",
            Self::ListPrompts => "prompts/list",
            Self::ListResources => "resources/list",
            Self::ListResourceTemplates => "resources/templates/list",
            Self::ReadResource => "resources/read",
            Self::Listen => "subscriptions/listen",
            Self::Subscribe => "resources/subscribe",
            Self::Unsubscribe => "resources/unsubscribe",
            Self::CallTool => "tools/call",
            Self::ListTools => "tools/list",
            Self::CustomRequest => "custom",
            Self::GetTask => "tasks/get",
            Self::UpdateTask => "tasks/update",
            Self::CancelTask => "tasks/cancel",
            Self::ListSkills => "skills/list",
            Self::GetSkill => "skills/get",
            Self::ReadResourceDirectory => "resources/directory/read",
            Self::OnCancelled => "notifications/cancelled",
            Self::OnProgress => "notifications/progress",
            Self::OnInitialized => "notifications/initialized",
            Self::OnRootsListChanged => "notifications/roots/list_changed",
            Self::OnCustomNotification => "notifications/custom",
        }
    }
}

/// Parameters of a call, as rmcp read them.
#[allow(clippy::large_enum_variant)] // a call moves a few times; a box for each would cost more
pub(crate) enum Params {
    Ping,
    Initialize(InitializeRequestParams),
    Discover,
    Complete(CompleteRequestParams),
    SetLevel(SetLevelRequestParams),
    GetPrompt(GetPromptRequestParams),
    ListPrompts(Option<PaginatedRequestParams>),
    ListResources(Option<PaginatedRequestParams>),
    ListResourceTemplates(Option<PaginatedRequestParams>),
    ReadResource(ReadResourceRequestParams),
    Listen(SubscriptionContext),
    Subscribe(SubscribeRequestParams),
    Unsubscribe(UnsubscribeRequestParams),
    CallTool(CallToolRequestParams),
    ListTools(Option<PaginatedRequestParams>),
    CustomRequest(CustomRequest),
    GetTask(GetTaskParams),
    UpdateTask(UpdateTaskParams),
    CancelTask(CancelTaskParams),
    ListSkills(Option<PaginatedRequestParams>),
    GetSkill(GetSkillRequestParams),
    ReadResourceDirectory(ReadResourceDirectoryRequestParams),
    OnCancelled(CancelledNotificationParam),
    OnProgress(ProgressNotificationParam),
    OnInitialized,
    OnRootsListChanged,
    OnCustomNotification(CustomNotification),
}

impl Params {
    /// Which kind of call this is.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Ping => Kind::Ping,
            Self::Initialize(_) => Kind::Initialize,
            Self::Discover => Kind::Discover,
            Self::Complete(_) => Kind::Complete,
            Self::SetLevel(_) => Kind::SetLevel,
            Self::GetPrompt(_) => Kind::GetPrompt,
            Self::ListPrompts(_) => Kind::ListPrompts,
            Self::ListResources(_) => Kind::ListResources,
            Self::ListResourceTemplates(_) => Kind::ListResourceTemplates,
            Self::ReadResource(_) => Kind::ReadResource,
            Self::Listen(_) => Kind::Listen,
            Self::Subscribe(_) => Kind::Subscribe,
            Self::Unsubscribe(_) => Kind::Unsubscribe,
            Self::CallTool(_) => Kind::CallTool,
            Self::ListTools(_) => Kind::ListTools,
            Self::CustomRequest(_) => Kind::CustomRequest,
            Self::GetTask(_) => Kind::GetTask,
            Self::UpdateTask(_) => Kind::UpdateTask,
            Self::CancelTask(_) => Kind::CancelTask,
            Self::ListSkills(_) => Kind::ListSkills,
            Self::GetSkill(_) => Kind::GetSkill,
            Self::ReadResourceDirectory(_) => Kind::ReadResourceDirectory,
            Self::OnCancelled(_) => Kind::OnCancelled,
            Self::OnProgress(_) => Kind::OnProgress,
            Self::OnInitialized => Kind::OnInitialized,
            Self::OnRootsListChanged => Kind::OnRootsListChanged,
            Self::OnCustomNotification(_) => Kind::OnCustomNotification,
        }
    }

    /// The method as the client wrote it.
    fn method(&self) -> Cow<'static, str> {
        match self {
            Self::CustomRequest(request) => Cow::Owned(request.method.clone()),
            Self::OnCustomNotification(notification) => Cow::Owned(notification.method.clone()),
            other => Cow::Borrowed(other.kind().method()),
        }
    }

    /// Tool name, prompt name, resource URI or task id, where the call has one.
    fn target(&self) -> Option<String> {
        match self {
            Self::CallTool(params) => Some(params.name.clone().into_owned()),
            Self::GetPrompt(params) => Some(params.name.clone()),
            Self::ReadResource(params) => Some(params.uri.clone()),
            Self::Subscribe(params) => Some(params.uri.clone()),
            Self::Unsubscribe(params) => Some(params.uri.clone()),
            Self::Complete(params) => match &params.r#ref {
                Reference::Prompt(prompt) => Some(prompt.name.clone()),
                Reference::Resource(resource) => Some(resource.uri.clone()),
                _ => None,
            },
            Self::GetTask(params) => Some(params.task_id.clone()),
            Self::UpdateTask(params) => Some(params.task_id.clone()),
            Self::CancelTask(params) => Some(params.task_id.clone()),
            Self::GetSkill(params) => Some(params.uri.clone()),
            Self::ReadResourceDirectory(params) => Some(params.uri.clone()),
            _ => None,
        }
    }
}

/// What a handler answers.
#[allow(clippy::large_enum_variant)] // as for `Params`
pub(crate) enum Answer {
    /// Nothing to say but that it was done.
    Done,
    Initialize(InitializeResult),
    Discover(DiscoverResult),
    Complete(CompleteResult),
    GetPrompt(GetPromptResponse),
    ListPrompts(ListPromptsResult),
    ListResources(ListResourcesResult),
    ListResourceTemplates(ListResourceTemplatesResult),
    ReadResource(ReadResourceResponse),
    CallTool(CallToolResponse),
    ListTools(ListToolsResult),
    CustomRequest(CustomResult),
    GetTask(GetTaskResult),
    ListSkills(ListSkillsResult),
    GetSkill(GetSkillResult),
    ReadResourceDirectory(ListResourcesResult),
}

/// What rmcp hands over beside the parameters.
#[derive(Clone)]
#[allow(clippy::large_enum_variant)] // requests are the usual case
pub(crate) enum Context {
    /// Of a request.
    Request(RequestContext<RoleServer>),
    /// Of a notification.
    Notification(NotificationContext<RoleServer>),
}

impl Context {
    /// Whether a request declares, or its session agreed on, 2026-07-28 or later. Versions are dates, so text orders them.
    fn is_modern(&self) -> bool {
        match self {
            Self::Request(context) => context
                .protocol_version()
                .is_some_and(|version| ProtocolVersion::V_2026_07_28.as_str() <= version.as_str()),
            Self::Notification(_) => false,
        }
    }

    /// Values that the transport attached.
    pub(crate) fn extensions(&self) -> &Extensions {
        match self {
            Self::Request(context) => &context.extensions,
            Self::Notification(context) => &context.extensions,
        }
    }
}

/// What stays known about a call while its parameters move on.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Links answer, log and audit record. Random, unique in this process.
    pub request_id: String,
    /// Which kind of call it is.
    pub kind: Kind,
    /// JSON-RPC method as the client wrote it.
    pub method: Cow<'static, str>,
    /// Tool name, prompt name, resource URI or task id.
    pub target: Option<String>,
    /// Who calls; `None` where a network transport did not say, which no guard lets pass.
    pub caller: Option<Arc<Identity>>,
    /// `stdio`, `http`, `unix` or `websocket`.
    pub transport: &'static str,
    /// The request is of protocol version 2026-07-28 or later.
    pub modern: bool,
    /// Where HTTP looks for the reason of a refusal.
    pub slot: Option<RefusalSlot>,
}

impl Facts {
    /// Name of the caller for records; a caller that is not known is `unknown`.
    pub(crate) fn subject(&self) -> &str {
        self.caller.as_ref().map_or("unknown", |caller| caller.subject.as_str())
    }
}

/// One call: what is asked, by whom, with what.
pub(crate) struct Call {
    /// What stays known when the call has moved on.
    pub facts: Arc<Facts>,
    /// Its parameters.
    pub params: Params,
    /// rmcp's context. Its token is `cancellation` or a child of it.
    pub context: Context,
    /// Cancelled when the client cancels, disconnects, or a guard gives up on the handler.
    pub cancellation: CancellationToken,
}

impl Call {
    /// A call as rmcp delivers it. The caller is what the transport proved, never what the client says of itself.
    pub(crate) fn new(params: Params, context: Context) -> Self {
        let (caller, slot, transport) = origin(context.extensions());
        let facts = Facts {
            request_id: new_request_id(),
            kind: params.kind(),
            method: params.method(),
            target: params.target(),
            caller,
            transport,
            modern: context.is_modern(),
            slot,
        };
        let cancellation = match &context {
            Context::Request(context) => context.ct.clone(),
            Context::Notification(_) => CancellationToken::new(),
        };
        Self { facts: Arc::new(facts), params, context, cancellation }
    }
}

/// Who calls and through what. HTTP without a verified caller is nobody, and so is a transport that does not say.
fn origin(extensions: &Extensions) -> (Option<Arc<Identity>>, Option<RefusalSlot>, &'static str) {
    if let Some(parts) = extensions.get::<http::request::Parts>() {
        let caller = parts.extensions.get::<Caller>().map(|caller| Arc::clone(&caller.0));
        return (caller, parts.extensions.get::<RefusalSlot>().cloned(), "http");
    }
    match extensions.get::<Connection>() {
        Some(connection) => (Some(Arc::clone(&connection.caller.0)), None, connection.transport),
        None => (None, None, "unknown"),
    }
}

/// Sixteen hexadecimal digits: a counter behind a keyed hash, so that neither order nor number of calls can be read.
pub(crate) fn new_request_id() -> String {
    static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{:016x}", KEY.hash_one(COUNT.fetch_add(1, Ordering::Relaxed)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn request_ids_do_not_repeat() {
        let ids: HashSet<String> = (0..10_000).map(|_| new_request_id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 16));
    }

    #[test]
    fn an_http_call_without_a_verified_caller_has_none() {
        let (parts, ()) = http::Request::new(()).into_parts();
        let mut extensions = Extensions::new();
        extensions.insert(parts);
        let (caller, _, transport) = origin(&extensions);
        assert!(caller.is_none());
        assert_eq!(transport, "http");
    }

    #[test]
    fn a_call_is_whose_connection_it_came_over_and_else_nobodys() {
        let mut extensions = Extensions::new();
        assert!(origin(&extensions).0.is_none());
        extensions.insert(Connection::local());
        let (caller, _, transport) = origin(&extensions);
        assert_eq!(caller.expect("stdio has a caller").subject, "local");
        assert_eq!(transport, "stdio");
    }
}
