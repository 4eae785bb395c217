//! Requests whose library follows redirects: where an answer leads is requested without being asked about.
//!
//! What a library does when nothing is said decides: `fetch`, `axios`, `got`, `requests`, `aiohttp`, `reqwest` and Go's client
//! follow; `httpx`, `undici.request` and Node's `http` do not. What cannot be seen (options from elsewhere, a client with
//! an agent or transport of its own, which may judge each connection) is taken as not following.

use super::engine::Hit;
use crate::project::{
    Language,
    program::{At, Program, Site},
    syntax::{Entry, Expression, Kind},
};

/// What looks like such a word and is none.
const OTHERS: &[&str] =
    &["user-agent", "useragent", "user_agent", "cache-control", "redirect: \"follow\"", "redirect: 'follow'"];

/// Words of options and clients that end redirects or judge each hop or connection, per language, in lower case.
const JUDGES: &[(Language, &[&str])] = &[
    (
        Language::TypeScript,
        &[
            "maxredirects",
            "followredirect",
            "beforeredirect",
            "redirect:",
            "redirects(",
            "agent",
            "dispatcher",
            "response.url",
            "res.url",
            "resp.url",
        ],
    ),
    (
        Language::Python,
        &[
            "allow_redirects",
            "max_redirects",
            "event_hooks",
            "hooks=",
            ".mount(",
            "httpredirecthandler",
            "build_opener",
            "connector=",
            "transport=",
            "trace_configs",
            "response.url",
            "resp.url",
            "is_redirect",
        ],
    ),
    (Language::Rust, &["redirect::", ".redirect(", "redirects(", "dns_resolver", ".resolve("]),
    (Language::Go, &["checkredirect", "dialcontext", "control:", "roundtripper", "erruselastresponse"]),
];

/// Whether the request of a hit certainly follows redirects to anywhere.
pub(super) fn follows(program: &Program<'_>, hit: &Hit) -> bool {
    let Some(site) = program.calls_in(hit.file).find(|site| site.span == hit.span) else { return false };
    let symbol = program.symbol(site.at, &site.call.function).unwrap_or_default().replace(".default", "");
    by_default(program, site, &symbol) && !is_open(program, site) && !is_judged(program, site, &symbol)
}

/// Whether the library follows where nothing else is said.
fn by_default<'a>(program: &Program<'a>, site: Site<'a>, symbol: &str) -> bool {
    let package = symbol.split(['.', '(']).next().unwrap_or_default();
    let method = symbol.rsplit('.').next().unwrap_or_default();
    match program.unit(site.at).language {
        Language::TypeScript => {
            matches!(symbol, "fetch" | "globalThis.fetch" | "undici.fetch")
                || matches!(package, "node-fetch" | "cross-fetch" | "axios" | "got" | "ky" | "ofetch" | "superagent")
        }
        Language::Python => match package {
            "requests" => method != "head",
            "aiohttp" => method != "head",
            "urllib" => matches!(method, "urlopen" | "urlretrieve"),
            "httpx" => says_follow(program, site),
            _ => false,
        },
        Language::Rust => matches!(package, "reqwest" | "ureq"),
        Language::Go => symbol.starts_with("net/http"),
        Language::Java | Language::CSharp => false,
    }
}

/// `follow_redirects=True` of the request, or of the client that makes it.
fn says_follow<'a>(program: &Program<'a>, site: Site<'a>) -> bool {
    let on = |value: &Expression| matches!(value.kind, Kind::Boolean(true));
    if let Some(value) = site.call.keyword("follow_redirects") {
        return on(value);
    }
    let Kind::Member(object, _) = &site.call.function.kind else { return false };
    let made = program.origins(site.at, object);
    !made.is_empty()
        && made.iter().all(|(_, made)| made.call().and_then(|c| c.keyword("follow_redirects")).is_some_and(on))
}

/// Options come from elsewhere: spread, or behind a name that is not written down.
fn is_open<'a>(program: &Program<'a>, site: Site<'a>) -> bool {
    site.call.arguments.iter().enumerate().any(|(position, argument)| {
        let (_, value) = program.value(site.at, &argument.value);
        let spreads = |entry: &Entry| matches!(entry, Entry::Spread(_));
        match &value.kind {
            Kind::Spread(_) => true,
            Kind::Record(record) => record.entries.iter().any(spreads),
            Kind::Name(_) | Kind::Member(..) | Kind::Call(_) => {
                let options = program.unit(site.at).language == Language::TypeScript && position > 0;
                options && argument.name.is_none()
            }
            _ => false,
        }
    })
}

/// Something about the request, its client or the function around it ends redirects or looks at each.
fn is_judged<'a>(program: &Program<'a>, site: Site<'a>, symbol: &str) -> bool {
    let language = program.unit(site.at).language;
    let words = JUDGES.iter().find(|(of, _)| *of == language).map_or(&[][..], |(_, words)| words);
    let says = |text: &str| {
        let text = OTHERS.iter().fold(text.to_lowercase(), |text, other| text.replace(other, ""));
        words.iter().any(|word| text.contains(word))
    };
    // Clients of Go and Rust are made in one place and used in another.
    if matches!(language, Language::Go | Language::Rust) {
        return program.units().iter().any(|unit| unit.language == language && says(unit.text));
    }
    let client = symbol.contains("()").then(|| match &site.call.function.kind {
        Kind::Member(object, _) => program.origins(site.at, object),
        _ => Vec::new(),
    });
    let made = client.into_iter().flatten().any(|(at, made)| says(program.source(at.file, made.span)));
    made || says(around(program, site.at))
}

/// The source of the function that a call stands in, and of what that stands in; of the file at the top level.
fn around<'a>(program: &Program<'a>, at: At) -> &'a str {
    let mut id = at.function;
    while let Some(parent) = program.function_at(At { function: id, ..at }).parent.filter(|parent| *parent != 0) {
        id = parent;
    }
    if id == 0 {
        program.unit(at).text
    } else {
        program.source(at.file, program.function_at(At { function: id, ..at }).span)
    }
}
