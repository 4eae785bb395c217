//! Java: the official SDK, Spring AI and Quarkus, and what usually stands around them.
//!
//! Frameworks put a server together from annotations, settings and the libraries that a build file names. Facts are
//! found per build: a class that configures security is imported by nobody.

mod endpoints;
mod protection;
mod servers;
mod stdout;

use super::{Facts, builds::Builds};
use crate::{
    finding::Place,
    project::{
        File, Language,
        manifest::Ecosystem,
        program::{At, Program, Site},
        syntax::{Expression, Kind, Span},
    },
};

/// The official SDK.
const SDK: &str = "io.modelcontextprotocol.sdk:mcp";
/// What Spring AI calls itself in build files.
const SPRING: &[&str] = &["spring-ai-starter-mcp-server", "spring-ai-mcp-server"];
/// What the extension of Quarkus calls itself in build files.
const QUARKUS: &[&str] = &["quarkus-mcp-server"];

/// Adds what is known of the program's Java.
pub(super) fn add(program: &Program<'_>, files: &[File], facts: &mut Facts) {
    if program.files_of(Language::Java, true).is_empty() {
        return;
    }
    tests_and_imports(program, facts);
    let scan = Scan::of(program, files);
    let servers = servers::add(&scan, facts);
    endpoints::add(&scan, &servers, facts);
    protection::cors(&scan, facts);
    stdout::add(&scan, facts);
}

/// A call with the library's function that it means.
struct Known<'a> {
    site: Site<'a>,
    /// Canonical path; empty for functions of the project and for what cannot be resolved.
    symbol: String,
}

impl Known<'_> {
    /// Whether it means `path`, with or without the package before it.
    fn is(&self, path: &str) -> bool {
        self.symbol.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }
}

/// The program's Java, each call resolved once.
struct Scan<'p, 'a> {
    program: &'p Program<'a>,
    /// Every call outside tests.
    calls: Vec<Known<'a>>,
    /// What is built on its own.
    builds: Builds,
}

impl<'p, 'a> Scan<'p, 'a> {
    fn of(program: &'p Program<'a>, files: &[File]) -> Self {
        let sources = program.files_of(Language::Java, false);
        let builds = Builds::of(program, files, Ecosystem::Maven, &sources);
        let mut calls = Vec::new();
        for site in program.calls_of(Language::Java) {
            let symbol = program.symbol(site.at, &site.call.function).filter(|symbol| !symbol.starts_with("@/"));
            calls.push(Known { site, symbol: symbol.unwrap_or_default() });
        }
        Self { program, calls, builds }
    }

    fn place(&self, at: At, span: Span) -> Place {
        self.program.place(at.file, span)
    }

    fn path(&self, at: At) -> &'a str {
        self.program.unit(at).path
    }
}

/// The last name of an annotation.
fn annotation(attribute: &Expression) -> &str {
    let name = attribute.call().map_or(attribute, |call| &call.function);
    match &name.kind {
        Kind::Name(name) => name,
        Kind::Member(_, name) => &name.value,
        _ => "",
    }
}

fn tests_and_imports(program: &Program<'_>, facts: &mut Facts) {
    for file in program.files_of(Language::Java, true) {
        let unit = &program.units()[file];
        let cases = unit.module.functions.iter().filter(|function| function.is_test && function.name.is_some());
        facts.tests.extend(cases.map(|function| program.place(file, function.name_span)));
        if unit.role == crate::project::Role::Test {
            continue;
        }
        for import in &unit.module.imports {
            let client = import.module.starts_with("io.modelcontextprotocol.client");
            if client {
                facts.clients.push(program.place(file, import.span));
            }
        }
        let is_sdk = |module: &str| {
            [
                "io.modelcontextprotocol.",
                "org.springframework.ai.mcp",
                "org.springaicommunity.mcp",
                "io.quarkiverse.mcp",
            ]
            .iter()
            .any(|package| module.starts_with(package))
        };
        if let Some(import) = unit.module.imports.iter().find(|import| is_sdk(&import.module)) {
            facts.sdk_imports.push(program.place(file, import.span));
        }
    }
}
