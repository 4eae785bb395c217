//! The file of the audit log over restarts, crashes, rotations and full disks.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use mcpsec_policy::{
    ByteSize, Policy,
    audit_log::{Hash, Link, segments},
    model::{AuditSink, Keep, OnFull, Rotate},
};
use mcpsec_runtime::{Runtime, ServeError};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    server::Everything,
    wire::{Wire, policy},
};

/// A folder for a log, and a policy that writes it there.
fn log(change: impl FnOnce(&mut Policy)) -> (TempDir, PathBuf, Policy) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let policy = policy(|policy| {
        policy.audit.sink = AuditSink::File(path.clone());
        change(policy);
    });
    (folder, path, policy)
}

/// Serves `calls` calls and ends in order.
async fn serve(policy: &Policy, calls: usize) {
    let mut wire = Wire::open(policy.clone(), Everything::new()).await;
    for _ in 0..calls {
        wire.call("echo", json!({"text": "a"})).await;
    }
    wire.end_input().await;
    wire.ended().await.unwrap();
    drop(wire);
}

/// Waits until the lines of all files are `enough`, and gives them.
async fn lines(path: &Path, enough: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    for _ in 0..250 {
        let mut text = String::new();
        for segment in segments::rotated(path).unwrap() {
            text += &fs::read_to_string(segment.path).unwrap_or_default();
        }
        text += &fs::read_to_string(path).unwrap_or_default();
        let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap_or_default()).collect();
        if enough(&records) {
            return records;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not what was waited for: {}", fs::read_to_string(path).unwrap_or_default());
}

fn calls(records: &[Value]) -> usize {
    records.iter().filter(|record| record["method"] == "tools/call").count()
}

fn of_type<'a>(records: &'a [Value], name: &str) -> Vec<&'a Value> {
    records.iter().filter(|record| record["type"] == name).collect()
}

/// Every line of every file is a link to the one before it.
pub(crate) fn assert_whole(path: &Path) -> u64 {
    let mut text = Vec::new();
    for segment in segments::rotated(path).unwrap() {
        text.extend(fs::read(segment.path).unwrap());
    }
    text.extend(fs::read(path).unwrap());
    let (mut last, mut head) = (0, Hash::NONE);
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Some(link) = Link::parse(line) else { continue };
        assert!(link.intact && link.previous == head && link.sequence == last + 1, "{link:?} after {last}");
        (last, head) = (link.sequence, link.hash);
    }
    last
}

#[tokio::test]
async fn a_restart_goes_on_with_the_chain() {
    let (_folder, path, policy) = log(|_| {});
    for round in 1..=3 {
        serve(&policy, 2).await;
        let records = lines(&path, |records| calls(records) == 2 * round).await;
        assert_eq!(of_type(&records, "start").len(), round);
        assert_eq!(of_type(&records, "segment").len(), 1);
    }
    assert!(assert_whole(&path) >= 10);
}

#[tokio::test]
async fn a_line_that_a_crash_tore_is_kept_and_named_by_the_next() {
    let (_folder, path, policy) = log(|_| {});
    serve(&policy, 1).await;
    lines(&path, |records| calls(records) == 1).await;
    let torn = b"{\"seq\":99,\"prev\":\"00";
    let mut text = fs::read(&path).unwrap();
    text.extend(torn);
    fs::write(&path, text).unwrap();
    serve(&policy, 1).await;
    let records = lines(&path, |records| calls(records) == 2).await;
    let starts = of_type(&records, "start");
    assert_eq!(starts[1]["torn"]["bytes"], torn.len());
    assert_eq!(starts[1]["torn"]["sha256"], Hash::of(torn).to_string());
    assert_whole(&path);
}

#[tokio::test]
async fn a_line_that_lacks_its_newline_alone_is_no_torn_line() {
    let (_folder, path, policy) = log(|_| {});
    serve(&policy, 1).await;
    lines(&path, |records| calls(records) == 1).await;
    let mut text = fs::read(&path).unwrap();
    assert_eq!(text.pop(), Some(b'\n'));
    fs::write(&path, text).unwrap();
    serve(&policy, 1).await;
    let records = lines(&path, |records| calls(records) == 2).await;
    assert!(of_type(&records, "start").iter().all(|start| start["torn"].is_null()));
    assert_whole(&path);
}

