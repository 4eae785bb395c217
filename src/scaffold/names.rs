//! Names that an ecosystem accepts, with the reason and a better one where it does not.

use std::fmt;

use serde::Deserialize;

/// Whose rules a project's name has to follow.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// Rust packages.
    Cargo,
}

/// Why a name cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameError {
    /// The name.
    pub name: String,
    /// One lowercase clause.
    pub reason: String,
    /// A name close to it that can be used.
    pub suggestion: String,
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be the name: {}", self.name.escape_debug(), self.reason)
    }
}

impl std::error::Error for NameError {}

/// Longest name, as the Rust registry has it.
const MAX_LENGTH: usize = 64;

/// Strict, reserved and edition-dependent keywords of Rust.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
    "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Packages that come with the compiler.
const COMPILER: &[&str] = &["alloc", "core", "proc-macro", "proc_macro", "std", "test"];

/// Folders that cargo makes beside the binary.
const BUILD_FOLDERS: &[&str] = &["build", "deps", "examples", "incremental"];

/// Device names, which no file on Windows can have.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];

/// Checks `name`; `taken` are the packages that the project depends on.
pub fn check(name: &str, ecosystem: Ecosystem, taken: &[&str]) -> Result<(), NameError> {
    let Ecosystem::Cargo = ecosystem;
    match objection(name, taken) {
        None => Ok(()),
        Some(reason) => Err(NameError { name: name.to_owned(), reason, suggestion: suggestion(name, taken) }),
    }
}

fn objection(name: &str, taken: &[&str]) -> Option<String> {
    let first = match name.chars().next() {
        None => return Some("it is empty".to_owned()),
        Some(first) => first,
    };
    if let Some(bad) = name.chars().find(|it| !(it.is_ascii_alphanumeric() || matches!(it, '-' | '_'))) {
        let bad = bad.escape_debug();
        return Some(format!("`{bad}` is neither a letter (a-z), a digit, `-` nor `_`"));
    }
    if let Some(bad) = name.chars().find(char::is_ascii_uppercase) {
        return Some(format!("`{bad}` is a capital letter, which container registries refuse"));
    }
    if !first.is_ascii_lowercase() {
        return Some(format!("it starts with `{first}` and not with a letter"));
    }
    if name.ends_with(['-', '_']) {
        return Some("it ends with a separator".to_owned());
    }
    if name.len() > MAX_LENGTH {
        return Some(format!("it has {} characters, and the registry takes {MAX_LENGTH}", name.len()));
    }
    if KEYWORDS.contains(&name) {
        return Some("it is a keyword of Rust".to_owned());
    }
    if COMPILER.contains(&name) {
        return Some("a package of that name comes with the compiler".to_owned());
    }
    if BUILD_FOLDERS.contains(&name) {
        return Some("cargo makes a folder of that name beside the binary".to_owned());
    }
    if DEVICES.contains(&name) || is_numbered_device(name) {
        return Some("it is a device on Windows".to_owned());
    }
    let same = |it: &&&str| it.replace('_', "-") == name.replace('_', "-");
    taken.iter().find(same).map(|it| format!("the project depends on the package `{it}`"))
}

fn is_numbered_device(name: &str) -> bool {
    let number = name.strip_prefix("com").or_else(|| name.strip_prefix("lpt"));
    number.is_some_and(|it| it.len() == 1 && it.starts_with(|digit: char| matches!(digit, '1'..='9')))
}

/// The closest name that [`check`] accepts.
fn suggestion(name: &str, taken: &[&str]) -> String {
    let mut slug = String::new();
    for part in name.split(|it: char| !it.is_ascii_alphanumeric()).filter(|part| !part.is_empty()) {
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(&part.to_ascii_lowercase());
    }
    slug.truncate(MAX_LENGTH - "mcp--server".len());
    let slug = slug.trim_matches('-');
    let candidates = [slug.to_owned(), format!("{slug}-server"), format!("mcp-{slug}")];
    let accepted = candidates.into_iter().find(|it| objection(it, taken).is_none());
    accepted.unwrap_or_else(|| "my-server".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(name: &str, reason: &str, suggestion: &str) {
        let error = check(name, Ecosystem::Cargo, &["rmcp", "cap-std"]).expect_err("it has to be refused");
        assert!(error.reason.contains(reason), "{error}");
        assert_eq!(error.suggestion, suggestion);
    }

    #[test]
    fn names_that_cargo_or_a_registry_refuses_get_a_reason_and_a_better_one() {
        refused("", "empty", "my-server");
        refused("My Server", "` `", "my-server");
        refused("MyServer", "capital", "myserver");
        refused("../evil", "`.`", "evil");
        refused("a;b", "`;`", "a-b");
        refused("größe", "`ö`", "gr-e");
        refused("1abc", "starts with `1`", "mcp-1abc");
        refused("_x", "starts with `_`", "x");
        refused("x-", "separator", "x");
        refused("test", "compiler", "test-server");
        refused("gen", "keyword", "gen-server");
        refused("build", "folder", "build-server");
        refused("com1", "Windows", "com1-server");
        refused("rmcp", "depends on", "rmcp-server");
        refused("cap_std", "depends on", "cap-std-server");
        refused("\u{202e}", "\\u{202e}", "my-server");
    }

    #[test]
    fn the_length_limit_is_inclusive() {
        assert_eq!(check(&"a".repeat(64), Ecosystem::Cargo, &[]), Ok(()));
        let error = check(&"a".repeat(65), Ecosystem::Cargo, &[]).expect_err("too long");
        assert_eq!(check(&error.suggestion, Ecosystem::Cargo, &[]), Ok(()));
    }

    #[test]
    fn ordinary_names_pass() {
        for name in ["my-server", "server2", "a", "x_y", "com10", "tests"] {
            assert_eq!(check(name, Ecosystem::Cargo, &["rmcp"]), Ok(()), "{name}");
        }
    }
}
