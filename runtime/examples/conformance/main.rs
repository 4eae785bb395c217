//! A server with every fixture that the official conformance suite asks for, inside the runtime with every guard on.
//!
//! It listens on a free port of 127.0.0.1, makes an API key, and prints the address of its endpoint and the key, a line
//! each. The suite carries no credentials: `tests/conformance/run` puts a proxy in front that adds them, and nothing
//! else. An argument is the origin of that proxy, such as `http://127.0.0.1:4000`, or `stdio` to speak on standard input
//! and output instead.
#![expect(deprecated, reason = "the suite of 2025-11-25 tests what 2026-07-28 deprecates")]
#![expect(clippy::print_stdout, reason = "the address is this program's output")]

mod content;
mod multi_round;
mod tools;

use std::{sync::Arc, time::Duration};

use mcpsec_policy::{
    Key, Policy, Rate,
    keys::KeyRecord,
    model::{Access, AccessRule, Auth, Capabilities, Rates, Server, Sessions, Transport},
};
use mcpsec_runtime::{HttpServer, Runtime, ServeError, serve};
use moka::sync::Cache;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult, CompletionInfo, ContentBlock,
        GetPromptRequestParams, GetPromptResponse, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
        ListToolsResult, PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities,
        ServerConfig, SetLevelRequestParams, SubscribeRequestParams, SubscriptionFilter, Tool,
        UnsubscribeRequestParams,
    },
    service::{RequestContext, SubscriptionContext},
};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// What a subscriber can be told.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    Tools,
    Prompts,
}

/// The server. Clones share their state: over HTTP each request gets its own.
#[derive(Clone)]
pub(crate) struct Fixture {
    changes: broadcast::Sender<Change>,
    states: Arc<Cache<String, String>>,
}

impl Fixture {
    fn new() -> Self {
        let states = Cache::builder().max_capacity(1_000).time_to_live(Duration::from_secs(60)).build();
        Self { changes: broadcast::Sender::new(16), states: Arc::new(states) }
    }

    /// Tells every subscriber. Nobody listening is no error.
    pub(crate) fn changed(&self, change: Change) -> Vec<ContentBlock> {
        let heard = self.changes.send(change).unwrap_or_default();
        tools::text(&format!("Told {heard} subscribers."))
    }

    /// Keeps what a call must remember until its next round.
    pub(crate) fn keep_state(&self, state: &str) -> String {
        let handle = uuid::Uuid::new_v4().to_string();
        self.states.insert(handle.clone(), state.to_owned());
        handle
    }

    /// What was kept; the handle works once.
    pub(crate) fn take_state(&self, handle: &str) -> Result<String, ErrorData> {
        self.states.remove(handle).ok_or_else(|| ErrorData::invalid_params("requestState is not one of ours", None))
    }
}

impl ServerHandler for Fixture {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_completions()
            .enable_logging()
            .enable_prompts()
            .enable_prompts_list_changed()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_tools()
            .enable_tool_list_changed()
            .build();
        ServerConfig::new(capabilities).with_instructions("Fixtures of the conformance suite")
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::all().to_vec()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::all().iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        tools::call(self, request, context).await
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        content::resources().map(ListResourcesResult::with_all_items)
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        content::templates().map(ListResourceTemplatesResult::with_all_items)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        content::read(&request.uri).map(ReadResourceResponse::from)
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        content::prompts().map(ListPromptsResult::with_all_items)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        content::prompt(&request)
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let values = ["paris", "park", "party"].map(str::to_owned);
        let values = values.into_iter().filter(|value| value.starts_with(&request.argument.value)).collect();
        let values = CompletionInfo::with_all_values(values).map_err(|why| ErrorData::internal_error(why, None))?;
        Ok(CompleteResult::new(values))
    }

    async fn set_level(&self, _: SetLevelRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn subscribe(&self, _: SubscribeRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(&self, _: UnsubscribeRequestParams, _: RequestContext<RoleServer>) -> Result<(), ErrorData> {
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.changes.subscribe();
        loop {
            let change = tokio::select! {
                () = subscription.cancelled() => return Ok(()),
                change = changes.recv() => change,
            };
            // The sink leaves out what the filter does not ask for; an error means that nobody listens any more.
            let told = match change {
                Ok(Change::Tools) => subscription.sink().notify_tool_list_changed().await,
                Ok(Change::Prompts) => subscription.sink().notify_prompt_list_changed().await,
                Err(_) => return Ok(()),
            };
            drop(told);
        }
    }
}

/// Every guard on, and rates above what the suite sends.
fn policy(front: Option<String>, key: &Key) -> Policy {
    let mut record = KeyRecord::of(key);
    record.scopes.insert("all".to_owned());
    Policy {
        server: Server {
            name: "conformance".to_owned(),
            transports: vec![Transport::Http],
            listen: ([127, 0, 0, 1], 0).into(),
            sessions: Sessions::Bounded,
            max_sessions: 100,
            allowed_origins: front.into_iter().collect(),
            ..Server::default()
        },
        capabilities: Capabilities { tools: true, resources: true, prompts: true, completions: true, logging: true },
        auth: Auth { environment_keys: vec![record], ..Auth::default() },
        rate: Rates { default: Rate::per_minute(6_000), ..Rates::default() },
        access: Access {
            rules: vec![AccessRule {
                who: vec!["local".to_owned(), "scope:all".to_owned()],
                may: vec!["**".to_owned()],
            }],
            ..Access::default()
        },
        ..Policy::default()
    }
}

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let argument = std::env::args().nth(1);
    let fixture = Fixture::new();
    let key = Key::generate().map_err(|error| ServeError::Configuration(error.to_string()))?;
    if argument.as_deref() == Some("stdio") {
        let mut policy = policy(None, &key);
        policy.server.transports = vec![Transport::Stdio];
        return serve(policy, move || fixture.clone()).await;
    }
    let runtime = Runtime::new(policy(argument, &key))?;
    let server = HttpServer::bind(&runtime, move || fixture.clone()).await?;
    println!("http://{}/mcp", server.local_addr().expect("a network address"));
    println!("{}", key.expose());
    server.run(CancellationToken::new()).await
}