#[tokio::test]
async fn a_log_whose_end_was_changed_is_not_written_on() {
    let (_folder, path, policy) = log(|_| {});
    serve(&policy, 1).await;
    lines(&path, |records| calls(records) == 1).await;
    let text = fs::read_to_string(&path).unwrap().replace("\"allowed\"", "\"refused\"");
    fs::write(&path, &text).unwrap();
    // The lock is given back when the first server's thread has ended.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let error = Runtime::new(policy).unwrap_err();
    assert!(format!("{error:?}").contains("mcpsec audit verify"), "{error:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text, "the evidence is left as it is");
}

#[tokio::test]
async fn two_servers_do_not_write_one_log() {
    let (_folder, _, policy) = log(|_| {});
    let first = Runtime::new(policy.clone()).unwrap();
    let error = Runtime::new(policy.clone()).unwrap_err();
    assert!(matches!(&error, ServeError::Configuration(text) if text.contains("another process")), "{error}");
    drop(first);
    Runtime::new(policy).unwrap();
}

#[tokio::test]
async fn rotation_loses_no_line_and_keeps_the_chain() {
    let (_folder, path, policy) = log(|policy| policy.audit.rotate = Some(Rotate::Size(ByteSize(4 * 1024))));
    let mut wire = Wire::open(policy, Everything::new()).await;
    for _ in 0..120 {
        wire.ask("tools/call", json!({"name": "echo", "arguments": {"text": "a"}})).await;
        wire.receive().await;
    }
    let records = lines(&path, |records| calls(records) == 120).await;
    assert!(of_type(&records, "segment").len() > 3, "{}", of_type(&records, "segment").len());
    assert_whole(&path);
    let numbers: Vec<u64> = of_type(&records, "segment").iter().map(|it| it["segment"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn files_that_are_over_are_removed_and_their_removal_is_recorded() {
    let (_folder, path, policy) = log(|policy| {
        policy.audit.rotate = Some(Rotate::Size(ByteSize(4 * 1024)));
        policy.audit.keep = Some(Keep::Files(2));
    });
    let mut wire = Wire::open(policy, Everything::new()).await;
    for _ in 0..100 {
        wire.call("echo", json!({"text": "a"})).await;
    }
    wire.end_input().await;
    let records = lines(&path, |records| {
        calls(records) > 0
            && of_type(records, "segment").last().is_some_and(|last| {
                let kept: Vec<u64> = segments::rotated(&path).unwrap().iter().map(|it| it.number).collect();
                kept.len() == 2 && last["segment"] == kept[1] + 1 && kept[0] > 3
            })
    })
    .await;
    let removed: Vec<u64> = of_type(&records, "retention").iter().filter_map(|it| it["removed"].as_u64()).collect();
    let kept = segments::rotated(&path).unwrap()[0].number;
    assert!(removed.contains(&(kept - 1)), "{removed:?} {kept:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn calls_run_and_are_counted_where_the_policy_says_so() {
    let full = policy(|policy| {
        policy.audit.sink = AuditSink::File("/dev/full".into());
        policy.audit.on_full = OnFull::Count;
    });
    let mut wire = Wire::open(full, Everything::new()).await;
    for _ in 0..20 {
        let answer = wire.call("echo", json!({"text": "a"})).await;
        assert!(answer["result"].is_object(), "{answer}");
    }
}

#[cfg(feature = "age")]
#[tokio::test]
async fn full_files_are_encrypted_and_so_is_the_last_when_the_server_ends() {
    use mcpsec_policy::audit_log::age::{Identity, decrypt};
    use std::io::Read as _;

    let (text, recipient) = (
        "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    );
    let (_folder, path, policy) = log(|policy| {
        policy.audit.rotate = Some(Rotate::Size(ByteSize(4 * 1024)));
        policy.audit.recipients = vec![recipient.to_owned()];
    });
    let identities: [Identity; 1] = [text.parse().unwrap()];
    for round in 1..=2 {
        serve(&policy, 20).await;
        // The end of the first server encrypts what it wrote; the second goes on with the chain.
        for _ in 0..250 {
            let rotated = segments::rotated(&path).unwrap();
            if !rotated.is_empty()
                && rotated.iter().all(|it| it.encrypted)
                && !fs::read_to_string(&path).unwrap().contains("verdict")
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut all = Vec::new();
        for segment in segments::rotated(&path).unwrap() {
            assert!(segment.encrypted, "{segment:?}");
            let file = fs::read(&segment.path).unwrap();
            assert!(!file.windows(7).any(|window| window == b"verdict"));
            decrypt(&identities, &*file).unwrap().read_to_end(&mut all).unwrap();
        }
        let plain = fs::read_to_string(&path).unwrap();
        assert!(!plain.contains("verdict"), "{plain}");
        all.extend(plain.into_bytes());
        let whole = path.with_file_name(format!("whole{round}"));
        fs::write(&whole, &all).unwrap();
        assert_whole(&whole);
        let records: Vec<Value> =
            all.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!(calls(&records), 20 * round);
    }
    let other = policy.clone();
    let mut wrong = other;
    wrong.audit.recipients = vec![recipient.replace('z', "y")];
    let error = Runtime::new(wrong).unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("audit.recipients"), "{error}");
}
