//! Credentials that are written into the source: beside a name that says so, or compared with what a caller presents.

use mcpsec_screen::secrets;

use super::{
    Facts,
    bindings::{self, Written, last_name, words},
};
use crate::{
    finding::{Confidence, Place},
    project::{
        Role,
        program::{At, Program},
        syntax::{Expression, Kind, Span},
    },
};

/// A credential in the source.
#[derive(Clone, Debug)]
pub struct SecretLiteral {
    /// The literal.
    pub place: Place,
    /// What it stands under.
    pub name: String,
    /// A caller who presents it is let in.
    pub admits: bool,
    /// How sure it is that it is a credential.
    pub confidence: Confidence,
}

/// Words before `tokens` and `keys` that make a list of what is accepted.
const ACCEPTED: &[&str] = &["valid", "allowed", "accepted", "known", "static", "authorized", "trusted"];

/// Words in the name of a function that checks who calls.
const CHECKS: &[&str] =
    &["auth", "verify", "validate", "authenticate", "authorize", "authorized", "login", "bearer", "check", "access"];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for file in 0..program.units().len() {
        if is_catalogue(program.units()[file].path) {
            continue;
        }
        let public = public_records(program, file);
        for written in bindings::of_file(program, file) {
            if !public.iter().any(|record| record.contains(written.value.span)) {
                assigned(program, written, facts);
            }
        }
        // What a test compares, it expects.
        if program.units()[file].role == Role::Test {
            continue;
        }
        program.units()[file].expressions(&mut |function, expression| {
            let at = At { file, function };
            if !program.function_at(at).is_test {
                compared(program, at, expression, facts);
            }
        });
    }
}

/// Configurations for browsers, whose keys everybody is meant to have: of Firebase, of search services.
fn public_records(program: &Program<'_>, file: usize) -> Vec<Span> {
    let mut found = Vec::new();
    program.units()[file].expressions(&mut |_, expression| {
        let public = ["authDomain", "indexName", "publishableKey", "measurementId"];
        if expression.record().is_some_and(|record| public.iter().any(|key| record.get(key).is_some())) {
            found.push(expression.span);
        }
    });
    found
}

/// Texts for people: what stands under `password` there is a label.
fn is_catalogue(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    ["/locales/", "/locale/", "/i18n/", "/lang/", "/translations/"].iter().any(|folder| lower.contains(folder))
}

fn assigned(program: &Program<'_>, written: Written<'_>, facts: &mut Facts) {
    let Written { at, name, value } = written;
    let list = is_list_of_accepted(name);
    if !(list || secrets::credential_name(name)) || is_about(name) {
        return;
    }
    let literals: Vec<&Expression> = match &value.kind {
        Kind::List(items) if list => items.iter().filter_map(literal).collect(),
        Kind::Call(call) if list => call.arguments.iter().filter_map(|argument| literal(&argument.value)).collect(),
        _ => literal(value).into_iter().collect(),
    };
    for (index, literal) in literals.iter().enumerate() {
        let text = literal.text().unwrap_or_default();
        let judged = if list { admits(text).then_some(Confidence::High) } else { judge(name, text) };
        // A list of accepted tokens is one weakness.
        if let (Some(confidence), true) = (judged, index == 0 || !list) {
            facts.secret_literals.push(SecretLiteral {
                place: program.place(at.file, literal.span),
                name: name.to_owned(),
                admits: list,
                confidence,
            });
        }
    }
}

fn is_list_of_accepted(name: &str) -> bool {
    let words = words(name);
    matches!(words.as_slice(), [.., before, last]
        if ACCEPTED.contains(&before.as_str()) && matches!(last.as_str(), "tokens" | "keys" | "secrets" | "passwords"))
        || matches!(words.as_slice(), [first, .., last]
            if ACCEPTED.contains(&first.as_str()) && matches!(last.as_str(), "tokens" | "keys"))
}

/// Names that only mention a credential: `hasToken`, `passwordLabel`, `tokenType`.
fn is_about(name: &str) -> bool {
    let words = words(name);
    let first = words.first().map_or("", String::as_str);
    matches!(
        first,
        "has" | "is" | "use" | "no" | "missing" | "invalid" | "expired" | "placeholder" | "example" | "redacted"
    ) || words
        .iter()
        .any(|word| matches!(word.as_str(), "cookie" | "label" | "message" | "error" | "regex" | "pattern"))
}

