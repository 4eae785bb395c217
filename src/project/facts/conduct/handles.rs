//! What clients bring back: state that nobody signed, and handles that others can guess.

use super::{
    Conduct,
    survey::{Known, Survey},
};
use crate::{
    finding::Place,
    project::{
        program::At,
        syntax::{Expression, Kind, Pattern, Statement},
    },
};

/// A handle that others can guess.
#[derive(Clone, Debug)]
pub struct Handle {
    /// Where it is made.
    pub place: Place,
    /// Its name.
    pub name: String,
}

/// Names of handles that clients bring back. Ids of data are no handles.
const HANDLES: &[&str] = &[
    "jobid",
    "taskid",
    "handle",
    "handleid",
    "runid",
    "executionid",
    "exportid",
    "uploadid",
    "downloadid",
    "operationid",
    "processid",
    "workflowid",
];

/// Words of code that proves where a state comes from.
const PROVES: &[&str] =
    &["hmac", "codec", "verify", "decrypt", "unseal", "aead", "timingsafe", "signature", "compare_digest", "unsign"];

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    for known in &survey.calls {
        if reads_state(survey, known) {
            conduct.unsigned_states.push(survey.site(known));
        }
    }
    for &file in &survey.files {
        for (function, definition) in survey.program.units()[file].module.functions.iter().enumerate().skip(1) {
            let at = At { file, function };
            if definition.is_test || !survey.reach.contains(at) {
                continue;
            }
            Statement::each(&definition.body, &mut |statement| {
                let Statement::Let { pattern: Pattern::Name(name, _), value: Some(value), .. } = statement else {
                    return;
                };
                let plain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
                if HANDLES.contains(&plain.as_str())
                    && is_predictable(survey, at, value)
                    && is_kept(&definition.body, name)
                {
                    conduct.handles.push(Handle { place: survey.place(at, value.span), name: name.clone() });
                }
            });
        }
    }
    // A parse inside a parse is one reading.
    conduct.unsigned_states.sort_by(|a, b| (&a.path, a.start).cmp(&(&b.path, b.start)));
    conduct.unsigned_states.dedup_by(|later, first| later.path == first.path && later.end <= first.end);
}

/// `JSON.parse(requestState)` in a file that never proves it.
fn reads_state(survey: &Survey<'_, '_>, known: &Known<'_>) -> bool {
    let parses = matches!(
        known.symbol.as_str(),
        "JSON.parse" | "json.loads" | "serde_json.from_str" | "serde_json.from_slice" | "encoding/json.Unmarshal"
    );
    let file = known.site.at.file;
    let arguments = known.site.call.arguments.iter().map(|argument| survey.program.source(file, argument.value.span));
    let of_state = arguments.into_iter().any(|text| {
        let plain: String = text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        plain.contains("requeststate")
    });
    let text = || survey.file_text(file);
    parses && of_state && !PROVES.iter().any(|word| text().contains(word))
}

/// Built from a clock, a counter or a generator that others can follow.
fn is_predictable<'a>(survey: &Survey<'_, 'a>, at: At, value: &'a Expression) -> bool {
    let text = survey.program.source(at.file, value.span).to_lowercase();
    let random = [
        "uuid",
        "randombytes",
        "secrets.",
        "token_hex",
        "token_urlsafe",
        "nanoid",
        "urandom",
        "crypto",
        "osrng",
        "thread_rng",
        "ulid",
    ];
    if random.iter().any(|word| text.contains(word)) {
        return false;
    }
    let mut found = false;
    value.walk(&mut |part| match &part.kind {
        Kind::Call(call) => {
            let symbol = survey.program.symbol(at, &call.function).unwrap_or_default();
            found |= matches!(
                symbol.as_str(),
                "Date.now"
                    | "Math.random"
                    | "time.time"
                    | "time.time_ns"
                    | "random.randint"
                    | "random.random"
                    | "datetime.datetime.now"
                    | "time.Now"
                    | "std.time.SystemTime.now"
            ) || symbol.starts_with("math/rand.")
                || call.written() == "fetch_add";
        }
        // `jobs.size + 1`, `len(jobs) + 1`
        Kind::Binary(operator, left, right) if operator == "+" => {
            let one = matches!(&right.kind, Kind::Number(number) if number == "1");
            let count = match &left.kind {
                Kind::Member(_, name) => matches!(name.value.as_str(), "size" | "length"),
                Kind::Call(call) => matches!(call.written(), "len" | "size"),
                _ => false,
            };
            found |= one && count;
        }
        Kind::Unary(operator, inner) => {
            found |= operator == "++"
                && inner
                    .name()
                    .is_some_and(|name| name.to_lowercase().contains("next") || name.to_lowercase().contains("count"));
        }
        _ => {}
    });
    found
}

/// Something is kept under the name: `jobs.set(jobId, ..)`, `jobs[job_id] = ..`
fn is_kept(body: &[Statement], name: &str) -> bool {
    let mut kept = false;
    for statement in body {
        statement.parts(&mut |part| {
            part.walk(&mut |inner| match &inner.kind {
                Kind::Assign(target, _) => {
                    kept |= matches!(&target.kind, Kind::Index(_, key) if names(key, name));
                }
                Kind::Call(call) if matches!(call.written(), "set" | "insert" | "Store" | "put") => {
                    kept |= call.positional(0).is_some_and(|key| names(key, name));
                }
                _ => {}
            });
        });
    }
    kept
}

fn names(expression: &Expression, wanted: &str) -> bool {
    match &expression.kind {
        Kind::Name(name) => name == wanted,
        Kind::Call(call) => matches!(&call.function.kind, Kind::Member(object, _) if names(object, wanted)),
        _ => false,
    }
}
