//! Go: mcp-go and the official SDK, and the usual libraries around them.

mod addresses;
mod cors;
mod endpoints;
mod limiters;
mod routes;
mod secret_defaults;
mod servers;
mod settings;
mod stdout;
#[cfg(test)]
mod tests;

use super::Facts;
use crate::{
    finding::Place,
    project::{
        Language,
        program::{At, Families, Program, Site},
        syntax::{Call, Expression},
    },
};

/// The community's SDK.
pub(super) const MCP_GO: &str = "github.com/mark3labs/mcp-go";
/// The official SDK.
pub(super) const GO_SDK: &str = "github.com/modelcontextprotocol/go-sdk";

/// Adds what is known of the program's Go.
pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let scan = Scan::of(program);
    tests_and_imports(program, facts);
    if scan.files.is_empty() {
        return;
    }
    servers::add(&scan, facts);
    endpoints::add(&scan, facts);
    cors::add(&scan, facts);
    secret_defaults::add(&scan, facts);
    stdout::add(&scan, facts);
}

/// A call with the library's function that it means.
struct Known<'a> {
    site: Site<'a>,
    /// Canonical path; empty for functions of the project and for what cannot be resolved.
    symbol: String,
}

/// The program's Go, each call resolved once.
struct Scan<'p, 'a> {
    program: &'p Program<'a>,
    /// Files of the language that are no tests.
    files: Vec<usize>,
    /// Every call of those files.
    calls: Vec<Known<'a>>,
    /// The files that need a file or that it needs.
    families: Families,
}

impl<'p, 'a> Scan<'p, 'a> {
    fn of(program: &'p Program<'a>) -> Self {
        let files = program.files_of(Language::Go, false);
        let mut calls = Vec::new();
        for &file in &files {
            for site in program.calls_in(file) {
                let symbol = program.symbol(site.at, &site.call.function).filter(|symbol| !symbol.starts_with("@/"));
                calls.push(Known { site, symbol: symbol.unwrap_or_default() });
            }
        }
        Self { program, files, calls, families: Families::default() }
    }

    fn place(&self, at: At, expression: &Expression) -> Place {
        self.program.place(at.file, expression.span)
    }

    /// The functions around a position, innermost first, the top level last.
    fn around(&self, at: At) -> impl Iterator<Item = At> + '_ {
        std::iter::successors(Some(at), |at| {
            Some(At { file: at.file, function: self.program.function_at(*at).parent? })
        })
    }

    /// Whether one of two files needs the other. Remembered by the first.
    fn related(&self, a: usize, b: usize) -> bool {
        self.families.related(self.program, a, b)
    }
}

/// The last name of what a call calls, as it is written.
fn written(call: &Call) -> &str {
    call.written()
}

fn tests_and_imports(program: &Program<'_>, facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate().filter(|(_, unit)| unit.language == Language::Go) {
        for function in &unit.module.functions {
            let name = function.name.as_deref().unwrap_or_default();
            let runs = ["Test", "Fuzz", "Example"].iter().any(|word| name.starts_with(word));
            if unit.path.ends_with("_test.go") && function.class.is_none() && runs && name != "TestMain" {
                facts.tests.push(program.place(file, function.name_span));
            }
        }
        if unit.path.ends_with("_test.go") {
            continue;
        }
        let imports = &unit.module.imports;
        let is_sdk = |module: &str| module.starts_with(MCP_GO) || module.starts_with(GO_SDK);
        if let Some(import) = imports.iter().find(|import| is_sdk(&import.module)) {
            facts.sdk_imports.push(program.place(file, import.span));
        }
        if let Some(import) = imports.iter().find(|import| import.module.starts_with("github.com/joho/godotenv")) {
            facts.environment_files.push(program.place(file, import.span));
        }
    }
}
