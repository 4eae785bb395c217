//! Writing: where a project goes, what is in it, and what an interrupted run leaves.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use mcpsec::{embedded, scaffold::base};
use predicates::{boolean::PredicateBooleanExt, str::contains};

use super::{Place, binary};
use crate::{command::mcpsec, generated::files};

#[test]
fn a_folder_with_something_in_it_is_refused_with_the_list() {
    let place = Place::new();
    fs::create_dir_all(place.path().join("p/src")).expect("made");
    fs::write(place.path().join("p/src/main.rs"), "mine").expect("written");
    fs::write(place.path().join("p/notes.txt"), "mine").expect("written");
    for extra in [&[][..], &["--dry-run"]] {
        place
            .new_project(&[&["p", "--defaults"], extra].concat())
            .code(2)
            .stderr(contains("is not empty"))
            .stderr(contains("would be overwritten: src/main.rs"))
            .stderr(contains("is in the way: notes.txt"));
    }
    assert_eq!(files(&place.path().join("p")).len(), 2);
    assert_eq!(place.text("p/src/main.rs"), "mine");
}

#[test]
fn a_dry_run_shows_everything_and_writes_nothing() {
    let place = Place::new();
    place
        .new_project(&["p", "--defaults", "--dry-run"])
        .code(0)
        .stdout(contains("Cargo.toml").and(contains("mcpsec-runtime/")).and(contains("Repeat with:")));
    place
        .new_project(&["p", "--defaults", "--dry-run", "--diff"])
        .code(0)
        .stdout(contains("+++ b/src/server.rs\n@@ -0,0 +1,").and(contains("\n+name = \"p\"\n")));
    place.new_project(&["p", "--defaults", "--diff"]).code(2);
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn a_project_goes_where_path_says_and_nowhere_else() {
    let place = Place::new();
    let elsewhere = Place::new();
    let target = elsewhere.path().join("sub dir");
    let target = target.to_str().expect("it is UTF-8");
    place.new_project(&["p", "--defaults", "--path", target]).code(0).stdout(contains(format!("cd '{target}'")));
    assert_eq!((place.names(), elsewhere.names()), (vec![], vec!["sub dir".to_owned()]));
    for (path, reason) in [
        ("no/such/parent", "is not a folder"),
        (".", "cannot replace the current folder"),
        ("..", "does not name a folder"),
        ("/", "does not name a folder"),
    ] {
        place.new_project(&["p", "--defaults", "--path", path]).code(2).stderr(contains(reason));
    }
    fs::write(place.path().join("file"), "").expect("written");
    place.new_project(&["p", "--defaults", "--path", "file"]).code(2).stderr(contains("is not a folder"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(elsewhere.path(), place.path().join("link")).expect("made");
        place.new_project(&["p", "--defaults", "--path", "link"]).code(2).stderr(contains("is not a folder"));
    }
    assert_eq!(elsewhere.names(), ["sub dir"]);
}

#[test]
fn the_source_of_the_runtime_is_the_one_that_was_asked_for() {
    let place = Place::new();
    let hash = "0123456789abcdef0123456789abcdef01234567";
    let checkout = format!("path:{}", env!("CARGO_MANIFEST_DIR"));
    for (name, source, expected, vendored, locked) in [
        ("a", "vendor", "path = \"vendor/mcpsec-runtime\"".to_owned(), true, true),
        ("b", "registry", format!("version = \"{}\"", env!("CARGO_PKG_VERSION")), false, false),
        ("c", &checkout, format!("path = \"{}/runtime\"", env!("CARGO_MANIFEST_DIR")), false, true),
        ("d", &format!("git:https://example.org/x@{hash}"), format!("rev = \"{hash}\""), false, false),
    ] {
        place.new_project(&[name, "--defaults", "--runtime", source]).code(0);
        let manifest = place.text(&format!("{name}/Cargo.toml"));
        let line = manifest.lines().find(|it| it.starts_with("mcpsec-runtime")).expect("it is a dependency");
        assert!(line.contains(&expected), "{line}");
        assert_eq!(place.path().join(name).join("vendor").exists(), vendored, "{source}");
        assert_eq!(place.path().join(name).join("Cargo.lock").exists(), locked, "{source}");
        assert_eq!(place.text(&format!("{name}/README.md")).contains("--locked"), locked, "{source}");
    }
    assert!(!place.text("c/.mcpsec/project.toml").contains(env!("CARGO_MANIFEST_DIR")), "a path of this machine");
}

#[test]
fn the_base_is_what_was_written_and_the_copy_of_the_runtime_is_recognised() {
    let place = Place::new();
    place.new_project(&["p", "--defaults"]).code(0);
    let written = files(&place.path().join("p"));
    let base = base::unpack(&written[Path::new(base::BASE)]).expect("it unpacks");
    let expected = written.iter().filter(|(path, _)| !path.starts_with("vendor") && !path.starts_with(".mcpsec"));
    for (path, bytes) in expected.clone() {
        assert_eq!(base[path.to_str().expect("UTF-8")].as_bytes(), bytes, "{}", path.display());
    }
    assert_eq!(base.len(), expected.count());
    let vendor = written.iter().filter_map(|(path, bytes)| {
        Some((path.strip_prefix("vendor").ok()?.to_str().expect("UTF-8"), bytes.as_slice()))
    });
    let mut vendor: Vec<_> = vendor.collect();
    vendor.sort_unstable();
    assert_eq!(embedded::digest(vendor), embedded::RUNTIME_DIGEST);
    assert!(place.text("p/.mcpsec/project.toml").contains(embedded::RUNTIME_DIGEST));
}

#[test]
fn a_new_project_is_clean_under_the_doctor() {
    for transport in ["stdio", "http"] {
        let place = Place::new();
        place.new_project(&["my-server", "--defaults", "--transport", transport]).code(0);
        let project = place.path().join("my-server");
        for arguments in [&["init", "--quiet"][..], &["add", "--all"]] {
            let git = Command::new("git").args(arguments).current_dir(&project).status().expect("git is there");
            assert!(git.success());
        }
        let output = mcpsec().current_dir(&project).args(["doctor", "--format", "json"]).output().expect("it runs");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        assert_eq!(output.status.code(), Some(0), "{transport}");
        assert_eq!(report["servers"].as_array().map(Vec::len), Some(1), "{transport}: its own server is seen");
        assert_eq!(report["findings"], serde_json::json!([]), "{transport}");
        assert_eq!(report["incomplete"], serde_json::json!([]), "{transport}");
    }
}

#[cfg(unix)]
#[test]
fn whoever_is_killed_midway_leaves_nothing_or_everything() {
    let complete = {
        let place = Place::new();
        place.new_project(&["p", "--defaults"]).code(0);
        files(&place.path().join("p"))
    };
    for (round, signal) in (0_u64..16).flat_map(|round| [(round, "-INT"), (round, "-TERM"), (round, "-KILL")]) {
        let place = Place::new();
        let mut child = Command::new(binary())
            .args(["new", "p", "--defaults"])
            .current_dir(place.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        thread::sleep(Duration::from_micros(round * 700));
        let _ = Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
        let status = child.wait().expect("it ends");
        let left = place.names();
        if place.path().join("p").exists() {
            assert_eq!(files(&place.path().join("p")), complete, "{signal} after {round}: {status}");
        }
        if signal != "-KILL" {
            assert!(left.is_empty() || left == ["p"], "{signal} after {round}: {status}: {left:?}");
        } else if left != ["p"] {
            // Who is killed cannot clean up. The next run does.
            place.new_project(&["p", "--defaults"]).code(0);
            assert_eq!(place.names(), ["p"]);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_executed_and_no_socket_is_opened() {
    let place = Place::new();
    let trace = place.path().join("trace");
    let status = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=network,process", "-o"])
        .arg(&trace)
        .arg(binary())
        .args(["new", "p", "--defaults"])
        .current_dir(place.path())
        .stdout(Stdio::null())
        .status()
        .expect("strace is installed, as .ci/run sees to");
    assert!(status.success());
    let calls = place.text("trace");
    assert_eq!(calls.matches("execve(").count(), 1, "itself only: {calls}");
    assert!(!calls.contains("socket(") && !calls.contains("connect("), "{calls}");
}
