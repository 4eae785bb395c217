//! Sinks: which argument of which call does harm, and how.
//!
//! Most are rows of tables: canonical paths of calls, and what of the call is taken. A new sink is a table in a file of
//! its own here, a variant of [`Sink`] and its mask. Command lines need more than a table: see [`shell`] and
//! [`argument`].

use std::{collections::HashMap, sync::LazyLock};

use super::{shape::canonical, taint::HOLE};
use crate::project::{
    facts::{Sink, UrlPart},
    language::Language,
    program::{At, Program},
    syntax::{Call, Expression, Kind},
};

pub(super) mod argument;
mod code;
mod container;
pub(super) mod database;
mod launch;
pub(super) mod options;
mod path;
mod pattern;
mod script;
mod shell;
mod url;

/// What a call does with some of its inputs.
pub(super) struct Parsed<'a> {
    pub(super) sink: Sink,
    /// Which expressions.
    pub(super) inputs: Vec<&'a Expression>,
    /// How many of them come before the call's own, for [`Sink::Argument`].
    pub(super) before: usize,
    pub(super) extra: Extra,
}

/// What else is known of a sink.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Extra {
    /// The request carries a credential of the server.
    pub(super) credential: bool,
    /// It is an object that filters, and not the text of a query.
    pub(super) filter: bool,
    /// What is started is known to understand dangerous options.
    pub(super) known: bool,
    /// It runs in a container, where running the caller's command may be the purpose.
    pub(super) container: bool,
}

/// Which expressions of a call a sink takes.
#[derive(Clone, Copy, Debug)]
enum Takes {
    /// The argument at a position, or with one of these keywords, or of a record argument with one of these fields.
    Argument(usize, &'static [&'static str]),
    /// The last argument.
    Last,
    /// The filter of a query: an object as it comes, or code in it.
    Filter(usize),
    /// What the method is called on.
    Receiver,
    /// The first two arguments: a source and a target.
    Both,
    /// The first is read, and the second written.
    FromTo,
}

/// A row of a table of sinks.
struct Row {
    sink: Sink,
    takes: Takes,
    /// Canonical paths; `?` at the beginning stands for any receiver that is not known.
    calls: &'static [&'static str],
}

const TABLES: &[&[Row]] =
    &[path::ROWS, url::ROWS, code::ROWS, database::ROWS, launch::ROWS, pattern::ROWS, script::ROWS];

/// Rows by the last word of their calls, so that most calls are told apart by one look.
static ROWS: LazyLock<HashMap<&'static str, Vec<(&'static str, &'static Row)>>> = LazyLock::new(|| {
    let mut rows: HashMap<&'static str, Vec<(&'static str, &'static Row)>> = HashMap::new();
    for row in TABLES.iter().flat_map(|table| table.iter()) {
        for call in row.calls {
            rows.entry(word(call)).or_default().push((call, row));
        }
    }
    rows
});

fn word(path: &str) -> &str {
    path.rsplit(['.', '/']).next().unwrap_or(path).trim_start_matches('?')
}

/// The sinks that a call is.
pub(super) fn parsed<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Vec<Parsed<'a>> {
    let symbol = program.symbol(at, &call.function).map(|symbol| canonical(&symbol)).unwrap_or_default();
    let one = |sink: Sink, inputs: Vec<&'a Expression>| Parsed { sink, inputs, before: 0, extra: Extra::default() };
    let mut found: Vec<Parsed<'a>> = Vec::new();
    if let Some((takes, inputs)) = options::parsed(program, at, call, &symbol) {
        let (known, filter) = (takes == options::Takes::Process, takes == options::Takes::Query);
        let extra = Extra { known, filter, ..Extra::default() };
        found.push(Parsed { extra, ..one(Sink::Options, inputs) });
    }
    if let Some(inputs) = script::script(program, at, call, &symbol) {
        found.push(one(Sink::Script, inputs));
        return found;
    }
    if let Some(inputs) = shell::parsed(program, at, call, &symbol) {
        found.push(one(Sink::Shell, inputs));
        return found;
    }
    found.extend(argument::parsed(program, at, call, &symbol));
    found.extend(container::parsed(program, at, call, &symbol));
    let last = match &call.function.kind {
        Kind::Member(_, name) => name.value.as_str(),
        Kind::Name(_) => word(&symbol),
        _ => return found,
    };
    let by_symbol = ROWS.get(word(&symbol)).into_iter().chain(ROWS.get(last).filter(|_| word(&symbol) != last));
    for (path, row) in by_symbol.flatten() {
        if !matches(path, &symbol, last) {
            continue;
        }
        let inputs = taken(program, at, call, row.takes);
        let extra = Extra {
            credential: row.sink == Sink::Url && url::carries_credential(program, at, call),
            known: !path.starts_with('?'),
            filter: matches!(row.takes, Takes::Filter(_)),
            container: false,
        };
        if let (Takes::FromTo, [from, _, ..]) = (row.takes, inputs.as_slice()) {
            found.push(Parsed { sink: Sink::PathRead, inputs: vec![from], before: 0, extra });
        }
        let inputs = if matches!(row.takes, Takes::FromTo) { inputs.into_iter().skip(1).collect() } else { inputs };
        if !inputs.is_empty() && !exempt(program, at, call, row.sink, &symbol) {
            let sink = if row.sink == Sink::PathRead && path::is_written(program, at, call, last) {
                Sink::PathWrite
            } else {
                row.sink
            };
            found.push(Parsed { sink, inputs, before: 0, extra });
            break;
        }
    }
    found
}

