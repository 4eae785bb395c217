//! Secrets that are compared with what a caller presents, character by character.

use mcpsec_screen::secrets;

use super::{
    Facts,
    bindings::{environment_variable, last_name, words},
};
use crate::{
    finding::{Confidence, Place},
    project::{
        program::{At, Program},
        syntax::{Expression, Kind, Part},
    },
};

/// A comparison that ends at the first difference.
#[derive(Clone, Debug)]
pub struct SecretComparison {
    /// The comparison.
    pub place: Place,
    /// The secret, as written.
    pub secret: String,
    /// How sure it is that the other side comes from a caller.
    pub confidence: Confidence,
}

/// Objects that hold what the operator configured.
const CONFIGURATIONS: &[&str] =
    &["config", "cfg", "conf", "settings", "options", "opts", "env", "secrets", "environment"];

/// Words that say that a value was presented.
const PRESENTED: &[&str] = &[
    "provided",
    "presented",
    "supplied",
    "received",
    "given",
    "header",
    "headers",
    "authorization",
    "bearer",
    "auth",
    "token",
    "key",
    "password",
    "secret",
    "credential",
    "credentials",
    "apikey",
    "query",
    "incoming",
    "parts",
];

/// Words of comparisons between two values of the same owner, or of what is no secret itself.
const HARMLESS: &[&str] = &[
    "old",
    "new",
    "previous",
    "prev",
    "last",
    "current",
    "cached",
    "confirm",
    "confirmation",
    "repeat",
    "hash",
    "hashed",
    "digest",
    "hmac",
    "sha256",
    "signature",
    "checksum",
    "fingerprint",
    "stored",
];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for file in 0..program.units().len() {
        program.units()[file].expressions(&mut |function, expression| {
            let at = At { file, function };
            if !program.function_at(at).is_test
                && let Kind::Binary(operator, left, right) = &expression.kind
                && matches!(operator.as_str(), "==" | "===" | "!=" | "!==")
                && let Some(found) = compared(program, at, expression, left, right)
            {
                facts.secret_comparisons.push(found);
            }
        });
    }
}

fn compared<'a>(
    program: &Program<'a>,
    at: At,
    whole: &Expression,
    left: &'a Expression,
    right: &'a Expression,
) -> Option<SecretComparison> {
    let fixed =
        |side: &Expression| matches!(side.kind, Kind::Text(_) | Kind::Null | Kind::Number(_) | Kind::Boolean(_));
    if fixed(left) || fixed(right) {
        return None;
    }
    let written = |side: &Expression| words(program.source(at.file, side.span));
    let (left_words, right_words) = (written(left), written(right));
    if left_words.iter().chain(&right_words).any(|word| HARMLESS.contains(&word.as_str())) {
        return None;
    }
    for (secret, other, other_words) in [(left, right, &right_words), (right, left, &left_words)] {
        let presented = other_words.iter().any(|word| PRESENTED.contains(&word.as_str()));
        let simple = matches!(other.kind, Kind::Name(_) | Kind::Member(..) | Kind::Index(..) | Kind::Call(_));
        // Where a value comes from takes longest to tell, and is asked last.
        let told = presented && simple && !is_measure(other_words);
        if told && is_configured(program, at, secret) && !is_configured(program, at, other) {
            let secret = program.source(at.file, secret.span).to_owned();
            let place = program.place(at.file, whole.span);
            return Some(SecretComparison { place, secret, confidence: Confidence::High });
        }
    }
    None
}

/// Lengths and types are no secrets.
fn is_measure(words: &[String]) -> bool {
    words.iter().any(|word| matches!(word.as_str(), "length" | "len" | "size" | "type" | "typeof" | "count"))
}

/// Whether an expression is a secret that the operator set.
fn is_configured<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> bool {
    match &expression.kind {
        Kind::Template(parts) => {
            let mut values = parts.iter().filter_map(|part| match part {
                Part::Value(value) => Some(value),
                Part::Text(_) => None,
            });
            values.next().is_some_and(|value| is_configured(program, at, value)) && values.next().is_none()
        }
        Kind::Binary(operator, text, value) if operator == "+" => {
            text.text().is_some() && is_configured(program, at, value)
        }
        Kind::Name(_) | Kind::Member(..) | Kind::Index(..) | Kind::Call(_) => {
            let named = last_name(expression).is_some_and(secrets::credential_name);
            let held = named
                && matches!(&expression.kind, Kind::Member(object, _) | Kind::Index(object, _)
                if last_name(object).is_some_and(|name| CONFIGURATIONS.contains(&name.to_ascii_lowercase().as_str())));
            held || from_environment(program, at, expression)
        }
        _ => false,
    }
}

fn from_environment<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> bool {
    let read =
        |at: At, origin: &Expression| environment_variable(program, at, origin).is_some_and(secrets::credential_name);
    read(at, expression)
        || matches!(expression.kind, Kind::Name(_) | Kind::Member(..))
            && program.origins(at, expression).into_iter().any(|(at, origin)| read(at, origin))
}
