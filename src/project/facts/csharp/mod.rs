//! C#: the official SDK on the host builder and on ASP.NET.
//!
//! Methods that extend a builder are told by their names, which no other library has. Facts are found per project file:
//! what the host is told anywhere in it holds for the server.

mod endpoints;
mod protection;
mod servers;
mod stdout;

use super::{Facts, builds::Builds};
use crate::{
    finding::Place,
    project::{
        File, Language, Role,
        manifest::Ecosystem,
        program::{At, Program, Site},
        syntax::{Expression, Kind, Span},
    },
};

/// The SDK.
const SDK: &str = "ModelContextProtocol";

/// Adds what is known of the program's C#.
pub(super) fn add(program: &Program<'_>, files: &[File], facts: &mut Facts) {
    if program.files_of(Language::CSharp, true).is_empty() {
        return;
    }
    tests_and_imports(program, facts);
    let scan = Scan::of(program, files);
    servers::add(&scan, facts);
    endpoints::add(&scan, facts);
    protection::cors(&scan, facts);
    stdout::add(&scan, facts);
}

/// The program's C#.
struct Scan<'p, 'a> {
    program: &'p Program<'a>,
    /// Every call outside tests.
    calls: Vec<Site<'a>>,
    /// What is built on its own.
    builds: Builds,
}

impl<'p, 'a> Scan<'p, 'a> {
    fn of(program: &'p Program<'a>, files: &[File]) -> Self {
        let sources = program.files_of(Language::CSharp, false);
        let builds = Builds::of(program, files, Ecosystem::NuGet, &sources);
        Self { program, calls: program.calls_of(Language::CSharp), builds }
    }

    fn place(&self, at: At, span: Span) -> Place {
        self.program.place(at.file, span)
    }

    fn path(&self, at: At) -> &'a str {
        self.program.unit(at).path
    }

    /// A call of a library's method: a function of this project with the same name does it inside.
    fn is_foreign(&self, site: &Site<'a>) -> bool {
        self.program.function(site.at, &site.call.function).is_none()
    }

    /// Whether two files are built together.
    fn together(&self, a: &str, b: &str) -> bool {
        match (self.builds.around(a), self.builds.around(b)) {
            (Some(a), Some(b)) => std::ptr::eq(a, b),
            _ => true,
        }
    }
}

/// The last name of an attribute.
fn attribute(expression: &Expression) -> &str {
    let name = expression.call().map_or(expression, |call| &call.function);
    match &name.kind {
        Kind::Name(name) => name,
        Kind::Member(_, name) => &name.value,
        _ => "",
    }
}

fn tests_and_imports(program: &Program<'_>, facts: &mut Facts) {
    for file in program.files_of(Language::CSharp, true) {
        let unit = &program.units()[file];
        let cases = unit.module.functions.iter().filter(|function| function.is_test && function.name.is_some());
        facts.tests.extend(cases.map(|function| program.place(file, function.name_span)));
        if unit.role == Role::Test {
            continue;
        }
        let mut imports = unit.module.imports.iter().filter(|import| import.module.starts_with(SDK));
        if let Some(import) = imports.clone().find(|import| import.module == "ModelContextProtocol.Client") {
            facts.clients.push(program.place(file, import.span));
        }
        facts.sdk_imports.extend(imports.next().map(|import| program.place(file, import.span)));
    }
}
