//! Secrets read from the environment with a literal to fall back to.

use super::{
    super::{Facts, SecretDefault},
    Scan,
};
use crate::project::{
    program::At,
    syntax::{Entry, Expression, Kind, Span, Statement},
};

/// Last words of names that hold a secret which others must not know.
const SECRETS: &[&str] = &["SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "PASSCODE", "PWD", "TOKEN", "SALT", "PEPPER"];
/// Words before `KEY` that make it a secret.
const KEYS: &[&str] = &["API", "PRIVATE", "SIGNING", "ENCRYPTION", "SECRET", "MASTER", "JWT", "AUTH", "ACCESS", "HMAC"];
/// Words that protect this server itself: any literal is too much.
const OWN: &[&str] = &["JWT", "SESSION", "COOKIE", "SIGNING", "ENCRYPTION", "AUTH", "ADMIN", "MCP", "SERVER", "HMAC"];

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for &file in &scan.files {
        let module = scan.program.units()[file].module;
        let mut found: Vec<(At, String, Span, String)> = Vec::new();
        scan.program.units()[file].expressions(&mut |function, expression| {
            let at = At { file, function };
            if let Some((variable, fallback)) = fallback(expression)
                && is_secret(&variable)
                && let Some(text) = scan.program.text(at, fallback)
                && counts(&variable, &text)
                && !module.functions[function].is_test
            {
                found.push((at, variable, fallback.span, text));
            }
        });
        for (_, variable, span, text) in found {
            if !refused(scan, file, span, &text) {
                let place = scan.program.place(file, span);
                facts.secret_defaults.push(SecretDefault { place, variable });
            }
        }
    }
}

/// `process.env.X || ".."`, `process.env.X ? process.env.X : ".."`, `X: z.string().default("..")`.
fn fallback(expression: &Expression) -> Option<(String, &Expression)> {
    match &expression.kind {
        Kind::Binary(operator, read, fallback) if matches!(operator.as_str(), "||" | "??") => {
            Some((variable(read)?, fallback))
        }
        Kind::Conditional(condition, then, fallback) => {
            let read = variable(condition).or_else(|| variable(then))?;
            Some((read, fallback))
        }
        Kind::Record(record) => record.entries.iter().find_map(|entry| match entry {
            Entry::Field(key, value) if is_secret(&key.value) && is_environment_name(&key.value) => {
                Some((key.value.clone(), schema_default(value)?))
            }
            _ => None,
        }),
        Kind::Call(call) => {
            // `getEnv("JWT_SECRET", "dev")`
            let name = call.positional(0)?.text().filter(|name| is_environment_name(name))?;
            let reads = match &call.function.kind {
                Kind::Name(word) => word.to_ascii_lowercase().contains("env"),
                Kind::Member(object, word) => {
                    word.value.to_ascii_lowercase().contains("env") || object.name() == Some("env")
                }
                _ => false,
            };
            reads.then(|| Some((name.to_owned(), call.positional(1)?))).flatten()
        }
        _ => None,
    }
}

/// The default of a schema such as `z.string().min(1).default("..")`, or of `str({ default: ".." })`.
fn schema_default(value: &Expression) -> Option<&Expression> {
    let call = value.call()?;
    match &call.function.kind {
        Kind::Member(_, method) if matches!(method.value.as_str(), "default" | "catch" | "prefault") => {
            call.positional(0)
        }
        Kind::Member(object, _) => schema_default(object),
        Kind::Name(_) => call.positional(0)?.record()?.get("default"),
        _ => None,
    }
}

/// The environment variable that an expression reads.
pub(super) fn variable(expression: &Expression) -> Option<String> {
    match &expression.kind {
        Kind::Member(object, name) => is_environment(object).then(|| name.value.clone()),
        Kind::Index(object, name) => is_environment(object).then(|| name.text().map(str::to_owned)).flatten(),
        Kind::Call(call) => match &call.function.kind {
            // `Deno.env.get("X")`, `process.env.X.trim()`, `process.env.X?.split(",")`
            Kind::Member(object, method) if method.value == "get" && is_environment(object) => {
                call.positional(0)?.text().map(str::to_owned)
            }
            Kind::Member(object, _) => variable(object),
            Kind::Name(name) if matches!(name.as_str(), "String" | "Number" | "parseInt" | "parseFloat") => {
                variable(call.positional(0)?)
            }
            _ => None,
        },
        Kind::Binary(operator, read, _) if matches!(operator.as_str(), "||" | "??" | "===" | "!==") => variable(read),
        _ => None,
    }
}

