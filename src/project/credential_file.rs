//! Files whose purpose is to hold a credential: private keys, logins of package managers, files of cloud accounts.

use super::{data, syntax::Span};

/// What a file holds, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Credential {
    /// In words.
    pub kind: &'static str,
    /// The credential, or the beginning of the file.
    pub span: Span,
}

/// Endings of key stores, which are no text.
const STORES: &[&str] = &[".p12", ".pfx", ".jks", ".keystore", ".ppk"];

/// Whether a path names a key store.
pub fn is_store(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    STORES.iter().any(|ending| lower.ends_with(ending))
}

/// The credential in a file, where its name and content say that it holds one.
pub fn find(path: &str, text: &str) -> Option<Credential> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match name {
        ".npmrc" | ".yarnrc" | ".yarnrc.yml" => login(text, &["_authToken", "_password", "_auth", "npmAuthToken"]),
        ".pypirc" => login(text, &["password"]),
        ".netrc" | "_netrc" => netrc(text),
        "kubeconfig" => cluster(text),
        "config" if path.ends_with(".kube/config") => cluster(text),
        "credentials" if path.ends_with(".aws/credentials") => login(text, &["aws_secret_access_key"]),
        ".git-credentials" => text.contains("://").then(|| at("a login of git", 0, 0)),
        _ if ending == "json" => account(name, text),
        _ if is_key_name(name, ending) => private_key(text),
        _ => None,
    }
}

fn at(kind: &'static str, start: usize, end: usize) -> Credential {
    Credential { kind, span: Span { start, end } }
}

fn is_key_name(name: &str, ending: &str) -> bool {
    matches!(ending, "pem" | "key" | "asc" | "pk8")
        || matches!(name, "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" | "identity")
}

/// The header of a key that is not encrypted, with more than a placeholder below it.
fn private_key(text: &str) -> Option<Credential> {
    let start = text.find("-----BEGIN ")?;
    let line = text[start..].lines().next()?;
    let kind = line.contains("PRIVATE KEY").then_some("a private key")?;
    let body = &text[start + line.len()..];
    let sealed = line.contains("ENCRYPTED") || body.trim_start().starts_with("Proc-Type: 4,ENCRYPTED");
    let content = body.lines().filter(|line| !line.starts_with('-')).map(|line| line.trim().len()).sum::<usize>();
    (!sealed && content >= 100).then(|| at(kind, start, start + line.len()))
}

/// `key = value` or `key: value` with a value that is no variable and no placeholder.
fn login(text: &str, keys: &[&str]) -> Option<Credential> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let code = line.trim();
        let Some((key, value)) = code.split_once('=').or_else(|| code.split_once(": ")) else { continue };
        let key = key.trim().rsplit(':').next().unwrap_or_default();
        let value = value.trim().trim_matches(['"', '\'']);
        if keys.contains(&key) && !code.starts_with(['#', ';']) && is_real(value) {
            return Some(at("a login of a registry", start, start + line.trim_end().len()));
        }
    }
    None
}

fn is_real(value: &str) -> bool {
    value.len() >= 8 && !mcpsec_screen::secrets::placeholder(value)
}

fn netrc(text: &str) -> Option<Credential> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let real = words.windows(2).any(|pair| pair[0] == "password" && is_real(pair[1]));
    real.then(|| at("a login", 0, 0))
}

fn cluster(text: &str) -> Option<Credential> {
    let marks = ["client-key-data:", "token:", "password:"];
    let line = text.lines().map(str::trim).find(|line| {
        marks.iter().any(|mark| line.strip_prefix(mark).is_some_and(|value| is_real(value.trim().trim_matches('"'))))
    })?;
    let start = text.find(line)?;
    Some(at("the key of a cluster", start, start + line.len()))
}

/// Files of Google's accounts and of logins, by their fields.
fn account(name: &str, text: &str) -> Option<Credential> {
    let words = ["credential", "token", "secret", "service", "account", "key", "oauth", "client"];
    if !words.iter().any(|word| name.contains(word)) || text.len() > 20_000 {
        return None;
    }
    let root = data::json(text).ok()?;
    let real = |keys: &[&str]| {
        let node = root.path(keys)?;
        node.text().filter(|value| is_real(value)).map(|_| node.span)
    };
    let service = root.get("type").and_then(data::Node::text) == Some("service_account");
    let (kind, span) = if let Some(span) = real(&["private_key"]).filter(|_| service) {
        ("the key of a service account", span)
    } else if let Some(span) = real(&["refresh_token"]) {
        ("a login that renews itself", span)
    } else if let Some(span) = real(&["installed", "client_secret"]).or_else(|| real(&["web", "client_secret"])) {
        ("the secret of an OAuth client", span)
    } else {
        return None;
    };
    Some(at(kind, span.start, span.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_content_both_have_to_say_it() {
        let key =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", "MIIEvQIBADANBgkqhkiG".repeat(8));
        let sealed = key.replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE");
        for (path, text, expected) in [
            ("server.key", key.as_str(), true),
            ("id_ed25519", &key, true),
            ("server.key", &sealed, false),
            ("cert.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", false),
            ("server.key", "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n", false),
            ("notes.txt", &key, false),
            (".npmrc", "//registry.npmjs.org/:_authToken=npm_3bF8kQ2mZ7xW9rT4vY6uP1sD5gH0jL\n", true),
            (".npmrc", "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\nsave-exact=true\n", false),
            (".pypirc", "[pypi]\nusername = __token__\npassword = pypi-AgEIcHlwaS5vcmcCJGI0\n", true),
            ("token.json", r#"{"refresh_token": "1//0eXy8Zk3Qw7Rt5"}"#, true),
            ("tokens.json", r#"{"refresh_token": "<your token>"}"#, false),
            ("package.json", r#"{"refresh_token": "1//0eXy8Zk3Qw7Rt5"}"#, false),
            (".netrc", "machine a login b password ${PASSWORD}\n", false),
        ] {
            assert_eq!(find(path, text).is_some(), expected, "{path}: {text}");
        }
    }
}
