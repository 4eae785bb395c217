//! Secrets read from the environment with a literal to fall back to.

use super::{calls, files, last, path};
use crate::project::{
    facts::{Facts, SecretDefault, secret_names::is_secret},
    program::{At, Program},
    syntax::{Expression, Kind},
};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for site in calls(program) {
        let Some(variable) = variable(program, site.at, &site.call.function, site.call.positional(0)) else { continue };
        let fallback = site.call.positional(1).or_else(|| site.call.keyword("default"));
        if let Some(fallback) = fallback {
            push(program, site.at, &variable, fallback, facts);
        }
    }
    for file in files(program, false) {
        program.units()[file].expressions(&mut |function, expression| {
            let at = At { file, function };
            let Kind::Binary(operator, left, right) = &expression.kind else { return };
            if operator != "or" || program.function_at(at).is_test {
                return;
            }
            let read = match &left.kind {
                Kind::Call(call) => variable(program, at, &call.function, call.positional(0)),
                _ => None,
            };
            if let Some(variable) = read {
                push(program, at, &variable, right, facts);
            }
        });
        settings(program, file, facts);
    }
}

/// The environment variable that a call reads, where its name speaks of a secret.
fn variable<'a>(
    program: &Program<'a>,
    at: At,
    function: &'a Expression,
    name: Option<&'a Expression>,
) -> Option<String> {
    let path = path(program, at, function);
    let reads =
        matches!(path.as_str(), "os.getenv" | "os.environ.get" | "os.environ.setdefault" | "environ.get" | "getenv")
            || (last(&path) == "config" && path.starts_with("decouple"));
    let name = program.text(at, name?)?;
    (reads && is_secret(&name)).then_some(name)
}

/// Fields of settings classes, which the environment fills.
fn settings(program: &Program<'_>, file: usize, facts: &mut Facts) {
    let at = At { file, function: 0 };
    for class in &program.units()[file].module.classes {
        if !class.bases.iter().any(|base| base.name.ends_with("BaseSettings")) {
            continue;
        }
        for field in class.fields.iter().filter(|field| is_secret(&field.name)) {
            let Some(value) = &field.value else { continue };
            let value = match value.call() {
                Some(call) => call.keyword("default").or_else(|| call.positional(0)),
                None => Some(value),
            };
            if let Some(value) = value {
                push(program, at, &field.name, value, facts);
            }
        }
    }
}

/// A literal that could be used as the secret itself.
fn push<'a>(program: &Program<'a>, at: At, variable: &str, fallback: &'a Expression, facts: &mut Facts) {
    let (at, written) = program.value(at, fallback);
    if let Some(text) = written.text()
        && !text.trim().is_empty()
        && !matches!(text.to_lowercase().as_str(), "none" | "null" | "false")
    {
        let place = program.place(at.file, written.span);
        facts.secret_defaults.push(SecretDefault { place, variable: variable.to_owned() });
    }
}