/// `process.env`, `Deno.env`, `Bun.env`, `import.meta.env`, `env` of a worker
fn is_environment(expression: &Expression) -> bool {
    match &expression.kind {
        Kind::Member(object, name) if name.value == "env" => {
            matches!(object.name(), Some("process" | "Deno" | "Bun" | "c"))
                || matches!(&object.kind, Kind::Member(_, meta) if meta.value == "meta")
                || matches!(&object.kind, Kind::Name(name) if name == "globalThis")
        }
        Kind::Name(name) => name == "env",
        _ => false,
    }
}

fn is_environment_name(name: &str) -> bool {
    name.len() > 2 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether a variable's name says that its value is a secret.
fn is_secret(variable: &str) -> bool {
    let upper = variable.to_ascii_uppercase();
    let words: Vec<&str> = upper.split('_').filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [.., before, "KEY"] => KEYS.contains(before) || *before == "SECRET",
        [.., "MAX" | "NUM" | "COUNT" | "CACHE" | "PAGE" | "NEXT", "TOKEN"] => false,
        [.., last] => SECRETS.contains(last) || matches!(*last, "APIKEY" | "JWTSECRET"),
        [] => false,
    }
}

/// Whether a literal is a secret that somebody could use.
fn counts(variable: &str, text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    let nothing = ["", "none", "null", "undefined", "false", "true", "n/a", "empty", "disabled", "-"];
    if nothing.contains(&lower.as_str()) {
        return false;
    }
    let upper = variable.to_ascii_uppercase();
    let words: Vec<&str> = upper.split('_').collect();
    let own = words.iter().any(|word| OWN.contains(word)) || words.last() == Some(&"SECRET");
    // Keys for services of others are often filled with something that only has the shape.
    let hollow = ["your", "xxx", "<", "placeholder", "dummy", "fake", "example", "not-needed", "no-key", "changeme"];
    own && !lower.starts_with('<') || !hollow.iter().any(|word| lower.contains(word)) && !lower.starts_with("test")
}

/// Whether the file compares a value with this literal and then throws or exits: a default that is refused.
fn refused(scan: &Scan<'_, '_>, file: usize, span: Span, text: &str) -> bool {
    let module = scan.program.units()[file].module;
    let mut compared = false;
    scan.program.units()[file].expressions(&mut |function, expression| {
        if let Kind::Binary(operator, a, b) = &expression.kind
            && operator.starts_with("==")
            && [a, b].iter().any(|side| {
                side.span != span && scan.program.text(At { file, function }, side).as_deref() == Some(text)
            })
        {
            compared |= leaves(&module.functions[function].body, expression.span);
        }
    });
    compared
}

/// Whether an `if` whose condition holds `span` throws or exits.
fn leaves(body: &[Statement], span: Span) -> bool {
    body.iter().any(|statement| match statement {
        Statement::If { condition, then, otherwise, .. } if condition.span.contains(span) => {
            let exits = |statement: &Statement| {
                let mut exits = matches!(statement, Statement::Raise(..));
                statement.parts(&mut |part| {
                    part.walk(&mut |e| exits |= e.call().is_some_and(|call| super::written(call) == "exit"));
                });
                exits
            };
            then.iter().any(exits) || leaves(otherwise, span)
        }
        Statement::If { then, otherwise, .. } => leaves(then, span) || leaves(otherwise, span),
        Statement::Block(body) | Statement::Loop { body, .. } => leaves(body, span),
        Statement::Try { body, .. } => leaves(body, span),
        _ => false,
    })
}
