use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use mcpsec_policy::model::Tool;
use serde_json::json;

use crate::{
    server::Everything,
    wire::{Wire, policy, text_of},
};

#[tokio::test]
async fn a_call_over_its_limit_is_dropped_and_answered() {
    let short = policy(|policy| policy.limits.timeout = Duration::from_millis(100));
    let server = Everything::new();
    let mut wire = Wire::open(short, server.clone()).await;
    let started = Instant::now();
    let answer = wire.call("stubborn", json!({"ms": 60_000})).await;
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(answer["result"]["isError"], true);
    assert!(text_of(&answer).contains("100ms"), "{answer}");
    assert_eq!(server.dropped.load(Ordering::SeqCst), 1);
    let records = wire.records(3).await;
    assert!(records.iter().any(|record| record["verdict"] == "timed_out"), "{records:?}");
}

#[tokio::test]
async fn a_tool_may_have_more_time_than_the_others() {
    let short = policy(|policy| {
        policy.limits.timeout = Duration::from_millis(50);
        let timeout = Some(Duration::from_secs(10));
        policy.tools.insert("stubborn".to_owned(), Tool { timeout, ..Tool::default() });
    });
    let mut wire = Wire::open(short, Everything::new()).await;
    assert_eq!(text_of(&wire.call("stubborn", json!({"ms": 200})).await), "slept");
}
