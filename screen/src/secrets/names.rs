//! Names of credentials.

/// A name that ends in one of these holds a credential.
const LAST: [&str; 25] = [
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "secret",
    "secrets",
    "token",
    "apikey",
    "apikeys",
    "credential",
    "credentials",
    "authorization",
    "cookie",
    "secretkey",
    "accesstoken",
    "authtoken",
    "privatekey",
    "clientsecret",
    "accesskey",
    "apitoken",
    "bearertoken",
    "refreshtoken",
    "sessiontoken",
    "apisecret",
    "authkey",
];

/// Words that make a credential of a following `key`.
const BEFORE_KEY: [&str; 27] = [
    "api",
    "private",
    "secret",
    "access",
    "signing",
    "encryption",
    "master",
    "auth",
    "role",
    "storage",
    "account",
    "admin",
    "jwt",
    "hmac",
    "shared",
    "deploy",
    "webhook",
    "openai",
    "anthropic",
    "stripe",
    "gemini",
    "github",
    "google",
    "azure",
    "sendgrid",
    "ssh",
    "license",
];

/// Words that make something else of a following `token`: a place in a list, a unit of text, a mark against forgery.
const BEFORE_TOKEN: [&str; 32] = [
    "page",
    "next",
    "prev",
    "previous",
    "cursor",
    "sync",
    "continuation",
    "continue",
    "cancellation",
    "cancel",
    "progress",
    "max",
    "min",
    "num",
    "count",
    "eos",
    "bos",
    "pad",
    "unk",
    "sep",
    "mask",
    "special",
    "start",
    "end",
    "stop",
    "type",
    "per",
    "input",
    "output",
    "prompt",
    "completion",
    "resume",
];

/// Words that make a password of a following `pass`, `pwd` or `pw`.
const BEFORE_PASS: [&str; 16] = [
    "db", "database", "user", "smtp", "mysql", "postgres", "pg", "redis", "mail", "email", "admin", "root", "ftp",
    "ssh", "mongo", "proxy",
];

/// Whether a variable, field or header with this name holds a credential. Reads `camelCase`, `snake_case`, `kebab-case`
/// and `SCREAMING_CASE`; the last word decides, so `token_endpoint`, `API_KEY_PREFIX` and `passwordHash` do not.
pub fn credential_name(name: &str) -> bool {
    if !may_name(name.as_bytes()) {
        return false;
    }
    let mut words = split(name);
    while words.len() > 1 && words.last().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
        words.pop();
    }
    let before = words.len().checked_sub(2).map_or("", |at| words[at].as_str());
    let Some(last) = words.last().map(String::as_str) else { return false };
    match last {
        "token" => !BEFORE_TOKEN.contains(&before),
        "tokens" => matches!(before, "access" | "api" | "auth" | "refresh" | "bearer"),
        "key" | "keys" => BEFORE_KEY.contains(&before),
        "pass" | "pwd" | "pw" => BEFORE_PASS.contains(&before),
        "base" => words.ends_with(&["secret".into(), "key".into(), "base".into()]),
        _ => LAST.contains(&last),
    }
}

/// Whether one of the words may stand in a name: a glance, for most names are no credential's.
fn may_name(name: &[u8]) -> bool {
    let begins = |at: usize, word: &str| {
        name.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    !name.is_ascii()
        || (0..name.len()).any(|at| match name[at].to_ascii_lowercase() {
            b'a' => begins(at, "authorization"),
            b'b' => begins(at, "base"),
            b'c' => begins(at, "credential") || begins(at, "cookie"),
            b'k' => begins(at, "key"),
            b'p' => begins(at, "pass") || begins(at, "pw"),
            b's' => begins(at, "secret"),
            b't' => begins(at, "token"),
            _ => false,
        })
}

/// Longer names are no names.
const LONGEST: usize = 128;

/// The words of an identifier, in lower case.
fn split(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().take(LONGEST).collect();
    let mut words: Vec<String> = Vec::new();
    let mut inside = false;
    for (index, c) in characters.iter().enumerate() {
        if !c.is_alphanumeric() {
            inside = false;
            continue;
        }
        let before = index.checked_sub(1).map(|at| characters[at]);
        let next_is_small = characters.get(index + 1).is_some_and(|next| next.is_lowercase());
        let hump = c.is_uppercase() && before.is_some_and(|before| !before.is_uppercase() || next_is_small);
        let number = c.is_ascii_digit() != before.is_some_and(|before| before.is_ascii_digit());
        if !inside || hump || number {
            words.push(String::new());
        }
        inside = true;
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{LAST, credential_name, may_name, split};

    #[test]
    fn every_style_is_split_into_words() {
        assert_eq!(split("apiKey"), ["api", "key"]);
        assert_eq!(split("APIKey"), ["api", "key"]);
        assert_eq!(split("X-Api-Key"), ["x", "api", "key"]);
        assert_eq!(split("GITHUB_TOKEN_2"), ["github", "token", "2"]);
        assert_eq!(split("oauth2Token"), ["oauth", "2", "token"]);
        assert_eq!(split("--"), [""; 0]);
    }

    #[test]
    fn credentials_are_recognised_by_name() {
        for name in [
            "password",
            "DB_PASSWORD",
            "userPassword",
            "passwd",
            "secret",
            "jwtSecret",
            "JWT_SECRET",
            "api_key",
            "apiKey",
            "X-API-Key",
            "OPENAI_API_KEY",
            "token",
            "access_token",
            "GITHUB_TOKEN",
            "private_key",
            "client_secret",
            "clientSecret",
            "AWS_SECRET_ACCESS_KEY",
            "Authorization",
            "API_KEY_1",
            "smtp_pass",
            "DB_PWD",
            "apikey",
            "refreshTokens",
            "SECRET_KEY_BASE",
            "bot-token",
            "Cookie",
        ] {
            assert!(credential_name(name), "{name}");
        }
    }

    #[test]
    fn a_glance_passes_over_no_word_that_ends_a_name() {
        let others = ["tokens", "key", "keys", "pass", "pwd", "pw", "base"];
        assert!(LAST.iter().chain(&others).all(|word| may_name(word.as_bytes())));
    }

    #[test]
    fn names_that_only_contain_the_word_are_not_credentials() {
        for name in [
            "",
            "cache_key",
            "page_token",
            "pageToken",
            "next_token",
            "nextPageToken",
            "token_endpoint",
            "API_KEY_PREFIX",
            "api_key_header",
            "secret_name",
            "tokenUrl",
            "token_url",
            "public_key",
            "publicKey",
            "max_tokens",
            "maxTokens",
            "total_tokens",
            "primary_key",
            "key",
            "password_hash",
            "passwordField",
            "token_type",
            "secret_id",
            "pwd",
            "pass",
            "authorization_endpoint",
            "tokenizer",
            "secretary",
            "progressToken",
            "author",
            "access_key_id",
            "keyboard",
            "sort_key",
            "passthrough",
            "compass",
            "eos_token",
        ] {
            assert!(!credential_name(name), "{name}");
        }
    }
}
