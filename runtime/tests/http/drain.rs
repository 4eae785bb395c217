//! How a server stops.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::net::TcpStream;

use crate::support::{Key, Request, call, eventually, policy, start};

#[tokio::test]
async fn running_calls_are_answered_while_new_ones_and_probes_hear_no() {
    let key = Key::new();
    let mut server = start(policy(&[&key])).await;
    let slow = Request::post(call(1, json!({ "text": "done", "wait": 1_500 }))).modern().key(&key);
    let address = server.address;
    let running = tokio::spawn(async move { crate::support::send(address, &slow.bytes()).await });
    eventually("the call starts", || server.handler.started.load(Ordering::SeqCst) == 1).await;
    server.shutdown.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;

    let probe = Request::get("/readyz").send(&server).await;
    assert_eq!(probe.status, 503, "{probe:?}");
    assert_eq!(Request::get("/healthz").send(&server).await.status, 200);
    let late = Request::post(call(2, json!({}))).modern().key(&key).send(&server).await;
    assert_eq!(late.status, 503, "{late:?}");

    let reply = running.await.expect("no panic");
    assert_eq!(reply.text(), "done");
    let ended = tokio::time::timeout(Duration::from_secs(5), &mut server.running).await;
    ended.expect("the server ends").expect("no panic").expect("no error");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn an_idle_server_stops_at_once() {
    let mut policy = policy(&[&Key::new()]);
    policy.limits.drain = Duration::from_secs(30);
    let mut idle = start(policy).await;
    let begun = Instant::now();
    idle.shutdown.cancel();
    (&mut idle.running).await.expect("no panic").expect("no error");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
