use mcpsec_policy::model::AuditSink;
use mcpsec_runtime::{Runtime, ServeError};
use serde_json::json;

use crate::{
    server::Everything,
    wire::{Wire, policy},
};

#[tokio::test]
async fn each_decision_leaves_one_record_without_arguments_or_results() {
    let mut wire = Wire::open(policy(|_| {}), Everything::new()).await;
    let answer = wire.call("echo", json!({"text": "hunter2"})).await;
    wire.call("echo", json!({"text": "hunter2hunter2"})).await;
    wire.call("breaks", json!({})).await;
    wire.send_line("not json").await;
    wire.receive().await;
    let records = wire.records(6).await;
    let written = serde_json::to_string(&records).unwrap();
    assert!(!written.contains("hunter2"), "{written}");
    let of = |verdict: &str| records.iter().filter(|record| record["verdict"] == verdict).count();
    assert_eq!((of("allowed"), of("refused"), of("failed")), (3, 2, 1), "{written}");
    let call =
        records.iter().find(|record| record["method"] == "tools/call" && record["verdict"] == "allowed").unwrap();
    assert_eq!(call["client"], "local");
    assert_eq!(call["transport"], "stdio");
    assert_eq!(call["target"], "echo");
    assert_eq!(call["request_id"], answer["result"]["_meta"]["request_id"], "the id links answer and record");
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_leaves_a_record() {
    let quick = policy(|policy| policy.limits.drain = std::time::Duration::from_millis(50));
    let mut wire = Wire::open(quick, Everything::new()).await;
    wire.ask("tools/call", json!({"name": "stubborn", "arguments": {"ms": 60_000}})).await;
    wire.end_input().await;
    let records = wire.records(3).await;
    let call = records.iter().find(|record| record["target"] == "stubborn").unwrap();
    assert_eq!(call["verdict"], "cancelled");
}

#[test]
fn a_server_whose_audit_log_cannot_be_opened_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent").join("audit.jsonl");
    let error = Runtime::new(policy(|policy| policy.audit.sink = AuditSink::File(absent))).unwrap_err();
    assert!(matches!(error, ServeError::Audit { .. }), "{error}");
    assert!(error.is_configuration());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn calls_are_refused_while_the_audit_log_cannot_be_written() {
    let full = policy(|policy| policy.audit.sink = AuditSink::File("/dev/full".into()));
    let server = Everything::new();
    let mut wire = Wire::silent(full, server.clone());
    // The first line of a log says that it begins: the writer knows at once, or after a few calls.
    for id in 0..100 {
        wire.send(json!({"jsonrpc": "2.0", "id": id, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "wire", "version": "1"}
        }}))
        .await;
        let answer = wire.receive().await;
        if answer["error"]["code"] == 503 {
            assert_eq!(server.reached.load(std::sync::atomic::Ordering::SeqCst), 0);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("calls went on without an audit log");
}
