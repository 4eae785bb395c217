use std::{sync::atomic::Ordering, time::Duration};

use mcpsec_policy::model::Tool;
use serde_json::json;

use crate::{
    server::Everything,
    wire::{Wire, policy, text_of},
};

#[tokio::test]
async fn a_tool_that_keeps_failing_is_refused_at_once_and_tried_again_later() {
    let broken = policy(|policy| {
        policy.resilience.failures = 2;
        policy.resilience.open_for = Duration::from_millis(300);
        let dependency = Some("database".to_owned());
        for name in ["breaks", "echo"] {
            policy.tools.insert(name.to_owned(), Tool { dependency: dependency.clone(), ..Tool::default() });
        }
    });
    let mut wire = Wire::open(broken, Everything::new()).await;
    for _ in 0..2 {
        assert_eq!(wire.call("breaks", json!({})).await["error"]["code"], -32603);
    }
    // Both depend on the same thing.
    for (tool, arguments) in [("breaks", json!({})), ("echo", json!({"text": "hi"}))] {
        let refused = wire.call(tool, arguments).await;
        assert_eq!(refused["error"]["code"], 503, "{refused}");
        assert!(
            refused["error"]["message"].as_str().unwrap().contains("the breaker of `database` is open"),
            "{refused}"
        );
        assert!((1..=300).contains(&refused["error"]["data"]["retry_after_ms"].as_u64().unwrap()));
    }
    assert!(wire.call("hides", json!({})).await["result"].is_object(), "other tools are not affected");
    let records = wire.records(6).await;
    assert!(
        records.iter().any(|record| record["reason"].as_str().is_some_and(|it| it.contains("breaker"))),
        "{records:?}"
    );
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(text_of(&wire.call("echo", json!({"text": "hi"})).await), "hi");
    assert_eq!(text_of(&wire.call("echo", json!({"text": "hi"})).await), "hi");
}

#[tokio::test]
async fn time_limits_open_a_breaker_and_what_the_client_does_wrong_does_not() {
    let slow = policy(|policy| {
        policy.resilience.failures = 2;
        policy.limits.timeout = Duration::from_millis(50);
        for name in ["stubborn", "refuses"] {
            policy.tools.insert(name.to_owned(), Tool { breaker: true, ..Tool::default() });
        }
    });
    let mut wire = Wire::open(slow, Everything::new()).await;
    for _ in 0..5 {
        assert_eq!(wire.call("refuses", json!({})).await["error"]["code"], -32602);
        assert_eq!(wire.call("stubborn", json!({"ms": "wrong"})).await["result"]["isError"], true);
    }
    for _ in 0..2 {
        assert_eq!(wire.call("stubborn", json!({"ms": 60_000})).await["result"]["isError"], true);
    }
    assert_eq!(wire.call("stubborn", json!({"ms": 1})).await["error"]["code"], 503);
}

#[tokio::test]
async fn a_call_is_made_again_only_where_the_policy_says_that_it_may() {
    for (idempotent, reached) in [(false, 1), (true, 3)] {
        let policy = policy(|policy| {
            policy.resilience.retry_wait = Duration::from_millis(10);
            policy.tools.insert("flaky".to_owned(), Tool { idempotent, ..Tool::default() });
        });
        let server = Everything::new();
        let mut wire = Wire::open(policy, server.clone()).await;
        let answer = wire.call("flaky", json!({})).await;
        assert_eq!(answer["result"].is_object(), idempotent, "{answer}");
        assert_eq!(server.reached.load(Ordering::SeqCst), reached);
    }
}

#[tokio::test]
async fn a_call_is_not_made_again_beyond_its_time_limit() {
    let policy = policy(|policy| {
        policy.limits.timeout = Duration::from_millis(500);
        policy.resilience.retry_wait = Duration::from_secs(5);
        policy.tools.insert("flaky".to_owned(), Tool { idempotent: true, ..Tool::default() });
    });
    let server = Everything::new();
    let mut wire = Wire::open(policy, server.clone()).await;
    assert_eq!(wire.call("flaky", json!({})).await["error"]["code"], -32603, "its own error, and at once");
    assert_eq!(server.reached.load(Ordering::SeqCst), 1);
}
