//! Who gets in.

use mcpsec_policy::{Rate, model::AuditSink};
use mcpsec_runtime::{HttpServer, Runtime};
use serde_json::{Value, json};

use crate::support::{Echo, Key, Request, call, policy, send, start};

fn hello() -> Request {
    Request::post(call(1, json!({ "text": "hello" }))).modern()
}

#[tokio::test]
async fn a_key_opens_the_door_in_either_header_and_stays_outside_the_handler() {
    let key = Key::new();
    let server = start(policy(&[&key])).await;
    let reply = hello().key(&key).send(&server).await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "hello"), "{reply:?}");
    let reply = hello().header("x-api-key", &key.text).send(&server).await;
    assert_eq!((reply.status, reply.text().as_str()), (200, "hello"), "{reply:?}");
}

#[tokio::test]
async fn without_a_key_the_answer_is_a_challenge_and_no_call() {
    let key = Key::new();
    let server = start(policy(&[&key])).await;
    let reply = hello().send(&server).await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"under test\""));
    assert_eq!(server.handler.started.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn wrong_expired_and_doubled_keys_are_not_accepted() {
    let (key, expired, stranger) = (Key::new(), Key::expired(), Key::new());
    let server = start(policy(&[&key, &expired])).await;
    let (start_of_key, last) = key.text.split_at(key.text.len() - 1);
    let altered = format!("{start_of_key}{}", if last == "x" { "y" } else { "x" });
    let refused = [
        hello().key(&stranger),
        hello().key(&expired),
        hello().header("authorization", format!("Bearer {altered}")),
        hello().header("authorization", format!("Basic {}", key.text)),
        hello().header("authorization", "Bearer "),
        hello().key(&key).header("x-api-key", &key.text),
        hello().header("cookie", format!("x-api-key={}", key.text)),
    ];
    for request in refused {
        let reply = request.send(&server).await;
        assert_eq!(reply.status, 401, "{}", request.head());
        assert!(reply.header("www-authenticate").is_some_and(|text| text.starts_with("Bearer realm=")), "{reply:?}");
        assert!(!reply.body.contains(&key.text));
    }
    let reply = hello().key(&expired).send(&server).await;
    let challenge = reply.header("www-authenticate").unwrap_or_default();
    assert!(challenge.contains("error=\"invalid_token\"") && challenge.contains("expired"), "{challenge}");
}

#[tokio::test]
async fn a_key_in_the_address_is_refused_even_if_it_is_right() {
    let key = Key::new();
    let server = start(policy(&[&key])).await;
    for query in [format!("api_key={}", key.text), format!("x={}", key.text), "access_token=abc".to_owned()] {
        let reply = hello().key(&key).line(&format!("POST /mcp?{query} HTTP/1.1")).send(&server).await;
        assert_eq!(reply.status, 400, "{query}");
        assert!(!reply.body.contains(&key.text));
    }
    let reply = hello().key(&key).line("POST /mcp?page=1 HTTP/1.1").send(&server).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn refused_requests_are_throttled_and_the_right_key_is_not_locked_out() {
    let (key, stranger) = (Key::new(), Key::new());
    let mut policy = policy(&[&key]);
    policy.rate.unauthenticated = Rate::per_minute(3);
    let server = start(policy).await;
    for _ in 0..3 {
        assert_eq!(hello().key(&stranger).send(&server).await.status, 401);
    }
    for request in [hello().key(&stranger), hello(), hello().key(&key).header("origin", "http://evil.example")] {
        let reply = request.send(&server).await;
        assert_eq!(reply.status, 429, "{reply:?}");
        assert!(reply.header("retry-after").is_some_and(|wait| wait.parse::<u64>().is_ok()), "{reply:?}");
    }
    assert_eq!(hello().key(&key).send(&server).await.status, 200);
}

#[tokio::test]
async fn accepted_requests_do_not_count_against_an_address() {
    let (key, stranger) = (Key::new(), Key::new());
    let mut policy = policy(&[&key]);
    policy.rate.unauthenticated = Rate::per_minute(1);
    let server = start(policy).await;
    for _ in 0..5 {
        assert_eq!(hello().key(&key).send(&server).await.status, 200);
    }
    assert_eq!(hello().key(&stranger).send(&server).await.status, 401);
    assert_eq!(hello().key(&stranger).send(&server).await.status, 429);
}

#[tokio::test]
async fn addresses_behind_a_trusted_proxy_are_told_apart_and_strangers_cannot_pretend() {
    let key = Key::new();
    let mut trusting = policy(&[&key]);
    trusting.rate.unauthenticated = Rate::per_minute(1);
    let mut careful = trusting.clone();
    trusting.server.trusted_proxies = vec!["127.0.0.0/8".to_owned()];
    careful.server.trusted_proxies = vec!["10.0.0.0/8".to_owned()];
    let from = |address: &str| hello().header("x-forwarded-for", address).header("x-forwarded-proto", "https");

    let server = start(trusting).await;
    assert_eq!(from("203.0.113.1").send(&server).await.status, 401);
    assert_eq!(from("203.0.113.1").send(&server).await.status, 429);
    assert_eq!(from("203.0.113.2").send(&server).await.status, 401);
    // What the client itself wrote stands further left.
    assert_eq!(from("198.51.100.9, 203.0.113.2").send(&server).await.status, 429);

    let server = start(careful).await;
    assert_eq!(from("203.0.113.1").send(&server).await.status, 401);
    assert_eq!(from("203.0.113.2").send(&server).await.status, 429);
}

#[tokio::test]
async fn a_server_without_authentication_does_not_start_unless_the_policy_says_so() {
    let mut open = policy(&[]);
    let runtime = Runtime::new(open.clone()).expect("the policy itself is fine");
    let error = HttpServer::bind(&runtime, Echo::default).await.err().expect("nobody could be told apart");
    assert!(error.is_configuration(), "{error}");
    assert!(error.to_string().contains("insecure_allow_anyone"), "{error}");

    open.auth.insecure_allow_anyone = true;
    open.access.rules[0].who = vec!["anonymous".to_owned()];
    let server = start(open).await;
    assert_eq!(hello().send(&server).await.text(), "hello");
    // Who shows a key expects it to be checked.
    assert_eq!(hello().key(&Key::new()).send(&server).await.status, 401);
}

#[tokio::test]
async fn probes_need_no_key_and_tell_nothing() {
    let server = start(policy(&[&Key::new()])).await;
    for path in ["/healthz", "/readyz"] {
        let reply = Request::get(path).header("host", "10.0.0.7:8080").send(&server).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, "ok\n"), "{reply:?}");
    }
    let reply = send(server.address, &Request::get("/elsewhere").bytes()).await;
    assert_eq!(reply.status, 404);
}

