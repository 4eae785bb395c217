//! What the pipeline decides, as HTTP shows it.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use mcpsec_policy::{
    Rate,
    model::{AccessRule, Per, RateRule, Window},
};
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    sessions::{bounded, old_call, open},
    support::{Key, Request, call, eventually, policy, read, start},
};

fn hello() -> Request {
    Request::post(call(1, json!({ "text": "hello" }))).modern()
}

#[tokio::test]
async fn a_missing_scope_is_403_with_the_scope_that_is_missing() {
    let key = Key::with_scopes(&["read"]);
    let mut policy = policy(&[&key]);
    policy.access.rules = vec![
        AccessRule { who: vec!["scope:read".to_owned()], may: vec!["tools/list".to_owned()] },
        AccessRule { who: vec!["scope:write".to_owned()], may: vec!["tools/call:echo".to_owned()] },
    ];
    let server = start(policy).await;
    let reply = hello().key(&key).send(&server).await;
    assert_eq!(reply.status, 403, "{reply:?}");
    let challenge = reply.header("www-authenticate").unwrap_or_default();
    assert!(challenge.contains("error=\"insufficient_scope\", scope=\"write\""), "{challenge}");
    assert!(reply.message()["error"].is_object(), "{reply:?}");
}

#[tokio::test]
async fn a_call_over_the_rate_is_429_and_says_when_to_come_back() {
    let key = Key::new();
    let mut policy = policy(&[&key]);
    policy.rate.default = Rate::per_minute(2);
    let server = start(policy).await;
    for _ in 0..2 {
        assert_eq!(hello().key(&key).send(&server).await.status, 200);
    }
    let reply = hello().key(&key).send(&server).await;
    assert_eq!(reply.status, 429, "{reply:?}");
    let wait: u64 = reply.header("retry-after").and_then(|wait| wait.parse().ok()).expect("a number of seconds");
    assert!((1..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn every_answer_says_what_the_caller_may_still_do() {
    let key = Key::new();
    let mut policy = policy(&[&key]);
    policy.rate.methods.insert("tools/call".to_owned(), Rate::per_minute(2));
    policy.rate.window = Window::Fixed;
    let server = start(policy).await;
    for left in [1, 0, 0] {
        let reply = hello().key(&key).send(&server).await;
        assert_eq!(reply.header("ratelimit-policy"), Some("\"tools/call\";q=2;w=60"), "{reply:?}");
        let state = reply.header("ratelimit").unwrap_or_default();
        assert!(state.starts_with(&format!("\"tools/call\";r={left};t=")), "{state}");
    }
}

/// A server whose tool may be called once an hour, by all clients together.
fn once_an_hour(keys: &[&Key], per: Per) -> mcpsec_policy::Policy {
    let mut policy = policy(keys);
    policy.rate.rules = vec![RateRule {
        matching: "tools/call:echo".to_owned(),
        limit: "1/h".parse().expect("a rate"),
        per,
        window: Some(Window::Sliding),
    }];
    policy
}

#[tokio::test]
async fn a_rule_limits_one_caller_or_all_of_them() {
    for (per, second) in [(Per::Client, 200), (Per::Tenant, 200), (Per::Server, 429)] {
        let (one, two) = (Key::new(), Key::new());
        let server = start(once_an_hour(&[&one, &two], per)).await;
        assert_eq!(hello().key(&one).send(&server).await.status, 200);
        let refused = hello().key(&one).send(&server).await;
        assert_eq!(refused.status, 429, "{per:?} {refused:?}");
        let wait: u64 = refused.header("retry-after").and_then(|wait| wait.parse().ok()).expect("seconds");
        assert!((3_300..=3_825).contains(&wait), "{wait}");
        assert_eq!(hello().key(&two).send(&server).await.status, second, "{per:?}");
    }
}

#[tokio::test]
async fn who_may_not_make_a_call_cannot_use_up_what_others_share() {
    let (stranger, user) = (Key::with_scopes(&["nothing"]), Key::new());
    let server = start(once_an_hour(&[&stranger, &user], Per::Server)).await;
    for _ in 0..5 {
        assert_eq!(hello().key(&stranger).send(&server).await.status, 403);
    }
    assert_eq!(hello().key(&user).send(&server).await.status, 200);
}

#[tokio::test]
async fn a_refusal_inside_a_session_is_a_status_too() {
    let key = Key::with_scopes(&["read"]);
    let mut policy = bounded(&[&key], 10);
    policy.access.rules[0].who = vec!["scope:write".to_owned()];
    let server = start(policy).await;
    let session = open(&server, &key).await;
    let reply = old_call(1, json!({})).header("mcp-session-id", &session).key(&key).send(&server).await;
    assert_eq!(reply.status, 403, "{reply:?}");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.message()["id"], 1, "{reply:?}");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_call() {
    let key = Key::new();
    let server = start(policy(&[&key])).await;
    let mut stream = TcpStream::connect(server.address).await.expect("the server listens");
    let request = Request::post(call(1, json!({ "wait": 60_000 }))).modern().key(&key);
    stream.write_all(&request.bytes()).await.expect("the server reads");
    let handler = server.handler.clone();
    let started = || handler.started.load(Ordering::SeqCst) == 1;
    eventually("the call starts", started).await;
    drop(stream);
    let dropped = || handler.dropped.load(Ordering::SeqCst) == 1;
    eventually("the handler's future is dropped", dropped).await;
}

#[tokio::test]
async fn a_call_that_does_not_end_is_cut_off_when_the_server_stops() {
    let key = Key::new();
    let mut policy = policy(&[&key]);
    policy.limits.drain = Duration::from_millis(500);
    let mut server = start(policy).await;
    let mut stream = TcpStream::connect(server.address).await.expect("the server listens");
    let stuck = Request::post(call(1, json!({ "wait": 20_000 }))).modern().key(&key);
    stream.write_all(&stuck.bytes()).await.expect("the server reads");
    eventually("the call starts", || server.handler.started.load(Ordering::SeqCst) == 1).await;
    let begun = Instant::now();
    server.shutdown.cancel();
    (&mut server.running).await.expect("no panic").expect("no error");
    assert!((500..5_000).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
    assert_ne!(read(&mut stream).await.status, 200);
    eventually("the handler's future is dropped", || server.handler.dropped.load(Ordering::SeqCst) == 1).await;
}

#[tokio::test]
async fn methods_that_2026_07_28_took_out_do_not_exist_for_its_clients() {
    let key = Key::new();
    let server = start(policy(&[&key])).await;
    for method in ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "no/such"]
    {
        let mut message = call(5, json!({}));
        message["method"] = method.into();
        message["params"] = json!({ "_meta": message["params"]["_meta"] });
        let request = Request::post(message).header("mcp-protocol-version", "2026-07-28").header("mcp-method", method);
        let reply = request.key(&key).send(&server).await;
        assert_eq!(reply.status, 404, "{method}: {reply:?}");
        assert_eq!(reply.message()["error"]["code"], -32_601, "{method}: {reply:?}");
        assert_eq!(reply.message()["id"], 5, "{method}: {reply:?}");
    }
}
