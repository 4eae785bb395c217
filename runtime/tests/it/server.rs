//! An ordinary rmcp server with everything in it that a guard is for.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    handler::server::{router::tool::ToolRouter, wrapper::Parameters},
    model::{
        CallToolResult, ContentBlock, CustomRequest, CustomResult, GetPromptRequestParams, GetPromptResponse,
        GetPromptResult, ListPromptsResult, ListResourcesResult, PaginatedRequestParams, Prompt, PromptMessage,
        ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Resource, ResourceContents, Role,
        ServerCapabilities, ServerConfig,
    },
    schemars, serde,
    service::RequestContext,
    tool, tool_handler, tool_router,
};
use serde_json::json;

/// A key of a well-known shape that opens nothing.
pub(crate) const KEY: &str = "AKIAQ3EGRVZ7PMN2LXWT";

#[derive(Clone)]
pub(crate) struct Everything {
    tool_router: ToolRouter<Self>,
    /// Calls that reached a handler.
    pub(crate) reached: Arc<AtomicUsize>,
    /// Futures of `stubborn` that were dropped before their end.
    pub(crate) dropped: Arc<AtomicUsize>,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(crate = "rmcp::serde")]
pub(crate) struct Text {
    #[schemars(length(max = 10))]
    text: String,
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
#[serde(crate = "rmcp::serde")]
pub(crate) struct Milliseconds {
    ms: u64,
}

struct CountsDrop(Arc<AtomicUsize>, bool);

impl Drop for CountsDrop {
    fn drop(&mut self) {
        if !self.1 {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

fn text(text: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text.into())])
}

#[tool_router]
impl Everything {
    pub(crate) fn new() -> Self {
        Self { tool_router: Self::tool_router(), reached: Arc::default(), dropped: Arc::default() }
    }

    #[tool(description = "Says it again")]
    async fn echo(&self, Parameters(Text { text: said }): Parameters<Text>) -> CallToolResult {
        self.reached.fetch_add(1, Ordering::SeqCst);
        text(said)
    }

    #[tool(description = "Ignores its cancellation token")]
    async fn stubborn(&self, Parameters(Milliseconds { ms }): Parameters<Milliseconds>) -> CallToolResult {
        self.reached.fetch_add(1, Ordering::SeqCst);
        let mut drop = CountsDrop(Arc::clone(&self.dropped), false);
        tokio::time::sleep(Duration::from_millis(ms)).await;
        drop.1 = true;
        text("slept")
    }

    #[tool(description = "Panics")]
    async fn panics(&self) -> CallToolResult {
        panic!("the password is hunter2")
    }

    #[tool(description = "Answers with a key")]
    async fn leaks(&self) -> CallToolResult {
        let mut result = text(format!("the key is {KEY}"));
        result.structured_content = Some(json!({"deep": [{"note": KEY}], "password": "x8Kq2Lm9Zr4Tw7Bv1Nc5"}));
        result
    }

    #[tool(description = "Answers with characters that nobody sees")]
    async fn hides(&self) -> CallToolResult {
        text("pay\u{202e}\u{e0041}\u{200b} now\u{1b}[2J")
    }

    #[tool(description = "Answers at length")]
    async fn big(&self) -> CallToolResult {
        text("x".repeat(100_000))
    }

    #[tool(description = "Fails inside")]
    async fn breaks(&self) -> Result<CallToolResult, ErrorData> {
        Err(ErrorData::internal_error("postgres://admin:hunter2@10.0.0.7 refused", Some(json!({"query": "select"}))))
    }

    #[tool(description = "Fails twice, then works")]
    async fn flaky(&self) -> Result<CallToolResult, ErrorData> {
        match self.reached.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => Err(ErrorData::internal_error("not yet", None)),
            _ => Ok(text("at last")),
        }
    }

    #[tool(description = "Refuses with a reason")]
    async fn refuses(&self) -> Result<CallToolResult, ErrorData> {
        Err(ErrorData::invalid_params(format!("no account for {KEY}"), None))
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Everything {
    fn get_info(&self) -> ServerConfig {
        let offers = ServerCapabilities::builder().enable_tools().enable_prompts().enable_resources();
        ServerConfig::new(offers.enable_completions().build())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(vec![Prompt::new("greet", Some(format!("uses {KEY}")), None)]))
    }

    async fn get_prompt(
        &self,
        _: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let said = PromptMessage::new_text(Role::User, format!("use {KEY}"));
        Ok(GetPromptResult::new(vec![said]).into())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let named = |name: &str| Resource::new(format!("note:///{name}"), name);
        Ok(ListResourcesResult::with_all_items(vec![named("public"), named("secret")]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let contents = ResourceContents::text(format!("{KEY} lies here"), request.uri);
        Ok(ReadResourceResult::new(vec![contents]).into())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        self.reached.fetch_add(1, Ordering::SeqCst);
        Ok(CustomResult::new(json!({"method": request.method, "note": KEY})))
    }
}
