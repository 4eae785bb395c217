//! Names to meanings, within a file and across files.
//!
//! [`Program::symbol`] turns an expression into a canonical dotted path, the same whichever way it was imported:
//! `child_process.exec`, `mcp.server.fastmcp.FastMCP().tool`, `std.process.Command.new().arg`, `os/exec.Command`.
//! Calls and constructions become `()`, definitions of the project begin with `@/` (`@/src/server.ts#Server()`).
//! Knowledge about SDKs and libraries is then a table of such paths.
//!
//! Resolution is by name and position, without types beyond annotations. It never guesses between candidates of equal
//! right: what it cannot decide is `None`.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Mutex,
};

use rayon::prelude::*;

use super::{
    File, Role,
    language::Language,
    options::Options,
    syntax::{Call, ClassId, Expression, FunctionId, Kind, Module, Span},
    versions::Versions,
};
use crate::finding::Place;

mod assigned;
mod declared;
mod elsewhere;
mod exports;
mod files;
mod given;
mod members;
pub(in crate::project) mod modules;
mod origin;
pub(in crate::project) mod packages;
mod results;
mod scope;
mod symbol;
#[cfg(test)]
mod tests;

use assigned::Assigned;
use declared::Declared;
use elsewhere::Elsewhere;
pub use files::Families;
use modules::Paths;
use packages::Packages;
use scope::Scopes;
pub use symbol::Thing;

/// A field of a class, and the steps that were left when it was asked for.
type FieldKey = (ClassId, String, usize);

/// Most steps from a name to its meaning.
const MAX_STEPS: usize = 12;

/// A position in the program: a file (index into [`Program::units`]) and a function in it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct At {
    /// Index into [`Program::units`].
    pub file: usize,
    /// Index into the module's functions; 0 is the top level.
    pub function: FunctionId,
}

/// A call with its position.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    /// Where it stands.
    pub at: At,
    /// The call.
    pub call: &'a Call,
    /// Its span.
    pub span: Span,
}

