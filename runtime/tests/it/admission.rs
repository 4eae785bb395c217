use std::time::Duration;

use serde_json::json;

use crate::{
    server::Everything,
    wire::{Wire, policy, text_of},
};

#[tokio::test]
async fn the_queue_is_bounded_and_says_when_to_come_back() {
    let narrow = policy(|policy| {
        policy.limits.concurrency = 1;
        policy.limits.queue = 1;
        policy.limits.queue_wait = Duration::from_secs(5);
    });
    let mut wire = Wire::open(narrow, Everything::new()).await;
    for _ in 0..3 {
        wire.ask("tools/call", json!({"name": "stubborn", "arguments": {"ms": 300}})).await;
    }
    let first = wire.receive().await;
    assert_eq!(first["error"]["code"], 503, "one runs, one waits, one is refused: {first}");
    assert_eq!(first["error"]["data"]["retry_after_ms"], 5_000);
    assert_eq!(text_of(&wire.receive().await), "slept");
    assert_eq!(text_of(&wire.receive().await), "slept");
}

#[tokio::test]
async fn waiting_for_a_place_ends() {
    let narrow = policy(|policy| {
        policy.limits.concurrency = 1;
        policy.limits.queue_wait = Duration::from_millis(50);
    });
    let mut wire = Wire::open(narrow, Everything::new()).await;
    wire.ask("tools/call", json!({"name": "stubborn", "arguments": {"ms": 400}})).await;
    wire.ask("tools/call", json!({"name": "echo", "arguments": {"text": "hi"}})).await;
    assert_eq!(wire.receive().await["error"]["code"], 503);
    assert_eq!(text_of(&wire.receive().await), "slept");
}

#[tokio::test]
async fn a_busy_server_still_answers_a_ping() {
    let narrow = policy(|policy| policy.limits.concurrency = 1);
    let mut wire = Wire::open(narrow, Everything::new()).await;
    wire.ask("tools/call", json!({"name": "stubborn", "arguments": {"ms": 400}})).await;
    let pinged = wire.ask("ping", json!({})).await;
    assert_eq!(wire.receive().await["id"], pinged);
}
