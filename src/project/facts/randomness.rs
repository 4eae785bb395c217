//! Secrets and identifiers that are drawn from a source that others can predict.

use mcpsec_screen::secrets;

use super::{
    Facts,
    bindings::{self, words},
};
use crate::{
    finding::Place,
    project::{
        language::Language,
        program::{At, Program},
        syntax::{Entry, Expression, Kind},
    },
};

/// A predictable secret.
#[derive(Clone, Debug)]
pub struct WeakRandom {
    /// The call that draws.
    pub place: Place,
    /// As written: `Math.random`, `random.choice`.
    pub source: String,
    /// What it becomes.
    pub purpose: String,
    /// It is the clock, and not a generator.
    pub clock: bool,
}

/// Generators for simulations, by the beginning of their path.
const GENERATORS: &[&str] =
    &["Math.random", "math/rand.", "math/rand/v2.", "fastrand.", "rand.rngs.SmallRng", "oorandom."];

/// Functions of Python's module `random`, which predicts itself after 624 numbers.
const PYTHON: &[&str] = &[
    "random",
    "randint",
    "choice",
    "choices",
    "sample",
    "getrandbits",
    "randrange",
    "uniform",
    "randbytes",
    "shuffle",
];

/// The clock, and identifiers that are made of it.
const CLOCKS: &[&str] = &["Date.now", "time.time", "time.time_ns", "uuid.uuid1", "uuid.v1", "uuid.Uuid.now_v1"];

/// Vetted generators, as written: what they are mixed into cannot be predicted.
const STRONG: &[&str] = &[
    "randomUUID",
    "randomBytes",
    "getRandomValues",
    "randomInt",
    "nanoid",
    "uuidv4",
    "uuid4",
    "secrets.",
    "urandom",
    "SystemRandom",
    "OsRng",
    "new_v4",
    "rand.Reader",
    "crypto/rand",
    "createHmac",
    "hmac",
];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for file in 0..program.units().len() {
        let mut found: Vec<WeakRandom> = Vec::new();
        for written in bindings::of_file(program, file) {
            // A function under such a name may do anything else, unless it makes the value.
            let handles = matches!(written.value.kind, Kind::Function(_)) && !is_maker(written.name);
            if let Some(purpose) = purpose(written.name).filter(|_| !handles) {
                found.extend(drawn(program, written.at, written.value, purpose));
            }
        }
        for (function, definition) in program.units()[file].module.functions.iter().enumerate() {
            let at = At { file, function };
            let makes = definition.name.as_deref().filter(|name| is_maker(name)).and_then(purpose);
            if let Some(purpose) = makes
                && !is_strong(program.source(file, definition.span))
            {
                let mut parts = Vec::new();
                definition.expressions(&mut |expression| parts.push(expression));
                let mut drawn = parts.iter().filter_map(|part| drawn(program, at, part, purpose.clone()));
                let results = program.results(at);
                found.extend(
                    drawn.find(|one| !one.clock || results.iter().any(|part| contains(program, at, part, one))),
                );
            }
        }
        found.sort_by_key(|one| one.place.start);
        found.dedup_by_key(|one| one.place.start);
        facts.weak_randoms.extend(found);
    }
}

fn contains(program: &Program<'_>, at: At, result: &Expression, weak: &WeakRandom) -> bool {
    let place = program.place(at.file, result.span);
    place.start <= weak.place.start && weak.place.end <= place.end
}

/// What a name is for, where others must not guess it.
fn purpose(name: &str) -> Option<String> {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let pair = |a: &str, b: &str| words.windows(2).any(|pair| pair == [a, b]);
    let session = pair("session", "id") || pair("session", "token") || name.eq_ignore_ascii_case("sessionid");
    let own = words.iter().any(|word| matches!(*word, "csrf" | "nonce" | "otp" | "passcode" | "salt"))
        || pair("code", "verifier")
        || pair("oauth", "state")
        || pair("auth", "code")
        || pair("authorization", "code")
        || pair("client", "secret");
    // The name of something that is replaced before anybody depends on it.
    if matches!(words.first(), Some(&("temp" | "tmp" | "fake" | "mock" | "dummy" | "placeholder" | "test"))) {
        return None;
    }
    let counted = words.iter().any(|word| {
        matches!(*word, "count" | "total" | "mock" | "bucket" | "limit" | "expiry" | "expires" | "at" | "time")
    });
    let named = secrets::credential_name(name) && !matches!(words.last(), Some(&("cookie" | "credentials")));
    ((session || own || named) && !counted).then(|| name.to_owned())
}

