//! The second kind of source: what a server holds, whoever calls it. Secrets of its environment, tokens that callers
//! showed to it, code that it downloads.
//!
//! The engine follows these like callers' input, and is stricter: a call of something unknown ends them, for the answer
//! to a request is not the key that it was made with. What only tells that a value is there, how long it is or what it
//! is called, is not the value.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    engine::{Engine, Hit},
    source,
    taint::Taint,
};
use crate::{
    finding::Confidence,
    project::{
        Role,
        facts::{Facts, HeldFlow, Misuse, Sink},
        program::{At, Program},
    },
};

mod answers;
mod downloads;
mod elsewhere;
mod passing;
mod requests;
mod secrets;
mod tokens;
mod words;

pub(super) use passing::{redacts, stands_in};

/// What a value is that the server holds. More than one, for what is put together of several.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Held(u8);

impl Held {
    /// A secret of the environment; with `record`, the whole environment.
    pub(super) const SECRET: Self = Self(1);
    /// What a caller showed to prove who it is; with `record`, all headers of its request.
    pub(super) const TOKEN: Self = Self(1 << 1);
    /// What was downloaded.
    pub(super) const LOADED: Self = Self(1 << 2);
    /// The path of a file that was downloaded.
    pub(super) const FILE: Self = Self(1 << 3);

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Says more of a value than that it was downloaded.
    pub(super) const fn tells_more(self, other: Self) -> bool {
        self.has(Self::SECRET.with(Self::TOKEN)) && !other.has(Self::SECRET.with(Self::TOKEN))
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }
}

/// A value that is held, of this name.
fn held(held: Held, name: &str) -> Taint {
    Taint { held, label: Some(name.to_owned()), ..Taint::default() }
}

/// Words of sources: a file without them, and which needs none that has them, holds nothing.
const WORDS: &[&str] = &[
    "environ",
    "getenv",
    "Getenv",
    "LookupEnv",
    "process.env",
    "env::var",
    "Bun.env",
    "Deno.env",
    "uthorization",
    "AUTHORIZATION",
    "authInfo",
    "access_token",
    "http_headers",
    "eval(",
    "Function(",
    "exec",
    "spawn",
    "vm.",
    "subprocess",
    "Command",
    "import(",
];

/// Adds what the program does with what it holds.
pub(in crate::project::facts) fn add(program: &Program<'_>, facts: &mut Facts) {
    let entries = source::all(program);
    if entries.is_empty() {
        return;
    }
    let handlers: HashMap<At, &source::Entry> = entries.iter().map(|entry| (entry.at, entry)).collect();
    let engine = Engine::holding(program, handlers.keys().copied().collect(), downloads::may_run(program));
    let mut found: BTreeMap<(String, usize, Misuse), HeldFlow> = BTreeMap::new();
    for file in files(program) {
        for function in 0..program.units()[file].module.functions.len() {
            let at = At { file, function };
            if program.function_at(at).is_test {
                continue;
            }
            let none = vec![None; program.function_at(at).parameters.len()];
            let summary = engine.analyse(at, &none, None, 0);
            for hit in &summary.hits {
                let Some(flow) = told(program, hit, handlers.get(&at).copied()) else { continue };
                let key = (flow.place.path.clone(), flow.place.start, flow.misuse);
                let rank = |flow: &HeldFlow| (flow.confidence, std::cmp::Reverse(flow.hops.len()));
                if found.get(&key).is_none_or(|known| rank(known) < rank(&flow)) {
                    found.insert(key, flow);
                }
            }
        }
    }
    facts.held_flows.extend(found.into_values());
}

/// The files that have a source, or need one that has.
fn files(program: &Program<'_>) -> BTreeSet<usize> {
    let mut files = BTreeSet::new();
    for (file, unit) in program.units().iter().enumerate() {
        if unit.role != Role::Test && !files.contains(&file) && WORDS.iter().any(|word| unit.text.contains(word)) {
            files.extend(program.needed_by(file));
        }
    }
    files.retain(|&file| program.units()[file].role != Role::Test);
    files
}

/// A hit as the flow that a report tells; nothing where it is no misuse after all.
fn told(program: &Program<'_>, hit: &Hit, root: Option<&source::Entry>) -> Option<HeldFlow> {
    let misuse = match hit.sink {
        // An answer counts where a handler gives it.
        Sink::Answer => (root.is_some() || hit.extra.known).then_some(Misuse::SecretAnswered)?,
        Sink::Authorization => Misuse::TokenPassedOn,
        Sink::Code | Sink::Program => (!downloads::is_checked(program, hit)).then_some(Misuse::DownloadRun)?,
        _ => return None,
    };
    let tool = root.and_then(|entry| entry.tool.clone()).or_else(|| hit.tool.clone());
    let unnamed = if misuse == Misuse::TokenPassedOn { "Authorization" } else { "a secret" };
    let sure = if hit.taint.guessed { Confidence::Medium } else { Confidence::High };
    Some(HeldFlow {
        misuse,
        place: program.place(hit.file, hit.span),
        call: hit.call.clone(),
        tool,
        name: hit.taint.label.clone().unwrap_or_else(|| unnamed.to_owned()),
        hops: hit.taint.hops.clone(),
        confidence: sure,
    })
}
