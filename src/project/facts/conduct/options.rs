//! Options that switch a protection off, in so many words.
//!
//! Most have a name that means one thing wherever it stands: those are told by name and value, in calls, records,
//! struct literals and assignments alike. Names that others use as well count only in calls of their library.

use super::{
    Conduct,
    strength::is_conditional,
    survey::{Known, Survey, number},
};
use crate::{
    finding::Place,
    project::{
        Language,
        program::{At, Site},
        syntax::{Entry, Expression, Kind, Record, Span},
    },
};

/// What an option switches off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protects {
    /// Requests with foreign `Host` and `Origin` are refused.
    HostCheck,
    /// Users agree before a client gets a token in their name.
    Consent,
    /// Clients are sent back only to addresses that are known.
    Redirect,
    /// A code is worth nothing without its verifier.
    Pkce,
    /// Errors are told without the inside of the program.
    Release,
    /// Bodies are cut off at some size.
    BodyLimit,
    /// WebSockets are opened by known pages only.
    SocketOrigin,
}

/// An option that switches a protection off.
#[derive(Clone, Debug)]
pub struct WeakOption {
    /// What it switches off.
    pub protects: Protects,
    /// The option.
    pub place: Place,
    /// As written, in one line.
    pub written: String,
}

/// Which values switch off.
enum When {
    True,
    False,
    /// `*`, or a list with it.
    Anything,
    Text(&'static str),
    /// A list of texts without this one.
    Without(&'static str),
    /// A negative number, or more bytes than any call needs.
    Unlimited,
}

/// Bodies larger than this are no calls of tools: 64 MiB.
const LARGE: f64 = 64.0 * 1024.0 * 1024.0;

/// Names that mean one thing wherever they stand.
const NAMES: &[(&str, When, Protects)] = &[
    ("enableDnsRebindingProtection", When::False, Protects::HostCheck),
    ("enable_dns_rebinding_protection", When::False, Protects::HostCheck),
    ("host_origin_protection", When::False, Protects::HostCheck),
    ("DisableLocalhostProtection", When::True, Protects::HostCheck),
    ("require_authorization_consent", When::False, Protects::Consent),
    ("allowed_client_redirect_uris", When::Anything, Protects::Redirect),
    ("code_challenge_method", When::Text("plain"), Protects::Pkce),
    ("codeChallengeMethod", When::Text("plain"), Protects::Pkce),
    ("code_challenge_methods_supported", When::Without("S256"), Protects::Pkce),
    ("CodeChallengeMethodsSupported", When::Without("S256"), Protects::Pkce),
    ("MaxRequestBodyBytes", When::Unlimited, Protects::BodyLimit),
    ("maxRequestBodySize", When::Unlimited, Protects::BodyLimit),
    ("max_request_body_size", When::Unlimited, Protects::BodyLimit),
];

/// Beginnings of paths, a name, and when it switches off.
const CALLS: &[(&[&str], &str, When, Protects)] = &[
    (
        &["flask.", "starlette.", "fastapi.", "mcp.", "fastmcp.", "sanic.", "aiohttp."],
        "debug",
        When::True,
        Protects::Release,
    ),
    (&["express.", "body-parser.", "koa-body", "raw-body"], "limit", When::Unlimited, Protects::BodyLimit),
    (&["fastify"], "bodyLimit", When::Unlimited, Protects::BodyLimit),
    (&["hono/body-limit."], "maxSize", When::Unlimited, Protects::BodyLimit),
    (&["fastmcp."], "allowed_hosts", When::Anything, Protects::HostCheck),
    (&["starlette.middleware", "fastapi.middleware"], "allowed_hosts", When::Anything, Protects::HostCheck),
    (&["ws.", "socket.io."], "origins", When::Anything, Protects::SocketOrigin),
    (&["websockets."], "origins", When::Anything, Protects::SocketOrigin),
];

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    let mut scan = Scan { survey, found: Vec::new() };
    for &file in &survey.files {
        survey.program.units()[file].expressions(&mut |function, expression| {
            scan.expression(At { file, function }, expression);
        });
    }
    for known in &survey.calls {
        scan.call(known);
    }
    scan.profiler();
    scan.found.sort_by(|a, b| (&a.place.path, a.place.start).cmp(&(&b.place.path, b.place.start)));
    scan.found.dedup_by(|a, b| a.place == b.place && a.protects == b.protects);
    conduct.weak_options.append(&mut scan.found);
}

struct Scan<'s, 'p, 'a> {
    survey: &'s Survey<'p, 'a>,
    found: Vec<WeakOption>,
}

impl<'a> Scan<'_, '_, 'a> {
    fn push(&mut self, at: At, span: Span, protects: Protects) {
        let written = self.survey.written(at.file, span);
        self.found.push(WeakOption { protects, place: self.survey.place(at, span), written });
    }

    /// Names with one meaning.
    fn expression(&mut self, at: At, expression: &'a Expression) {
        match &expression.kind {
            Kind::Record(record) => self.fields(at, record),
            Kind::Assign(target, value) => {
                if let Kind::Member(_, name) = &target.kind
                    && !self.is_choice(at, expression.span)
                {
                    self.pair(at, &name.value, value, expression.span);
                }
            }
            Kind::Call(call) => {
                for argument in &call.arguments {
                    if let Some(name) = &argument.name {
                        // A keyword's own span is not kept: it stands right before its value.
                        let start = argument.value.span.start.saturating_sub(name.len() + 1);
                        self.pair(at, name, &argument.value, Span::new(start, argument.value.span.end));
                    }
                }
            }
            _ => {}
        }
    }

