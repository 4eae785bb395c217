//! Clients that give a server everything that stands in their own environment.

use super::{Facts, bindings};
use crate::{
    finding::Place,
    project::{
        language::Language,
        program::{At, Program, Site},
        syntax::{Entry, Expression, Kind},
    },
};

/// A started server with the whole environment of the client.
#[derive(Clone, Debug)]
pub struct InheritedEnvironment {
    /// Where the environment is handed on.
    pub place: Place,
    /// As written: `process.env`, `os.environ`.
    pub source: String,
}

/// Calls that start a server and take its environment as a field or keyword.
const LAUNCHERS: &[&str] =
    &["StdioClientTransport", "StdioServerParameters", "StdioTransport", "Experimental_StdioMCPTransport"];

/// Calls of Go that start a server and take its environment as a list.
const GO_LAUNCHERS: &[&str] = &["NewStdioMCPClient", "NewStdioMCPClientWithOptions", "NewStdio", "NewStdioWithOptions"];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for site in program.calls() {
        let Some(name) = bindings::last_name(&site.call.function) else { continue };
        let found = match program.unit(site.at).language {
            Language::TypeScript | Language::Python if LAUNCHERS.contains(&name) => given(program, site),
            Language::Go if GO_LAUNCHERS.contains(&name) => {
                let list = site.call.arguments.iter().map(|argument| &argument.value);
                list.filter_map(|argument| whole(program, site.at, argument)).next()
            }
            Language::Rust if name == "envs" && starts_server(program, site.at) => {
                site.call.positional(0).and_then(|given| whole(program, site.at, given))
            }
            _ => None,
        };
        if let Some((place, source)) = found {
            facts.inherited_environments.push(InheritedEnvironment { place, source });
        }
    }
    commands(program, facts);
}

/// `env` among the options or keywords of a launcher.
fn given<'a>(program: &Program<'a>, site: Site<'a>) -> Option<(Place, String)> {
    let (at, options) = match site.call.positional(0) {
        Some(options) => program.value(site.at, options),
        None => (site.at, &site.call.function),
    };
    let field = |name: &str| site.call.keyword(name).or_else(|| options.record().and_then(|record| record.get(name)));
    // A client that starts itself or a program of its own knows what it hands on.
    let own = field("command").is_some_and(|command| {
        let written = program.source(at.file, command.span);
        ["execPath", "sys.executable", "__dirname", "import.meta"].iter().any(|mark| written.contains(mark))
    });
    if own {
        return None;
    }
    whole(program, at, field("env")?)
}

/// The environment of this process, as a whole or as a part of something larger.
fn whole<'a>(program: &Program<'a>, at: At, value: &'a Expression) -> Option<(Place, String)> {
    let (at, value) = program.value(at, value);
    if let Some(source) = is_environment(program, at, value) {
        return Some((program.place(at.file, value.span), source));
    }
    let spread = match &value.kind {
        Kind::Record(record) => record.entries.iter().find_map(|entry| match entry {
            Entry::Spread(inner) => Some(inner),
            _ => None,
        }),
        // `dict(os.environ)`, `Object.assign({}, process.env)`, `append(os.Environ(), ..)`
        Kind::Call(call) => {
            let name = bindings::last_name(&call.function)?;
            let copies = matches!(name, "dict" | "assign" | "append" | "copy" | "deepcopy");
            let argument = call.arguments.iter().map(|argument| &argument.value);
            let object = match &call.function.kind {
                Kind::Member(object, _) => Some(&**object),
                _ => None,
            };
            copies.then(|| argument.chain(object).find(|part| is_environment(program, at, part).is_some())).flatten()
        }
        Kind::Binary(operator, left, _) if operator == "|" => Some(&**left),
        _ => None,
    }?;
    let (owner, inner) = program.value(at, unspread(spread));
    is_environment(program, owner, inner).map(|source| (program.place(at.file, spread.span), source))
}

fn unspread(expression: &Expression) -> &Expression {
    match &expression.kind {
        Kind::Spread(inner) => inner,
        _ => expression,
    }
}

fn is_environment(program: &Program<'_>, at: At, value: &Expression) -> Option<String> {
    let written = program.source(at.file, unspread(value).span);
    let plain = written.split(" as ").next().unwrap_or(written).trim_matches(['(', ')', ' ']);
    let known = [
        "process.env",
        "Deno.env.toObject",
        "os.environ",
        "os.environ.copy",
        "environ",
        "std::env::vars",
        "env::vars",
        "os.Environ",
    ];
    known.contains(&plain).then(|| plain.to_owned())
}

/// Rust: a function or one around it that hands a command to a transport for servers.
fn starts_server(program: &Program<'_>, at: At) -> bool {
    let function = program.function_at(at);
    at.function != 0
        && (program.source(at.file, function.span).contains("TokioChildProcess")
            || function.parent.is_some_and(|parent| starts_server(program, At { file: at.file, function: parent })))
}

/// Go: `cmd.Env = append(os.Environ(), ..)` beside a transport that takes the command.
fn commands(program: &Program<'_>, facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate() {
        if unit.language != Language::Go || !unit.text.contains("CommandTransport") {
            continue;
        }
        for written in bindings::of_file(program, file).into_iter().filter(|written| written.name == "Env") {
            let around = program.source(file, program.function_at(written.at).span);
            let found = whole(program, written.at, written.value).filter(|_| around.contains("CommandTransport"));
            facts.inherited_environments.extend(found.map(|(place, source)| InheritedEnvironment { place, source }));
        }
    }
}
