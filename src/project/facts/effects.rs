//! What calls change outside of the program: files, other systems, databases. One table for four languages.
//!
//! Only what is certain to change something is listed: a request with `POST` may be a search, a started program may only
//! read. Caches, logs and temporary files are left out, for nobody means them by "changes nothing".

use std::{cell::RefCell, collections::HashMap};

use crate::{
    finding::Place,
    project::{
        program::{At, Program},
        syntax::{Call, Expression, Kind, Part},
    },
};

/// What a call does to the world.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum EffectKind {
    /// Deletes files.
    DeletesFiles,
    /// Writes or moves files.
    WritesFiles,
    /// Deletes something elsewhere: `DELETE` requests.
    DeletesRemotely,
    /// Changes something elsewhere: `PUT` and `PATCH` requests.
    ChangesRemotely,
    /// Changes rows: `INSERT`, `UPDATE`.
    ChangesRows,
    /// Deletes rows or tables: `DELETE`, `DROP`, `TRUNCATE`.
    DeletesRows,
}

impl EffectKind {
    /// Something is gone afterwards.
    pub fn is_destructive(self) -> bool {
        matches!(self, Self::DeletesFiles | Self::DeletesRemotely | Self::DeletesRows)
    }

    /// As a clause: "deletes files".
    pub fn clause(self) -> &'static str {
        match self {
            Self::DeletesFiles => "deletes files",
            Self::WritesFiles => "writes files",
            Self::DeletesRemotely => "sends a `DELETE` request",
            Self::ChangesRemotely => "sends a request that changes something",
            Self::ChangesRows => "changes rows of a database",
            Self::DeletesRows => "deletes from a database",
        }
    }
}

/// A call that changes something.
#[derive(Clone, Debug)]
pub struct Effect {
    /// What it does.
    pub kind: EffectKind,
    /// The call.
    pub place: Place,
    /// As written: `fs.unlink`, `shutil.rmtree`.
    pub call: String,
}

const DELETES: &[&str] = &[
    "fs.unlink",
    "fs.unlinkSync",
    "fs.rm",
    "fs.rmSync",
    "fs.rmdir",
    "fs.rmdirSync",
    "fs.promises.unlink",
    "fs.promises.rm",
    "fs.promises.rmdir",
    "fs/promises.unlink",
    "fs/promises.rm",
    "fs/promises.rmdir",
    "fs-extra.remove",
    "fs-extra.removeSync",
    "rimraf",
    "os.remove",
    "os.unlink",
    "os.rmdir",
    "os.removedirs",
    "shutil.rmtree",
    "pathlib.Path().unlink",
    "pathlib.Path().rmdir",
    "std.fs.remove_file",
    "std.fs.remove_dir",
    "std.fs.remove_dir_all",
    "tokio.fs.remove_file",
    "tokio.fs.remove_dir",
    "tokio.fs.remove_dir_all",
    "os.Remove",
    "os.RemoveAll",
];

const WRITES: &[&str] = &[
    "fs.writeFile",
    "fs.writeFileSync",
    "fs.appendFile",
    "fs.appendFileSync",
    "fs.rename",
    "fs.renameSync",
    "fs.promises.writeFile",
    "fs.promises.appendFile",
    "fs.promises.rename",
    "fs/promises.writeFile",
    "fs/promises.appendFile",
    "fs/promises.rename",
    "fs-extra.writeJson",
    "fs-extra.outputFile",
    "fs-extra.move",
    "pathlib.Path().write_text",
    "pathlib.Path().write_bytes",
    "os.rename",
    "os.replace",
    "shutil.move",
    "std.fs.write",
    "std.fs.rename",
    "std.fs.File.create",
    "tokio.fs.write",
    "tokio.fs.rename",
    "tokio.fs.File.create",
    "os.WriteFile",
    "os.Create",
    "os.Rename",
    "io/ioutil.WriteFile",
];

/// HTTP clients: their methods are named like those of the protocol.
const CLIENTS: &[&str] = &[
    "axios",
    "axios.default",
    "axios.create()",
    "axios.default.create()",
    "got",
    "ky",
    "requests",
    "requests.Session()",
    "httpx",
    "httpx.Client()",
    "httpx.AsyncClient()",
    "aiohttp.ClientSession()",
    "reqwest.Client()",
    "reqwest.Client.new()",
    "reqwest.Client.builder().build()",
];

/// Methods of databases that take SQL.
const STATEMENTS: &[&str] = &[
    "execute",
    "executemany",
    "executescript",
    "query",
    "run",
    "exec",
    "Exec",
    "ExecContext",
    "Query",
    "prepare",
    "raw",
];

/// What a function changes, and the functions of the project that it calls.
type Deeds = (Vec<Effect>, Vec<At>);

/// Finds effects; remembers those of each function.
pub(super) struct Finder<'p, 'a> {
    program: &'p Program<'a>,
    known: RefCell<HashMap<At, Deeds>>,
}

impl<'p, 'a> Finder<'p, 'a> {
    pub(super) fn new(program: &'p Program<'a>) -> Self {
        Self { program, known: RefCell::default() }
    }

    /// What a function's own calls change.
    pub(super) fn of(&self, at: At) -> Vec<Effect> {
        self.fill(at);
        self.known.borrow().get(&at).map(|(effects, _)| effects.clone()).unwrap_or_default()
    }

    /// The functions of the project that a function calls.
    pub(super) fn calls(&self, at: At) -> Vec<At> {
        self.fill(at);
        self.known.borrow().get(&at).map(|(_, calls)| calls.clone()).unwrap_or_default()
    }

