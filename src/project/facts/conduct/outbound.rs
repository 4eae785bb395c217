//! Calls of tools to the outside that may wait for ever: requests, and programs that are run.
//!
//! What a library does when nothing is said decides: `httpx` gives up after five seconds and `reqwest`'s blocking client
//! after thirty, so that only switching that off counts; `requests`, `fetch` and Go's default client wait.

use std::collections::HashMap;

use super::{
    Conduct,
    survey::{Known, Survey},
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::{At, Site},
        syntax::Kind,
    },
};

/// A call to the outside without an end.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// The call, or the client that is made without a limit.
    pub place: Place,
    /// As written: `requests.get`.
    pub call: String,
    /// What is called in the end: `child_process.exec`, also where it was wrapped.
    pub symbol: String,
    /// The argument with the options, counted from zero, where a helper hands them on.
    pub options: Option<usize>,
    /// The tool that leads here, where it has a name.
    pub tool: Option<String>,
}

/// Words that say that something ends the wait.
const ENDS: &[&str] = &["timeout", "deadline", "signal", "wait_for", "promise.race", "timelimit", "time_limit"];

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let mut nearby = Nearby::default();
    for known in &survey.calls {
        conduct.outbound.extend(forwarded(survey, known));
        let Some(endless) = waits(survey, known) else { continue };
        let at = known.site.at;
        // A client is made anywhere; a request counts where a caller can start it.
        let reached = survey.reach.contains(at);
        if !(reached || endless == Endless::Client) || nearby.ends(survey, at) {
            continue;
        }
        conduct.outbound.push(Outbound {
            place: survey.site(known),
            call: survey.written(at.file, known.site.call.function.span),
            symbol: known.symbol.clone(),
            options: None,
            tool: survey.reach.tool(at).map(str::to_owned),
        });
    }
    for &file in &survey.files {
        if survey.program.units()[file].language == Language::Go {
            clients(survey, file, conduct);
        }
    }
    conduct.outbound.sort_by(|a, b| (&a.place.path, a.place.start).cmp(&(&b.place.path, b.place.start)));
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Endless {
    /// A request or program.
    Call,
    /// A client whose requests all wait.
    Client,
}

/// A lowercase text names something that ends a wait.
fn ends(text: &str) -> bool {
    // What switches a limit off is none.
    let text = text.replace("timeout=none", "");
    ENDS.iter().any(|word| text.contains(word))
}

/// What ends waits around a function. A long one may hold many calls, and so each is looked at once.
#[derive(Debug, Default)]
struct Nearby(HashMap<At, bool>);

impl Nearby {
    fn ends(&mut self, survey: &Survey<'_, '_>, at: At) -> bool {
        *self.0.entry(at).or_insert_with(|| ends_nearby(survey, at))
    }
}

/// Something around the call ends the wait.
fn ends_nearby(survey: &Survey<'_, '_>, at: At) -> bool {
    ends(&survey.around(at))
        || survey.program.callers(at).iter().any(|site| {
            // `withTimeout(() => load(id))`
            let text = survey.program.source(site.at.file, site.span).to_lowercase();
            ends(&text)
        })
}

/// Whether a call waits without end.
fn waits<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> Option<Endless> {
    match survey.language(known) {
        Language::TypeScript => typescript(survey, known),
        Language::Python => python(survey, known),
        Language::Rust => rust(survey, known),
        Language::Go => go(survey, known),
        Language::Java | Language::CSharp => false,
    }
    .then(|| if known.symbol.starts_with("reqwest.Client") { Endless::Client } else { Endless::Call })
}

fn typescript<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> bool {
    let method = |position: usize| !has(survey, known, &["timeout", "signal"]) && !survey.is_open(known, position);
    match known.symbol.as_str() {
        "fetch" | "globalThis.fetch" | "undici.fetch" | "node-fetch" => method(1) && !dispatches(survey),
        "axios" | "axios.request" | "axios.default" => method(0) && known.site.call.arguments.len() == 1,
        "axios.get" | "axios.delete" | "axios.head" | "axios.options" => method(1) && !axios_default(survey),
        "axios.post" | "axios.put" | "axios.patch" => method(2) && !axios_default(survey),
        "axios.create().get"
        | "axios.create().post"
        | "axios.create().put"
        | "axios.create().delete"
        | "axios.create().patch"
        | "axios.create().request" => {
            method(1) && client(survey, known).is_some_and(|made| !says(survey, made, "timeout"))
        }
        "child_process.exec"
        | "child_process.execFile"
        | "child_process.execSync"
        | "child_process.execFileSync"
        | "child_process.spawnSync" => {
            !has(survey, known, &["timeout", "signal"])
                && !survey.is_open(known, 1)
                && !is_instant(survey, known)
                && !mentions(survey, known, "timeout")
        }
        _ => false,
    }
}

/// A fixed command that asks the system something and waits for nobody.
fn is_instant<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> bool {
    let command = known.site.call.positional(0).and_then(|command| survey.program.text(known.site.at, command));
    let program = command.as_deref().and_then(|command| command.split_whitespace().next());
    let instant = ["which", "where", "where.exe", "command", "type", "uname", "mktemp", "hostname", "whoami", "pwd"];
    program.is_some_and(|program| instant.contains(&program))
}

