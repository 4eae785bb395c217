//! Who may do what, as far as a project asks: scopes that cover everything, tools that change things for anybody who is
//! signed in, and whether anything is written down.

use super::{
    Conduct,
    survey::{Known, Survey},
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::At,
        syntax::{Entry, Expression, Kind, Pattern, Span, Statement},
    },
};

/// A scope that covers everything.
#[derive(Clone, Debug)]
pub struct WideScope {
    /// Where it is written.
    pub place: Place,
    /// The scope.
    pub scope: String,
}

/// A tool that changes or deletes something, by its name.
#[derive(Clone, Debug)]
pub struct Destructive {
    /// Its name.
    pub tool: String,
    /// Where it is registered.
    pub place: Place,
}

/// What a project asks of its callers.
#[derive(Debug, Default)]
pub struct Rights {
    /// Where callers are told apart by a token of their own.
    pub identities: Vec<Place>,
    /// Checks of bearer tokens of the SDKs that do not say where their metadata is.
    pub bare_checks: Vec<Place>,
    /// Tools that change or delete something.
    pub destructive: Vec<Destructive>,
    /// Something reads scopes, claims or permissions.
    pub asks: bool,
    /// Protected resource metadata is served or named.
    pub metadata: bool,
    /// Something that serves writes a log.
    pub logs: bool,
    /// This was looked for.
    pub(super) found: bool,
}

/// Names of scopes that cover everything.
const WIDE: &[&str] =
    &["*", "*:*", "all", "full-access", "full_access", "admin:*", "root", "superuser", "https://mail.google.com/"];

/// Names of what holds scopes.
const HOLDERS: &[&str] = &[
    "scope",
    "scopes",
    "requiredscopes",
    "validscopes",
    "defaultscopes",
    "scopessupported",
    "oauthscopes",
    "basescopes",
];

/// Words of tools that change or delete something.
const CHANGES: &[&str] = &[
    "delete",
    "remove",
    "drop",
    "destroy",
    "purge",
    "truncate",
    "write",
    "update",
    "execute",
    "exec",
    "transfer",
    "deploy",
    "revoke",
    "grant",
    "terminate",
    "kill",
    "scale",
    "merge",
    "publish",
    "send",
];

/// Words of code that asks what a caller may do.
const ASKS: &[&str] = &[
    "scope",
    "authinfo",
    "access_token",
    "permission",
    "claims",
    "tokeninfo",
    "policy",
    "isallowed",
    "is_allowed",
    "rbac",
    "has_role",
    "hasrole",
    "require_role",
];

/// Words of code that says where the authorization server is.
const METADATA: &[&str] = &[
    "oauth-protected-resource",
    "resource_metadata",
    "resourcemetadata",
    "mcpauthmetadatarouter",
    "mcpauthrouter",
    "protectedresource",
    "resource_server_url",
    "resourceserverurl",
];

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let rights = &mut conduct.rights;
    rights.found = true;
    for &file in &survey.files {
        let text = survey.file_text(file);
        rights.asks |= ASKS.iter().any(|word| text.contains(word));
        rights.metadata |= METADATA.iter().any(|word| text.contains(word));
    }
    for known in &survey.calls {
        if tells_apart(survey, known) {
            rights.identities.push(survey.site(known));
        }
        if is_sdk_check(known) {
            rights.bare_checks.push(survey.site(known));
        }
        rights.logs |= logs(survey, known);
    }
    for tool in survey.facts.servers.iter().flat_map(|server| &server.tools) {
        let Some(name) = &tool.name else { continue };
        let lower = name.to_lowercase();
        if lower.split(['_', '-', '.', '/']).any(|word| CHANGES.contains(&word)) {
            rights.destructive.push(Destructive { tool: name.clone(), place: tool.place.clone() });
        }
    }
    for &file in &survey.files {
        scopes(survey, file, conduct);
    }
}

