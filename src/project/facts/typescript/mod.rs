//! TypeScript and JavaScript: what the SDKs and the usual libraries do, and how their use shows in the source.

mod bind;
mod capabilities;
mod cors;
mod dotenv;
mod endpoints;
mod hosted;
mod judge;
mod limiters;
mod listeners;
mod refusal;
mod registrations;
mod routes;
mod sdk;
mod secret_defaults;
mod servers;
mod stdout;
mod test_cases;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::Facts;
use crate::{
    finding::Place,
    project::{
        Language,
        program::{At, Families, Program, Site},
        syntax::{Call, Entry, Expression, FunctionId, Kind},
    },
};

/// Adds what is known of the program's TypeScript and JavaScript.
pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let scan = Scan::of(program);
    test_cases::add(&scan, facts);
    dotenv::add(&scan, facts);
    sdk::add(&scan, facts);
    servers::add(&scan, facts);
    secret_defaults::add(&scan, facts);
    endpoints::add(&scan, facts);
    cors::add(&scan, facts);
    limiters::add(&scan, facts);
    stdout::add(&scan, facts);
}

/// A call with the library's function that it means.
#[derive(Clone, Debug)]
struct Known<'a> {
    site: Site<'a>,
    /// Canonical path; nothing for functions of the project and for what cannot be resolved.
    symbol: Option<String>,
}

impl<'a> Known<'a> {
    /// The symbol, or nothing.
    fn symbol(&self) -> &str {
        self.symbol.as_deref().unwrap_or_default()
    }

    /// The last part of the symbol.
    fn last(&self) -> &str {
        last(self.symbol())
    }

    /// The name of the method or function as it is written.
    fn written(&self) -> &'a str {
        written(self.site.call)
    }
}

/// The last part of a dotted path.
fn last(symbol: &str) -> &str {
    symbol.rsplit('.').next().unwrap_or(symbol)
}

/// The last name of what a call calls, as it is written.
fn written(call: &Call) -> &str {
    call.written()
}

/// The program's TypeScript, each call resolved once.
struct Scan<'p, 'a> {
    program: &'p Program<'a>,
    /// Files of the language that are no tests.
    files: Vec<usize>,
    /// Every call of those files that is not in a test.
    calls: Vec<Known<'a>>,
    /// Where closures and functions are handed over: the calls that take them as arguments.
    taken: HashMap<At, Vec<Site<'a>>>,
    /// The files that need a file or that it needs.
    families: Families,
}

impl<'p, 'a> Scan<'p, 'a> {
    fn of(program: &'p Program<'a>) -> Self {
        let files = program.files_of(Language::TypeScript, false);
        let mut calls = Vec::new();
        let mut taken: HashMap<At, Vec<Site<'a>>> = HashMap::new();
        for &file in &files {
            for site in program.calls_in(file) {
                if program.function_at(site.at).is_test {
                    continue;
                }
                for argument in site.call.arguments.iter().flat_map(|argument| with_fields(&argument.value)) {
                    if let Some(function) = handed_over(program, site.at, argument) {
                        taken.entry(function).or_default().push(site);
                    }
                }
                let symbol = program.symbol(site.at, &site.call.function).filter(|symbol| !symbol.starts_with("@/"));
                calls.push(Known { site, symbol });
            }
        }
        Self { program, files, calls, taken, families: Families::default() }
    }

    /// A span of a file as a place.
    fn place(&self, at: At, expression: &Expression) -> Place {
        self.program.place(at.file, expression.span)
    }

    /// The functions around a position, innermost first, the top level last.
    fn around(&self, at: At) -> impl Iterator<Item = At> + '_ {
        let parent = move |at: &At| -> Option<At> {
            let parent: FunctionId = self.program.function_at(*at).parent?;
            Some(At { file: at.file, function: parent })
        };
        std::iter::successors(Some(at), parent)
    }

    /// Whether one of two files needs the other. Remembered by the first.
    fn related(&self, a: usize, b: usize) -> bool {
        self.families.related(self.program, a, b)
    }
}

/// An argument and, of a record, its fields: `serve({ fetch: handle })`.
fn with_fields(argument: &Expression) -> Vec<&Expression> {
    let mut values = vec![argument];
    if let Kind::Record(record) = &argument.kind {
        values.extend(record.entries.iter().filter_map(|entry| match entry {
            Entry::Field(key, value) if key.value == "fetch" || key.value == "handler" => Some(value),
            _ => None,
        }));
    }
    values
}

/// The function that an argument means: a closure or the name of a function.
fn handed_over<'a>(program: &Program<'a>, at: At, argument: &'a Expression) -> Option<At> {
    match &argument.kind {
        Kind::Function(function) => Some(At { file: at.file, function: *function }),
        Kind::Name(_) | Kind::Member(..) => program.function(at, argument),
        _ => None,
    }
}
