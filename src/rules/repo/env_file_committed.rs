//! An environment file with real values is part of the repository.

use mcpsec_screen::secrets;

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{File, Project, Role},
    rules::{Rule, always, context},
};

use super::env_not_ignored::is_encrypted;

pub(super) static RULE: Rule = Rule {
    id: "env-file-committed",
    group: "repo",
    title: "an environment file with real values is committed",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-312", "CWE-540", "MCP01"],
    docs: "
A `.env` or `.env.<name>` file is in git's index and holds a value for a name such as `..._TOKEN`, `..._SECRET`, `..._PASSWORD`
or `..._DSN`. Whoever can read the repository, today or in a clone from last year, has that credential and can act as the
server.

First revoke what was in the file: removing it from the index does not remove it from the history. Then
`git rm --cached .env`, ignore it, and keep a `.env.example` with the names alone.

Files of examples and templates, empty values, placeholders (`changeme`, `your-...`, `xxx`) and encrypted files are not
reported. Where only values without a secret's name are committed, severity is low: the next value that somebody adds is
published at once.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in project.files.iter().filter(|file| file.tracked == Some(true) && context::is_environment(&file.path)) {
        if is_encrypted(&file.text) {
            continue;
        }
        let values = values(file);
        let secret: Vec<&Value> = values.iter().filter(|value| value.secret).collect();
        let Some(first) = secret.first().copied().or(values.first()) else { continue };
        let message = if secret.is_empty() {
            format!("`{}` is committed; it holds no secret today", file.path)
        } else {
            format!("`{}` is committed with a value for {}", file.path, context::names(secret.iter().map(|v| v.name)))
        };
        let mut finding = context::finding(
            project,
            &RULE,
            first.place.clone(),
            message,
            "whoever can read the repository or an old clone uses the credential",
            "revoke the value, take the file out of git and ignore it, keep `.env.example`",
        );
        if secret.is_empty() {
            finding.severity = if file.role == Role::Product { Severity::Low } else { Severity::Info };
        }
        finding.related = secret
            .iter()
            .skip(1)
            .map(|value| Related { place: value.place.clone(), message: format!("`{}` has a value, too", value.name) })
            .collect();
        findings.push(finding);
    }
}

struct Value<'a> {
    name: &'a str,
    place: Place,
    secret: bool,
}

/// Names with a value that means something, with the place of the name.
fn values(file: &File) -> Vec<Value<'_>> {
    let mut values = Vec::new();
    let mut offset = 0;
    for line in file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let code = line.trim();
        let code = code.strip_prefix("export ").unwrap_or(code);
        let Some((name, value)) = code.split_once('=').filter(|_| !code.starts_with('#')) else { continue };
        let (name, value) = (name.trim(), unquoted(value));
        if value.is_empty() || secrets::placeholder(value) || value.contains("${") || is_local(value) {
            continue;
        }
        let at = start + line.find(name).unwrap_or(0);
        let secret = secrets::credential_name(name) || name.ends_with("_DSN") || !secrets::find(value).is_empty();
        values.push(Value { name, place: Place::new(&file.path, at, at + name.len()), secret });
    }
    values
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            return rest.split(quote).next().unwrap_or(rest).trim();
        }
    }
    value.split(" #").next().unwrap_or(value).trim()
}

/// Addresses of this machine say nothing to anybody else.
fn is_local(value: &str) -> bool {
    ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"].iter().any(|host| value.contains(host))
}