/// `generateToken`, `new_session_id`, `makeNonce`
fn is_maker(name: &str) -> bool {
    let first = words(name).into_iter().next().unwrap_or_default();
    matches!(first.as_str(), "generate" | "create" | "make" | "new" | "random" | "gen" | "issue" | "mint")
}

fn is_strong(source: &str) -> bool {
    STRONG.iter().any(|strong| source.contains(strong))
}

/// A name in the value holds what a vetted generator gave.
fn mixes_strong<'a>(program: &Program<'a>, at: At, value: &'a Expression) -> bool {
    let mut strong = false;
    value.walk(&mut |part| {
        if matches!(part.kind, Kind::Name(_)) {
            let (owner, origin) = program.origin(at, part);
            strong |= !std::ptr::eq(origin, part) && is_strong(program.source(owner.file, origin.span));
        }
    });
    strong
}

/// The first predictable call in a value, closures included.
fn drawn<'a>(program: &Program<'a>, at: At, value: &'a Expression, purpose: String) -> Option<WeakRandom> {
    if is_strong(program.source(at.file, value.span)) || mixes_strong(program, at, value) {
        return None;
    }
    let mut found: Option<(&Expression, String, bool)> = None;
    visit(program, at, value, &mut |at, expression| {
        let Kind::Call(call) = &expression.kind else { return };
        if found.as_ref().is_some_and(|(_, _, clock)| !clock) {
            return;
        }
        if let Some((path, clock)) = weak(program, at, &call.function)
            && (found.is_none() || !clock)
        {
            found = Some((expression, path, clock));
        }
    });
    let (expression, source, clock) = found?;
    // A credential that ends at a time, and a time that is compared, hold the clock alone.
    let number = clock && !source.starts_with("uuid.");
    if number
        && (matches!(value.kind, Kind::Call(_) | Kind::Binary(..)) && !makes_text(value) || holds(value, expression))
    {
        return None;
    }
    Some(WeakRandom { place: program.place(at.file, expression.span), source, purpose, clock })
}

/// A record with the clock in a field of its own, such as when it ends: what is secret in it is another field.
fn holds(value: &Expression, clock: &Expression) -> bool {
    let mut found = false;
    value.walk(&mut |part| {
        let Kind::Record(record) = &part.kind else { return };
        found |= record.entries.iter().any(
            |entry| matches!(entry, Entry::Field(_, field) if field.span.contains(clock.span) && !makes_text(field)),
        );
    });
    found
}

/// Whether the clock becomes a text: `session-${Date.now()}`, `"s" + Date.now()`, `Date.now().toString(36)`.
fn makes_text(value: &Expression) -> bool {
    match &value.kind {
        Kind::Template(_) => true,
        Kind::Binary(operator, left, right) => {
            operator == "+"
                && (left.text().is_some() || right.text().is_some() || makes_text(left) || makes_text(right))
        }
        Kind::Call(call) => {
            matches!(&call.function.kind, Kind::Member(_, name) if name.value == "toString" || name.value == "uuid1" || name.value == "v1")
        }
        _ => false,
    }
}

/// Every part of a value, and of the closures in it.
fn visit<'a>(program: &Program<'a>, at: At, value: &'a Expression, look: &mut dyn FnMut(At, &'a Expression)) {
    value.walk(&mut |part| {
        look(at, part);
        if let Kind::Function(function) = &part.kind {
            let inner = At { file: at.file, function: *function };
            program.function_at(inner).expressions(&mut |part| look(inner, part));
        }
    });
}

/// The generator or clock that a call asks, and whether it is a clock.
fn weak<'a>(program: &Program<'a>, at: At, function: &'a Expression) -> Option<(String, bool)> {
    let path = program.symbol(at, function).or_else(|| {
        // Globals are none of the program's names.
        let written = program.source(at.file, function.span);
        matches!(written, "Math.random" | "Date.now").then(|| written.to_owned())
    })?;
    let python = program.unit(at).language == Language::Python
        && path.strip_prefix("random.").is_some_and(|name| PYTHON.contains(&name));
    if python || GENERATORS.iter().any(|generator| path.strip_prefix(generator).is_some_and(|rest| !rest.contains('(')))
    {
        return Some((path, false));
    }
    let clock = CLOCKS.contains(&path.as_str()) || path.starts_with("time.Now()") && path.contains("Unix");
    clock.then_some((path, true))
}