#[tokio::test]
async fn every_answer_forbids_guessing_and_keeping() {
    let key = Key::new();
    let server = start(policy(&[&key])).await;
    for request in [hello(), hello().key(&key), Request::get("/healthz"), Request::get("/elsewhere")] {
        let reply = request.send(&server).await;
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{reply:?}");
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{reply:?}");
    }
}

#[tokio::test]
async fn strangers_share_one_line_of_the_audit_log_and_the_known_get_their_own() {
    let key = Key::new();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.jsonl");
    let mut policy = policy(&[&key]);
    policy.audit.sink = AuditSink::File(file.clone());
    policy.rate.unauthenticated = Rate::per_minute(5);
    let mut server = start(policy).await;
    for _ in 0..7 {
        hello().send(&server).await;
    }
    assert_eq!(Request::post("[]").modern().key(&key).send(&server).await.status, 400);
    assert_eq!(hello().key(&key).send(&server).await.status, 200);
    server.shutdown.cancel();
    (&mut server.running).await.expect("no panic").expect("no error");

    let log = std::fs::read_to_string(&file).expect("written");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |client: &str| lines.iter().filter(|line| line["client"] == client).cloned().collect::<Vec<_>>();
    let strangers = of("unauthenticated");
    assert_eq!(strangers.len(), 1, "{log}");
    assert_eq!(strangers[0]["reason"], "7 requests refused (401: 5, 429: 2)");
    let known = of(&format!("key:{}", key.record.id));
    let verdicts: Vec<&Value> = known.iter().map(|line| &line["verdict"]).collect();
    assert_eq!(verdicts, ["refused", "allowed"], "{log}");
    assert!(!log.contains(&key.text), "the key itself is never written");
}
