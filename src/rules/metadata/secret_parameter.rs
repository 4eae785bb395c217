//! Secrets on their way through a model.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{
        Language, Project,
        facts::tools::{FieldType, InputField, Offer, OfferKind},
    },
    rules::{Rule, context},
};
use mcpsec_screen::secrets::credential_name;

pub(super) static RULE: Rule = Rule {
    id: "secret-parameter",
    group: "metadata",
    title: "a tool takes a secret from the model",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP01", "MCP10", "CWE-522"],
    docs: "
What a tool takes as an argument has gone through the model: it stands in the conversation, in the host's log, perhaps with the model's
provider, and an attacker's text in the same conversation can ask for it.

Read the secret from the environment or the host's configuration, or ask the user by an elicitation with a URL. Names of secrets, ids of
tokens and marks of pages are not secrets. Where handling secrets is the purpose of the tool (a vault, a login, setting a password),
the finding has low confidence.
",
    applies: context::has_offer,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for offer in project.facts.offers.iter().filter(|offer| offer.kind == OfferKind::Tool) {
        let secrets: Vec<&InputField> = offer.input.fields.iter().filter(|field| is_secret(field)).collect();
        let Some(first) = secrets.first() else { continue };
        let names = context::names(secrets.iter().map(|field| field.name.as_str()));
        let mut finding = context::finding(
            project,
            &RULE,
            first.place.clone(),
            format!("{} takes {names} from the model", offer.label()),
            "the secret stands in the conversation and in logs, where other texts and people reach it",
            "read it from the environment or the configuration, not from the arguments",
        );
        if by_design(offer) || secrets.iter().all(|field| is_vague(field)) {
            finding.confidence = Confidence::Low;
        }
        let others = secrets.iter().skip(1);
        finding.related =
            others.map(|field| Related { place: field.place.clone(), message: "and this".to_owned() }).collect();
        findings.push(finding);
    }
}

fn is_secret(field: &InputField) -> bool {
    let text = matches!(field.kind, FieldType::Text | FieldType::Unknown);
    text && (field.secret_format || credential_name(&field.name) && !is_mark(&field.name))
}

/// Words before `token` that make it a mark: of a place in a list, of a version, of a call that must happen once.
const MARKS: &[&str] = &[
    "client",
    "starting",
    "version",
    "request",
    "idempotency",
    "resume",
    "pagination",
    "list",
    "change",
    "lock",
    "event",
    "marker",
    "confirm",
    "confirmation",
    "approval",
    "dedup",
    "match",
    "ordering",
    "consistency",
];

/// Words before `token` that say what it opens.
const OPENERS: &[&str] = &[
    "access",
    "auth",
    "api",
    "bearer",
    "session",
    "refresh",
    "id",
    "bot",
    "user",
    "oauth",
    "jwt",
    "personal",
    "pat",
    "service",
    "account",
    "deploy",
    "private",
    "secret",
    "app",
    "login",
    "security",
    "identity",
    "admin",
    "webhook",
    "integration",
    "authorization",
    "authentication",
    "root",
    "vault",
    "git",
    "github",
    "gitlab",
    "slack",
    "discord",
    "notion",
    "telegram",
    "jira",
    "npm",
    "figma",
    "hf",
    "xsrf",
    "csrf",
    "registry",
    "publish",
    "workspace",
    "device",
];

/// `token` alone may be a word of a text, or where a list goes on.
fn is_mark(name: &str) -> bool {
    let alone = ["token", "tokens", "cookie", "cookies", "secret", "secrets", "credential"];
    alone.contains(&name.to_lowercase().as_str()) || before_token(name).is_some_and(|word| MARKS.contains(&&*word))
}

/// A token of which the name does not say what it opens.
fn is_vague(field: &InputField) -> bool {
    !field.secret_format && before_token(&field.name).is_some_and(|word| !OPENERS.contains(&&*word))
}

/// The word before `token` at the end of a name: `client` of `client_token` and `clientToken`.
fn before_token(name: &str) -> Option<String> {
    let rest =
        name.strip_suffix("Token").or_else(|| name.strip_suffix("_token").or_else(|| name.strip_suffix("-token")))?;
    let start = rest.rfind(|c: char| c == '_' || c == '-' || c.is_uppercase());
    let word = start.map_or(rest, |at| rest[at..].trim_start_matches(['_', '-']));
    Some(word.to_lowercase())
}

/// Tools that are about secrets, by their name.
fn by_design(offer: &Offer) -> bool {
    let words = [
        "login",
        "signin",
        "sign_in",
        "auth",
        "password",
        "credential",
        "secret",
        "vault",
        "token",
        "user",
        "connect",
        "account",
        "register",
        "setup",
        "configure",
        "encrypt",
        "decrypt",
        "hash",
        "sign",
        "key",
        "config",
        "wallet",
    ];
    let name = offer.name.as_ref().map(|said| said.text.to_lowercase()).unwrap_or_default();
    words.iter().any(|word| name.contains(word))
}
