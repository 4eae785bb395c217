//! Names and the values that are written for them: variables, fields, keyword arguments, defaults.

use std::sync::LazyLock;

use regex::Regex;

use crate::project::{
    program::{At, Program},
    syntax::{Entry, Expression, Kind, Pattern, Statement},
};

/// A name and the value that is written for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written<'a> {
    /// Where it stands.
    pub(super) at: At,
    /// The name: the variable, or the last part of a member.
    pub(super) name: &'a str,
    /// The value.
    pub(super) value: &'a Expression,
}

/// Every name of a file with a value, in no particular order.
pub(super) fn of_file<'a>(program: &Program<'a>, file: usize) -> Vec<Written<'a>> {
    let module = program.units()[file].module;
    let mut found = Vec::new();
    for (function, definition) in module.functions.iter().enumerate() {
        let at = At { file, function };
        Statement::each(&definition.body, &mut |statement| {
            if let Statement::Let { pattern: Pattern::Name(name, _), value: Some(value), .. } = statement {
                found.push(Written { at, name, value });
            }
        });
        for parameter in &definition.parameters {
            if let (Pattern::Name(name, _), Some(value)) = (&parameter.pattern, &parameter.default) {
                found.push(Written { at, name, value });
            }
        }
    }
    for field in module.classes.iter().flat_map(|class| &class.fields) {
        found.extend(field.value.iter().map(|value| Written {
            at: At { file, function: 0 },
            name: &field.name,
            value,
        }));
    }
    program.units()[file].expressions(&mut |function, expression| {
        let at = At { file, function };
        match &expression.kind {
            Kind::Assign(target, value) => {
                found.extend(last_name(target).map(|name| Written { at, name, value }));
            }
            Kind::Record(record) => found.extend(record.entries.iter().filter_map(|entry| match entry {
                Entry::Field(key, value) => Some(Written { at, name: &key.value, value }),
                _ => None,
            })),
            Kind::Call(call) => {
                found.extend(call.arguments.iter().filter_map(|argument| {
                    Some(Written { at, name: argument.name.as_deref()?, value: &argument.value })
                }))
            }
            _ => {}
        }
    });
    found
}

/// The name of a variable, member or item.
pub(super) fn last_name(expression: &Expression) -> Option<&str> {
    match &expression.kind {
        Kind::Name(name) => Some(name),
        Kind::Member(_, name) => Some(&name.value),
        Kind::Index(_, key) => key.text(),
        _ => None,
    }
}

static ENVIRONMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"^(?:process\.env\.|process\.env\[\s*["']|Deno\.env\.get\(\s*["']|Bun\.env\.|import\.meta\.env\.|os\.environ\.get\(\s*["']|os\.environ\[\s*["']|os\.getenv\(\s*["']|getenv\(\s*["']|(?:std::)?env::var\(\s*"|os\.Getenv\(\s*"|os\.LookupEnv\(\s*")(\w+)"#,
    )
    .expect("a constant pattern")
});

/// The environment variable that an expression reads, in so many words.
pub(super) fn environment_variable<'a>(program: &Program<'a>, at: At, expression: &Expression) -> Option<&'a str> {
    let source = program.source(at.file, expression.span);
    Some(ENVIRONMENT.captures(source)?.get(1)?.as_str())
}

/// The words of a name, in lowercase: `hasApiKey` is `has`, `api`, `key`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut small_before = false;
    let mut open = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            open = false;
            continue;
        }
        if !open || letter.is_uppercase() && small_before {
            words.push(String::new());
        }
        open = true;
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
        small_before = letter.is_lowercase();
    }
    words
}
