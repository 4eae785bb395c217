//! The one place that forwards rmcp's handler trait.
//!
//! Each method of `ServerHandler` becomes one [`Call`] into the pipeline; nothing else in this crate knows the trait. A
//! method that rmcp adds and this file does not forward would take its default body in silence, so a test compares the
//! two lists (`tests/it/forwarding.rs`).
#![allow(deprecated)] // logging/setLevel and subscriptions still serve older clients

use std::{
    any::TypeId,
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use futures::{FutureExt, future::BoxFuture};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CancelTaskParams, CancelledNotificationParam, CompleteRequestParams,
        CompleteResult, CustomNotification, CustomRequest, CustomResult, DiscoverResult, GetPromptRequestParams,
        GetPromptResponse, GetSkillRequestParams, GetSkillResult, GetTaskParams, GetTaskResult,
        InitializeRequestParams, InitializeResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
        ListSkillsResult, ListToolsResult, PaginatedRequestParams, ProgressNotificationParam, ProtocolVersion,
        ReadResourceDirectoryRequestParams, ReadResourceDirectoryResult, ReadResourceRequestParams,
        ReadResourceResponse, ServerConfig, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter, Tool,
        UnsubscribeRequestParams, UpdateTaskParams,
    },
    service::{NotificationContext, RequestContext, SubscriptionContext},
};

use crate::{
    guard::{Answer, Call, Context, Endpoint, Params},
    runtime::Runtime,
};

/// A handler behind the guards of a [`Runtime`]. It is itself a `ServerHandler`, so whatever serves the one serves the
/// other.
///
/// What the handler sends on its own through `context.peer` (notifications, and requests to older clients) does not
/// pass the guards.
#[derive(Clone, Debug)]
pub struct Hardened<H> {
    handler: H,
    runtime: Arc<Runtime>,
}

impl<H: ServerHandler> Hardened<H> {
    pub(crate) fn new(handler: H, runtime: Arc<Runtime>) -> Self {
        Self { handler, runtime }
    }

    async fn pass(&self, params: Params, context: Context) -> Result<Answer, ErrorData> {
        self.runtime.pipeline().run(Call::new(params, context), self).await
    }

    async fn notify(&self, params: Params, context: NotificationContext<RoleServer>) {
        // Nobody waits for an answer: what was refused is in the audit record.
        let _ = self.pass(params, Context::Notification(context)).await;
    }
}

/// An answer of the wrong kind: a fault of this file.
fn mismatch() -> ErrorData {
    ErrorData::internal_error("internal error", None)
}

/// `method(Params) -> Result as Variant` for requests with parameters.
macro_rules! requests {
    ($($method:ident($params:ty) -> $result:ty as $variant:ident;)*) => {
        $(async fn $method(
            &self,
            request: $params,
            context: RequestContext<RoleServer>,
        ) -> Result<$result, ErrorData> {
            match self.pass(Params::$variant(request), Context::Request(context)).await? {
                Answer::$variant(result) => Ok(result),
                _ => Err(mismatch()),
            }
        })*
    };
}

/// The same for requests whose answer says nothing.
macro_rules! acknowledged {
    ($($method:ident($params:ty) as $variant:ident;)*) => {
        $(async fn $method(&self, request: $params, context: RequestContext<RoleServer>) -> Result<(), ErrorData> {
            self.pass(Params::$variant(request), Context::Request(context)).await.map(drop)
        })*
    };
}

