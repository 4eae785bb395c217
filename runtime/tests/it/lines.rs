//! What the line transport refuses, and how it ends.

use std::time::Duration;

use mcpsec_policy::ByteSize;
use rmcp::{ServiceExt, model::CallToolRequestParams};
use serde_json::{Value, json};

use crate::{
    server::Everything,
    wire::{Wire, policy, text_of},
};

async fn is_alive(wire: &mut Wire) {
    assert_eq!(text_of(&wire.call("echo", json!({"text": "alive"})).await), "alive");
}

#[tokio::test]
async fn a_line_over_the_limit_is_answered_with_its_id() {
    let small = policy(|policy| policy.limits.body = ByteSize::kib(4));
    let mut wire = Wire::open(small, Everything::new()).await;
    let line = json!({"id": 77, "jsonrpc": "2.0", "method": "tools/call", "params": {"x": "y".repeat(100_000)}});
    wire.send(line).await;
    let answer = wire.receive().await;
    assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(-32600), &json!(77)), "{answer}");
    is_alive(&mut wire).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_answered() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    let deep = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"x\",\"params\":{}1{}}}",
        "[".repeat(5_000),
        "]".repeat(5_000)
    );
    let cases = [
        (deep.as_str(), -32600, json!(5)),
        ("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]", -32600, Value::Null),
        ("this is not json", -32700, Value::Null),
        ("{\"jsonrpc\":\"2.0\",\"id\":", -32700, Value::Null),
        ("{\"foo\":1}", -32600, Value::Null),
        ("{\"jsonrpc\":\"1.0\",\"id\":9,\"method\":\"ping\"}", -32600, json!(9)),
        ("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", -32600, Value::Null),
    ];
    for (line, code, id) in cases {
        wire.send_line(line).await;
        let answer = wire.receive().await;
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{line:.60}: {answer}");
    }
    is_alive(&mut wire).await;
}

#[tokio::test]
async fn broken_answers_are_not_answered() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    wire.send_line("{\"jsonrpc\":\"2.0\",\"id\":[1],\"error\":5}").await;
    wire.send_line("").await;
    assert!(wire.is_quiet().await);
    is_alive(&mut wire).await;
}

#[tokio::test]
async fn a_request_with_the_id_of_a_running_one_is_refused_and_the_first_is_answered() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    let slow = json!({"name": "stubborn", "arguments": {"ms": 200}});
    wire.send(json!({"jsonrpc": "2.0", "id": "twin", "method": "tools/call", "params": slow})).await;
    wire.send(json!({"jsonrpc": "2.0", "id": "twin", "method": "ping"})).await;
    assert_eq!(wire.receive().await["error"]["code"], -32600);
    assert_eq!(text_of(&wire.receive().await), "slept");
    wire.send(json!({"jsonrpc": "2.0", "id": "twin", "method": "ping"})).await;
    assert!(wire.receive().await["result"].is_object(), "an answered id may be used again");
}

#[tokio::test]
async fn an_id_that_was_cancelled_is_free_when_its_handler_has_ended() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    let slow = json!({"name": "stubborn", "arguments": {"ms": 60_000}});
    wire.send(json!({"jsonrpc": "2.0", "id": "x", "method": "tools/call", "params": slow})).await;
    wire.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "x"}})).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    wire.send(json!({"jsonrpc": "2.0", "id": "x", "method": "ping"})).await;
    assert!(wire.receive().await["result"].is_object());
}

#[tokio::test]
async fn what_comes_before_the_handshake_does_not_end_the_server() {
    let mut wire = Wire::silent(policy(|_| {}), Everything::new());
    wire.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
    wire.send(json!({"jsonrpc": "2.0", "id": 1, "result": {}})).await;
    wire.send_line("garbage").await;
    assert_eq!(wire.receive().await["error"]["code"], -32700);
    wire.send(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})).await;
    assert!(wire.receive().await["error"].is_object());
    let hello =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "w", "version": "1"}});
    assert!(wire.request("initialize", hello).await["result"].is_object());
}

#[tokio::test]
async fn the_end_of_input_lets_running_calls_finish_and_is_no_error() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    wire.ask("tools/call", json!({"name": "stubborn", "arguments": {"ms": 300}})).await;
    wire.end_input().await;
    assert_eq!(text_of(&wire.receive().await), "slept");
    wire.ended().await.unwrap();
}

#[tokio::test]
async fn the_end_of_input_before_anything_else_is_no_error() {
    let mut wire = Wire::silent(policy(|_| {}), Everything::new());
    wire.end_input().await;
    wire.ended().await.unwrap();
}

#[tokio::test]
async fn calls_that_do_not_finish_in_time_do_not_keep_the_server() {
    let mut wire =
        Wire::open(policy(|policy| policy.limits.drain = Duration::from_millis(100)), Everything::new()).await;
    wire.ask("tools/call", json!({"name": "stubborn", "arguments": {"ms": 60_000}})).await;
    wire.end_input().await;
    tokio::time::timeout(Duration::from_secs(3), wire.ended()).await.expect("an end in time").unwrap();
}

#[tokio::test]
async fn a_client_that_writes_and_never_reads_is_stopped_by_the_pipe() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    for _ in 0..40_000 {
        let ask = wire.ask("tools/call", json!({"name": "big", "arguments": {}}));
        if tokio::time::timeout(Duration::from_secs(2), ask).await.is_err() {
            return;
        }
    }
    panic!("everything was read and kept");
}

#[tokio::test]
async fn a_shutdown_lets_running_calls_finish() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    wire.ask("tools/call", json!({"name": "stubborn", "arguments": {"ms": 300}})).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    wire.shutdown.cancel();
    assert_eq!(text_of(&wire.receive().await), "slept");
    wire.ended().await.unwrap();
}

#[tokio::test]
async fn a_real_client_talks_to_a_hardened_server() {
    let runtime = mcpsec_runtime::Runtime::new(policy(|_| {})).unwrap();
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let (input, output) = tokio::io::split(theirs);
    let shutdown = tokio_util::sync::CancellationToken::new();
    let server = tokio::spawn(mcpsec_runtime::serve_streams(runtime, Everything::new(), input, output, shutdown));
    let client = ().serve(ours).await.unwrap();
    let tools = client.list_all_tools().await.unwrap();
    assert!(tools.iter().any(|tool| tool.name == "echo"));
    let arguments = json!({"text": "hi"}).as_object().cloned().unwrap();
    let result = client.call_tool(CallToolRequestParams::new("echo").with_arguments(arguments)).await.unwrap();
    assert_ne!(result.is_error, Some(true));
    client.cancel().await.unwrap();
    server.await.unwrap().unwrap();
}