/// A source file with its names.
#[derive(Debug)]
pub struct Unit<'a> {
    /// Its path.
    pub path: &'a str,
    /// What the path says.
    pub role: Role,
    /// Its language.
    pub language: Language,
    /// Its text, without what it says to this command.
    pub text: &'a str,
    /// The lowered source.
    pub module: &'a Module,
    scopes: Scopes<'a>,
    expressions: Vec<(FunctionId, &'a Expression)>,
    calls: Vec<(FunctionId, &'a Call, Span)>,
    assigned: Assigned<'a>,
    declared: Declared<'a>,
}

impl<'a> Unit<'a> {
    fn of(file: &'a File) -> Option<Self> {
        let (module, language) = (file.module.as_ref()?, file.language?);
        let (mut expressions, mut calls, mut assigned) = (Vec::new(), Vec::new(), Assigned::default());
        module.expressions(&mut |function, expression| {
            expressions.push((function, expression));
            assigned.note(module, function, expression, language.has_implicit_this());
            if let Kind::Call(call) = &expression.kind {
                calls.push((function, &**call, expression.span));
            }
        });
        let scopes = Scopes::of(module);
        Some(Self {
            path: &file.path,
            role: file.role,
            language,
            text: file.code(),
            module,
            scopes,
            expressions,
            calls,
            assigned,
            declared: Declared::of(module),
        })
    }

    /// Every expression of the file, with the function that it stands in, as [`Module::expressions`] gives them: many
    /// facts look at all of them, and the tree is walked once.
    pub fn expressions(&self, visit: &mut impl FnMut(FunctionId, &'a Expression)) {
        self.expressions.iter().for_each(|&(function, expression)| visit(function, expression));
    }
}

/// The sources of a project, with names resolved on demand.
#[derive(Debug)]
pub struct Program<'a> {
    units: Vec<Unit<'a>>,
    paths: Paths,
    elsewhere: Elsewhere<'a>,
    versions: &'a Versions,
    options: Options,
    callers: HashMap<At, Vec<Site<'a>>>,
    /// Per file what was asked before, by the expression's address: sources do not move while a program lives.
    things: Vec<Mutex<HashMap<usize, Option<Thing<'a>>>>>,
    /// Per file what its methods assign to fields, by class, name and the steps that were left.
    fields: Vec<Mutex<HashMap<FieldKey, Option<Thing<'a>>>>>,
}

impl<'a> Program<'a> {
    /// The program of `files`, without generated and vendored ones. `versions` maps packages to what is installed.
    pub fn new(files: &'a [File], versions: &'a Versions) -> Self {
        let packages = Packages::of(files);
        let options = Options::of(files);
        let files = files.par_iter().filter(|file| file.role != Role::Foreign);
        let units: Vec<Unit<'a>> = files.filter_map(Unit::of).collect();
        let paths = Paths::of(&units, packages);
        let elsewhere = Elsewhere::of(&units, &paths);
        let things = units.iter().map(|_| Mutex::default()).collect();
        let fields = units.iter().map(|_| Mutex::default()).collect();
        let mut program = Self { units, paths, elsewhere, versions, options, callers: HashMap::new(), things, fields };
        program.callers = program.find_callers();
        // What was asked before callers were known may be answered better now.
        program.things.iter_mut().for_each(|things| *things = Mutex::default());
        program.fields.iter_mut().for_each(|fields| *fields = Mutex::default());
        program
    }

    /// What the project says to single rules.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The source files, sorted by path.
    pub fn units(&self) -> &[Unit<'a>] {
        &self.units
    }

    /// The unit at a position.
    pub fn unit(&self, at: At) -> &Unit<'a> {
        &self.units[at.file]
    }

    /// The function at a position.
    pub fn function_at(&self, at: At) -> &'a super::syntax::Function {
        &self.units[at.file].module.functions[at.function]
    }

    /// The version of a package that is installed for the file at `path`, where a lockfile or manifest tells.
    pub fn version(&self, path: &str, package: &str) -> Option<&str> {
        self.versions.at(path, package)
    }

    /// A span of a file as a place.
    pub fn place(&self, file: usize, span: Span) -> Place {
        Place::new(self.units[file].path, span.start, span.end)
    }

    /// The text of a span.
    pub fn source(&self, file: usize, span: Span) -> &'a str {
        self.units[file].text.get(span.start..span.end).unwrap_or_default()
    }

    /// Every call of every file, in order.
    pub fn calls(&self) -> impl Iterator<Item = Site<'a>> + '_ {
        (0..self.units.len()).flat_map(|file| self.calls_in(file))
    }

    /// Every call of one file, in order of its functions.
    pub fn calls_in(&self, file: usize) -> impl Iterator<Item = Site<'a>> + '_ {
        let site = move |&(function, call, span): &(FunctionId, &'a Call, Span)| Site {
            at: At { file, function },
            call,
            span,
        };
        self.units[file].calls.iter().map(site)
    }

    /// Calls of a function of the project, as far as they can be told by name.
    pub fn callers(&self, function: At) -> &[Site<'a>] {
        self.callers.get(&function).map_or(&[], Vec::as_slice)
    }

    /// The files that a file needs, through imports, itself included.
    pub fn needs(&self, file: usize) -> BTreeSet<usize> {
        reach([file], |next| &self.paths.imports[next])
    }

    /// The files that need a file, through imports, itself included.
    pub fn needed_by(&self, file: usize) -> BTreeSet<usize> {
        reach([file], |next| &self.paths.importers[next])
    }

    /// The files that need a file, themselves and all that they need: where the protection of an endpoint may stand.
    pub fn closure(&self, file: usize) -> BTreeSet<usize> {
        let importers = self.needed_by(file).into_iter().filter(|&file| self.units[file].role != Role::Test);
        reach(importers, |next| &self.paths.imports[next])
    }

    fn find_callers(&self) -> HashMap<At, Vec<Site<'a>>> {
        let found: Vec<Vec<(At, Site<'a>)>> = (0..self.units.len())
            .into_par_iter()
            .map(|file| {
                let target = |site: Site<'a>| Some((self.function(site.at, &site.call.function)?, site));
                self.calls_in(file).filter_map(target).collect()
            })
            .collect();
        let mut callers: HashMap<At, Vec<Site<'a>>> = HashMap::new();
        for (target, site) in found.into_iter().flatten() {
            callers.entry(target).or_default().push(site);
        }
        callers
    }

    /// The expression that a name, constant or field stands for, followed until it is no name; itself if it is none.
    pub fn value(&self, at: At, expression: &'a Expression) -> (At, &'a Expression) {
        let (mut at, mut expression) = (at, expression);
        for _ in 0..MAX_STEPS {
            match self.step(at, expression) {
                Some((next_at, next)) if !std::ptr::eq(next, expression) => (at, expression) = (next_at, next),
                _ => break,
            }
        }
        (at, expression)
    }

    /// The string that an expression is: literals, constants, `+`, templates of constants.
    pub fn text(&self, at: At, expression: &'a Expression) -> Option<String> {
        self.text_within(at, expression, MAX_STEPS)
    }

    fn text_within(&self, at: At, expression: &'a Expression, steps: usize) -> Option<String> {
        let steps = steps.checked_sub(1)?;
        let (at, expression) = self.value(at, expression);
        match &expression.kind {
            Kind::Text(text) => Some(text.clone()),
            Kind::Binary(operator, a, b) if operator == "+" => {
                Some(self.text_within(at, a, steps)? + &self.text_within(at, b, steps)?)
            }
            Kind::Template(parts) => parts
                .iter()
                .map(|part| match part {
                    super::syntax::Part::Text(text) => Some(text.clone()),
                    super::syntax::Part::Value(value) => self.text_within(at, value, steps),
                })
                .collect(),
            Kind::Call(call) if call.arguments.is_empty() => {
                // `"x".to_owned()`, `"x".into()`, `"x".strip()`
                let Kind::Member(object, name) = &call.function.kind else { return None };
                let same = ["to_owned", "to_string", "into", "clone", "as_str", "trim", "strip"];
                same.contains(&name.value.as_str()).then(|| self.text_within(at, object, steps)).flatten()
            }
            _ => None,
        }
    }
}

fn reach<'s>(start: impl IntoIterator<Item = usize>, edges: impl Fn(usize) -> &'s BTreeSet<usize>) -> BTreeSet<usize> {
    let mut seen: BTreeSet<usize> = start.into_iter().collect();
    let mut open: Vec<usize> = seen.iter().copied().collect();
    while let Some(file) = open.pop() {
        open.extend(edges(file).iter().filter(|&&next| seen.insert(next)));
    }
    seen
}