impl<H: ServerHandler> ServerHandler for Hardened<H> {
    requests! {
        initialize(InitializeRequestParams) -> InitializeResult as Initialize;
        complete(CompleteRequestParams) -> CompleteResult as Complete;
        get_prompt(GetPromptRequestParams) -> GetPromptResponse as GetPrompt;
        list_prompts(Option<PaginatedRequestParams>) -> ListPromptsResult as ListPrompts;
        list_resources(Option<PaginatedRequestParams>) -> ListResourcesResult as ListResources;
        list_resource_templates(Option<PaginatedRequestParams>) -> ListResourceTemplatesResult as ListResourceTemplates;
        read_resource(ReadResourceRequestParams) -> ReadResourceResponse as ReadResource;
        call_tool(CallToolRequestParams) -> CallToolResponse as CallTool;
        list_tools(Option<PaginatedRequestParams>) -> ListToolsResult as ListTools;
        on_custom_request(CustomRequest) -> CustomResult as CustomRequest;
        get_task(GetTaskParams) -> GetTaskResult as GetTask;
        list_skills(Option<PaginatedRequestParams>) -> ListSkillsResult as ListSkills;
        get_skill(GetSkillRequestParams) -> GetSkillResult as GetSkill;
        read_resource_directory(ReadResourceDirectoryRequestParams) -> ReadResourceDirectoryResult as ReadResourceDirectory;
    }

    acknowledged! {
        set_level(SetLevelRequestParams) as SetLevel;
        subscribe(SubscribeRequestParams) as Subscribe;
        unsubscribe(UnsubscribeRequestParams) as Unsubscribe;
        update_task(UpdateTaskParams) as UpdateTask;
        cancel_task(CancelTaskParams) as CancelTask;
    }

    async fn ping(&self, context: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        self.pass(Params::Ping, Context::Request(context)).await.map(drop)
    }

    async fn discover(&self, context: RequestContext<RoleServer>) -> Result<DiscoverResult, ErrorData> {
        match self.pass(Params::Discover, Context::Request(context)).await? {
            Answer::Discover(result) => Ok(result),
            _ => Err(mismatch()),
        }
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let request = context.request_context().clone();
        self.pass(Params::Listen(context), Context::Request(request)).await.map(drop)
    }

    async fn on_cancelled(&self, param: CancelledNotificationParam, context: NotificationContext<RoleServer>) {
        self.notify(Params::OnCancelled(param), context).await;
    }

    async fn on_progress(&self, param: ProgressNotificationParam, context: NotificationContext<RoleServer>) {
        self.notify(Params::OnProgress(param), context).await;
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        self.notify(Params::OnInitialized, context).await;
    }

    async fn on_roots_list_changed(&self, context: NotificationContext<RoleServer>) {
        self.notify(Params::OnRootsListChanged, context).await;
    }

    async fn on_custom_notification(&self, param: CustomNotification, context: NotificationContext<RoleServer>) {
        self.notify(Params::OnCustomNotification(param), context).await;
    }

    // The synchronous methods have no context, hence no caller: they are narrowed to the policy, and their panics end
    // here.

    fn get_info(&self) -> ServerConfig {
        let info = catch_unwind(AssertUnwindSafe(|| self.handler.get_info()));
        let mut info = info.unwrap_or_default();
        self.runtime.narrow(&mut info.capabilities);
        info
    }

    fn negotiate_initialize(&self, request: &InitializeRequestParams) -> Result<InitializeResult, ErrorData> {
        let mut info = catch_unwind(AssertUnwindSafe(|| self.handler.negotiate_initialize(request)))
            .unwrap_or_else(|_| Err(mismatch()))?;
        self.runtime.narrow(&mut info.capabilities);
        Ok(info)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        catch_unwind(AssertUnwindSafe(|| self.handler.supported_protocol_versions())).unwrap_or_default()
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        if !self.runtime.policy().capabilities.tools {
            return None;
        }
        catch_unwind(AssertUnwindSafe(|| self.handler.get_tool(name))).unwrap_or_default()
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        catch_unwind(AssertUnwindSafe(|| self.handler.accepted_subscription_filter(requested))).unwrap_or_default()
    }
}

impl<H: ServerHandler> Endpoint for Hardened<H> {
    fn id(&self) -> TypeId {
        TypeId::of::<H>()
    }

    fn tool(&self, name: &str) -> Option<Tool> {
        self.handler.get_tool(name)
    }

    fn handle(&self, params: Params, context: Context) -> BoxFuture<'_, Result<Answer, ErrorData>> {
        match context {
            Context::Request(context) => request(&self.handler, params, context),
            Context::Notification(context) => notification(&self.handler, params, context),
        }
    }
}