    fn fill(&self, at: At) {
        if self.known.borrow().contains_key(&at) {
            return;
        }
        let (mut effects, mut calls) = (Vec::new(), Vec::new());
        self.program.function_at(at).expressions(&mut |expression| {
            let Some(call) = expression.call() else { return };
            if let Some(target) = self.program.function(at, &call.function).filter(|target| *target != at) {
                calls.push(target);
                return;
            }
            if let Some(kind) = judge(self.program, at, call) {
                let name = self.program.source(at.file, call.function.span);
                let call = name.split_whitespace().collect::<String>();
                effects.push(Effect { kind, place: self.program.place(at.file, expression.span), call });
            }
        });
        calls.sort_unstable();
        calls.dedup();
        self.known.borrow_mut().insert(at, (effects, calls));
    }
}

/// Functions and paths for the program's own housekeeping.
pub(super) fn is_aside(text: &str) -> bool {
    let text = text.to_lowercase();
    [
        "cache",
        "log",
        "temp",
        "tmp",
        "telemetry",
        "metric",
        "audit",
        "debug",
        "lock",
        "history",
        "screenshot",
        "session",
        "token",
    ]
    .iter()
    .any(|word| text.contains(word))
}

/// What a call changes.
fn judge<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Option<EffectKind> {
    let symbol = program.symbol(at, &call.function).filter(|symbol| !symbol.starts_with("@/")).unwrap_or_default();
    let aside = || {
        let name = program.function_at(at).name.as_deref().is_some_and(is_aside);
        name || is_aside(program.source(at.file, call.function.span))
            || call.arguments.first().is_some_and(|first| is_aside(program.source(at.file, first.value.span)))
    };
    if DELETES.contains(&symbol.as_str()) {
        return (!aside()).then_some(EffectKind::DeletesFiles);
    }
    if WRITES.contains(&symbol.as_str()) || opens_for_writing(program, at, &symbol, call) {
        return (!aside()).then_some(EffectKind::WritesFiles);
    }
    requests(program, at, &symbol, call).or_else(|| statement(program, at, call))
}

/// `open(path, "w")`
fn opens_for_writing<'a>(program: &Program<'a>, at: At, symbol: &str, call: &'a Call) -> bool {
    let mode = match symbol {
        "open" | "io.open" | "aiofiles.open" => call.keyword("mode").or_else(|| call.positional(1)),
        "pathlib.Path().open" => call.keyword("mode").or_else(|| call.positional(0)),
        _ => None,
    };
    let mode = mode.and_then(|mode| program.text(at, mode)).unwrap_or_default();
    mode.contains(['w', 'a', 'x', '+'])
}

fn by_method(method: &str) -> Option<EffectKind> {
    match method {
        "DELETE" => Some(EffectKind::DeletesRemotely),
        "PUT" | "PATCH" => Some(EffectKind::ChangesRemotely),
        _ => None,
    }
}

/// `axios.delete(..)`, `fetch(url, { method: "DELETE" })`, `http.NewRequest("PUT", ..)`
fn requests<'a>(program: &Program<'a>, at: At, symbol: &str, call: &'a Call) -> Option<EffectKind> {
    if let Some((client, method)) = symbol.rsplit_once('.')
        && CLIENTS.contains(&client)
        && matches!(method, "delete" | "put" | "patch")
    {
        return by_method(&method.to_uppercase());
    }
    let method = match symbol {
        "fetch" | "node-fetch" | "undici.fetch" => {
            let (owner, options) = program.value(at, call.positional(1)?);
            return by_method(&program.text(owner, options.record()?.get("method")?)?.to_uppercase());
        }
        "net/http.NewRequest" => call.positional(0)?,
        "net/http.NewRequestWithContext" => call.positional(1)?,
        _ => return None,
    };
    match program.symbol(at, method).as_deref() {
        Some("net/http.MethodDelete") => Some(EffectKind::DeletesRemotely),
        Some("net/http.MethodPut" | "net/http.MethodPatch") => Some(EffectKind::ChangesRemotely),
        _ => by_method(&program.text(at, method)?),
    }
}

/// SQL that changes rows, by how the statement begins.
fn statement<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Option<EffectKind> {
    let Kind::Member(_, method) = &call.function.kind else { return None };
    if !STATEMENTS.contains(&method.value.as_str()) {
        return None;
    }
    let text = call.arguments.iter().take(2).find_map(|argument| beginning(program, at, &argument.value))?;
    let words: Vec<String> = text.split_whitespace().take(3).map(str::to_uppercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["DELETE", "FROM", ..] | ["DROP", "TABLE" | "DATABASE" | "SCHEMA", ..] | ["TRUNCATE", ..] => {
            Some(EffectKind::DeletesRows)
        }
        ["INSERT", "INTO" | "OR", ..] | ["UPDATE", _, "SET"] | ["REPLACE", "INTO", ..] => Some(EffectKind::ChangesRows),
        _ => None,
    }
}

/// How a text begins, also one with holes.
fn beginning<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> Option<String> {
    let (owner, value) = program.value(at, expression);
    match &value.kind {
        Kind::Template(parts) => match parts.first() {
            Some(Part::Text(text)) => Some(text.clone()),
            _ => None,
        },
        Kind::Binary(operator, first, _) if operator == "+" => beginning(program, owner, first),
        _ => program.text(owner, value),
    }
}
