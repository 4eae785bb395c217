//! A credential stands in a client's configuration.

use mcpsec_screen::secrets;

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        client::{ServerEntry, Word},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-secret-inline",
    group: "clients",
    title: "a client configuration holds a credential",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-798", "CWE-312", "MCP01"],
    docs: "
A configuration such as `.mcp.json` is shared with everybody who clones the repository, and a credential in its `env`,
`headers`, `args` or address is shared with them. Every other server of that client, and every extension, can read the file
as well.

Revoke the credential, and write a reference that each person fills in: `${API_KEY}` or `${env:API_KEY}`, in VS Code
`${input:api-key}` with `\"password\": true`.

References to variables, placeholders (`<YOUR_KEY>`, `changeme`) and references to key stores (`op://`) are not reported. A value
is recognised by the shape that a service gives its keys, or by the name that it stands under. Variables that a client gives itself
and every program count as well. Severity is critical where git
tracks the file, and high where it does not.
",
    applies: context::has_client,
    check,
};

/// A credential: where, what it is, and whether its shape proves it.
struct Found {
    word: Word,
    what: String,
    proven: bool,
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for client in &project.clients {
        let tracked = context::is_shared(project, &client.path);
        let given = client.settings.environment.iter().filter_map(|(name, word)| judge(Some(name), &word.text, word));
        for found in client.servers.iter().flat_map(credentials).chain(given) {
            let mut finding = context::finding(
                project,
                &RULE,
                found.word.place.clone(),
                format!("{} stands in the configuration itself", found.what),
                "whoever reads this file, another server of the same client for instance, acts with this credential",
                "revoke it, and refer to a variable or an input",
            );
            if !tracked {
                finding.severity = context::lower(finding.severity, 1);
            }
            if !found.proven {
                finding.confidence = finding.confidence.min(Confidence::Medium);
            }
            findings.push(finding);
        }
    }
}

fn credentials(server: &ServerEntry) -> Vec<Found> {
    let mut found = Vec::new();
    for (name, word) in server.environment.iter().chain(&server.headers) {
        found.extend(judge(Some(name), &word.text, word));
    }
    if let Some(url) = &server.url {
        found.extend(address(&url.text, url));
    }
    let mut words = server.arguments.iter().peekable();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        let option = text.trim_start_matches('-');
        let judged = match option.split_once('=') {
            Some((name, value)) => judge(Some(name), value, word),
            None if text.starts_with("--") && secrets::credential_name(option) => words
                .peek()
                .filter(|next| !next.text.starts_with('-'))
                .and_then(|next| judge(Some(option), &next.text, next)),
            None if text.starts_with("http") => address(text, word),
            // `--header "Authorization: Bearer x"`
            None => match text.split_once(':') {
                Some((name, value)) if !value.starts_with("//") => judge(Some(name), value, word),
                _ => judge(None, text, word),
            },
        };
        found.extend(judged);
    }
    found
}

fn judge(name: Option<&str>, value: &str, word: &Word) -> Option<Found> {
    let secret = |what: String, proven| Some(Found { word: word.clone(), what, proven });
    if let Some(known) = secrets::find(value).first() {
        return secret(format!("a {}", known.kind), true);
    }
    let name = name?.trim();
    let value = value.trim();
    let (scheme, token) = value.split_once(' ').unwrap_or(("", value));
    let token =
        if matches!(scheme.to_ascii_lowercase().as_str(), "bearer" | "basic" | "token") { token } else { value };
    let named = secrets::credential_name(name) || name.eq_ignore_ascii_case("authorization");
    if !named || is_reference(token) || secrets::placeholder(token) || is_plain(token) {
        return None;
    }
    secret(format!("the value of `{name}`"), false)
}

/// An address with a password, or with a key in its query.
fn address(url: &str, word: &Word) -> Option<Found> {
    if let Some(known) = secrets::find(url).first() {
        return Some(Found { word: word.clone(), what: format!("a {}", known.kind), proven: true });
    }
    let (_, query) = url.split_once('?')?;
    query.split(['&', '#']).filter_map(|pair| pair.split_once('=')).find_map(|(name, value)| {
        let key = name.eq_ignore_ascii_case("key") || name.eq_ignore_ascii_case("apikey");
        judge(Some(if key { "api_key" } else { name }), value, word)
    })
}

/// What stands for a value that is filled in elsewhere.
fn is_reference(value: &str) -> bool {
    let marks = ["${", "$(", "{{", "{env:", "{file:", "op://", "keychain:", "vault:", "secret://", "<"];
    value.starts_with('$')
        || value.starts_with('%') && value.ends_with('%')
        || marks.iter().any(|mark| value.contains(mark))
}

/// Values that name or switch something rather than open it.
fn is_plain(value: &str) -> bool {
    let path = value.starts_with(['/', '.', '~']) || value.contains(":\\");
    let number = value.bytes().all(|byte| byte.is_ascii_digit());
    value.len() < 4
        || path
        || number && value.len() < 12
        || value.contains(' ')
        || matches!(value.to_ascii_lowercase().as_str(), "true" | "false" | "none" | "null" | "required" | "optional")
}