fn request<H: ServerHandler>(
    handler: &H,
    params: Params,
    context: RequestContext<RoleServer>,
) -> BoxFuture<'_, Result<Answer, ErrorData>> {
    match params {
        Params::Ping => Box::pin(handler.ping(context).map(done)),
        Params::Initialize(p) => Box::pin(handler.initialize(p, context).map(as_answer(Answer::Initialize))),
        Params::Discover => Box::pin(handler.discover(context).map(as_answer(Answer::Discover))),
        Params::Complete(p) => Box::pin(handler.complete(p, context).map(as_answer(Answer::Complete))),
        Params::SetLevel(p) => Box::pin(handler.set_level(p, context).map(done)),
        Params::GetPrompt(p) => Box::pin(handler.get_prompt(p, context).map(as_answer(Answer::GetPrompt))),
        Params::ListPrompts(p) => Box::pin(handler.list_prompts(p, context).map(as_answer(Answer::ListPrompts))),
        Params::ListResources(p) => Box::pin(handler.list_resources(p, context).map(as_answer(Answer::ListResources))),
        Params::ListResourceTemplates(p) => {
            Box::pin(handler.list_resource_templates(p, context).map(as_answer(Answer::ListResourceTemplates)))
        }
        Params::ReadResource(p) => Box::pin(handler.read_resource(p, context).map(as_answer(Answer::ReadResource))),
        Params::Listen(subscription) => Box::pin(handler.listen(subscription).map(done)),
        Params::Subscribe(p) => Box::pin(handler.subscribe(p, context).map(done)),
        Params::Unsubscribe(p) => Box::pin(handler.unsubscribe(p, context).map(done)),
        Params::CallTool(p) => Box::pin(handler.call_tool(p, context).map(as_answer(Answer::CallTool))),
        Params::ListTools(p) => Box::pin(handler.list_tools(p, context).map(as_answer(Answer::ListTools))),
        Params::CustomRequest(p) => {
            Box::pin(handler.on_custom_request(p, context).map(as_answer(Answer::CustomRequest)))
        }
        Params::GetTask(p) => Box::pin(handler.get_task(p, context).map(as_answer(Answer::GetTask))),
        Params::UpdateTask(p) => Box::pin(handler.update_task(p, context).map(done)),
        Params::CancelTask(p) => Box::pin(handler.cancel_task(p, context).map(done)),
        Params::ListSkills(p) => Box::pin(handler.list_skills(p, context).map(as_answer(Answer::ListSkills))),
        Params::GetSkill(p) => Box::pin(handler.get_skill(p, context).map(as_answer(Answer::GetSkill))),
        Params::ReadResourceDirectory(p) => {
            Box::pin(handler.read_resource_directory(p, context).map(as_answer(Answer::ReadResourceDirectory)))
        }
        Params::OnCancelled(_)
        | Params::OnProgress(_)
        | Params::OnInitialized
        | Params::OnRootsListChanged
        | Params::OnCustomNotification(_) => Box::pin(std::future::ready(Err(mismatch()))),
    }
}

fn notification<H: ServerHandler>(
    handler: &H,
    params: Params,
    context: NotificationContext<RoleServer>,
) -> BoxFuture<'_, Result<Answer, ErrorData>> {
    let done = |()| Ok(Answer::Done);
    match params {
        Params::OnCancelled(p) => Box::pin(handler.on_cancelled(p, context).map(done)),
        Params::OnProgress(p) => Box::pin(handler.on_progress(p, context).map(done)),
        Params::OnInitialized => Box::pin(handler.on_initialized(context).map(done)),
        Params::OnRootsListChanged => Box::pin(handler.on_roots_list_changed(context).map(done)),
        Params::OnCustomNotification(p) => Box::pin(handler.on_custom_notification(p, context).map(done)),
        _ => Box::pin(std::future::ready(Err(mismatch()))),
    }
}

fn done(result: Result<(), ErrorData>) -> Result<Answer, ErrorData> {
    result.map(|()| Answer::Done)
}

fn as_answer<T>(variant: fn(T) -> Answer) -> impl FnOnce(Result<T, ErrorData>) -> Result<Answer, ErrorData> {
    move |result| result.map(variant)
}
