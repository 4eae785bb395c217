//! Rates in a Redis that several servers share. Each test starts its own, from the Debian package `redis-server`.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use mcpsec_policy::{
    Environment, Policy, Rate,
    model::{AuditSink, Rates, Window},
};
use mcpsec_runtime::Runtime;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Key, Request, Server, call, policy, start_with};

/// No call may wait longer, whatever the store does.
const BOUND: Duration = Duration::from_secs(2);

struct Redis {
    child: Child,
    port: u16,
    folder: TempDir,
    password: Option<&'static str>,
}

impl Redis {
    fn start(password: Option<&'static str>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port is free").port();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let redis = Self { child: serve(port, &folder, password), port, folder, password };
        redis.wait();
        redis
    }

    fn wait(&self) {
        let begun = Instant::now();
        while !self.cli(&["ping"]).contains("PONG") {
            assert!(begun.elapsed() < Duration::from_secs(20), "Redis does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn cli(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string()]).args(arguments);
        if let Some(password) = self.password {
            command.env("REDISCLI_AUTH", password);
        }
        String::from_utf8_lossy(&command.output().expect("redis-cli comes with redis-server").stdout).into_owned()
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.expect("there is `kill`").success());
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn again(&mut self) {
        self.child = serve(self.port, &self.folder, self.password);
        self.wait();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(port: u16, folder: &TempDir, password: Option<&str>) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &port.to_string()]);
    if let Some(password) = password {
        command.args(["--requirepass", password]);
    }
    command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("`redis-server` can be started: install the Debian package redis-server")
}

/// The `[rate]` section, read as a policy file has it.
fn rates(redis: &Redis, password: &str, change: impl FnOnce(&mut Rates)) -> Rates {
    let text = format!(
        "version = 1\n[rate]\nstore = \"redis://:${{REDIS_PASSWORD}}@127.0.0.1:{}\"\nreplicas = 2\nstore_wait = \"500ms\"",
        redis.port
    );
    let text = if password.is_empty() { text.replace(":${REDIS_PASSWORD}@", "") } else { text };
    let environment: Environment = [("REDIS_PASSWORD", password)].into_iter().collect();
    let mut rates = Policy::parse(&text, "mcpsec.toml", &environment).expect("a policy").policy.rate;
    rates.default = Rate::per_minute(10);
    change(&mut rates);
    rates
}

/// A server, and what shows its state.
struct Replica {
    server: Server,
    runtime: Arc<Runtime>,
    folder: TempDir,
}

impl Replica {
    async fn start(key: &Key, rates: Rates) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut policy = policy(&[key]);
        policy.rate = rates;
        policy.audit.sink = AuditSink::File(folder.path().join("audit.jsonl"));
        let runtime = Runtime::new(policy).expect("the policy is fine");
        Self { server: start_with(&runtime).await, runtime, folder }
    }

    async fn call(&self, key: &Key) -> u16 {
        let begun = Instant::now();
        let reply = Request::post(call(1, json!({ "text": "hi" }))).modern().key(key).send(&self.server).await;
        assert!(begun.elapsed() < BOUND, "a call took {:?}", begun.elapsed());
        reply.status
    }

    /// How many of `calls` are answered.
    async fn passed(&self, key: &Key, calls: usize) -> usize {
        let mut passed = 0;
        for _ in 0..calls {
            match self.call(key).await {
                200 => passed += 1,
                status => assert_eq!(status, 429),
            }
        }
        passed
    }

    fn is_away(&self) -> bool {
        self.runtime.rate_store().expect("there is a store").away
    }

