//! Secrets read from the environment with a literal to fall back to.

use super::{
    super::{Facts, SecretDefault},
    Scan, written,
};
use crate::project::{
    program::At,
    syntax::{Expression, Kind, Statement},
};

/// Last words of names that hold a secret.
const SECRETS: &[&str] = &["SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "TOKEN"];

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for known in &scan.calls {
        let call = known.site.call;
        let at = known.site.at;
        // `getEnv("JWT_SECRET", "dev")`, `cmp.Or(os.Getenv("JWT_SECRET"), "dev")`, `viper.SetDefault("jwt_secret", "dev")`
        let name = match written(call) {
            "Or" => call.positional(0).and_then(|read| variable(scan, at, read)),
            "SetDefault" => call.positional(0).and_then(Expression::text).map(str::to_owned),
            helper if helper.to_ascii_lowercase().contains("env") => {
                call.positional(0).and_then(Expression::text).map(str::to_owned)
            }
            _ => None,
        };
        if let Some((name, fallback)) = name.zip(call.positional(1)) {
            push(scan, at, name, fallback, facts);
        }
    }
    for &file in &scan.files {
        for (function, definition) in scan.program.units()[file].module.functions.iter().enumerate() {
            unset(scan, At { file, function }, &definition.body, facts);
        }
    }
}

fn push<'a>(scan: &Scan<'_, 'a>, at: At, variable: String, fallback: &'a Expression, facts: &mut Facts) {
    let Some(text) = scan.program.text(at, fallback) else { return };
    if is_secret(&variable) && counts(&text) {
        facts.secret_defaults.push(SecretDefault { place: scan.place(at, fallback), variable });
    }
}

/// `s := os.Getenv("X"); if s == "" { s = "dev" }`
fn unset<'a>(scan: &Scan<'_, 'a>, at: At, body: &'a [Statement], facts: &mut Facts) {
    for statement in body {
        match statement {
            Statement::If { condition, then, otherwise, .. } => {
                if let Kind::Binary(operator, name, empty) = &condition.kind
                    && operator == "=="
                    && empty.text() == Some("")
                    && let Some(variable) = variable(scan, at, name)
                    && let [Statement::Expression(Expression { kind: Kind::Assign(target, value), .. }), ..] =
                        then.as_slice()
                    && target.name().is_some()
                    && target.name() == name.name()
                {
                    push(scan, at, variable, value, facts);
                }
                unset(scan, at, then, facts);
                unset(scan, at, otherwise, facts);
            }
            Statement::Block(body) | Statement::Loop { body, .. } => unset(scan, at, body, facts),
            _ => {}
        }
    }
}

/// The environment variable that an expression reads.
fn variable<'a>(scan: &Scan<'_, 'a>, at: At, read: &'a Expression) -> Option<String> {
    scan.program.origins(at, read).into_iter().find_map(|(owner, value)| {
        let call = value.call().filter(|call| matches!(written(call), "Getenv" | "LookupEnv"))?;
        scan.program.text(owner, call.positional(0)?)
    })
}

fn is_secret(variable: &str) -> bool {
    let upper = variable.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(['_', '.', '-']).filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [.., before, "KEY"] => {
            matches!(
                *before,
                "API" | "PRIVATE" | "SIGNING" | "ENCRYPTION" | "SECRET" | "MASTER" | "JWT" | "AUTH" | "HMAC"
            )
        }
        [.., "MAX" | "PAGE" | "NEXT" | "CACHE", "TOKEN"] => false,
        [.., last] => SECRETS.contains(last),
        [] => false,
    }
}

fn counts(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    !matches!(lower.as_str(), "" | "none" | "null" | "false" | "nil") && !lower.starts_with('<')
}