/// A token of the caller's own is verified.
fn tells_apart(survey: &Survey<'_, '_>, known: &Known<'_>) -> bool {
    if is_sdk_check(known) {
        return true;
    }
    match known.symbol.as_str() {
        "jose.jwtVerify" | "jsonwebtoken.verify" | "jwt.decode" | "jose.jwt.decode" => true,
        "jsonwebtoken.decode" => survey.language(known) == Language::Rust,
        symbol => {
            symbol.contains("golang-jwt/jwt") && matches!(known.word, "Parse" | "ParseWithClaims")
                || known.site.call.keyword("token_verifier").is_some()
        }
    }
}

fn is_sdk_check(known: &Known<'_>) -> bool {
    known.symbol.starts_with("@modelcontextprotocol/") && known.word == "requireBearerAuth"
        || known.symbol == "github.com/modelcontextprotocol/go-sdk/auth.RequireBearerToken"
}

/// A log that is written while serving, and not about the start.
fn logs(survey: &Survey<'_, '_>, known: &Known<'_>) -> bool {
    if known.site.at.function == 0 {
        return false;
    }
    let word = known.word.to_lowercase();
    let plain = matches!(
        word.trim_end_matches('!'),
        "log"
            | "error"
            | "warn"
            | "warning"
            | "info"
            | "debug"
            | "exception"
            | "printf"
            | "println"
            | "print"
            | "errorf"
            | "infof"
            | "warnf"
            | "audit"
            | "notice"
            | "eprintln"
            | "sendloggingmessage"
            | "event"
            | "infocontext"
            | "msg"
    );
    let text = survey.program.source(known.site.at.file, known.site.span).to_lowercase();
    let of_start = ["listening", "running", "started", "starting", "shutting"].iter().any(|word| text.contains(word));
    plain && !of_start || word.contains("audit")
}

/// `scope: "*"`, `scopes=["admin:*"]`, `const SCOPES = [..]`
fn scopes(survey: &Survey<'_, '_>, file: usize, conduct: &mut Conduct) {
    let unit = &survey.program.units()[file];
    let lower = survey.file_text(file);
    if !["oauth", "authoriz", "token", "bearer"].iter().any(|word| lower.contains(word)) {
        return;
    }
    let mut found: Vec<(At, Span, String)> = Vec::new();
    unit.expressions(&mut |function, expression| {
        let at = At { file, function };
        match &expression.kind {
            Kind::Record(record) => {
                // What a checked caller may do, and not what is asked for: `{ token, clientId, scopes }`.
                let known = record.get("token").is_some() && record.get("clientId").is_some();
                for entry in record.entries.iter().filter(|_| !known) {
                    if let Entry::Field(key, value) = entry {
                        wide(survey, at, &key.value, value, &mut found);
                    }
                }
            }
            Kind::Call(call) => {
                for argument in &call.arguments {
                    if let Some(name) = &argument.name {
                        wide(survey, at, name, &argument.value, &mut found);
                    }
                }
            }
            _ => {}
        }
    });
    for (function, definition) in unit.module.functions.iter().enumerate() {
        for statement in &definition.body {
            if let Statement::Let { pattern: Pattern::Name(name, _), value: Some(value), .. } = statement {
                wide(survey, At { file, function }, name, value, &mut found);
            }
        }
    }
    found.sort_by_key(|(_, span, _)| span.start);
    found.dedup_by_key(|(_, span, _)| *span);
    for (at, span, scope) in found {
        conduct.wide_scopes.push(WideScope { place: survey.place(at, span), scope });
    }
}

fn wide<'a>(survey: &Survey<'_, 'a>, at: At, name: &str, value: &'a Expression, found: &mut Vec<(At, Span, String)>) {
    let plain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    if !HOLDERS.contains(&plain.as_str()) {
        return;
    }
    let items: Vec<&Expression> = match &value.kind {
        Kind::List(items) => items.iter().collect(),
        Kind::Text(_) => vec![value],
        _ => return,
    };
    for item in items {
        let text = survey.program.text(at, item).unwrap_or_default();
        if let Some(scope) = text.split_whitespace().find(|scope| WIDE.contains(scope)) {
            found.push((at, item.span, scope.to_owned()));
        }
    }
}
