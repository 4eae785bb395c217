use mcpsec_policy::ByteSize;
use serde_json::json;

use crate::{
    server::{Everything, KEY},
    wire::{Wire, policy, text_of},
};

#[tokio::test]
async fn a_secret_leaves_in_no_kind_of_answer() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    let answers = [
        wire.call("leaks", json!({})).await,
        wire.request("resources/read", json!({"uri": "note:///public"})).await,
        wire.request("prompts/get", json!({"name": "greet"})).await,
        wire.request("prompts/list", json!({})).await,
        wire.request("acme/report", json!({})).await,
    ];
    for answer in &answers {
        assert!(answer["result"].is_object(), "{answer}");
        let said = answer.to_string();
        assert!(!said.contains(KEY) && !said.contains("x8Kq2Lm9Zr4Tw7Bv1Nc5"), "{said}");
        assert!(said.contains("redacted"), "{said}");
    }
    assert!(text_of(&answers[0]).starts_with("the key is "));
}

#[tokio::test]
async fn a_configured_field_leaves_nowhere_in_the_data() {
    let redacting = policy(|policy| policy.redact.fields = vec!["NOTE".to_owned()]);
    let mut wire = Wire::open(redacting, Everything::new()).await;
    let answer = wire.call("leaks", json!({})).await;
    assert_eq!(answer["result"]["structuredContent"]["deep"][0]["note"], "[redacted]");
}

#[tokio::test]
async fn characters_that_nobody_sees_become_visible() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    let answer = wire.call("hides", json!({})).await;
    let said = text_of(&answer);
    assert!(said.starts_with("pay"), "{said}");
    assert!(said.chars().all(|c| !c.is_control() && !matches!(c, '\u{202e}' | '\u{e0041}' | '\u{200b}')), "{said:?}");
}

#[tokio::test]
async fn an_answer_over_the_limit_is_an_error() {
    let small = policy(|policy| policy.limits.response = ByteSize::kib(64));
    let mut wire = Wire::open(small, Everything::new()).await;
    let answer = wire.call("big", json!({})).await;
    assert_eq!(answer["result"]["isError"], true);
    assert!(answer.to_string().len() < 1_000, "nothing of it leaves");
}