/// The text in `"x"`, `"x".to_string()`, `String::from("x")`.
fn literal(value: &Expression) -> Option<&Expression> {
    match &value.kind {
        Kind::Text(_) => Some(value),
        Kind::Call(call) => match &call.function.kind {
            Kind::Member(object, name) if matches!(name.value.as_str(), "to_string" | "to_owned" | "into") => {
                literal(object)
            }
            Kind::Member(object, name) if name.value == "from" && object.name() == Some("String") => {
                literal(call.positional(0)?)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether a text under a credential's name is one.
fn judge(name: &str, text: &str) -> Option<Confidence> {
    let token = ["Bearer ", "bearer ", "Basic ", "Token "].iter().find_map(|scheme| text.strip_prefix(scheme));
    let token = token.unwrap_or(text).trim();
    if token.len() < 8 || token.contains(char::is_whitespace) || secrets::placeholder(token) || is_reference(token) {
        return None;
    }
    if secrets::looks_random(token) {
        return Some(Confidence::High);
    }
    let digits = token.bytes().filter(u8::is_ascii_digit).count();
    let letters = token.bytes().filter(u8::is_ascii_alphabetic).count();
    let mixed = digits > 0 && letters > 3;
    // A single word says little: `secret: "tls-1"` names one.
    let named = bindings::words(name).len() > 1
        || matches!(name.to_ascii_lowercase().as_str(), "password" | "passwd" | "apikey");
    (mixed && named && token.len() >= 10 && !is_identifier(token)).then_some(Confidence::Medium)
}

/// Where the credential is, rather than itself.
fn is_reference(text: &str) -> bool {
    let marks = ["...", "://", "arn:", "op://", "vault:", "projects/", "${", "{{", "keyring:", "()", "=>"];
    let shouted =
        text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'))
            && text.contains('_');
    // A pattern that looks for credentials.
    let pattern =
        ["(?", "[A-Z", "[a-z", "[0-9", "[^", "\\d", "\\w", "\\s", "\\b"].iter().any(|mark| text.contains(mark));
    // Keys that programs for everybody carry: of product statistics, of payment forms.
    let public = ["phc_", "pk_live_", "pk_test_"].iter().any(|prefix| text.starts_with(prefix));
    let path =
        text.matches('/').count() > 1 && !secrets::looks_random(text) || text.starts_with(['/', '.', '~', '#', '@']);
    shouted || path || pattern || public || marks.iter().any(|mark| text.contains(mark))
}

/// `oauth2-access-token`, `user.password1`, `2024-11-05`: words and numbers with separators.
fn is_identifier(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '_', '.', ':', '/']).collect();
    let plain = |part: &&str| {
        part.bytes().all(|byte| byte.is_ascii_digit())
            || part.bytes().all(|byte| byte.is_ascii_alphabetic())
            || part.len() <= 6
    };
    parts.len() > 1 && parts.iter().all(plain)
}

/// `token !== "letmein"`, `password == "admin1"`
fn compared<'a>(program: &Program<'a>, at: At, expression: &'a Expression, facts: &mut Facts) {
    let Kind::Binary(operator, left, right) = &expression.kind else { return };
    if !matches!(operator.as_str(), "==" | "===" | "!=" | "!==") {
        return;
    }
    let (presented, literal) = match (literal(left), literal(right)) {
        (None, Some(literal)) => (&**left, literal),
        (Some(literal), None) => (&**right, literal),
        _ => return,
    };
    // A program that compares its own secret with a literal refuses the default.
    let name = last_name(presented);
    let is_constant = name.is_some_and(|name| !name.contains(|letter: char| letter.is_lowercase()));
    let own = |(at, origin): (At, &Expression)| {
        origin.text().is_some() || bindings::environment_variable(program, at, origin).is_some()
    };
    if is_constant || program.origins(at, presented).into_iter().any(own) {
        return;
    }
    let Some(name) = name.filter(|name| secrets::credential_name(name) && !is_about(name)) else { return };
    let text = literal.text().unwrap_or_default();
    let text = text.strip_prefix("Bearer ").unwrap_or(text);
    let checks = words(name).len() > 1 && !name.eq_ignore_ascii_case("authtoken") || is_check(program, at);
    if admits(text) && checks {
        facts.secret_literals.push(SecretLiteral {
            place: program.place(at.file, literal.span),
            name: name.to_owned(),
            admits: true,
            confidence: Confidence::High,
        });
    }
}

/// Whether whoever presents this text is let in: words of a grammar and of languages are none.
fn admits(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let says_nothing =
        ["undefined", "function", "string", "number", "boolean", "object", "required", "bearer", "password"];
    text.len() >= 5
        && !text.contains(char::is_whitespace)
        && text.contains(|letter: char| letter.is_ascii_alphabetic())
        && !says_nothing.contains(&lower.as_str())
        && !text.starts_with(['$', '<', '{', '%', '-'])
        && !is_reference(text)
        && text.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'!' | b'@'))
}

/// Whether a function, or one around it, checks who calls.
fn is_check(program: &Program<'_>, at: At) -> bool {
    let mut function = Some(at.function);
    while let Some(current) = function {
        let definition = program.function_at(At { file: at.file, function: current });
        // Methods of records have no name of their own: it stands before their parameters.
        let head = program.source(at.file, definition.span).split('(').next().unwrap_or_default();
        let name = definition.name.as_deref().unwrap_or(if current == 0 || head.len() > 60 { "" } else { head });
        if words(name).iter().any(|word| CHECKS.contains(&word.as_str())) {
            return true;
        }
        function = definition.parent;
    }
    false
}
