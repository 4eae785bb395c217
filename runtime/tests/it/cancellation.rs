use std::{sync::atomic::Ordering, time::Duration};

use serde_json::json;

use crate::{
    server::Everything,
    wire::{Wire, policy, text_of},
};

#[tokio::test]
async fn a_handler_that_ignores_cancellation_is_dropped() {
    let server = Everything::new();
    let mut wire = Wire::open(policy(|_| {}), server.clone()).await;
    let id = wire.ask("tools/call", json!({"name": "stubborn", "arguments": {"ms": 60_000}})).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(server.reached.load(Ordering::SeqCst), 1);
    wire.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}})).await;
    let records = wire.records(4).await;
    assert!(records.iter().any(|record| record["verdict"] == "cancelled"), "{records:?}");
    assert_eq!(server.dropped.load(Ordering::SeqCst), 1);
    assert!(wire.is_quiet().await, "a cancelled call has no answer");
}

#[tokio::test]
async fn a_call_that_waits_for_a_place_can_be_cancelled() {
    let narrow = policy(|policy| {
        policy.limits.concurrency = 1;
        policy.limits.queue = 1;
    });
    let server = Everything::new();
    let mut wire = Wire::open(narrow, server.clone()).await;
    wire.ask("tools/call", json!({"name": "stubborn", "arguments": {"ms": 500}})).await;
    let queued = wire.ask("tools/call", json!({"name": "stubborn", "arguments": {"ms": 60_000}})).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    wire.send(json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": queued}})).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    // Its place in the queue is free again.
    wire.ask("tools/call", json!({"name": "echo", "arguments": {"text": "next"}})).await;
    assert_eq!(text_of(&wire.receive().await), "slept");
    assert_eq!(text_of(&wire.receive().await), "next");
    assert_eq!(server.reached.load(Ordering::SeqCst), 2, "the cancelled call never ran");
}
