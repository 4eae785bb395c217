use serde_json::json;

use crate::{
    server::Everything,
    wire::{Wire, policy, text_of},
};

#[tokio::test]
async fn a_tool_that_panics_answers_and_the_server_lives() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    let answer = wire.call("panics", json!({})).await;
    assert_eq!(answer["error"]["code"], -32603);
    assert!(!answer.to_string().contains("hunter2"), "{answer}");
    assert_eq!(text_of(&wire.call("echo", json!({"text": "alive"})).await), "alive");
    let records = wire.records(4).await;
    assert!(records.iter().any(|record| record["verdict"] == "panicked"), "{records:?}");
}
