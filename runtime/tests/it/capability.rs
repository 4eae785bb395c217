use std::sync::atomic::Ordering;

use mcpsec_policy::model::Capabilities;
use serde_json::json;

use crate::{
    server::Everything,
    wire::{Wire, policy},
};

fn tools_only() -> mcpsec_policy::Policy {
    policy(|policy| policy.capabilities = Capabilities { tools: true, ..Capabilities::default() })
}

#[tokio::test]
async fn what_the_policy_does_not_name_is_neither_announced_nor_answered() {
    let mut wire = Wire::silent(tools_only(), Everything::new());
    let hello = wire
        .request(
            "initialize",
            json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "w", "version": "1"}}),
        )
        .await;
    let announced = &hello["result"]["capabilities"];
    assert!(announced["tools"].is_object(), "{announced}");
    assert!(announced["prompts"].is_null() && announced["resources"].is_null(), "{announced}");
    for (method, params) in [
        ("prompts/get", json!({"name": "greet"})),
        ("prompts/list", json!({})),
        ("resources/read", json!({"uri": "note:///public"})),
    ] {
        assert_eq!(wire.request(method, params).await["error"]["code"], -32601, "{method}");
    }
    assert!(wire.request("tools/list", json!({})).await["result"]["tools"].is_array());
}

#[tokio::test]
async fn a_core_method_with_broken_parameters_never_reaches_the_custom_handler() {
    let server = Everything::new();
    let mut wire = Wire::open(tools_only(), server.clone()).await;
    // rmcp reads these as custom requests, because their parameters do not fit.
    assert_eq!(wire.request("tools/call", json!({"arguments": {}})).await["error"]["code"], -32602);
    assert_eq!(wire.request("tools/call", json!({"name": 5})).await["error"]["code"], -32602);
    assert_eq!(wire.request("prompts/get", json!({"name": 5})).await["error"]["code"], -32601);
    assert_eq!(wire.request("sampling/createMessage", json!({})).await["error"]["code"], -32601);
    assert_eq!(server.reached.load(Ordering::SeqCst), 0);
    assert_eq!(wire.request("acme/report", json!({})).await["result"]["method"], "acme/report");
}
