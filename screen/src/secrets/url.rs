//! Passwords in URLs: `postgres://user:password@host`.

use super::{Proof, Secret, placeholder};

/// Longest part before the `@` that is looked at.
const LONGEST: usize = 512;

/// Passwords that a database on one's own machine has, and nobody protects.
const TRIVIAL: [&str; 16] = [
    "postgres",
    "root",
    "admin",
    "guest",
    "dev",
    "development",
    "mysql",
    "redis",
    "mongo",
    "rabbitmq",
    "postgresql",
    "123456",
    "toor",
    "test123",
    "minioadmin",
    "sa",
];

/// The password in the URL whose `://` stands at `separator`.
pub(super) fn at(text: &str, separator: usize, proof: Proof) -> Option<Secret> {
    let scheme =
        text.as_bytes()[..separator].iter().rev().take(32).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    if scheme == 0 {
        return None;
    }
    let from = separator + 3;
    let ends = |byte: &u8| {
        !byte.is_ascii_graphic() || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
    };
    let bytes = &text.as_bytes()[from..];
    let length = bytes.iter().take(LONGEST).position(ends).unwrap_or(bytes.len().min(LONGEST));
    let authority = text.get(from..from + length)?;
    let (userinfo, host) = authority.rsplit_once('@')?;
    let (user, password) = userinfo.split_once(':')?;
    let start = from + user.len() + 1;
    let found = Secret { kind: "password in a URL", range: start..start + password.len() };
    // `[^:]+:([^@]+)@` is a pattern that looks for passwords.
    if ["[^", "]+", "]*", ".+", ".*", "(?"].iter().any(|part| userinfo.contains(part)) {
        return None;
    }
    // `host:port@` and template text (`{user}:{password}@`) have no password.
    if password.is_empty() || placeholder(password) || password.contains(['{', '}', '$', '%']) && !encoded(password) {
        return None;
    }
    (proof == Proof::Shape || !development(user, password, host)).then_some(found)
}

/// Whether each `%` of the password begins a percent-encoded byte and nothing in it is a template.
fn encoded(password: &str) -> bool {
    !password.contains(['{', '}', '$'])
        && password
            .split('%')
            .skip(1)
            .all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether this is how a development database or a document is addressed.
fn development(user: &str, password: &str, host: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    let host = host.split(':').next().unwrap_or_default();
    let local = !host.contains('.') || host == "127.0.0.1" || host.ends_with(".local") || host.ends_with(".internal");
    let documented = ["example.com", "example.org", "example.net", "host.com"].iter().any(|name| host.ends_with(name));
    documented
        || lower == user.to_ascii_lowercase()
        || TRIVIAL.contains(&lower.as_str())
        || (local && password.len() < 12)
}
