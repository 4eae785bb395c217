//! Generated projects are real ones: they are formatted, build with their lockfile, and pass their own tests.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use mcpsec::scaffold::{lock::PLACEHOLDER, template};

use crate::command::mcpsec;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every choice of providers.
pub(crate) const PROVIDERS: [&str; 7] = [
    "tools",
    "resources",
    "prompts",
    "tools,resources",
    "tools,prompts",
    "resources,prompts",
    "tools,resources,prompts",
];

/// Where generated projects are kept between runs, so that cargo has to build only what has changed.
fn workshop() -> PathBuf {
    Path::new(ROOT).join("target/generated")
}

/// Writes a project into an empty folder that lives as long as the test.
fn fresh(name: &str, flags: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    mcpsec().current_dir(folder.path()).args(["new", name, "--defaults"]).args(flags).assert().code(0);
    let project = folder.path().join(name);
    (folder, project)
}

/// Brings the project in the workshop up to date, without touching a file that is as it should be.
fn kept(name: &str, flags: &[&str]) -> PathBuf {
    let (_folder, source) = fresh(name, flags);
    let target = workshop().join(name);
    let (wanted, present) = (files(&source), files(&target));
    for path in present.keys().filter(|path| !wanted.contains_key(*path)) {
        fs::remove_file(target.join(path)).expect("removed");
    }
    for (path, bytes) in wanted.iter().filter(|(path, bytes)| present.get(*path) != Some(bytes)) {
        let path = target.join(path);
        fs::create_dir_all(path.parent().expect("it is below the target")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    target
}

/// Every file below `folder` with its content; of a folder that is not there, nothing.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten() {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).expect("readable");
                found.insert(path.strip_prefix(folder).expect("it is below").to_owned(), bytes);
            }
        }
    }
    found
}

/// Runs cargo in a project, with the one target folder of all generated projects and nothing of the outer cargo's.
fn cargo(project: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("cargo");
    command.current_dir(project).args(arguments).env_clear();
    for name in ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "TMPDIR"] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("CARGO_TARGET_DIR", Path::new(ROOT).join("target/generated-target"));
    command.output().expect("cargo is there, since it runs this test")
}

#[track_caller]
fn passes(project: &Path, arguments: &[&str]) {
    let output = cargo(project, arguments);
    assert!(
        output.status.success(),
        "cargo {} in {} failed:\n{}\n{}",
        arguments.join(" "),
        project.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}

#[track_caller]
fn builds_and_passes(name: &str, flags: &[&str]) {
    let project = kept(name, flags);
    passes(&project, &["fmt", "--check"]);
    passes(&project, &["clippy", "--locked", "--all-targets", "--", "-D", "warnings"]);
    passes(&project, &["test", "--locked"]);
}

#[test]
fn a_stdio_project_is_formatted_and_free_of_warnings_and_passes_its_tests() {
    builds_and_passes("generated-stdio", &["--transport", "stdio"]);
}

#[test]
fn an_http_project_is_formatted_and_free_of_warnings_and_passes_its_tests() {
    builds_and_passes("generated-http", &["--transport", "http"]);
}

#[test]
fn every_combination_is_formatted() {
    for transport in ["stdio", "http"] {
        for providers in PROVIDERS {
            let (_folder, project) = fresh("formatted", &["--transport", transport, "--providers", providers]);
            passes(&project, &["fmt", "--check"]);
        }
    }
}

/// Cargo resolves the dependencies of every combination to exactly what its lockfile says.
///
/// `BLESS=1 cargo test the_lockfile` makes the template's lockfiles again, from this workspace's own.
#[test]
fn the_lockfile_of_every_combination_is_the_one_that_cargo_would_write() {
    for transport in ["stdio", "http"] {
        for providers in PROVIDERS {
            let (_folder, project) = fresh(PLACEHOLDER, &["--transport", transport, "--providers", providers]);
            let resolve = ["metadata", "--locked", "--format-version", "1"];
            if providers == PROVIDERS[6]
                && env::var_os("BLESS").is_some()
                && !cargo(&project, &resolve).status.success()
            {
                bless(&project, transport);
                continue;
            }
            if env::var_os("BLESS").is_none() {
                let output = cargo(&project, &resolve);
                let reason = String::from_utf8_lossy(&output.stderr);
                assert!(
                    output.status.success(),
                    "{transport} with {providers}: {reason}\nrun `BLESS=1 cargo test` twice"
                );
            }
        }
    }
}

fn bless(project: &Path, transport: &str) {
    fs::copy(Path::new(ROOT).join("Cargo.lock"), project.join("Cargo.lock")).expect("copied");
    passes(project, &["metadata", "--format-version", "1"]);
    let locks = Path::new(ROOT).join("templates/rust/locks");
    fs::create_dir_all(&locks).expect("made");
    fs::copy(project.join("Cargo.lock"), locks.join(format!("{transport}.lock"))).expect("copied");
}

#[test]
fn the_template_has_a_lockfile_for_each_transport() {
    let template = template::load("rust").expect("it is embedded");
    let transports = template.variable("transport").expect("it is asked").kind.choices();
    assert_eq!(template.locks.keys().copied().collect::<Vec<_>>(), {
        let mut sorted: Vec<_> = transports.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        sorted
    });
}
