use serde_json::json;

use crate::{
    server::{Everything, KEY},
    wire::{Wire, policy},
};

#[tokio::test]
async fn the_text_of_an_internal_error_does_not_leave() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    let answer = wire.call("breaks", json!({})).await;
    let said = answer.to_string();
    assert_eq!(answer["error"]["code"], -32603);
    for inside in ["postgres", "hunter2", "10.0.0.7", "select"] {
        assert!(!said.contains(inside), "{said}");
    }
    let id = answer["error"]["data"]["request_id"].as_str().unwrap();
    assert!(answer["error"]["message"].as_str().unwrap().contains(id), "{said}");
    let records = wire.records(3).await;
    assert!(records.iter().any(|record| record["request_id"] == id && record["verdict"] == "failed"), "{records:?}");
}

#[tokio::test]
async fn a_reason_for_the_client_leaves_without_its_secret() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    let answer = wire.call("refuses", json!({})).await;
    assert_eq!(answer["error"]["code"], -32602);
    let said = answer["error"]["message"].as_str().unwrap();
    assert!(said.starts_with("no account for") && !said.contains(KEY), "{said}");
}
