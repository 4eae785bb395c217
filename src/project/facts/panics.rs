//! Rust: arguments of callers on which a handler panics.

use std::collections::BTreeSet;

use super::{Facts, flow};
use crate::{
    finding::Place,
    project::{
        File, Role,
        language::Language,
        program::{At, Program},
        syntax::{Call, Expression, Function, Kind, Parameter, Pattern, Statement},
    },
};

/// A panic that an argument decides about.
#[derive(Clone, Debug)]
pub struct ArgumentPanic {
    /// What panics.
    pub place: Place,
    /// As written, in one line, shortened.
    pub written: String,
    /// The tool, where it has a name.
    pub tool: Option<String>,
    /// The project is built so that a panic ends the process.
    pub aborts: bool,
}

/// Methods that fail on some texts and values.
const FALLIBLE: &[&str] = &[
    "parse",
    "get",
    "as_str",
    "as_i64",
    "as_u64",
    "as_f64",
    "as_bool",
    "as_array",
    "as_object",
    "nth",
    "first",
    "last",
    "strip_prefix",
    "strip_suffix",
    "split_once",
    "rsplit_once",
    "try_into",
    "char_indices",
    "remove",
];

/// Functions that fail on some of what they are given.
const FALLIBLE_FUNCTIONS: &[&str] = &[
    "from_value",
    "from_str",
    "try_from",
    "parse",
    "parse_str",
    "from_utf8",
    "from_str_radix",
    "decode",
    "read_to_string",
    "read_dir",
    "canonicalize",
    "parse_from_rfc3339",
    "parse_from_str",
    "from_slice",
];

/// What a function says that asks before it takes, or catches what goes wrong.
const ASKS: &[&str] =
    &["is_some()", "is_none()", "is_ok()", "is_err()", "is_some_and(", "contains_key(", "catch_unwind", "is_match("];

/// What a function says that asks how long a text or list is.
const MEASURES: &[&str] =
    &[".len()", "is_char_boundary", "char_indices", ".find(", ".rfind(", ".min(", ".get(", "catch_unwind"];

/// Types of parameters that the SDK fills in.
const GIVEN: &[&str] = &["RequestContext", "Extension", "Extensions", "Peer", "CancellationToken", "Meta", "Self"];

pub(super) fn add(program: &Program<'_>, files: &[File], facts: &mut Facts) {
    let is_rust = |at: At| program.unit(at).language == Language::Rust && program.unit(at).role != Role::Test;
    let handlers = flow::handlers(program).into_iter().filter(|(at, _)| is_rust(*at));
    for (at, tool) in handlers {
        let function = program.function_at(at);
        let text = program.source(at.file, function.span);
        let inputs = inputs(function);
        let aborts = || files.iter().any(|file| file.path.ends_with("Cargo.toml") && aborts(&file.text));
        let (asks, measures) = (says(text, ASKS), says(text, MEASURES));
        // What stands inside of another is told with it.
        let mut end = 0;
        function.expressions(&mut |expression| {
            let unasked = !asks && takes_for_granted(expression, &inputs);
            if (unasked || !measures && is_cut(program, at, expression, &inputs)) && expression.span.end > end {
                end = expression.span.end;
                facts.argument_panics.push(ArgumentPanic {
                    place: program.place(at.file, expression.span),
                    written: written(program.source(at.file, expression.span)),
                    tool: tool.clone(),
                    aborts: aborts(),
                });
            }
        });
    }
}

fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// The profile says that a panic ends the process.
fn aborts(manifest: &str) -> bool {
    manifest.lines().any(|line| line.replace(' ', "").starts_with("panic=\"abort\""))
}

/// The names of a handler that hold what a caller sent, in order of the statements.
fn inputs(function: &Function) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for parameter in function.parameters.iter().filter(|parameter| !is_given(parameter)) {
        bound(&parameter.pattern, &mut names);
    }
    names.remove("self");
    Statement::each(&function.body, &mut |statement| {
        let Statement::Let { pattern, value: Some(value), .. } = statement else { return };
        if is_input(value, &names) {
            bound(pattern, &mut names);
        }
    });
    names
}

fn is_given(parameter: &Parameter) -> bool {
    let name = parameter.annotation.as_ref().map_or("", |annotation| annotation.name.as_str());
    GIVEN.contains(&name.rsplit([':', '.']).next().unwrap_or_default())
}

fn bound<'a>(pattern: &'a Pattern, names: &mut BTreeSet<&'a str>) {
    match pattern {
        Pattern::Ignore => {}
        Pattern::Name(name, _) => {
            names.insert(name);
        }
        Pattern::Fields(fields) => fields.iter().for_each(|(_, inner)| bound(inner, names)),
        Pattern::Items(items) | Pattern::Wrapped(_, items) => items.iter().for_each(|inner| bound(inner, names)),
        Pattern::Rest(inner) => bound(inner, names),
    }
}

/// A part of an input, or what a method or a fallible function makes of one.
fn is_input(expression: &Expression, names: &BTreeSet<&str>) -> bool {
    match &expression.kind {
        Kind::Name(name) => names.contains(name.as_str()),
        Kind::Member(object, _) | Kind::Index(object, _) => is_input(object, names),
        Kind::Call(call) => match &call.function.kind {
            Kind::Member(object, _) if is_input(object, names) => true,
            _ => is_fallible_function(call, names),
        },
        _ => false,
    }
}

fn is_fallible_function(call: &Call, names: &BTreeSet<&str>) -> bool {
    FALLIBLE_FUNCTIONS.contains(&call.written())
        && call.arguments.iter().any(|argument| is_input(&argument.value, names))
}

/// `x.parse().unwrap()`, `from_value(x).expect("..")`, `x.limit.unwrap()`
fn takes_for_granted(expression: &Expression, names: &BTreeSet<&str>) -> bool {
    let Kind::Call(call) = &expression.kind else { return false };
    let Kind::Member(taken, _) = &call.function.kind else { return false };
    if !matches!(call.written(), "unwrap" | "expect") {
        return false;
    }
    match &taken.kind {
        Kind::Member(object, _) => is_input(object, names),
        Kind::Call(made) => {
            let by_method = matches!(&made.function.kind, Kind::Member(object, _) if is_input(object, names));
            by_method && FALLIBLE.contains(&made.written()) || is_fallible_function(made, names)
        }
        _ => false,
    }
}

/// `&text[..80]`: a text that is shorter, or has a character across the cut, panics.
fn is_cut(program: &Program<'_>, at: At, expression: &Expression, names: &BTreeSet<&str>) -> bool {
    let Kind::Index(text, range) = &expression.kind else { return false };
    let written = program.source(at.file, range.span);
    written.contains("..") && written.chars().any(|c| c.is_ascii_alphanumeric()) && is_input(text, names)
}

/// In one line, shortened.
fn written(source: &str) -> String {
    let text = source.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