    fn fields(&mut self, at: At, record: &'a Record) {
        for (index, entry) in record.entries.iter().enumerate() {
            let Entry::Field(key, value) = entry else { continue };
            // What is spread afterwards may say otherwise.
            let overridden = record.entries[index..].iter().any(|entry| matches!(entry, Entry::Spread(_)));
            if !overridden {
                self.pair(at, &key.value, value, Span::new(key.span.start, value.span.end));
            }
        }
    }

    fn pair(&mut self, at: At, name: &str, value: &'a Expression, span: Span) {
        for (key, when, protects) in NAMES {
            if *key == name && self.holds(at, value, when) {
                self.push(at, span, *protects);
            }
        }
    }

    fn holds(&self, at: At, value: &'a Expression, when: &When) -> bool {
        let (at, value) = self.survey.program.value(at, value);
        let texts = |items: &'a [Expression]| -> Option<Vec<String>> {
            items.iter().map(|item| self.survey.program.text(at, item)).collect()
        };
        match (when, &value.kind) {
            (When::True, Kind::Boolean(found)) => *found,
            (When::False, Kind::Boolean(found)) => !found,
            (When::Anything, Kind::Text(text)) => text == "*",
            (When::Anything, Kind::List(items)) => {
                items.iter().any(|item| matches!(item.text(), Some("*" | "http://*" | "https://*")))
            }
            (When::Text(wanted), Kind::Text(text)) => text == wanted,
            (When::Without(wanted), Kind::List(items)) => {
                texts(items).is_some_and(|texts| !texts.is_empty() && !texts.iter().any(|text| text == wanted))
            }
            (When::Unlimited, Kind::Text(text)) => bytes(text).is_some_and(|bytes| bytes > LARGE),
            (When::Unlimited, _) => number(value).is_some_and(|size| !(0.0..=LARGE).contains(&size)),
            _ => false,
        }
    }

    /// Names of one library, and calls that switch off by themselves.
    fn call(&mut self, known: &Known<'a>) {
        let Site { at, call, span } = known.site;
        for (paths, key, when, protects) in CALLS {
            if !paths.iter().any(|path| known.symbol.starts_with(path)) {
                continue;
            }
            if let Some((owner, value)) = self.survey.option(known, key)
                && self.holds(owner, value, when)
            {
                let start = value.span.start.saturating_sub(if owner == at { key.len() + 1 } else { 0 });
                self.push(owner, Span::new(start, value.span.end), *protects);
            }
        }
        let first = call.positional(0);
        let says_so = || first.is_none_or(|value| self.holds(at, value, &When::True));
        let protects = match (self.survey.language(known), known.word) {
            (Language::Rust, "disable_allowed_hosts") => Protects::HostCheck,
            (Language::Go, "WithDisableLocalhostProtection") if says_so() => Protects::HostCheck,
            (Language::Rust, "disable") if known.symbol.ends_with("DefaultBodyLimit.disable") => Protects::BodyLimit,
            (Language::Rust, "with_max_request_body_bytes" | "max") if first.is_some_and(is_largest) => {
                Protects::BodyLimit
            }
            (Language::Rust, "to_bytes") if call.positional(1).is_some_and(is_largest) => Protects::BodyLimit,
            (Language::TypeScript, "open") if self.inspects(known) => Protects::Release,
            _ => return,
        };
        if !self.is_choice(at, span) {
            self.push(at, Span::new(name_start(known), span.end), protects);
        }
    }

    /// Under a condition it is a choice of whoever runs the server.
    fn is_choice(&self, at: At, span: Span) -> bool {
        is_conditional(&self.survey.program.function_at(at).body, span)
    }

    /// `inspector.open(9229, "0.0.0.0")`
    fn inspects(&self, known: &Known<'a>) -> bool {
        let host = known.site.call.positional(1).and_then(|host| self.survey.program.text(known.site.at, host));
        known.symbol.ends_with("inspector.open") && host.is_some_and(|host| host == "0.0.0.0" || host == "::")
    }

    /// Go: the profiler mounts itself on the default router, and something serves that one.
    fn profiler(&mut self) {
        let serves = |known: &Known<'a>| {
            let default = |value: &Expression| match &value.kind {
                Kind::Null => true,
                Kind::Member(_, name) => name.value == "DefaultServeMux",
                _ => false,
            };
            known.symbol.ends_with("net/http.ListenAndServe") && known.site.call.positional(1).is_some_and(default)
        };
        if !self.survey.calls.iter().any(serves) {
            return;
        }
        for &file in &self.survey.files {
            for import in &self.survey.program.units()[file].module.imports {
                if import.module == "net/http/pprof" {
                    self.push(At { file, function: 0 }, import.span, Protects::Release);
                }
            }
        }
    }
}

/// `usize::MAX`
fn is_largest(value: &Expression) -> bool {
    matches!(&value.kind, Kind::Member(_, name) if name.value == "MAX") || number(value).is_some_and(|n| n > LARGE)
}

/// Where the last name of a call begins: a chain of calls may span many lines.
fn name_start(known: &Known<'_>) -> usize {
    match &known.site.call.function.kind {
        Kind::Member(_, name) => name.span.start,
        _ => known.site.span.start,
    }
}

/// `500mb`, `1gb`
fn bytes(text: &str) -> Option<f64> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let unit = match lower[digits.len()..].trim() {
        "" | "b" => 1.0,
        "k" | "kb" | "kib" => 1024.0,
        "m" | "mb" | "mib" => 1024.0 * 1024.0,
        "g" | "gb" | "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    digits.parse::<f64>().ok().map(|number| number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_unit() {
        assert_eq!(bytes("500mb"), Some(500.0 * 1024.0 * 1024.0));
        assert_eq!(bytes("100"), Some(100.0));
        assert_eq!(bytes("lots"), None);
    }
}