    /// Calls until the store has judged one.
    async fn until_back(&self, key: &Key) {
        let begun = Instant::now();
        while self.is_away() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the store is still away");
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.call(key).await;
        }
    }

    async fn audit(&self, words: &str) -> String {
        let file = self.folder.path().join("audit.jsonl");
        let begun = Instant::now();
        loop {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            if text.contains(words) {
                return text;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "no `{words}` in\n{text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn two_replicas_share_each_kind_of_limit_and_ask_once_a_call() {
    let redis = Redis::start(None);
    for window in [Window::Bucket, Window::Sliding, Window::Fixed] {
        let key = Key::new();
        let shared = rates(&redis, "", |rates| {
            rates.window = window;
            // Long enough that none begins or refills meanwhile.
            rates.default = "10/day".parse().expect("a rate");
        });
        let one = Replica::start(&key, shared.clone()).await;
        let two = Replica::start(&key, shared).await;
        redis.cli(&["config", "resetstat"]);
        assert_eq!(one.passed(&key, 6).await, 6, "{window:?}");
        assert_eq!(two.passed(&key, 6).await, 4, "{window:?}");
        assert_eq!(one.passed(&key, 3).await, 0, "{window:?}");
        let statistics = redis.cli(&["info", "commandstats"]);
        assert!(statistics.contains("cmdstat_evalsha:calls=15,"), "{statistics}");
        assert!(!one.is_away() && !two.is_away());
        assert!(!redis.cli(&["keys", "*"]).contains(&key.record.id), "a name tells who calls");
    }
    for name in redis.cli(&["keys", "*"]).lines() {
        assert!(name.starts_with("mcpsec:rate:"), "{name}");
        let left: i64 = redis.cli(&["ttl", name]).trim().parse().expect("seconds");
        assert!((1..=92_000).contains(&left), "{name} lives for {left} s");
    }
}

#[tokio::test]
async fn a_store_that_hangs_leaves_a_stricter_share_and_then_counts_again() {
    let (redis, key) = (Redis::start(None), Key::new());
    let replica = Replica::start(&key, rates(&redis, "", |_| ())).await;
    assert_eq!(replica.passed(&key, 3).await, 3);
    redis.signal("-STOP");
    // Its share is 5, of which 3 are used.
    let passed = replica.passed(&key, 10).await;
    assert!((2..=3).contains(&passed), "{passed} of a share of 2");
    assert!(replica.is_away());
    let state = replica.runtime.rate_store().expect("there is a store");
    assert!(state.outages >= 1 && state.judged_locally >= 10, "{state:?}");
    replica.audit("rate/store").await;
    redis.signal("-CONT");
    replica.until_back(&key).await;
    replica.audit("answers again").await;
    let passed = replica.passed(&key, 10).await;
    assert!((4..=8).contains(&passed), "{passed} of 7 that Redis has left");
}

#[tokio::test]
async fn a_store_that_is_gone_and_comes_back_empty_is_used_again() {
    let (mut redis, key) = (Redis::start(None), Key::new());
    let replica = Replica::start(&key, rates(&redis, "", |_| ())).await;
    assert_eq!(replica.call(&key).await, 200);
    redis.stop();
    let passed = replica.passed(&key, 10).await;
    assert!((4..=5).contains(&passed), "{passed} of a share of 4");
    redis.again();
    replica.until_back(&key).await;
    assert!(replica.passed(&key, 12).await >= 9);
    assert_eq!(replica.call(&key).await, 429);
}

#[tokio::test]
async fn a_password_opens_the_store_and_is_never_told() {
    let (redis, key) = (Redis::start(Some("hunter2")), Key::new());
    let right = Replica::start(&key, rates(&redis, "hunter2", |_| ())).await;
    assert_eq!(right.call(&key).await, 200);
    assert!(!right.is_away());
    let wrong = Replica::start(&key, rates(&redis, "wrong-horse", |_| ())).await;
    assert_eq!(wrong.passed(&key, 10).await, 5, "the share of one replica");
    let told = wrong.audit("does not accept the credentials").await;
    assert!(!told.contains("wrong-horse") && !format!("{:?}", wrong.runtime).contains("wrong-horse"));
}

#[tokio::test]
async fn a_store_that_was_never_there_does_not_stop_the_server() {
    let (mut redis, key) = (Redis::start(None), Key::new());
    redis.stop();
    let replica = Replica::start(&key, rates(&redis, "", |_| ())).await;
    assert_eq!(replica.passed(&key, 10).await, 5);
    redis.again();
    replica.until_back(&key).await;
}
