//! Which names of variables say that they hold a secret.

/// Words that make a name one about a secret, not of one.
const ABOUT: &[&str] = &[
    "file",
    "path",
    "url",
    "uri",
    "name",
    "header",
    "prefix",
    "id",
    "ttl",
    "expiry",
    "expires",
    "length",
    "limit",
    "type",
    "algorithm",
    "endpoint",
    "max",
    "min",
    "count",
    "size",
    "issuer",
    "audience",
    "enabled",
    "required",
    "timeout",
    "env",
    "cache",
    "page",
    "next",
    "budget",
    "tokens",
    "dir",
    "days",
    "hours",
    "minutes",
    "seconds",
];

const SINGLE: &[&str] =
    &["secret", "password", "passwd", "token", "apikey", "passphrase", "credential", "credentials", "pwd"];

const PAIRS: &[(&str, &str)] = &[
    ("api", "key"),
    ("private", "key"),
    ("secret", "key"),
    ("access", "key"),
    ("encryption", "key"),
    ("signing", "key"),
    ("auth", "key"),
    ("jwt", "key"),
];

/// Whether a variable's name says that it holds a secret, and not something about one.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split(['_', '-', '.']).filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| ABOUT.contains(word)) {
        return false;
    }
    words.iter().any(|word| SINGLE.contains(word)) || words.windows(2).any(|pair| PAIRS.contains(&(pair[0], pair[1])))
}
