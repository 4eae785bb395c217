//! One client that wants everything, and one that wants little.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use mcpsec_policy::Policy;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{Key, Request, Server, call, eventually, policy, start};

fn slow(key: &Key, milliseconds: u64) -> Request {
    Request::post(call(1, json!({ "text": "hi", "wait": milliseconds }))).modern().key(key)
}

/// A greedy client with so many calls of a second each; returns when the first of them run.
async fn crowd(server: &Server, key: &Key, calls: usize, running: usize) -> JoinSet<u16> {
    let mut crowd = JoinSet::new();
    for _ in 0..calls {
        let (address, bytes) = (server.address, slow(key, 1_000).bytes());
        crowd.spawn(async move { crate::support::send(address, &bytes).await.status });
    }
    let started = || server.handler.started.load(Ordering::SeqCst) == running;
    eventually("the first calls run", started).await;
    // The others are on their way to the queue.
    tokio::time::sleep(Duration::from_millis(200)).await;
    crowd
}

fn narrow(keys: &[&Key], change: impl FnOnce(&mut Policy)) -> Policy {
    let mut policy = policy(keys);
    policy.limits.queue_wait = Duration::from_secs(15);
    change(&mut policy);
    policy
}

#[tokio::test]
async fn a_client_does_not_get_all_places() {
    let (greedy, modest) = (Key::new(), Key::new());
    let policy = narrow(&[&greedy, &modest], |policy| {
        policy.limits.concurrency = 2;
        policy.limits.client_concurrency = Some(1);
    });
    let server = start(policy).await;
    let crowd = crowd(&server, &greedy, 5, 1).await;
    let begun = Instant::now();
    assert_eq!(slow(&modest, 0).send(&server).await.status, 200);
    assert!(begun.elapsed() < Duration::from_millis(700), "it waited {:?}", begun.elapsed());
    assert_eq!(server.handler.started.load(Ordering::SeqCst), 2, "one of the greedy client, and this one");
    drop(crowd);
}

#[tokio::test]
async fn by_default_a_quarter_of_the_places_is_for_others() {
    let greedy = Key::new();
    let server = start(narrow(&[&greedy], |policy| policy.limits.concurrency = 8)).await;
    let crowd = crowd(&server, &greedy, 12, 6).await;
    assert_eq!(server.handler.started.load(Ordering::SeqCst), 6);
    drop(crowd);
}

#[tokio::test]
async fn places_go_round_and_a_full_queue_gives_way() {
    let (greedy, modest) = (Key::new(), Key::new());
    let policy = narrow(&[&greedy, &modest], |policy| {
        policy.limits.concurrency = 1;
        policy.limits.queue = 4;
        policy.limits.client_queue = Some(4);
    });
    let server = start(policy).await;
    let crowd = crowd(&server, &greedy, 5, 1).await;
    let begun = Instant::now();
    assert_eq!(slow(&modest, 0).send(&server).await.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(3), "four of the other's calls came first: {:?}", begun.elapsed());
    let mut statuses = crowd.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 503]);
}

#[tokio::test]
async fn a_client_does_not_get_the_whole_queue() {
    let greedy = Key::new();
    let policy = narrow(&[&greedy], |policy| {
        policy.limits.concurrency = 1;
        policy.limits.queue = 8;
        policy.limits.client_queue = Some(1);
    });
    let server = start(policy).await;
    let mut statuses = crowd(&server, &greedy, 4, 1).await.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 503, 503]);
}
