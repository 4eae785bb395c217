//! The audit log of a server in a process of its own: killed in the middle, and on a disk that is full.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use mcpsec_policy::model::{AuditSink, OnFull};
use mcpsec_runtime::{Runtime, serve_streams};
use serde_json::{Value, json};

use crate::{audit_file::assert_whole, server::Everything, wire::policy};

/// Names the log, for the process that is the server.
const LOG: &str = "MCPSEC_TEST_AUDIT_LOG";
/// The policy for a full disk.
const ON_FULL: &str = "MCPSEC_TEST_AUDIT_ON_FULL";

/// Not a test in itself: the server that the tests below start.
#[tokio::test]
async fn server_process() {
    let Some(path) = std::env::var_os(LOG) else { return };
    let policy = policy(|policy| {
        policy.audit.sink = AuditSink::File(path.into());
        if std::env::var_os(ON_FULL).is_some_and(|word| word == "count") {
            policy.audit.on_full = OnFull::Count;
        }
    });
    let runtime = Runtime::new(policy).unwrap();
    let (input, output) = (tokio::io::stdin(), tokio::io::stdout());
    let _ = serve_streams(runtime, Everything::new(), input, output, Default::default()).await;
}

struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next_id: u64,
}

impl Server {
    /// Starts one; `before` is what a shell does first.
    fn start(log: &Path, before: &str, on_full: &str) -> Self {
        let command = format!("{before} exec \"$0\" --exact audit_process::server_process --nocapture");
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).arg(std::env::current_exe().unwrap()).env(LOG, log).env(ON_FULL, on_full);
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut server = Self { child, input, output, next_id: 0 };
        let hello =
            json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}});
        server.ask("initialize", &hello);
        assert!(server.answer()["result"].is_object());
        writeln!(server.input, "{}", json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).unwrap();
        server
    }

    fn ask(&mut self, method: &str, params: &Value) {
        self.next_id += 1;
        let message = json!({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params});
        writeln!(self.input, "{message}").unwrap();
    }

    /// The next answer. The test harness writes on the same stream.
    fn answer(&mut self) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the server ended");
            if let Some(at) = line.find("{\"") {
                return serde_json::from_str(&line[at..]).unwrap();
            }
        }
    }

    fn call(&mut self) -> Value {
        self.ask("tools/call", &json!({"name": "echo", "arguments": {"text": "a"}}));
        self.answer()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_log_is_whole_after_its_server_was_killed_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.jsonl");
    for round in 1..=4 {
        let mut server = Server::start(&log, "", "refuse");
        for _ in 0..50 * round {
            server.ask("tools/call", &json!({"name": "echo", "arguments": {"text": "a"}}));
        }
        for _ in 0..20 * round {
            server.answer();
        }
        // SIGKILL, while calls run and lines are written.
        drop(server);
    }
    drop(Server::start(&log, "", "refuse"));
    assert!(assert_whole(&log) > 100);
    let text = fs::read_to_string(&log).unwrap();
    assert_eq!(text.matches("\"type\":\"start\"").count(), 5, "each server said that it began");
}

/// A server whose files cannot grow beyond 64 KiB, until that is lifted.
#[cfg(target_os = "linux")]
fn on_a_full_disk(on_full: &str, mut until_full: impl FnMut(&mut Server, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.jsonl");
    // A shell counts in blocks of 512 or 1024 bytes.
    let mut server = Server::start(&log, "trap '' XFSZ; ulimit -S -f 64;", on_full);
    until_full(&mut server, &log);
    let lifted = Command::new("prlimit").args(["--fsize=unlimited", "--pid", &server.child.id().to_string()]).status();
    assert!(lifted.unwrap().success());
    let until = Instant::now() + Duration::from_secs(20);
    while !fs::read_to_string(&log).unwrap().contains("\"type\":\"lost\"") {
        assert!(Instant::now() < until, "what was lost was not said");
        server.call();
        thread::sleep(Duration::from_millis(20));
    }
    assert!(server.call()["result"].is_object(), "calls run again");
    let text = fs::read_to_string(&log).unwrap();
    let lost = text.lines().find(|line| line.contains("\"type\":\"lost\"")).unwrap();
    let said: Value = serde_json::from_str(lost).unwrap();
    assert_eq!(said["calls"], if on_full == "count" { "run" } else { "refused" }, "{said}");
    assert!(said["count"].as_u64().unwrap() > 0);
    assert_whole(&log);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_refuses_calls_until_there_is_room() {
    on_a_full_disk("refuse", |server, _| {
        let until = Instant::now() + Duration::from_secs(30);
        while server.call()["error"]["code"] != 503 {
            assert!(Instant::now() < until, "calls went on without a trace");
        }
        assert_eq!(server.call()["error"]["code"], 503);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_counts_what_is_lost_where_the_policy_says_so() {
    on_a_full_disk("count", |server, log| {
        for _ in 0..400 {
            assert!(server.call()["result"].is_object());
        }
        let size = fs::metadata(log).unwrap().len();
        assert!(size <= 64 * 1024, "{size}");
    });
}
