//! UNIX sockets: one message per line, and HTTP.

use std::{os::unix::fs::MetadataExt as _, path::Path, time::Duration};

use mcpsec_policy::{
    Policy,
    model::{AccessRule, Listen, Transport},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::UnixStream,
    time::timeout,
};

use crate::support::{Echo, Request, call, policy};

const PATIENCE: Duration = Duration::from_secs(20);

/// A folder for sockets that only we can enter, and our own number.
fn folder() -> (tempfile::TempDir, u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let owner = std::fs::metadata(folder.path()).expect("our folder").uid();
    (folder, owner)
}

/// A policy for the socket `s` in `folder`, where users with these numbers may do everything.
fn local(folder: &Path, who: &[u32]) -> Policy {
    let mut policy = policy(&[]);
    policy.server.transports = vec![Transport::Unix];
    policy.unix.socket = Some(folder.join("run/s"));
    let who = who.iter().map(|user| format!("uid:{user}")).collect();
    policy.access.rules = vec![AccessRule { who, may: vec!["**".to_owned()] }];
    policy
}

/// Serves `policy` and connects to `path` as soon as somebody listens there.
async fn connect(policy: Policy, path: &Path) -> UnixStream {
    let handler = Echo::default();
    tokio::spawn(mcpsec_runtime::serve(policy, move || handler.clone()));
    another(path).await
}

async fn another(path: &Path) -> UnixStream {
    let connected = timeout(PATIENCE, async {
        loop {
            match UnixStream::connect(path).await {
                Ok(stream) => return stream,
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    });
    connected.await.expect("somebody listens")
}

async fn ask(stream: &mut BufReader<UnixStream>, message: &Value) -> Value {
    stream.write_all(format!("{message}\n").as_bytes()).await.expect("the server reads");
    let mut line = String::new();
    timeout(PATIENCE, stream.read_line(&mut line)).await.expect("an answer in time").expect("an answer");
    serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line:?}"))
}

fn text(answer: &Value) -> &str {
    answer.pointer("/result/content/0/text").and_then(Value::as_str).unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test]
async fn a_process_is_the_user_that_the_kernel_names() {
    let (folder, owner) = folder();
    let policy = local(folder.path(), &[owner]);
    let path = folder.path().join("run/s");
    let mut stream = BufReader::new(connect(policy, &path).await);
    assert_eq!(text(&ask(&mut stream, &call(7, json!({ "text": "hello" }))).await), "hello");
}

#[tokio::test]
async fn a_user_without_a_rule_may_nothing() {
    let (folder, owner) = folder();
    let policy = local(folder.path(), &[owner + 1]);
    let path = folder.path().join("run/s");
    let mut stream = BufReader::new(connect(policy, &path).await);
    let answer = ask(&mut stream, &call(7, json!({ "text": "hello" }))).await;
    assert_eq!(answer["error"]["code"], 403, "{answer}");
}

#[tokio::test]
async fn a_process_of_another_user_is_turned_away_without_a_word() {
    let (folder, owner) = folder();
    let mut policy = local(folder.path(), &[owner]);
    policy.unix.users = vec![owner + 1];
    let path = folder.path().join("run/s");
    let mut stream = connect(policy, &path).await;
    let _ = stream.write_all(format!("{}\n", call(1, json!({}))).as_bytes()).await;
    let mut said = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut said)).await.expect("the server hangs up");
    assert!(ended.is_err() || said.is_empty(), "{}", String::from_utf8_lossy(&said));
}

#[tokio::test]
async fn who_says_nothing_is_cut_off() {
    let (folder, owner) = folder();
    let mut policy = local(folder.path(), &[owner]);
    policy.limits.header_timeout = Duration::from_millis(200);
    let path = folder.path().join("run/s");
    let mut stream = connect(policy, &path).await;
    let mut said = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut said)).await.expect("the server hangs up").expect("an end");
    assert!(said.is_empty());
}

#[tokio::test]
async fn two_clients_with_the_same_ids_get_their_own_answers() {
    let (folder, owner) = folder();
    let policy = local(folder.path(), &[owner]);
    let path = folder.path().join("run/s");
    let mut first = BufReader::new(connect(policy, &path).await);
    let mut second = BufReader::new(another(&path).await);
    let (slow, fast) = (call(7, json!({ "text": "first", "wait": 300 })), call(7, json!({ "text": "second" })));
    let (first, second) = tokio::join!(ask(&mut first, &slow), ask(&mut second, &fast));
    assert_eq!((text(&first), text(&second)), ("first", "second"));
}

#[tokio::test]
async fn http_is_served_over_a_socket_and_needs_no_key() {
    let (folder, owner) = folder();
    let path = folder.path().join("run/h");
    let mut policy = local(folder.path(), &[owner]);
    policy.server.transports = vec![Transport::Http];
    policy.server.listen = Listen::Socket(path.clone());
    let mut stream = connect(policy, &path).await;
    let request = Request::post(call(1, json!({ "text": "hello" }))).modern();
    stream.write_all(&request.bytes()).await.expect("the server reads");
    let mut said = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut said)).await.expect("an answer in time").expect("an answer");
    assert!(said.starts_with("HTTP/1.1 200") && said.contains("hello"), "{said}");
}