/// A helper that hands its caller's options on, `run(file, args, options)`: its callers that set no limit.
fn forwarded<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> Vec<Outbound> {
    let position = match known.symbol.as_str() {
        "child_process.exec" | "child_process.execSync" | "fetch" | "globalThis.fetch" => 1,
        "child_process.execFile" | "child_process.execFileSync" | "child_process.spawnSync" => 2,
        _ => return Vec::new(),
    };
    let Site { at, call, .. } = known.site;
    let options = call.positional(position).and_then(|options| survey.program.parameter_of(at, options));
    let Some((helper, position, _)) = options.filter(|(helper, ..)| !ends(&survey.around(*helper))) else {
        return Vec::new();
    };
    let endless = |site: &&Site<'a>| {
        let given = site.call.positional(position).and_then(|options| survey.record(site.at, options));
        given.is_some_and(|(_, record)| {
            !["timeout", "signal"].iter().any(|key| record.get(key).is_some()) && !super::survey::has_spread(record)
        })
    };
    let callers = survey.program.callers(helper).iter();
    let mut around: HashMap<At, bool> = HashMap::new();
    let mut ended = |at: At| *around.entry(at).or_insert_with(|| ends(&survey.around(at)));
    let reached = callers.filter(|site| survey.reach.contains(site.at) && !ended(site.at));
    reached
        .filter(endless)
        .map(|site| Outbound {
            place: survey.place(site.at, site.span),
            call: survey.written(site.at.file, site.call.function.span),
            symbol: known.symbol.clone(),
            options: Some(position),
            tool: survey.reach.tool(site.at).map(str::to_owned),
        })
        .collect()
}

/// `setGlobalDispatcher(new Agent({ headersTimeout }))`
fn dispatches(survey: &Survey<'_, '_>) -> bool {
    survey.calls.iter().any(|known| known.word == "setGlobalDispatcher")
}

/// `axios.defaults.timeout = ..`
fn axios_default(survey: &Survey<'_, '_>) -> bool {
    survey.files.iter().any(|&file| survey.program.units()[file].text.contains("axios.defaults.timeout"))
}

fn python<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> bool {
    let unpacks = || survey.is_open(known, usize::MAX);
    let none = || known.site.call.keyword("timeout").is_some_and(|value| matches!(value.kind, Kind::Null));
    let missing = || known.site.call.keyword("timeout").is_none() && !unpacks();
    let method = known.symbol.rsplit('.').next().unwrap_or_default();
    let is_request = matches!(method, "get" | "post" | "put" | "delete" | "patch" | "head" | "options" | "request");
    match known.symbol.as_str() {
        symbol
            if is_request
                && (symbol.starts_with("requests.Session()")
                    || symbol.matches('.').count() == 1 && symbol.starts_with("requests.")) =>
        {
            missing() || none()
        }
        symbol if symbol.starts_with("httpx.") => none(),
        "urllib.request.urlopen" => missing() && known.site.call.positional(2).is_none(),
        "subprocess.run" | "subprocess.check_output" | "subprocess.call" | "subprocess.check_call" => missing(),
        _ => false,
    }
}

fn rust<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> bool {
    // A limit on single requests, or around them, is as good.
    let limited = || survey.calls.iter().any(|other| matches!(other.word, "timeout" | "read_timeout"));
    match known.symbol.as_str() {
        "reqwest.get" => true,
        "reqwest.Client.new" | "reqwest.Client.default" => !limited(),
        "reqwest.Client.builder().build" => !limited(),
        _ => false,
    }
}

fn go<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> bool {
    match known.symbol.as_str() {
        "net/http.Get" | "net/http.Post" | "net/http.Head" | "net/http.PostForm" => true,
        "net/http.DefaultClient.Get" | "net/http.DefaultClient.Post" => true,
        "os/exec.Command" => !mentions(survey, known, "wait"),
        _ => false,
    }
}

/// `http.Client{}` without a limit, in a project whose requests carry no context.
fn clients(survey: &Survey<'_, '_>, file: usize, conduct: &mut Conduct) {
    if survey.calls.iter().any(|known| matches!(known.word, "NewRequestWithContext" | "WithTimeout" | "WithContext")) {
        return;
    }
    survey.program.units()[file].expressions(&mut |function, expression| {
        let Kind::Record(record) = &expression.kind else { return };
        let at = At { file, function };
        let Some(name) = &record.name else { return };
        let is_client = survey.program.symbol(at, name).is_some_and(|symbol| symbol == "net/http.Client");
        if is_client && record.get("Timeout").is_none() && !survey.program.function_at(at).is_test {
            conduct.outbound.push(Outbound {
                place: survey.place(at, expression.span),
                call: "http.Client".to_owned(),
                symbol: "net/http.Client".to_owned(),
                options: None,
                tool: survey.reach.tool(at).map(str::to_owned),
            });
        }
    });
}

fn has<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>, keys: &[&str]) -> bool {
    keys.iter().any(|key| survey.option(known, key).is_some())
}

fn mentions(survey: &Survey<'_, '_>, known: &Known<'_>, word: &str) -> bool {
    survey.program.source(known.site.at.file, known.site.span).to_lowercase().contains(word)
}

/// The call that makes the client of a method.
fn client<'a>(survey: &Survey<'_, 'a>, known: &Known<'a>) -> Option<Site<'a>> {
    let Kind::Member(object, _) = &known.site.call.function.kind else { return None };
    let (at, made) = survey.program.origin(known.site.at, object);
    Some(Site { at, call: made.call()?, span: made.span })
}

fn says<'a>(survey: &Survey<'_, 'a>, made: Site<'a>, key: &str) -> bool {
    made.call.arguments.iter().any(|argument| match survey.record(made.at, &argument.value) {
        Some((_, record)) => record.get(key).is_some() || super::survey::has_spread(record),
        None => !matches!(argument.value.kind, Kind::Text(_)),
    })
}
