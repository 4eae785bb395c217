//! Secrets read from the environment with a literal to fall back to.

use super::{attribute, calls, files, path, word};
use crate::project::{
    facts::{Facts, SecretDefault, secret_names::is_secret},
    program::{At, Program, Site},
    syntax::{Expression, Kind, Statement},
};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for site in calls(program) {
        if !matches!(word(site.call), "unwrap_or" | "unwrap_or_else") {
            continue;
        }
        let Kind::Member(object, _) = &site.call.function.kind else { continue };
        let Some(variable) = variable(program, site.at, object) else { continue };
        if let Some((at, literal)) = site.call.positional(0).and_then(|fallback| literal(program, site, fallback))
            && literal.text().is_some_and(|text| !text.trim().is_empty())
        {
            facts.secret_defaults.push(SecretDefault { place: program.place(at.file, literal.span), variable });
        }
    }
    for file in files(program, false) {
        for field in program.units()[file].module.classes.iter().flat_map(|class| &class.fields) {
            let attribute = attribute(&field.attributes, "arg").or_else(|| attribute(&field.attributes, "clap"));
            let Some(call) = attribute.and_then(Expression::call) else { continue };
            let named = call.keyword("env").and_then(Expression::text);
            let secret = named.is_some_and(is_secret)
                || (is_secret(&field.name) && call.arguments.iter().any(|a| a.value.name() == Some("env")));
            let default = call.keyword("default_value").filter(|value| value.text().is_some_and(|t| !t.is_empty()));
            if let (true, Some(default)) = (secret, default) {
                let variable = named.unwrap_or(&field.name).to_owned();
                facts.secret_defaults.push(SecretDefault { place: program.place(file, default.span), variable });
            }
        }
    }
}

/// The variable that `env::var(..)` reads, where its name speaks of a secret.
fn variable<'a>(program: &Program<'a>, at: At, object: &'a Expression) -> Option<String> {
    let (at, origin) = program.origin(at, object);
    let call = origin.call()?;
    if let ("ok" | "map" | "filter", Kind::Member(inner, _)) = (word(call), &call.function.kind) {
        return variable(program, at, inner);
    }
    let path = path(program, at, &call.function);
    let reads = matches!(path.as_str(), "std.env.var" | "env.var" | "option_env!" | "dotenvy.var");
    let name = program.text(at, call.positional(0)?)?;
    (reads && is_secret(&name)).then_some(name)
}

/// The text in `"x".into()`, `|_| "x".to_string()`, `String::from("x")`.
fn literal<'a>(program: &Program<'a>, site: Site<'a>, fallback: &'a Expression) -> Option<(At, &'a Expression)> {
    let (mut at, mut expression) = program.origin(site.at, fallback);
    for _ in 0..4 {
        expression = match &expression.kind {
            Kind::Text(_) => return Some((at, expression)),
            Kind::Function(function) => {
                at = At { file: at.file, function: *function };
                match program.function_at(at).body.last()? {
                    Statement::Return(Some(value), _) => value,
                    _ => return None,
                }
            }
            Kind::Call(call) => match (&call.function.kind, word(call)) {
                (Kind::Member(object, _), "into" | "to_string" | "to_owned" | "into_bytes") => object,
                (Kind::Member(_, _), "from" | "new") => call.positional(0)?,
                _ => return None,
            },
            Kind::Name(_) | Kind::Member(..) => {
                let (next_at, next) = program.origin(at, expression);
                if std::ptr::eq(next, expression) {
                    return None;
                }
                at = next_at;
                next
            }
            _ => return None,
        };
    }
    None
}
