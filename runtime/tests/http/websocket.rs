//! WebSocket: a real client against the listener of HTTP.

use std::time::{Duration, SystemTime};

use futures::{SinkExt as _, StreamExt as _};
use mcpsec_policy::{Policy, model::Transport};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest as _, http::HeaderValue},
};

use crate::support::{Key, Server, call, policy, start};

const PATIENCE: Duration = Duration::from_secs(20);

fn sockets(keys: &[&Key]) -> Policy {
    let mut policy = policy(keys);
    policy.server.transports = vec![Transport::Websocket];
    policy
}

async fn open(
    server: &Server,
    headers: &[(&'static str, String)],
) -> Result<WebSocketStream<TcpStream>, tungstenite::Error> {
    let mut request = format!("ws://{}/ws", server.address).into_client_request().expect("an address");
    for (name, value) in headers {
        request.headers_mut().insert(*name, HeaderValue::from_str(value).expect("a header"));
    }
    let stream = TcpStream::connect(server.address).await.expect("the server listens");
    client_async(request, stream).await.map(|(socket, _)| socket)
}

fn bearer(key: &Key) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", key.text))
}

fn status<T>(refused: Result<T, tungstenite::Error>) -> u16 {
    match refused {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("the handshake was let in"),
    }
}

/// The next message that is not a ping; nothing where the server hung up.
async fn next(socket: &mut WebSocketStream<TcpStream>) -> Option<Message> {
    loop {
        match timeout(PATIENCE, socket.next()).await.expect("an answer in time")? {
            Ok(Message::Ping(_)) => {}
            Ok(message) => return Some(message),
            Err(_) => return None,
        }
    }
}

async fn ask(socket: &mut WebSocketStream<TcpStream>, message: impl ToString) -> Value {
    socket.send(Message::text(message.to_string())).await.expect("the server reads");
    let answer = next(socket).await.expect("an answer");
    serde_json::from_str(answer.to_text().expect("text")).expect("JSON")
}

#[tokio::test]
async fn a_call_is_answered_and_its_caller_is_the_keys() {
    let key = Key::new();
    let server = start(sockets(&[&key])).await;
    let mut socket = open(&server, &[bearer(&key)]).await.expect("let in");
    let answer = ask(&mut socket, call(1, json!({ "text": "hello" }))).await;
    assert_eq!(answer["result"]["content"][0]["text"], "hello", "{answer}");
    // Line breaks between tokens are JSON, too.
    let pretty = serde_json::to_string_pretty(&call(2, json!({ "text": "a\nb" }))).expect("JSON");
    assert_eq!(ask(&mut socket, pretty).await["result"]["content"][0]["text"], "a\nb");
}

#[tokio::test]
async fn a_key_that_may_nothing_is_let_in_and_refused() {
    let key = Key::with_scopes(&["none"]);
    let server = start(sockets(&[&key])).await;
    let mut socket = open(&server, &[bearer(&key)]).await.expect("let in");
    assert_eq!(ask(&mut socket, call(1, json!({}))).await["error"]["code"], 403);
}

#[tokio::test]
async fn the_handshake_is_judged_like_any_request() {
    let key = Key::new();
    let server = start(sockets(&[&key])).await;
    assert_eq!(status(open(&server, &[]).await), 401);
    assert_eq!(status(open(&server, &[("authorization", "Bearer wrong".to_owned())]).await), 401);
    let evil = ("origin", "https://evil.example".to_owned());
    assert_eq!(status(open(&server, &[bearer(&key), evil]).await), 403);
    let rebound = ("host", "evil.example".to_owned());
    assert_eq!(status(open(&server, &[bearer(&key), rebound]).await), 403);
    let old = ("sec-websocket-version", "8".to_owned());
    assert_eq!(status(open(&server, &[bearer(&key), old]).await), 400);
    let own = ("origin", format!("http://127.0.0.1:{}", server.address.port()));
    assert!(open(&server, &[bearer(&key), own]).await.is_ok());
}

#[tokio::test]
async fn a_browser_can_show_its_credential_as_a_subprotocol() {
    let key = Key::new();
    let server = start(sockets(&[&key])).await;
    let mut socket =
        open(&server, &[("sec-websocket-protocol", format!("mcp, bearer.{}", key.text))]).await.expect("let in");
    assert_eq!(ask(&mut socket, call(1, json!({ "text": "hello" }))).await["result"]["content"][0]["text"], "hello");
    let wrong = ("sec-websocket-protocol", "mcp, bearer.wrong".to_owned());
    assert_eq!(status(open(&server, &[wrong]).await), 401);
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_connection() {
    let key = Key::new();
    let mut policy = sockets(&[&key]);
    policy.limits.body = mcpsec_policy::ByteSize::kib(4);
    let server = start(policy).await;
    let mut socket = open(&server, &[bearer(&key)]).await.expect("let in");
    let _ = socket.send(Message::text(call(1, json!({ "text": "x".repeat(8_000) })).to_string())).await;
    assert!(!matches!(next(&mut socket).await, Some(Message::Text(_))));
    assert_eq!(server.handler.started.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn deep_and_binary_messages_are_refused() {
    let key = Key::new();
    let server = start(sockets(&[&key])).await;
    let mut socket = open(&server, &[bearer(&key)]).await.expect("let in");
    let deep =
        format!("{{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    assert!(ask(&mut socket, deep).await["error"]["message"].as_str().is_some_and(|why| why.contains("deeper")));
    socket.send(Message::binary(b"{}".to_vec())).await.expect("the server reads");
    assert!(!matches!(next(&mut socket).await, Some(Message::Text(_))));
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_cut_off() {
    let key = Key::new();
    let mut policy = sockets(&[&key]);
    policy.websocket.ping = Duration::from_millis(150);
    let server = start(policy).await;
    let mut socket = open(&server, &[bearer(&key)]).await.expect("let in");
    assert!(ask(&mut socket, call(1, json!({}))).await["result"].is_object());
    // Who reads answers pings, too; who does not read does not.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sent = socket.send(Message::text(call(2, json!({})).to_string())).await;
    let mut answered = false;
    while let Some(message) = next(&mut socket).await {
        answered |= matches!(&message, Message::Text(_));
        if matches!(message, Message::Close(_)) {
            break;
        }
    }
    assert!(!answered, "{sent:?}");
}

#[tokio::test]
async fn a_key_that_ends_ends_its_connections() {
    let mut key = Key::new();
    key.record.expires = Some(SystemTime::now() + Duration::from_secs(3));
    let mut policy = sockets(&[&key]);
    policy.websocket.ping = Duration::from_millis(150);
    let server = start(policy).await;
    let mut socket = open(&server, &[bearer(&key)]).await.expect("let in");
    assert!(ask(&mut socket, call(1, json!({}))).await["result"].is_object());
    match next(&mut socket).await {
        Some(Message::Close(Some(close))) => assert_eq!(u16::from(close.code), 1008),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn connections_are_counted() {
    let key = Key::new();
    let mut policy = sockets(&[&key]);
    policy.limits.connections = 1;
    let server = start(policy).await;
    let socket = open(&server, &[bearer(&key)]).await.expect("let in");
    assert!(open(&server, &[bearer(&key)]).await.is_err());
    drop(socket);
    let again = timeout(PATIENCE, async {
        while open(&server, &[bearer(&key)]).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    again.await.expect("the place is free again");
}

#[tokio::test]
async fn a_server_that_stops_lets_the_running_call_end() {
    let key = Key::new();
    let server = start(sockets(&[&key])).await;
    let mut socket = open(&server, &[bearer(&key)]).await.expect("let in");
    socket.send(Message::text(call(1, json!({ "text": "late", "wait": 500 })).to_string())).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.shutdown.cancel();
    let answer = next(&mut socket).await.expect("the answer");
    assert!(answer.to_text().expect("text").contains("late"), "{answer:?}");
}
