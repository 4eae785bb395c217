//! What is said of Python servers: the official SDK, `fastmcp`, and the web frameworks around them.

mod cases;
mod cors;
mod endpoints;
mod environment;
mod limiters;
mod protection;
mod secret_defaults;
mod servers;
mod setting;
mod stdout;

#[cfg(test)]
mod tests;

use super::{Facts, last};
use crate::project::{
    language::Language,
    program::{At, Program, Site},
    syntax::Expression,
};

/// Adds the facts of every Python file.
pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    servers::add(program, facts);
    endpoints::add(program, facts);
    cors::add(program, facts);
    limiters::add(program, facts);
    stdout::add(program, facts);
    secret_defaults::add(program, facts);
    environment::add(program, facts);
    cases::add(program, facts);
}

/// The Python files; without those that hold only tests, unless `tests` asks for them.
fn files(program: &Program<'_>, tests: bool) -> Vec<usize> {
    program.files_of(Language::Python, tests)
}

/// Every call of the Python files outside tests.
fn calls<'a>(program: &Program<'a>) -> Vec<Site<'a>> {
    program.calls_of(Language::Python)
}

/// The canonical path of an expression; empty where there is none.
fn path<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> String {
    program.symbol(at, expression).unwrap_or_default()
}
