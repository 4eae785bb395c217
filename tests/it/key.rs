//! `mcpsec key`

use std::{fs, path::Path, time::SystemTime};

use mcpsec_policy::{Key, KeyStore};
use predicates::{boolean::PredicateBooleanExt, str::contains};

use super::command::mcpsec;

fn new(folder: &Path, arguments: &[&str]) -> String {
    let assert = mcpsec().current_dir(folder).args(["key", "new"]).args(arguments).assert().code(0);
    String::from_utf8(assert.get_output().stdout.clone()).expect("text")
}

#[test]
fn a_new_key_is_shown_once_and_its_hash_proves_its_holder() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = new(folder.path(), &["--scope", "read", "--scope", "write", "--expires", "90d", "--name", "dashboard"]);
    let key = Key::parse(shown.trim_end()).expect("the key alone is on standard output");
    let file = folder.path().join("keys.toml");
    let text = fs::read_to_string(&file).expect("written");
    assert!(!text.contains(key.expose()), "{text}");
    let store = KeyStore::open(&file).expect("a key file");
    let identity = store.verify(key.expose(), SystemTime::now()).expect("accepted");
    assert_eq!(identity.subject, format!("key:{}", key.id()));
    assert_eq!(identity.scopes.into_iter().collect::<Vec<_>>(), ["read", "write"]);
    let later = SystemTime::now() + std::time::Duration::from_secs(91 * 86_400);
    assert!(store.verify(key.expose(), later).is_err());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    new(folder.path(), &[]);
    let file = folder.path().join("keys.toml");
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    let names: Vec<_> =
        fs::read_dir(&folder).expect("readable").map(|entry| entry.expect("readable").file_name()).collect();
    assert_eq!(names, ["keys.toml"], "nothing temporary is left");
}

#[test]
fn keys_are_listed_and_revoked_by_id() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Key::parse(new(folder.path(), &["--scope", "read", "--name", "a"]).trim_end()).expect("a key");
    let second = Key::parse(new(folder.path(), &["--name", "b"]).trim_end()).expect("a key");
    let run = |arguments: &[&str]| mcpsec().current_dir(&folder).arg("key").args(arguments).assert();
    run(&["list"]).code(0).stdout(contains(first.id()).and(contains(second.id())).and(contains("never")));
    run(&["revoke", first.id()]).code(0).stdout(contains("revoked"));
    run(&["revoke", first.id()]).code(2).stderr(contains("no key with the id"));
    let listed = run(&["list", "--format", "json"]).code(0).get_output().stdout.clone();
    let listed: serde_json::Value = serde_json::from_slice(&listed).expect("JSON");
    assert_eq!(listed["keys"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["keys"][0]["id"], second.id());
    let store = KeyStore::open(&folder.path().join("keys.toml")).expect("a key file");
    assert!(store.verify(first.expose(), SystemTime::now()).is_err());
    assert!(store.verify(second.expose(), SystemTime::now()).is_ok());
    // A whole key is refused without being repeated.
    run(&["revoke", second.expose()]).code(2).stderr(contains("not its id").and(contains(second.expose()).not()));
}

#[test]
fn a_rotated_key_keeps_id_and_scopes_and_the_old_one_ends_when_it_was_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = Key::parse(new(folder.path(), &["--scope", "read", "--expires", "90d"]).trim_end()).expect("a key");
    let run = |arguments: &[&str]| mcpsec().current_dir(&folder).arg("key").args(arguments).assert();
    let shown = run(&["rotate", old.id(), "--until", "7d"]).code(0).get_output().stdout.clone();
    let fresh = Key::parse(String::from_utf8(shown).expect("text").trim_end()).expect("the key alone");
    assert_eq!(fresh.id(), old.id());
    let store = KeyStore::open(&folder.path().join("keys.toml")).expect("a key file");
    let after = |days: u64| SystemTime::now() + std::time::Duration::from_secs(days * 86_400);
    let scopes = |key: &Key, days| store.verify(key.expose(), after(days)).map(|identity| identity.scopes.len());
    assert_eq!((scopes(&old, 6), scopes(&fresh, 6)), (Ok(1), Ok(1)));
    assert!(scopes(&old, 8).is_err() && scopes(&fresh, 89).is_ok() && scopes(&fresh, 91).is_err());
    run(&["rotate", old.id()]).code(2).stdout("").stderr(contains("two versions"));
    run(&["rotate", "zzzzzzzz"]).code(2).stderr(contains("no key with the id"));
    run(&["rotate", old.id(), "--until", "yesterday"]).code(2).stderr(contains("`--until yesterday`"));
    run(&["rotate", fresh.expose()]).code(2).stderr(contains("not its id").and(contains(fresh.expose()).not()));
}

#[test]
fn a_broken_key_file_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("keys.toml");
    for text in ["[[keys]\n", "[[keys]]\nid = \"x\"\n", "precious = true\n"] {
        fs::write(&file, text).expect("written");
        mcpsec().current_dir(&folder).args(["key", "new"]).assert().code(2).stdout("").stderr(contains("keys.toml:"));
        assert_eq!(fs::read_to_string(&file).expect("there"), text);
    }
}

#[test]
fn wrong_arguments_make_no_key() {
    let folder = tempfile::tempdir().expect("a folder");
    for arguments in [
        &["--expires", "yesterday"][..],
        &["--expires", "2001-01-01"],
        &["--expires", "0s"],
        &["--expires", "9999999999d"],
        &["--scope", "a b"],
        &["--scope", ""],
        &["--file", "missing/keys.toml"],
    ] {
        mcpsec().current_dir(&folder).args(["key", "new"]).args(arguments).assert().code(2).stdout("");
    }
    assert_eq!(fs::read_dir(&folder).expect("readable").count(), 0);
}

#[test]
fn keys_made_at_the_same_time_are_all_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| new(folder.path(), &[]));
        }
    });
    let store = KeyStore::open(&folder.path().join("keys.toml")).expect("a key file");
    assert_eq!(store.records().count(), 8);
}
