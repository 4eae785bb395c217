//! How tokens of callers are checked: which calls read a token without proof, and which proofs leave something open.

use super::{
    Conduct,
    strength::is_conditional,
    survey::{Known, Survey, has_spread},
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::{At, Site},
        syntax::{Entry, Expression, Kind, Record, Span},
    },
};

/// What a check of a token leaves open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Flaw {
    /// The signature is not checked.
    Signature,
    /// Tokens without signature are accepted.
    NoneAccepted,
    /// Expired tokens are accepted.
    Expiry,
    /// Tokens that were issued for another server are accepted.
    Audience,
}

/// A check of a token that leaves something open.
#[derive(Clone, Debug)]
pub struct TokenCheck {
    /// What it leaves open.
    pub flaw: Flaw,
    /// The call or option.
    pub place: Place,
    /// As written, in one line.
    pub written: String,
    /// The code around it speaks of requests of callers: an `Authorization` header, a middleware.
    pub of_callers: bool,
}

/// Calls that read a token without any proof, by ending of their path.
const READERS: &[&str] = &[
    "jsonwebtoken.decode",
    "jose.decodeJwt",
    "jwt-decode.jwtDecode",
    "jwt-decode",
    "jose.jwt.get_unverified_claims",
    "jsonwebtoken.dangerous.insecure_decode",
    "jsonwebtoken.dangerous_insecure_decode",
];

/// Calls that read a token without any proof, by name.
const READING_WORDS: &[&str] =
    &["ParseUnverified", "insecure_disable_signature_validation", "insecure_decode", "dangerous_insecure_decode"];

/// Calls that prove a token.
const PROOFS: &[&str] = &[
    "jsonwebtoken.verify",
    "jose.jwtVerify",
    "jose.compactVerify",
    "jwks-rsa",
    "express-jwt",
    "jose.jwt.decode",
    "jwt.decode",
    "jsonwebtoken.decode",
];

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let mut scan = Scan { survey, found: Vec::new() };
    for known in &survey.calls {
        scan.reads(known);
        scan.audience(known);
    }
    for &file in &survey.files {
        survey.program.units()[file].expressions(&mut |function, expression| {
            scan.option(At { file, function }, expression);
        });
    }
    scan.found.sort_by(|a, b| (&a.place.path, a.place.start).cmp(&(&b.place.path, b.place.start)));
    scan.found.dedup_by(|a, b| a.place == b.place);
    conduct.token_checks.append(&mut scan.found);
}

struct Scan<'s, 'p, 'a> {
    survey: &'s Survey<'p, 'a>,
    found: Vec<TokenCheck>,
}

impl<'a> Scan<'_, '_, 'a> {
    fn push(&mut self, flaw: Flaw, at: At, span: Span) {
        let written = self.survey.written(at.file, span);
        let of_callers = self.of_callers(at);
        self.found.push(TokenCheck { flaw, place: self.survey.place(at, span), written, of_callers });
    }

    /// Whether the function around a position deals with requests, by what it reads or how it is called.
    fn of_callers(&self, at: At) -> bool {
        let text = self.survey.around(at);
        let reads = ["authorization", "bearer", "req.headers", "request.headers", "r.header"];
        let name = self.survey.program.function_at(at).name.as_deref().unwrap_or_default().to_lowercase();
        let named = ["verify", "authenticate", "validate", "middleware", "introspect", "authorize", "get_current_user"];
        reads.iter().any(|word| text.contains(word)) || named.iter().any(|word| name.contains(word))
    }

    /// A call that reads a token, where nothing in the same file proves one.
    fn reads(&mut self, known: &Known<'a>) {
        let Site { at, span, .. } = known.site;
        let language = self.survey.language(known);
        // Rust's and Python's libraries prove under the name that others read with.
        let by_path = READERS.iter().any(|path| known.symbol == *path || known.symbol == format!("{path}.default"));
        let by_path = by_path && !(language == Language::Rust && known.symbol == "jsonwebtoken.decode");
        let by_word = READING_WORDS.contains(&known.word) && language != Language::TypeScript;
        if (by_path || by_word) && !self.proves(at.file, known, language) {
            let start = match &known.site.call.function.kind {
                Kind::Member(_, name) if by_word => name.span.start,
                _ => span.start,
            };
            self.push(Flaw::Signature, at, Span::new(start, span.end));
        }
    }

    /// Whether another call of the file proves tokens.
    fn proves(&self, file: usize, reader: &Known<'a>, language: Language) -> bool {
        self.survey.calls.iter().filter(|known| known.site.at.file == file && known.site.span != reader.site.span).any(
            |known| match language {
                Language::Go => {
                    known.symbol.contains("jwt") && matches!(known.word, "Parse" | "ParseWithClaims")
                        || known.word == "Verify"
                }
                // The word that switches the proof off is followed by the call that would have given it.
                Language::Rust => false,
                _ => {
                    PROOFS.iter().any(|path| known.symbol.starts_with(path)) && !self.unproven(known)
                        || matches!(known.word, "verifyAccessToken" | "verifyIdToken" | "verify_id_token")
                }
            },
        )
    }

