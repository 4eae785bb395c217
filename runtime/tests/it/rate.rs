use mcpsec_policy::{Rate, model::Tool};
use serde_json::json;

use crate::{
    server::Everything,
    wire::{Wire, policy, text_of},
};

#[tokio::test]
async fn a_flood_is_refused_and_refusals_cost_too() {
    let slow = policy(|policy| policy.rate.default = Rate::per_minute(5));
    let mut wire = Wire::open(slow, Everything::new()).await;
    // Calls that another guard refuses use up the bucket.
    for _ in 0..5 {
        assert_eq!(wire.call("nosuchtool", json!({})).await["error"]["code"], -32602);
    }
    let answer = wire.call("echo", json!({"text": "hi"})).await;
    assert_eq!(answer["error"]["code"], 429);
    let wait = answer["error"]["data"]["retry_after_ms"].as_u64().unwrap();
    assert!((1..=12_000).contains(&wait), "{wait}");
    assert!(wire.request("tools/list", json!({})).await["result"].is_object(), "other methods are not affected");
}

#[tokio::test]
async fn names_of_custom_methods_do_not_make_new_buckets() {
    let slow = policy(|policy| policy.rate.default = Rate::per_minute(3));
    let mut wire = Wire::open(slow, Everything::new()).await;
    for n in 0..3 {
        assert!(wire.request(&format!("acme/{n}"), json!({})).await["result"].is_object());
    }
    assert_eq!(wire.request("acme/other", json!({})).await["error"]["code"], 429);
}

#[tokio::test]
async fn a_tool_may_have_a_lower_rate() {
    let slow = policy(|policy| {
        let rate = Some(Rate::per_minute(1));
        policy.tools.insert("echo".to_owned(), Tool { rate, ..Tool::default() });
    });
    let mut wire = Wire::open(slow, Everything::new()).await;
    assert_eq!(text_of(&wire.call("echo", json!({"text": "one"})).await), "one");
    assert_eq!(wire.call("echo", json!({"text": "two"})).await["error"]["code"], 429);
    assert!(wire.call("hides", json!({})).await["result"].is_object());
}
