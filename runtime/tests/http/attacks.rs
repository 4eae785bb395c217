//! What must not get through, whoever sends it.

use std::time::{Duration, Instant};

use mcpsec_policy::ByteSize;
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::support::{Key, Request, Server, call, policy, read, send, start};

async fn guarded(adjust: impl FnOnce(&mut mcpsec_policy::Policy)) -> (Server, Key) {
    let key = Key::new();
    let mut policy = policy(&[&key]);
    adjust(&mut policy);
    (start(policy).await, key)
}

fn hello() -> Request {
    Request::post(call(1, json!({ "text": "hello" }))).modern()
}

#[tokio::test]
async fn pages_of_other_origins_are_refused_and_our_own_are_not() {
    let (server, key) = guarded(|policy| policy.server.allowed_origins = vec!["https://app.example".to_owned()]).await;
    let port = server.address.port();
    for origin in ["http://evil.example", "null", "http://localhost:1", "https://app.example.evil.example", ""] {
        let reply = hello().key(&key).header("origin", origin).send(&server).await;
        assert_eq!(reply.status, 403, "{origin}: {reply:?}");
    }
    let own = ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("http://{host}:{port}"));
    for origin in own.iter().map(String::as_str).chain(["https://app.example"]) {
        let reply = hello().key(&key).header("origin", origin).send(&server).await;
        assert_eq!(reply.status, 200, "{origin}: {reply:?}");
    }
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_refused() {
    let (server, key) = guarded(|policy| policy.server.allowed_hosts = vec!["mcp.example".to_owned()]).await;
    for (host, status) in [
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("a b", 400),
        ("localhost", 200),
        ("127.0.0.1:9", 200),
        ("mcp.example", 200),
    ] {
        let reply = hello().key(&key).header("host", host).send(&server).await;
        assert_eq!(reply.status, status, "{host}: {reply:?}");
    }
    // The address in the request line counts as well.
    let reply = hello().key(&key).line("POST http://evil.example/mcp HTTP/1.1").send(&server).await;
    assert_eq!(reply.status, 400, "{reply:?}");
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_with_and_without_a_length() {
    let (server, key) = guarded(|policy| policy.limits.body = ByteSize::kib(4)).await;
    let big = hello_of(8 * 1024).key(&key);
    let ours = |reply: crate::support::Reply| assert_eq!(reply.message()["error"]["code"], 413, "{reply:?}");
    ours(big.send(&server).await);

    let mut chunked = big.header("transfer-encoding", "chunked").head().into_bytes();
    for _ in 0..8 {
        chunked.extend_from_slice(b"400\r\n");
        chunked.extend_from_slice(&[b' '; 1024]);
        chunked.extend_from_slice(b"\r\n");
    }
    ours(send(server.address, &chunked).await);
    // A length that is only announced costs nothing.
    let announced = hello().key(&key).header("content-length", "99999999999").head();
    ours(send(server.address, announced.as_bytes()).await);

    assert_eq!(hello_of(2 * 1024).key(&key).send(&server).await.status, 200);
}

fn hello_of(bytes: usize) -> Request {
    Request::post(call(1, json!({ "text": "x".repeat(bytes) }))).modern()
}

#[tokio::test]
async fn a_refused_client_that_is_still_sending_hears_why() {
    let (server, key) = guarded(|policy| policy.limits.body = ByteSize::mib(1)).await;
    let big = hello_of(6 * 1024 * 1024).header("connection", "keep-alive");
    for (request, status) in [(big.clone(), 401), (big.key(&key), 413)] {
        let mut stream = TcpStream::connect(server.address).await.expect("the server listens");
        stream.write_all(&request.bytes()).await.expect("everything is taken");
        let mut start = [0; 12];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut start).await.expect("an answer");
        assert_eq!(String::from_utf8_lossy(&start), format!("HTTP/1.1 {status}"));
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let (server, key) = guarded(|policy| policy.limits.body_timeout = Duration::from_millis(300)).await;
    let mut stream = TcpStream::connect(server.address).await.expect("the server listens");
    let head = hello().key(&key).header("content-length", 500).head();
    stream.write_all(head.as_bytes()).await.expect("it reads the header");
    let begun = Instant::now();
    // A byte now and then must not extend the time.
    let (mut reader, mut writer) = stream.into_split();
    let trickle = tokio::spawn(async move {
        while writer.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut reply = Vec::new();
    let end = tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut reply);
    drop(tokio::time::timeout(Duration::from_secs(10), end).await);
    trickle.abort();
    assert!(reply.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&reply));
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_header_that_does_not_come_is_not_waited_for() {
    let (server, _) = guarded(|policy| policy.limits.header_timeout = Duration::from_millis(300)).await;
    for sent in ["", "POST /mcp HTTP/1.1\r\nhost: localhost\r\n"] {
        let mut stream = TcpStream::connect(server.address).await.expect("the server listens");
        stream.write_all(sent.as_bytes()).await.expect("it reads the header");
        let begun = Instant::now();
        let reply = read(&mut stream).await;
        assert_ne!(reply.status, 200);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn connections_over_the_cap_are_turned_away() {
    let (server, key) = guarded(|policy| policy.limits.connections = 2).await;
    let held = [TcpStream::connect(server.address).await, TcpStream::connect(server.address).await];
    // The server has taken both once a request on each is answered.
    for stream in &held {
        let stream = stream.as_ref().expect("the server listens");
        stream.writable().await.expect("open");
        let probe = Request::get("/healthz").header("connection", "keep-alive").bytes();
        assert_eq!(stream.try_write(&probe).expect("room"), probe.len());
        stream.readable().await.expect("answered");
    }
    let mut third = TcpStream::connect(server.address).await.expect("the system accepts");
    assert_eq!(read(&mut third).await.status, 503);
    drop(held);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(hello().key(&key).send(&server).await.status, 200);
}

#[tokio::test]
async fn a_header_over_its_cap_is_refused() {
    let (server, key) = guarded(|_| {}).await;
    let reply = hello().key(&key).header("x-long", "x".repeat(100_000)).send(&server).await;
    assert_eq!(reply.status, 431);
    let mut many = hello().key(&key);
    for index in 0..200 {
        many = many.header(&format!("x-{index}"), "1");
    }
    assert_eq!(many.send(&server).await.status, 431);
}

#[tokio::test]
async fn deep_json_batches_and_broken_messages_never_reach_the_handler() {
    let (server, key) = guarded(|policy| policy.limits.depth = 16).await;
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    let deep =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"echo","arguments":{deep}}}}}"#);
    let one = call(1, json!({}));
    let refused = [
        deep,
        json!([one, one]).to_string(),
        "[]".to_owned(),
        "{".to_owned(),
        String::new(),
        r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#.to_owned(),
        r#"{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}"#.to_owned(),
    ];
    for body in refused {
        let reply = Request::post(&body).modern().key(&key).send(&server).await;
        assert_eq!(reply.status, 400, "{body:.100}: {reply:?}");
        assert!(reply.message()["error"]["code"].is_i64(), "{reply:?}");
    }
    assert_eq!(server.handler.started.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn other_content_types_are_refused() {
    let (server, key) = guarded(|_| {}).await;
    let reply = hello().key(&key).header("content-type", "text/plain").send(&server).await;
    assert_eq!(reply.status, 415);
}

#[tokio::test]
async fn a_header_that_lies_about_the_body_is_refused() {
    let (server, key) = guarded(|_| {}).await;
    for (name, value) in [("mcp-method", "tools/list"), ("mcp-name", "other"), ("mcp-protocol-version", "2025-11-25")] {
        let reply = hello().key(&key).header(name, value).send(&server).await;
        assert_eq!(reply.status, 400, "{name}: {reply:?}");
        assert_eq!(reply.message()["error"]["code"], -32_020, "{name}: {reply:?}");
    }
}
