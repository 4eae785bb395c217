//! Callers beside each other, and sessions for clients of 2025-11-25.

use std::time::Duration;

use futures::future::join_all;
use mcpsec_policy::{Policy, model::Sessions};
use serde_json::{Value, json};

use crate::support::{Key, Reply, Request, Server, call, initialize, policy, start};

#[tokio::test]
async fn callers_with_the_same_request_id_get_their_own_answers() {
    let (anna, bert) = (Key::new(), Key::new());
    let server = start(policy(&[&anna, &bert])).await;
    let ask = |key, text: String| {
        let request = Request::post(call(7, json!({ "text": text, "wait": 50 }))).modern().key(key);
        let server = &server;
        async move {
            let reply = request.send(server).await;
            assert_eq!(reply.message()["id"], 7);
            assert_eq!(reply.text(), text);
        }
    };
    join_all((0..10).flat_map(|n| [ask(&anna, format!("anna {n}")), ask(&bert, format!("bert {n}"))])).await;
}

/// A call of a client of 2025-11-25, which asks nothing of the body.
pub(crate) fn old_call(id: impl Into<Value>, arguments: Value) -> Request {
    let params = json!({ "name": "echo", "arguments": arguments });
    Request::post(json!({ "jsonrpc": "2.0", "id": id.into(), "method": "tools/call", "params": params }))
        .header("mcp-protocol-version", "2025-11-25")
}

#[tokio::test]
async fn clients_of_both_eras_are_served_and_nothing_is_kept_by_default() {
    let key = Key::new();
    let server = start(policy(&[&key])).await;
    let opened = Request::post(initialize()).key(&key).send(&server).await;
    assert_eq!(opened.status, 200);
    assert_eq!(opened.message()["result"]["protocolVersion"], "2025-11-25");
    assert_eq!(opened.header("mcp-session-id"), None);
    assert_eq!(old_call(1, json!({ "text": "old" })).key(&key).send(&server).await.text(), "old");
    let new = Request::post(call(1, json!({ "text": "new" }))).modern().key(&key);
    assert_eq!(new.send(&server).await.text(), "new");
    for line in ["GET /mcp HTTP/1.1", "DELETE /mcp HTTP/1.1", "OPTIONS /mcp HTTP/1.1"] {
        let reply = Request::get("/mcp").line(line).key(&key).header("accept", "text/event-stream").send(&server).await;
        assert_eq!(reply.status, 405, "{line}");
    }
}

pub(crate) fn bounded(keys: &[&Key], sessions: usize) -> Policy {
    let mut policy = policy(keys);
    policy.server.sessions = Sessions::Bounded;
    policy.server.max_sessions = sessions;
    policy
}

/// Opens a session and gives its id.
pub(crate) async fn open(server: &Server, key: &Key) -> String {
    let reply = Request::post(initialize()).key(key).send(server).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let session = reply.header("mcp-session-id").expect("a session").to_owned();
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let reply = Request::post(ready).key(key).header("mcp-session-id", &session).send(server).await;
    assert_eq!(reply.status, 202, "{reply:?}");
    session
}

async fn close(server: &Server, key: &Key, session: &str) -> Reply {
    let request = Request::get("/mcp").line("DELETE /mcp HTTP/1.1").header("mcp-session-id", session).key(key);
    request.send(server).await
}

#[tokio::test]
async fn a_session_is_worth_nothing_in_other_hands() {
    let (anna, bert) = (Key::new(), Key::new());
    let server = start(bounded(&[&anna, &bert], 10)).await;
    let session = open(&server, &anna).await;
    let hello = old_call(1, json!({ "text": "hello" })).header("mcp-session-id", &session);
    assert_eq!(hello.clone().key(&anna).send(&server).await.text(), "hello");

    let stolen = hello.clone().key(&bert).send(&server).await;
    assert_eq!(stolen.status, 404, "{stolen:?}");
    let listening = Request::get("/mcp").header("accept", "text/event-stream").header("mcp-session-id", &session);
    assert_eq!(listening.key(&bert).send(&server).await.status, 404);
    assert_eq!(close(&server, &bert, &session).await.status, 404);
    // Not even the owner gets in without a key.
    assert_eq!(hello.clone().send(&server).await.status, 401);

    assert_eq!(hello.clone().key(&anna).send(&server).await.text(), "hello");
    assert_eq!(close(&server, &anna, &session).await.status, 202);
    assert_eq!(hello.key(&anna).send(&server).await.status, 404);
}

#[tokio::test]
async fn sessions_are_bounded_and_a_closed_one_makes_room() {
    let key = Key::new();
    let server = start(bounded(&[&key], 2)).await;
    let first = open(&server, &key).await;
    let second = open(&server, &key).await;
    assert_ne!(first, second);
    let reply = Request::post(initialize()).key(&key).send(&server).await;
    assert_eq!(reply.status, 503, "{reply:?}");
    assert!(reply.header("retry-after").is_some());
    // Whoever needs no session is served all the same.
    let modern = Request::post(call(1, json!({ "text": "hello" }))).modern().key(&key);
    assert_eq!(modern.send(&server).await.text(), "hello");
    close(&server, &key, &first).await;
    open(&server, &key).await;
}

#[tokio::test]
async fn a_handshake_that_fails_takes_no_place() {
    let key = Key::new();
    let server = start(bounded(&[&key], 1)).await;
    for _ in 0..3 {
        let broken = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {} });
        let reply = Request::post(broken).key(&key).send(&server).await;
        assert_eq!(reply.header("mcp-session-id"), None, "{reply:?}");
    }
    open(&server, &key).await;
}

#[tokio::test]
async fn an_id_that_is_in_use_in_a_session_is_refused() {
    let key = Key::new();
    let server = start(bounded(&[&key], 10)).await;
    let session = open(&server, &key).await;
    let slow = old_call("a", json!({ "text": "first", "wait": 1_000 })).header("mcp-session-id", &session).key(&key);
    let again = old_call("a", json!({ "text": "second" })).header("mcp-session-id", &session).key(&key);
    let (first, second) = tokio::join!(slow.send(&server), async {
        let started = || server.handler.started.load(std::sync::atomic::Ordering::SeqCst) == 1;
        crate::support::eventually("the first call starts", started).await;
        again.send(&server).await
    });
    assert_eq!(first.text(), "first");
    assert_eq!(second.status, 400, "{second:?}");
    // The number 1 and the text "1" are two ids, and an id is free again after its answer.
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(again.send(&server).await.text(), "second");
}
