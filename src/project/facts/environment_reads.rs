//! Environment variables that the program reads by name, in all languages.

use super::Facts;
use crate::{
    finding::Place,
    project::{
        Role,
        language::Language,
        program::{At, Program},
        syntax::{Expression, Kind},
    },
};

/// A read of a variable.
#[derive(Clone, Debug)]
pub struct EnvironmentRead {
    /// Its name.
    pub name: String,
    /// The expression.
    pub place: Place,
}

/// Functions that read the variable which their first argument names.
const READERS: &[&str] = &[
    "Deno.env.get",
    "env.var",
    "environ.get",
    "getenv",
    "os.Getenv",
    "os.LookupEnv",
    "os.environ.get",
    "os.getenv",
    "std.env.var",
    "std.env.var_os",
];

/// Objects whose members or items are variables.
const OBJECTS: &[&str] = &["process.env", "Bun.env", "import.meta.env", "os.environ", "environ"];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate() {
        if unit.role != Role::Product {
            continue;
        }
        unit.expressions(&mut |function, expression| {
            let at = At { file, function };
            if program.function_at(at).is_test {
                return;
            }
            if let Some(name) = name(program, at, unit.language, expression) {
                facts.environment_reads.push(EnvironmentRead { name, place: program.place(file, expression.span) });
            }
        });
    }
}

fn name<'a>(program: &Program<'a>, at: At, language: Language, expression: &'a Expression) -> Option<String> {
    let name = match &expression.kind {
        Kind::Call(call) => {
            let argument = call.positional(0)?;
            // The name is cheap to look at, the function's meaning is not.
            let written = last(&call.function)?;
            if !["get", "var", "var_os", "getenv", "Getenv", "LookupEnv"].contains(&written) {
                return None;
            }
            let symbol = program.symbol(at, &call.function)?;
            READERS.contains(&symbol.as_str()).then(|| program.text(at, argument)).flatten()?
        }
        Kind::Member(object, name) if language == Language::TypeScript && is_environment(object) => name.value.clone(),
        Kind::Index(object, name) if is_environment(object) => program.text(at, name)?,
        _ => return None,
    };
    let upper = name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    (upper && name.len() > 1).then_some(name)
}

fn last(function: &Expression) -> Option<&str> {
    match &function.kind {
        Kind::Member(_, name) => Some(&name.value),
        Kind::Name(name) => Some(name),
        _ => None,
    }
}

fn is_environment(object: &Expression) -> bool {
    match &object.kind {
        Kind::Member(inner, name) => match &inner.kind {
            Kind::Name(first) => OBJECTS.contains(&format!("{first}.{}", name.value).as_str()),
            Kind::Member(..) => {
                name.value == "env" && matches!(&inner.kind, Kind::Member(_, meta) if meta.value == "meta")
            }
            _ => false,
        },
        Kind::Name(name) => name == "environ",
        _ => false,
    }
}
