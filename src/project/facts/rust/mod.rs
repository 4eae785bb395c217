//! What is said of Rust servers: `rmcp`, the web frameworks around it, and this project's own runtime.

mod addresses;
mod cases;
mod cors;
mod endpoints;
mod environment;
mod hardened;
mod limiters;
mod protection;
mod secret_defaults;
mod servers;
mod stdout;

#[cfg(test)]
mod tests;

use super::{Facts, last};
use crate::project::{
    File,
    language::Language,
    program::{At, Program, Site},
    syntax::{Call, Expression, Kind},
};

/// Adds the facts of every Rust file.
pub(super) fn add(program: &Program<'_>, all: &[File], facts: &mut Facts) {
    servers::add(program, facts);
    endpoints::add(program, facts);
    hardened::add(program, all, facts);
    cors::add(program, facts);
    limiters::add(program, facts);
    stdout::add(program, facts);
    secret_defaults::add(program, facts);
    environment::add(program, facts);
    cases::add(program, facts);
}

/// The Rust files; without those that hold only tests, unless `tests` asks for them.
fn files(program: &Program<'_>, tests: bool) -> Vec<usize> {
    program.files_of(Language::Rust, tests)
}

/// Every call of the Rust files outside tests.
fn calls<'a>(program: &Program<'a>) -> Vec<Site<'a>> {
    program.calls_of(Language::Rust)
}

/// The canonical path of an expression; empty where there is none.
fn path<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> String {
    program.symbol(at, expression).unwrap_or_default()
}

/// The name under which something is called, whatever it is called on.
fn word(call: &Call) -> &str {
    call.written()
}

/// The attribute of a last name, as `#[name]` or `#[name(..)]`.
fn attribute<'f>(attributes: &'f [Expression], name: &str) -> Option<&'f Expression> {
    attributes.iter().find(|&attribute| {
        let path = attribute.call().map_or(attribute, |call| &call.function);
        match &path.kind {
            Kind::Name(own) => own == name,
            Kind::Member(_, own) => own.value == name,
            _ => false,
        }
    })
}
