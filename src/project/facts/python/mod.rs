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

use super::Facts;
use crate::project::{
    Role,
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
    let units = program.units().iter().enumerate();
    let python = units.filter(|(_, unit)| unit.language == Language::Python && (tests || unit.role != Role::Test));
    python.map(|(file, _)| file).collect()
}

/// Every call of the Python files outside tests.
fn calls<'a>(program: &Program<'a>) -> Vec<Site<'a>> {
    let sites = files(program, false).into_iter().flat_map(|file| program.calls_in(file));
    sites.filter(|site| !program.function_at(site.at).is_test).collect()
}

/// The canonical path of an expression; empty where there is none.
fn path<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> String {
    program.symbol(at, expression).unwrap_or_default()
}

/// The last word of a dotted path, calls left out.
fn last(path: &str) -> &str {
    let path = path.trim_end_matches("()");
    path.rsplit(['.', '#']).next().unwrap_or(path)
}
