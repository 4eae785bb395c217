//! What an offer says of itself, and where that comes from when it is no constant.

use super::{Said, draft::Given, said};
use crate::{
    finding::Place,
    project::{
        program::{At, Program},
        syntax::{Expression, Kind, Part},
    },
};

/// A description.
#[derive(Clone, Debug, Default)]
pub enum Description {
    /// None is given.
    #[default]
    Absent,
    /// A constant.
    Constant(Said),
    /// Put together while the program runs, of parts that come from `origins`; `text` is what is constant of it.
    Computed {
        /// Where it is given.
        place: Place,
        /// What is constant of it.
        text: String,
        /// Where the rest comes from, where that is known to be outside the program.
        origins: Vec<(Origin, Place)>,
    },
}

/// What can change a description without a change of the program.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Origin {
    /// An environment variable.
    Environment,
    /// A file.
    File,
    /// An answer from the network.
    Network,
    /// The clock or chance.
    Time,
}

impl Description {
    /// What is constant of it; empty where nothing is.
    pub fn text(&self) -> &str {
        match self {
            Self::Absent => "",
            Self::Constant(said) => &said.text,
            Self::Computed { text, .. } => text,
        }
    }

    /// Where it is given.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::Absent => None,
            Self::Constant(said) => Some(&said.place),
            Self::Computed { place, .. } => Some(place),
        }
    }
}

/// Calls and members that bring something in from outside, by their canonical path.
const ENVIRONMENT: &[&str] =
    &["process.env", "Deno.env.get", "Bun.env", "os.environ", "os.getenv", "std.env.var", "os.Getenv", "os.LookupEnv"];
const NETWORK: &[&str] = &[
    "fetch",
    "axios",
    "axios.",
    "got",
    "node-fetch",
    "undici.",
    "requests.",
    "httpx.",
    "aiohttp.",
    "urllib.request.",
    "reqwest.",
    "ureq.",
    "net/http.Get",
    "net/http.Client().",
    "net/http.DefaultClient.",
];
const FILES: &[&str] = &[
    "fs.readFile",
    "fs.readFileSync",
    "fs/promises.readFile",
    "fs.promises.readFile",
    "open",
    "pathlib.Path().read_text",
    "std.fs.read_to_string",
    "tokio.fs.read_to_string",
    "os.ReadFile",
    "io/ioutil.ReadFile",
];
const TIME: &[&str] =
    &["Date.now", "Date", "Math.random", "time.time", "datetime.datetime.now", "random.", "time.Now", "math/rand."];

/// Reads a description.
pub(super) fn read<'a>(program: &Program<'a>, given: Option<&Given<'a>>) -> Description {
    let Some(given) = given else { return Description::Absent };
    if let Some(said) = said(program, given) {
        return Description::Constant(said);
    }
    let (at, expression) = match given {
        Given::Written(at, expression) => (at, expression),
        Given::Unknown(place) => {
            return Description::Computed { place: place.clone(), text: String::new(), origins: Vec::new() };
        }
        Given::Said(_) => return Description::Absent,
    };
    if matches!(expression.kind, Kind::Null) {
        return Description::Absent;
    }
    let mut text = String::new();
    let mut origins = Vec::new();
    collect(program, *at, expression, &mut text, &mut origins, 6);
    origins.sort();
    origins.dedup_by_key(|(origin, _)| *origin);
    Description::Computed { place: program.place(at.file, expression.span), text, origins }
}

fn collect<'a>(
    program: &Program<'a>,
    at: At,
    expression: &'a Expression,
    text: &mut String,
    origins: &mut Vec<(Origin, Place)>,
    steps: usize,
) {
    let Some(steps) = steps.checked_sub(1) else { return };
    if let Some(constant) = program.text(at, expression) {
        text.push_str(&constant);
        text.push(' ');
        return;
    }
    if let Some(origin) = outside(program, at, expression) {
        origins.push((origin, program.place(at.file, expression.span)));
        return;
    }
    if let Kind::Template(parts) = &expression.kind {
        for part in parts {
            match part {
                Part::Value(value) => collect(program, at, value, text, origins, steps),
                Part::Text(constant) => text.push_str(constant),
            }
        }
        return;
    }
    let mut next = |at, part| collect(program, at, part, text, origins, steps);
    match &expression.kind {
        Kind::Binary(_, a, b) => [a, b].into_iter().for_each(|part| next(at, part)),
        Kind::Conditional(_, a, b) => [a, b].into_iter().for_each(|part| next(at, part)),
        Kind::List(items) => items.iter().for_each(|item| next(at, item)),
        Kind::Call(call) => {
            if let Kind::Member(object, _) = &call.function.kind {
                next(at, object);
            }
            call.arguments.iter().for_each(|argument| next(at, &argument.value));
        }
        Kind::Name(_) | Kind::Member(..) => {
            let origins = program.origins(at, expression);
            let mut others = origins.iter().filter(|(_, origin)| !std::ptr::eq(*origin, expression)).peekable();
            match (&expression.kind, others.peek()) {
                (Kind::Member(object, _), None) => next(at, object),
                _ => others.for_each(|(owner, origin)| next(*owner, origin)),
            }
        }
        Kind::Index(object, _) => next(at, object),
        _ => {}
    }
}

/// What an expression itself brings in from outside. Files that come with the program do not count: they change with it.
fn outside<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> Option<Origin> {
    let path = match &expression.kind {
        Kind::Call(call) => {
            let path = program.symbol(at, &call.function)?;
            let own = || call.positional(0).is_some_and(|path| own_file(program, at, path));
            if starts(FILES, &path) && own() {
                return None;
            }
            path
        }
        Kind::Member(object, _) | Kind::Index(object, _) => program.symbol(at, object)?,
        _ => return None,
    };
    let by_table =
        [(ENVIRONMENT, Origin::Environment), (NETWORK, Origin::Network), (FILES, Origin::File), (TIME, Origin::Time)];
    by_table.into_iter().find(|(table, _)| starts(table, &path)).map(|(_, origin)| origin)
}

/// An entry itself, or what belongs to one that ends in a dot. What is done with a result is looked at by itself.
fn starts(table: &[&str], path: &str) -> bool {
    table.iter().any(|entry| match path.strip_prefix(entry) {
        Some(rest) => rest.is_empty() || entry.ends_with('.') && !rest.contains('('),
        None => false,
    })
}

/// A constant name, or a path beside the source: `__dirname`, `import.meta.url`, `__file__`.
fn own_file<'a>(program: &Program<'a>, at: At, path: &'a Expression) -> bool {
    if program.text(at, path).is_some_and(|text| !text.starts_with('/') && !text.starts_with('~')) {
        return true;
    }
    let mut own = false;
    for (owner, origin) in program.origins(at, path) {
        let source = program.source(owner.file, origin.span);
        own |= ["__dirname", "import.meta", "__file__", "CARGO_MANIFEST_DIR"].iter().any(|word| source.contains(word));
    }
    own
}
