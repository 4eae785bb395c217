//! The decorator forwards what rmcp has, also after rmcp grows.

use std::{collections::BTreeSet, path::PathBuf, process::Command};

/// Methods of the trait that are declared between the two lines of its macro.
fn methods_of_the_trait(source: &str) -> BTreeSet<String> {
    let start = source.find("macro_rules! server_handler_methods").expect("rmcp declares its methods in this macro");
    let end = source.find("pub trait ServerHandler").expect("rmcp has a trait `ServerHandler`");
    source[start..end]
        .lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with("//"))
        .filter_map(|line| line.strip_prefix("fn ").or_else(|| line.strip_prefix("async fn ")))
        .filter_map(|rest| rest.split(['(', '<']).next())
        .map(str::to_owned)
        .collect()
}

/// Methods that `harden.rs` implements: `fn name(` and the macros' `name(Type) ... as Variant;`.
fn methods_of_the_decorator() -> BTreeSet<String> {
    let source = include_str!("../../src/harden.rs");
    let start = source.find("impl<H: ServerHandler> ServerHandler for Hardened<H>").expect("the decorator");
    let end = source.find("impl<H: ServerHandler> Endpoint for Hardened<H>").expect("what comes after it");
    let lines = source[start..end].lines().map(str::trim);
    let name = |rest: &str| rest.split('(').next().map(str::to_owned);
    lines
        .filter_map(|line| match line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn ")) {
            Some(rest) => name(rest),
            None if line.ends_with(';') && line.contains(") ") && line.contains(" as ") => name(line),
            None => None,
        })
        .collect()
}

/// The platform of this compiler: what other platforms need was never downloaded.
fn platform() -> String {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc runs").stdout;
    let version = String::from_utf8_lossy(&version);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc names its host").to_owned()
}

/// Where cargo keeps the source of the rmcp that this crate is built with.
fn source_of_rmcp() -> String {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--filter-platform", &platform(), "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .output()
        .expect("cargo runs");
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).expect("cargo writes JSON");
    let package = metadata["packages"].as_array().expect("packages").iter().find(|package| package["name"] == "rmcp");
    let manifest = package.expect("rmcp is a dependency")["manifest_path"].as_str().expect("a path");
    let file = PathBuf::from(manifest).with_file_name("src").join("handler/server.rs");
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("`{}`: {error}", file.display()))
}

#[test]
fn every_method_of_rmcps_trait_is_forwarded() {
    let theirs = methods_of_the_trait(&source_of_rmcp());
    // A parser that finds too little would let everything pass.
    assert!(27 <= theirs.len(), "only {theirs:?}");
    assert!(theirs.contains("call_tool") && theirs.contains("get_tool") && theirs.contains("on_custom_notification"));
    assert_eq!(methods_of_the_decorator(), theirs);
}
