//! What each call of a tool adds: processes without number, and collections that only grow.

use super::{
    Conduct,
    survey::{Known, Survey},
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::At,
        syntax::{Expression, Kind, Span},
    },
};

/// Something that grows with every call.
#[derive(Clone, Debug)]
pub struct Load {
    /// Where.
    pub place: Place,
    /// The program that is started, or the collection.
    pub what: String,
}

/// Words of code that lets in a few at a time.
const CAPS: &[&str] = &[
    "semaphore",
    "capacitylimiter",
    "p-limit",
    "plimit",
    "p-queue",
    "setlimit",
    "concurrency",
    "bottleneck",
    "max_workers",
    "maxworkers",
    "threadpool",
    "worker_pool",
    "workerpool",
    "jobqueue",
    "taskqueue",
    "mutex",
    "asyncio.lock",
    "connection_pool",
];

/// Words of names that say that something is kept to be found again.
const CACHES: &[&str] = &["cache", "memo", "history", "seen"];

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let capped = survey.files.iter().any(|&file| {
        let text = survey.file_text(file);
        CAPS.iter().any(|word| text.contains(word))
    });
    for known in &survey.calls {
        let at = known.site.at;
        if !capped && survey.reach.contains(at) && launches(survey, known) {
            let what = survey.written(at.file, known.site.call.function.span);
            conduct.launches.push(Load { place: survey.site(known), what });
        }
        if let (Kind::Member(object, _), "set" | "Store" | "add") = (&known.site.call.function.kind, known.word) {
            grows(survey, at, object, known.site.call.positional(0), known.site.span, conduct);
        }
    }
    for &file in &survey.files {
        survey.program.units()[file].expressions(&mut |function, expression| {
            let at = At { file, function };
            if let Kind::Assign(target, _) = &expression.kind
                && let Kind::Index(object, key) = &target.kind
            {
                grows(survey, at, object, Some(key), expression.span, conduct);
            }
        });
    }
    conduct.growing.sort_by(|a, b| (&a.place.path, a.place.start).cmp(&(&b.place.path, b.place.start)));
    conduct.growing.dedup_by(|later, first| later.what == first.what && later.place.path == first.place.path);
}

/// A process, browser or container that runs beside others. What blocks the whole server runs alone.
fn launches(survey: &Survey<'_, '_>, known: &Known<'_>) -> bool {
    let browser = known.word == "launch"
        && ["puppeteer", "playwright", "chromium", "firefox", "webkit"].iter().any(|name| known.symbol.contains(name));
    match survey.language(known) {
        Language::TypeScript => {
            browser
                || matches!(
                    known.symbol.as_str(),
                    "child_process.spawn" | "child_process.exec" | "child_process.execFile" | "child_process.fork"
                )
                || known.symbol.starts_with("execa")
        }
        Language::Python => {
            browser
                || matches!(
                    known.symbol.as_str(),
                    "subprocess.Popen" | "asyncio.create_subprocess_exec" | "asyncio.create_subprocess_shell"
                )
        }
        Language::Rust => known.symbol == "tokio.process.Command.new",
        Language::Go => matches!(known.symbol.as_str(), "os/exec.Command" | "os/exec.CommandContext"),
        Language::Java | Language::CSharp => false,
    }
}

/// A collection of the module that a caller fills, and that nothing empties.
fn grows<'a>(
    survey: &Survey<'_, 'a>,
    at: At,
    object: &'a Expression,
    key: Option<&'a Expression>,
    span: Span,
    conduct: &mut Conduct,
) {
    let Some(name) = object.name() else { return };
    let lower = name.to_lowercase();
    let named = CACHES.iter().any(|word| lower.contains(word));
    // A key that is written down is one key.
    let fixed = key.is_none_or(|key| survey.program.text(at, key).is_some() || matches!(key.kind, Kind::Number(_)));
    // Functions, types and the object itself are as many as the program has.
    let own = key.and_then(Expression::name).is_some_and(|key| {
        let words = ["self", "this", "cls", "func", "function", "fn", "callable", "type", "class_", "model_class"];
        words.contains(&key)
    });
    if !named || fixed || own || !survey.reach.contains(at) {
        return;
    }
    let (owner, made) = survey.program.origin(at, object);
    let plain = match &made.kind {
        Kind::Record(record) => record.entries.is_empty(),
        Kind::Call(call) => {
            let symbol = survey.program.symbol(owner, &call.function).unwrap_or_default();
            matches!(symbol.as_str(), "Map" | "Set" | "dict" | "set" | "make" | "collections.defaultdict")
        }
        _ => false,
    };
    let text = survey.program.units()[owner.file].text;
    let emptied = [
        format!("{name}.delete("),
        format!("{name}.clear("),
        format!("delete {name}["),
        format!("{name}.pop"),
        format!("del {name}["),
        format!("{name}.size"),
        format!("len({name})"),
        format!("delete({name},"),
        format!("{name}.Delete("),
        format!("Object.keys({name}).length"),
        format!("{name} = new Map("),
        format!("{name} = {{}}"),
    ];
    // The declaration itself may read like an emptying.
    let times = |words: &String| text.matches(words.as_str()).count() > usize::from(words.contains(" = "));
    if plain && owner.function == 0 && !emptied.iter().any(times) {
        conduct.growing.push(Load { place: survey.place(at, span), what: name.to_owned() });
    }
}
