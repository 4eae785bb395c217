//! One handler, twice: on the bare SDK, and inside the runtime with every guard on.

use std::{future::pending, sync::Arc, time::Duration};

use mcpsec_policy::{
    Policy, Rate, keys,
    model::{Access, AccessRule, Transport},
};
use mcpsec_runtime::{HttpServer, Runtime};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, JsonObject, ListToolsResult,
        PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
    },
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

#[derive(Clone)]
struct Echo {
    tool: Tool,
}

impl Echo {
    fn new() -> Self {
        let schema = json!({
            "type": "object",
            "properties": { "message": { "type": "string", "maxLength": 1000 } },
            "required": ["message"],
            "additionalProperties": false,
        });
        let schema: JsonObject = schema.as_object().expect("it is written as an object").clone();
        Self { tool: Tool::new("echo", "Says what it is told", Arc::new(schema)) }
    }
}

impl ServerHandler for Echo {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(vec![self.tool.clone()]))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        (name == self.tool.name).then(|| self.tool.clone())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let message = request.arguments.as_ref().and_then(|arguments| arguments.get("message")?.as_str());
        Ok(CallToolResult::success(vec![ContentBlock::text(message.unwrap_or_default())]).into())
    }
}

/// The SDK as its documentation shows it: axum, no sessions, JSON answers.
pub(crate) async fn bare() {
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true);
    let echo = Echo::new();
    let service =
        StreamableHttpService::new(move || Ok(echo.clone()), Arc::new(NeverSessionManager::default()), config);
    let router = axum::Router::new().nest_service("/mcp", service);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    println!("{}\n", listener.local_addr().expect("it is bound"));
    axum::serve(listener, router).await.expect("it serves until it is killed");
}

/// The same handler under a policy whose limits lie above the load. Audit goes to a file, as in production.
pub(crate) async fn hardened() {
    let key = keys::Key::generate().expect("the operating system has randomness");
    let mut record = keys::KeyRecord::of(&key);
    record.scopes.insert("tools".to_owned());
    let plenty = Rate { count: u32::MAX.try_into().expect("it is not zero"), period: Duration::from_secs(1) };
    let mut policy = Policy::default();
    policy.server.transports = vec![Transport::Http];
    policy.server.listen = ([127, 0, 0, 1], 0).into();
    policy.capabilities.tools = true;
    policy.auth.environment_keys = vec![record];
    policy.rate.default = plenty;
    policy.limits.concurrency = 256;
    policy.access = Access {
        rules: vec![AccessRule { who: vec!["scope:tools".to_owned()], may: vec!["tools/call:*".to_owned()] }],
        ..Access::default()
    };
    let audit = std::env::temp_dir().join(format!("mcpsec-bench-{}.jsonl", std::process::id()));
    policy.audit.sink = mcpsec_policy::model::AuditSink::File(audit);
    let runtime = Runtime::new(policy).expect("the policy holds");
    let echo = Echo::new();
    let server = HttpServer::bind(&runtime, move || echo.clone()).await.expect("a port is free");
    println!("{}\n{}", server.local_addr().expect("a network address"), key.expose());
    let never = CancellationToken::new();
    tokio::select! {
        _ = server.run(never) => {}
        () = pending() => {}
    }
}
