use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ListToolsResult, PaginatedRequestParams,
        ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde_json::{Value, json};

use crate::{
    server::Everything,
    wire::{Wire, policy, text_of},
};

/// Tools with schemas of our choice, from a handler that can list them and not look them up.
#[derive(Clone)]
struct Listed {
    schemas: Vec<(&'static str, Value)>,
    lists: Arc<AtomicUsize>,
    calls: Arc<AtomicUsize>,
}

impl Listed {
    fn new(schemas: Vec<(&'static str, Value)>) -> Self {
        Self { schemas, lists: Arc::default(), calls: Arc::default() }
    }
}

impl ServerHandler for Listed {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        page: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.lists.fetch_add(1, Ordering::SeqCst);
        // One tool per page.
        let at: usize = page.and_then(|page| page.cursor).map_or(0, |cursor| cursor.parse().unwrap());
        let (name, schema) = &self.schemas[at];
        let tool = Tool::new(*name, "", schema.as_object().unwrap().clone());
        let mut list = ListToolsResult::with_all_items(vec![tool]);
        list.next_cursor = (at + 1 < self.schemas.len()).then(|| (at + 1).to_string());
        Ok(list)
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        Ok(CallToolResult::success(Vec::new()).into())
    }

    fn get_tool(&self, _: &str) -> Option<Tool> {
        None
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [rmcp::model::ProtocolVersion]> {
        Cow::Borrowed(rmcp::model::ProtocolVersion::KNOWN_VERSIONS)
    }
}

#[tokio::test]
async fn wrong_and_extra_arguments_are_results_that_name_place_and_rule_and_no_value() {
    let server = Everything::new();
    let mut wire = Wire::open(policy(|_| {}), server.clone()).await;
    let cases = [
        (json!({"text": "hunter2hunter2"}), "`/text`", "maxLength"),
        (json!({"text": 31337}), "`/text`", "type"),
        (json!({}), "text", "required"),
        (json!({"text": "a", "hunter": "hunter2"}), "`hunter`", "additionalProperties"),
    ];
    for (arguments, place, rule) in cases {
        let answer = wire.call("echo", arguments).await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        let said = text_of(&answer);
        assert!(said.contains(place) && said.contains(rule), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("31337"), "{said}");
    }
    assert_eq!(server.reached.load(Ordering::SeqCst), 0);
    assert_eq!(text_of(&wire.call("echo", json!({"text": "right"})).await), "right");
}

#[tokio::test]
async fn an_unknown_tool_is_a_protocol_error() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    assert_eq!(wire.call("nosuchtool", json!({})).await["error"]["code"], -32602);
}

#[tokio::test]
async fn arguments_without_end_are_refused() {
    let mut wire = Wire::open(policy(|policy| policy.limits.values = 100), Everything::new()).await;
    let answer = wire.call("echo", json!({"text": "a", "more": vec![0; 200]})).await;
    assert!(text_of(&answer).contains("100 values"), "{answer}");
}

#[tokio::test]
async fn a_handler_that_only_lists_its_tools_is_enforced_too() {
    let number = json!({"type": "object", "properties": {"n": {"type": "integer"}}});
    let server = Listed::new(vec![("first", json!({"type": "object"})), ("second", number)]);
    let mut wire = Wire::open(policy(|_| {}), server.clone()).await;
    assert_eq!(wire.call("second", json!({"n": "x"})).await["result"]["isError"], true);
    assert_eq!(server.calls.load(Ordering::SeqCst), 0);
    assert_ne!(wire.call("second", json!({"n": 1})).await["result"]["isError"], true);
    assert_eq!(wire.call("third", json!({})).await["error"]["code"], -32602);
    assert_eq!(server.lists.load(Ordering::SeqCst), 2, "two pages, read once");
}

#[tokio::test]
async fn a_schema_that_points_to_the_network_closes_its_tool() {
    let schema = json!({"type": "object", "properties": {"n": {"$ref": "http://127.0.0.1:9/s.json"}}});
    let server = Listed::new(vec![("remote", schema)]);
    let mut wire = Wire::open(policy(|_| {}), server.clone()).await;
    assert_eq!(wire.call("remote", json!({"n": 1})).await["error"]["code"], -32603);
    assert_eq!(server.calls.load(Ordering::SeqCst), 0);
}
