//! Keys and tokens in files: what changes while the server runs, and what is asked together.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration, time::SystemTime};

use mcpsec_policy::{
    KeyStore, Policy,
    keys::{self, Lock},
    model::{AuditSink, Require},
};
use mcpsec_runtime::{HttpServer, Runtime};
use serde_json::json;

use crate::support::{Echo, Key, Request, Server, call, policy, start};

const TOKEN: &str = "q8Zr1Lk0Vw3Xy6Bn9Tm2Pd5Fh7Jc4GsA+/u1";
const OTHER: &str = "w8Zr1Lk0Vw3Xy6Bn9Tm2Pd5Fh7Jc4GsA+/u2";

fn hello() -> Request {
    Request::post(call(1, json!({ "text": "hello" }))).modern()
}

fn bearer(token: &str) -> Request {
    hello().header("authorization", format!("Bearer {token}"))
}

/// Waits until `request` is answered with `status`.
async fn becomes(server: &Server, request: Request, status: u16) {
    for _ in 0..100 {
        if request.send(server).await.status == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never became {status}");
}

fn write(path: &Path, text: &str, mode: u32) {
    let new = path.with_extension("new");
    fs::write(&new, text).expect("written");
    fs::set_permissions(&new, fs::Permissions::from_mode(mode)).expect("ours");
    fs::rename(new, path).expect("renamed");
}

fn with_tokens(path: &Path) -> Policy {
    let mut policy = policy(&[]);
    policy.auth.tokens = Some(path.to_owned());
    policy
}

#[tokio::test]
async fn a_rotated_key_is_good_at_once_and_a_broken_file_changes_nothing_and_is_audited() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, audit) = (folder.path().join("keys.toml"), folder.path().join("audit.jsonl"));
    let (old, mut store) = (Key::new(), KeyStore::default());
    store.insert(old.record.clone());
    let save = |store: &KeyStore| Lock::new(&path).expect("a lock").write(&store.to_toml()).expect("written");
    save(&store);
    let mut policy = policy(&[]);
    policy.auth.api_keys = Some(path.clone());
    policy.audit.sink = AuditSink::File(audit.clone());
    let mut server = start(policy).await;
    assert_eq!(hello().key(&old).send(&server).await.status, 200);

    let new = keys::Key::generate_for(&old.record.id).expect("randomness");
    assert_eq!(bearer(new.expose()).send(&server).await.status, 401);
    let now = SystemTime::now();
    store.rotate(&new, now, now + Duration::from_secs(3_600), None).expect("rotated");
    save(&store);
    becomes(&server, bearer(new.expose()), 200).await;
    assert_eq!(hello().key(&old).send(&server).await.status, 200, "both are good");

    write(&path, "[[keys]]\nid = 1\n", 0o600);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(bearer(new.expose()).send(&server).await.status, 200);
    assert_eq!(hello().key(&old).send(&server).await.status, 200);

    store.remove(&old.record.id);
    store.insert(Key::new().record);
    save(&store);
    becomes(&server, bearer(new.expose()), 401).await;
    server.shutdown.cancel();
    (&mut server.running).await.expect("no panic").expect("no error");
    let log = fs::read_to_string(audit).expect("written");
    assert_eq!(log.matches("\"reload\"").count(), 3, "{log}");
    assert_eq!(log.matches("the changed file cannot be used").count(), 1, "{log}");
}

#[tokio::test]
async fn a_line_of_the_token_file_opens_the_door_until_it_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tokens");
    write(&path, &format!("ci:{TOKEN}:all\n"), 0o600);
    let server = start(with_tokens(&path)).await;
    assert_eq!(bearer(TOKEN).send(&server).await.text(), "hello");
    assert_eq!(hello().header("x-api-key", TOKEN).send(&server).await.status, 200);
    for wrong in [OTHER, &TOKEN[1..], "", "ci", "a.b.c"] {
        assert_eq!(bearer(wrong).send(&server).await.status, 401, "{wrong}");
    }
    // Not while others could read it, not while it is broken.
    write(&path, &format!("ci:{OTHER}:all\n"), 0o644);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    write(&path, "ci:weak\n", 0o600);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(bearer(TOKEN).send(&server).await.status, 200);
    assert_eq!(bearer(OTHER).send(&server).await.status, 401);
    write(&path, &format!("ci:{OTHER}:all\n"), 0o600);
    becomes(&server, bearer(OTHER), 200).await;
    assert_eq!(bearer(TOKEN).send(&server).await.status, 401);
}

#[tokio::test]
async fn a_token_file_that_others_can_read_stops_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tokens");
    for (mode, says) in [(0o640, "can be read by others"), (0o602, "can be written by others")] {
        write(&path, &format!("ci:{TOKEN}:all\n"), mode);
        let runtime = Runtime::new(with_tokens(&path)).expect("the policy is fine");
        let error = HttpServer::bind(&runtime, Echo::default).await.err().expect("nobody may read it");
        assert!(error.is_configuration() && error.to_string().contains(says), "{error}");
        assert!(!error.to_string().contains(TOKEN));
    }
}

#[tokio::test]
async fn a_policy_may_ask_for_all_of_its_methods() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("tokens");
    write(&path, &format!("ci:{TOKEN}:all\n"), 0o600);
    let (key, stranger) = (Key::with_scopes(&["all"]), Key::new());
    let mut policy = policy(&[&key]);
    policy.auth.tokens = Some(path);
    policy.access.rules[0].who = vec![format!("key:{}", key.record.id)];
    policy.auth.require = Require::All;
    let server = start(policy.clone()).await;
    let check = async |server: &Server, request: Request, status: u16| {
        assert_eq!(request.send(server).await.status, status, "{}", request.head());
    };
    // The key names the caller, wherever it stands.
    check(&server, hello().key(&key).header("x-api-key", TOKEN), 200).await;
    check(&server, bearer(TOKEN).header("x-api-key", &key.text), 200).await;
    for request in [
        hello(),
        hello().key(&key),
        bearer(TOKEN),
        hello().key(&key).header("x-api-key", OTHER),
        hello().key(&key).header("x-api-key", &key.text),
        bearer(TOKEN).header("x-api-key", TOKEN),
        bearer(TOKEN).header("x-api-key", &stranger.text),
    ] {
        check(&server, request, 401).await;
    }
    policy.auth.require = Require::Any;
    let server = start(policy).await;
    check(&server, hello().key(&key), 200).await;
    check(&server, bearer(TOKEN), 403).await;
    check(&server, hello().key(&key).header("x-api-key", TOKEN), 401).await;
}