    /// `jsonwebtoken.decode`, and Python's `jwt.decode(.., options={"verify_signature": False})`.
    fn unproven(&self, known: &Known<'a>) -> bool {
        if self.survey.language(known) == Language::TypeScript {
            return known.symbol.ends_with("jsonwebtoken.decode");
        }
        let off = |value: &Expression| matches!(value.kind, Kind::Boolean(false));
        let options = self.survey.option(known, "options").and_then(|(at, value)| self.survey.record(at, value));
        options.and_then(|(_, record)| record.get("verify_signature")).is_some_and(off)
            || known.site.call.keyword("verify").is_some_and(off)
    }

    /// Options that leave something open.
    fn option(&mut self, at: At, expression: &'a Expression) {
        match &expression.kind {
            Kind::Record(record) => self.fields(at, record),
            Kind::Assign(target, value) => {
                // Under a condition it is a choice of whoever runs the server.
                let chosen = is_conditional(&self.survey.program.function_at(at).body, expression.span);
                if let Kind::Member(_, name) = &target.kind
                    && let Some(flaw) = open(&name.value, value).filter(|_| !chosen)
                {
                    self.push(flaw, at, expression.span);
                }
            }
            Kind::Member(_, name) if name.value == "UnsafeAllowNoneSignatureType" => {
                self.push(Flaw::NoneAccepted, at, expression.span);
            }
            Kind::Call(call) => {
                let path = || self.survey.program.symbol(at, &call.function).unwrap_or_default();
                let Some(verify) = call.keyword("verify") else { return };
                if matches!(verify.kind, Kind::Boolean(false)) && path() == "jwt.decode" {
                    self.push(Flaw::Signature, at, expression.span);
                }
            }
            _ => {}
        }
    }

    fn fields(&mut self, at: At, record: &'a Record) {
        for entry in &record.entries {
            let Entry::Field(key, value) = entry else { continue };
            let Some(flaw) = open(&key.value, value) else { continue };
            // Reading the issuer or the key's name before the proof is how the key is found.
            if flaw == Flaw::Signature && self.proven_nearby(at) {
                continue;
            }
            // Without a signature the audience and the date say nothing: that is one weakness.
            let unsigned = record.get("verify_signature").is_some_and(|v| matches!(v.kind, Kind::Boolean(false)));
            if flaw == Flaw::Signature || !unsigned {
                self.push(flaw, at, Span::new(key.span.start, value.span.end));
            }
        }
    }

    fn proven_nearby(&self, at: At) -> bool {
        let mut calls = self.survey.calls.iter().filter(|known| known.site.at.file == at.file);
        calls.any(|known| PROOFS.iter().any(|path| known.symbol.starts_with(path)) && !self.unproven(known))
    }

    /// A proof that does not ask for whom the token was issued.
    fn audience(&mut self, known: &Known<'a>) {
        let call = known.site.call;
        let missing = match known.symbol.as_str() {
            "jose.jwtVerify" | "jsonwebtoken.verify" => {
                let options = call.positional(2).map(|options| self.survey.record(known.site.at, options));
                match options {
                    None => !self.survey.is_open(known, usize::MAX),
                    Some(None) => false,
                    Some(Some((_, record))) => record.get("audience").is_none() && !has_spread(record),
                }
            }
            symbol if symbol.contains("golang-jwt/jwt") && matches!(known.word, "Parse" | "ParseWithClaims") => {
                let from = usize::from(known.word == "ParseWithClaims") + 2;
                call.arguments.iter().skip(from).all(|option| {
                    let made =
                        option.value.call().map(|call| self.survey.program.symbol(known.site.at, &call.function));
                    made.flatten().is_some_and(|symbol| symbol.contains("jwt"))
                })
            }
            _ => return,
        };
        let text = self.survey.file_text(known.site.at.file);
        let speaks =
            ["audience", ".aud", "\"aud\"", "'aud'", "aud:", "resource"].iter().any(|word| text.contains(word));
        if missing && !speaks && !self.issues() {
            self.push(Flaw::Audience, known.site.at, known.site.span);
        }
    }

    /// The project signs tokens itself: they are meant for it.
    fn issues(&self) -> bool {
        self.survey.calls.iter().any(|known| {
            known.symbol == "jsonwebtoken.sign"
                || known.symbol.starts_with("jose.SignJWT")
                || matches!(known.word, "SignedString" | "NewWithClaims")
        })
    }
}

/// What an option leaves open.
fn open(name: &str, value: &Expression) -> Option<Flaw> {
    let is = |wanted: bool| matches!(value.kind, Kind::Boolean(found) if found == wanted);
    match name {
        "verify_signature" if is(false) => Some(Flaw::Signature),
        "verify_aud" | "validate_aud" if is(false) => Some(Flaw::Audience),
        "verify_exp" | "validate_exp" if is(false) => Some(Flaw::Expiry),
        "ignoreExpiration" if is(true) => Some(Flaw::Expiry),
        "algorithms" => match &value.kind {
            Kind::List(items)
                if items.iter().any(|item| item.text().is_some_and(|t| t.eq_ignore_ascii_case("none"))) =>
            {
                Some(Flaw::NoneAccepted)
            }
            _ => None,
        },
        _ => None,
    }
}
