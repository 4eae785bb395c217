//! Secrets of the environment: the whole of it, or a variable whose name says that it holds one.

use mcpsec_screen::secrets::credential_name;

use super::{Held, held};
use crate::project::{
    facts::flow::taint::Taint,
    program::{At, Program},
    syntax::{Expression, Kind},
};

/// What a whole environment is called in a report.
const ALL: &str = "the whole environment";

/// Objects that are the environment.
const OBJECTS: &[&str] = &["process.env", "Bun.env", "import.meta.env", "os.environ"];

/// Calls that give all of it.
const WHOLE: &[&str] = &["os.Environ", "std.env.vars", "std.env.vars_os", "env.vars", "Deno.env.toObject"];

/// Calls that give the variable which their first argument names.
const READERS: &[&str] = &[
    "os.getenv",
    "os.environb.get",
    "os.Getenv",
    "os.LookupEnv",
    "std.env.var",
    "std.env.var_os",
    "env.var",
    "dotenv.var",
    "dotenvy.var",
    "Deno.env.get",
];

/// The secret that an expression reads.
pub(super) fn source<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> Option<Taint> {
    match &expression.kind {
        Kind::Name(word) if matches!(word.as_str(), "env" | "environ") => whole(program, at, expression),
        Kind::Member(_, word) if matches!(word.value.as_str(), "env" | "environ") => whole(program, at, expression),
        Kind::Call(call) => {
            let word = match &call.function.kind {
                Kind::Member(_, word) => word.value.as_str(),
                Kind::Name(word) => word,
                _ => return None,
            };
            let reads = matches!(word, "getenv" | "Getenv" | "LookupEnv" | "var" | "var_os" | "get");
            if !reads && !matches!(word, "Environ" | "vars" | "vars_os" | "toObject") {
                return None;
            }
            let symbol = program.symbol(at, &call.function)?;
            if WHOLE.contains(&symbol.as_str()) {
                return Some(Taint { record: true, ..held(Held::SECRET, ALL) });
            }
            let name = READERS.contains(&symbol.as_str()).then(|| call.positional(0)).flatten()?;
            named(&program.text(at, name)?)
        }
        _ => None,
    }
}

fn whole<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> Option<Taint> {
    let symbol = program.symbol(at, expression)?;
    OBJECTS.contains(&symbol.as_str()).then(|| Taint { record: true, ..held(Held::SECRET, ALL) })
}

/// A variable of the environment, if its name says that it holds a secret.
pub(super) fn named(name: &str) -> Option<Taint> {
    credential_name(name).then(|| held(Held::SECRET, name))
}
