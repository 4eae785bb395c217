//! Go: arguments that are taken for a type without asking, in servers that do not survive a panic.

use std::sync::LazyLock;

use regex::Regex;

use super::Facts;
use crate::{
    finding::Place,
    project::{language::Language, program::Program},
};

/// An argument whose type is asserted without a second result.
#[derive(Clone, Debug)]
pub struct UncheckedType {
    /// The assertion.
    pub place: Place,
    /// The argument.
    pub argument: String,
}

/// `x := args["x"].(string)`: of two results the second says whether it holds, of one none.
static ASSERTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r#"(?m)(?:^|[{;(=]|:=|return)[ \t]*(?:\w+[ \t]*:?=[ \t]*)?((?:\w+\.)*(?:[aA]rguments|[aA]rgs|GetArguments\(\))"#,
        r#"\["(\w+)"\]\.\((?:string|bool|float64|int|\[\]\w+(?:\{\})?|map\[string\]\w+(?:\{\})?)\))"#,
    ))
    .expect("a constant pattern")
});

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let units = program.units();
    let speaks = units.iter().any(|unit| unit.language == Language::Go && unit.text.contains("mark3labs/mcp-go"));
    let recovers = units.iter().any(|unit| unit.language == Language::Go && unit.text.contains("WithRecovery("));
    if !speaks || recovers {
        return;
    }
    for (file, unit) in units.iter().enumerate().filter(|(_, unit)| unit.language == Language::Go) {
        if !unit.text.contains("CallToolRequest") {
            continue;
        }
        for function in unit.module.functions.iter().skip(1).filter(|function| !function.is_test) {
            let text = program.source(file, function.span);
            if text.contains("recover()") || !text.contains("CallToolRequest") {
                continue;
            }
            for found in ASSERTION.captures_iter(text) {
                let (Some(whole), Some(argument)) = (found.get(1), found.get(2)) else { continue };
                let line = text[..whole.start()].rfind('\n').map_or(0, |at| at + 1);
                // `x, ok := ..`, and a comment.
                let before = &text[line..whole.start()];
                if before.contains(',') && before.contains('=') && !before.contains('{') || before.contains("//") {
                    continue;
                }
                let start = function.span.start + whole.start();
                let place = Place::new(unit.path, start, function.span.start + whole.end());
                facts.unchecked_types.push(UncheckedType { place, argument: argument.as_str().to_owned() });
            }
        }
    }
    facts.unchecked_types.sort_by(|a, b| (&a.place.path, a.place.start).cmp(&(&b.place.path, b.place.start)));
    facts.unchecked_types.dedup_by(|a, b| a.place == b.place);
}
