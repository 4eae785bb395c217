use mcpsec_policy::model::AccessRule;
use serde_json::{Value, json};

use crate::{
    server::Everything,
    wire::{Wire, policy},
};

fn only(may: &[&str]) -> mcpsec_policy::Policy {
    let may = may.iter().map(|&entry| entry.to_owned()).collect();
    policy(|policy| policy.access.rules = vec![AccessRule { who: vec!["local".to_owned()], may }])
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_tool_that_no_rule_names_is_not_run() {
    let server = Everything::new();
    let mut wire = Wire::open(only(&["tools/call:big"]), server.clone()).await;
    let answer = wire.call("echo", json!({"text": "hi"})).await;
    assert_eq!(answer["error"]["code"], 403);
    assert!(answer["error"]["data"]["request_id"].is_string(), "{answer}");
    assert_eq!(server.reached.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn lists_hold_what_the_caller_may_use_and_are_private() {
    let may = ["tools/list", "tools/call:e*", "resources/list", "resources/read:note:///public", "prompts/list"];
    let mut wire = Wire::open(only(&may), Everything::new()).await;
    let tools = wire.request("tools/list", json!({})).await;
    assert_eq!(names(&tools["result"]["tools"]), ["echo"]);
    assert_eq!(tools["result"]["cacheScope"], "private");
    let resources = wire.request("resources/list", json!({})).await;
    assert_eq!(names(&resources["result"]["resources"]), ["public"]);
    let prompts = wire.request("prompts/list", json!({})).await;
    assert_eq!(names(&prompts["result"]["prompts"]), [""; 0]);
}

#[tokio::test]
async fn without_rules_nothing_but_the_handshake_works() {
    let mut wire = Wire::open(only(&[]), Everything::new()).await;
    assert!(wire.request("ping", json!({})).await["result"].is_object());
    assert_eq!(wire.request("tools/list", json!({})).await["error"]["code"], 403);
    assert_eq!(wire.request("resources/read", json!({"uri": "note:///public"})).await["error"]["code"], 403);
    assert_eq!(wire.request("acme/report", json!({})).await["error"]["code"], -32601);
}