/// Whether a row's path means this call: by its canonical path, or by its last word on something unknown.
fn matches(path: &str, symbol: &str, last: &str) -> bool {
    match path.strip_prefix('?') {
        Some(method) => method == last && (symbol.is_empty() || !symbol.contains('.') || symbol.starts_with("@/")),
        None => match path.split_once('*') {
            Some((begin, end)) => symbol.starts_with(begin) && symbol.ends_with(end),
            None => symbol == path,
        },
    }
}

fn taken<'a>(program: &Program<'a>, at: At, call: &'a Call, takes: Takes) -> Vec<&'a Expression> {
    match takes {
        Takes::Receiver => match &call.function.kind {
            Kind::Member(object, _) => vec![object],
            _ => Vec::new(),
        },
        Takes::Last => call.arguments.last().map(|argument| &argument.value).into_iter().collect(),
        Takes::Filter(position) => database::filter(call, position),
        Takes::Both | Takes::FromTo => [0, 1].iter().filter_map(|&position| call.positional(position)).collect(),
        Takes::Argument(position, keywords) => {
            if let Some(value) = keywords.iter().find_map(|keyword| call.keyword(keyword)) {
                return vec![value];
            }
            let Some(value) = call.positional(position) else { return Vec::new() };
            let (_, written) = program.value(at, value);
            match written.record().filter(|_| !keywords.is_empty()) {
                // Of options only these are what the sink takes.
                Some(record) => keywords.iter().find_map(|key| record.get(key)).into_iter().collect(),
                None => vec![value],
            }
        }
    }
}

/// Calls of a table that are harmless in this form.
fn exempt<'a>(program: &Program<'a>, at: At, call: &'a Call, sink: Sink, symbol: &str) -> bool {
    let language = program.unit(at).language;
    match sink {
        // Words of one language that mean nothing, or something else, in another.
        Sink::OpenUrl if symbol == "open" => language != Language::TypeScript,
        Sink::PathRead if symbol == "open" => language != Language::Python,
        Sink::Code if matches!(symbol, "exec" | "compile") => language != Language::Python,
        Sink::Deserialize => code::is_safe_loader(program, at, call, symbol),
        Sink::Xml => !script::reads_entities(program, at, call),
        // Rust's and Go's patterns take linear time.
        Sink::Regex => matches!(language, Language::Rust | Language::Go),
        _ => false,
    }
}

impl Sink {
    /// Whether a value after this text does harm here.
    pub(super) fn accepts(self, lead: &str) -> bool {
        match self {
            // `--flag=x` and `name/x` are no options.
            Self::Argument | Self::Options => lead.is_empty(),
            Self::OpenUrl | Self::Navigation | Self::Launch | Self::Program => lead.is_empty(),
            _ => true,
        }
    }

    /// What the sink does with its input, in a clause.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Shell => "hands it to a shell",
            Self::Argument => "makes it an argument",
            Self::Program => "starts it",
            Self::Code => "runs it as code",
            Self::Sql => "runs it as SQL",
            Self::NoSql => "runs it as a query",
            Self::PathRead => "reads there",
            Self::PathWrite => "writes there",
            Self::Url => "requests it",
            Self::Navigation => "opens it in a browser",
            Self::OpenUrl => "hands it to the desktop",
            Self::Template => "compiles it as a template",
            Self::Deserialize => "builds objects from it",
            Self::Xml => "parses it with entities",
            Self::Launch => "starts a server from it",
            Self::Script => "runs it as a script",
            Self::Regex => "matches with it",
            Self::Answer => "gives it back",
            Self::Authorization => "sends it",
            Self::Options => "takes it as options",
        }
    }
}

/// Which part of a URL the text after `lead` decides.
pub(super) fn url_part(lead: &str) -> UrlPart {
    let rest = match lead.split_once("://") {
        Some((_, authority)) => {
            let slash = authority.find(['/', '?', '#']);
            match slash {
                Some(slash) => &authority[slash..],
                // `https://${host}${path}`: what follows a whole host is a path, mostly.
                None if authority.ends_with(HOLE) => "/",
                None => return UrlPart::Host,
            }
        }
        None if lead.is_empty() => return UrlPart::Host,
        None => lead,
    };
    match rest.contains(['?', '#']) {
        true => UrlPart::Query,
        false => UrlPart::Path,
    }
}
