//! A client that writes bytes and reads lines, so that a test can send what no proper client would.

use std::{path::PathBuf, time::Duration};

use mcpsec_policy::{
    Policy, Rate,
    model::{Access, AccessRule, AuditSink, Capabilities},
};
use mcpsec_runtime::{Runtime, ServeError, serve_streams};
use rmcp::ServerHandler;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// Longer than anything here may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A policy under which the local caller may do everything; `change` takes some of it back.
pub(crate) fn policy(change: impl FnOnce(&mut Policy)) -> Policy {
    let anything = AccessRule { who: vec!["local".to_owned()], may: vec!["**".to_owned()] };
    let mut policy = Policy {
        capabilities: Capabilities { tools: true, resources: true, prompts: true, completions: true, logging: true },
        access: Access { rules: vec![anything], ..Access::default() },
        ..Policy::default()
    };
    policy.rate.default = Rate::per_minute(10_000);
    change(&mut policy);
    policy
}

/// One connection to a hardened server.
pub(crate) struct Wire {
    input: Option<WriteHalf<DuplexStream>>,
    output: Lines<BufReader<ReadHalf<DuplexStream>>>,
    server: JoinHandle<Result<(), ServeError>>,
    pub(crate) shutdown: CancellationToken,
    folder: TempDir,
    next_id: i64,
}

impl Wire {
    /// Serves `handler` under `policy` and says hello.
    pub(crate) async fn open(policy: Policy, handler: impl ServerHandler) -> Self {
        let mut wire = Self::silent(policy, handler);
        wire.send(json!({"jsonrpc": "2.0", "id": "hello", "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "wire", "version": "1"}
        }}))
        .await;
        assert_eq!(wire.receive().await["id"], "hello");
        wire.send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await;
        wire
    }

    /// Serves `handler` under `policy`. Nothing was said yet.
    pub(crate) fn silent(mut policy: Policy, handler: impl ServerHandler) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        if policy.audit.sink == AuditSink::Stderr {
            policy.audit.sink = AuditSink::File(folder.path().join("audit.jsonl"));
        }
        let runtime = Runtime::new(policy).expect("the policy can be served");
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (server_input, server_output) = tokio::io::split(theirs);
        let (output, input) = tokio::io::split(ours);
        let shutdown = CancellationToken::new();
        let served = serve_streams(runtime, handler, server_input, server_output, shutdown.clone());
        let output = BufReader::new(output).lines();
        Self { input: Some(input), output, server: tokio::spawn(served), shutdown, folder, next_id: 0 }
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_line(&message.to_string()).await;
    }

    pub(crate) async fn send_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        input.write_all(format!("{line}\n").as_bytes()).await.expect("the server reads");
    }

    /// The next line.
    pub(crate) async fn receive(&mut self) -> Value {
        let line = timeout(PATIENCE, self.output.next_line()).await.expect("an answer in time");
        serde_json::from_str(&line.expect("the server writes").expect("an answer before the end")).expect("JSON")
    }

    /// Whether nothing comes for a while.
    pub(crate) async fn is_quiet(&mut self) -> bool {
        timeout(Duration::from_millis(200), self.output.next_line()).await.is_err()
    }

    /// Sends a request without waiting for its answer. Gives its id.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        self.send(json!({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params})).await;
        self.next_id
    }

    /// Sends a request and waits for its answer.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params).await;
        let answer = self.receive().await;
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    /// Calls a tool and waits for the answer.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        self.request("tools/call", json!({"name": tool, "arguments": arguments})).await
    }

    /// Waits for the server's end.
    pub(crate) async fn ended(&mut self) -> Result<(), ServeError> {
        timeout(PATIENCE, &mut self.server).await.expect("an end in time").expect("no panic")
    }

    /// Ends the input as a client does that exits.
    pub(crate) async fn end_input(&mut self) {
        if let Some(mut input) = self.input.take() {
            input.shutdown().await.expect("the server still reads");
        }
    }

    /// The audit records so far, waiting for `count` of them.
    pub(crate) async fn records(&self, count: usize) -> Vec<Value> {
        let path: PathBuf = self.folder.path().join("audit.jsonl");
        for _ in 0..200 {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let lines = text.lines().map(|line| serde_json::from_str(line).expect("a record is JSON"));
            // Lines with a type are about the log itself.
            let records: Vec<Value> = lines.filter(|record: &Value| record["type"].is_null()).collect();
            if count <= records.len() {
                return records;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("fewer than {count} records: {}", std::fs::read_to_string(&path).unwrap_or_default());
    }
}

/// The text of a tool result.
pub(crate) fn text_of(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap_or_default()
}
