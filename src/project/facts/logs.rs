//! What is written to logs: credentials, and everything that a caller sent.

use std::sync::LazyLock;

use mcpsec_screen::secrets;
use regex::Regex;

use super::{
    Facts,
    bindings::{environment_variable, last_name, words},
};
use crate::{
    finding::{Confidence, Place},
    project::{
        language::Language,
        program::{Program, Site},
        syntax::{Entry, Expression, Kind, Part},
    },
};

/// Something that should not be in a log.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The value in the call.
    pub place: Place,
    /// The value, as written.
    pub value: String,
    /// The call, as written: `console.error`.
    pub call: String,
    /// What it is.
    pub kind: LoggedKind,
    /// The call is for details that are off in production.
    pub detail: bool,
    /// How sure it is.
    pub confidence: Confidence,
}

/// What is logged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LoggedKind {
    /// A credential.
    Credential,
    /// All arguments of a call.
    Arguments,
    /// All headers of a request, with the credential among them.
    Headers,
}

/// A call that writes to a log, as it is written.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:console\.(?:log|error|warn|info|debug|trace)",
        r"|print|logging\.(?:debug|info|warning|error|exception|critical)",
        r"|(?:\w+(?:\(\))?\.)*_?(?:log|logger|LOGGER|LOG|Logger|Log)\.(?:trace|debug|info|warn|warning|error|exception|fatal|critical|log|Debug|Info|Warn|Error|Fatal|Debugf|Infof|Warnf|Errorf|Printf|Println|Print)",
        r"|slog\.(?:Debug|Info|Warn|Error)(?:Context)?",
        r"|fmt\.(?:Print|Println|Printf))$",
    ))
    .expect("a constant pattern")
});

/// Rust's macros, with or without their mark.
static MACRO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:(?:(?:tracing|log)::)?(?:trace|debug|info|warn|error)|e?println|e?print|dbg)!?$")
        .expect("a constant pattern")
});

/// Calls through which a value reaches the log as it is.
const TRANSPARENT: &[&str] = &[
    "stringify",
    "String",
    "str",
    "repr",
    "format",
    "dumps",
    "inspect",
    "toString",
    "to_string",
    "trim",
    "strip",
    "clone",
    "Sprintf",
    "Sprint",
    "dict",
    "model_dump",
    "as_str",
    "format!",
    "String",
    "Any",
    "Stringer",
];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for site in program.calls() {
        let function = program.source(site.at.file, site.call.function.span);
        let pattern = if program.unit(site.at).language == Language::Rust { &MACRO } else { &CALL };
        if function.len() > 80 || !pattern.is_match(function) || program.function_at(site.at).is_test {
            continue;
        }
        let lower = function.to_ascii_lowercase();
        let detail = ["debug", "trace", "dbg"].iter().any(|word| lower.contains(word));
        let mut look = Look { program, site, call: function, detail, found: Vec::new() };
        // `slog.Info("..", "token", token)` names the value beside it: names are literals and say nothing.
        site.call.arguments.iter().for_each(|argument| look.value(&argument.value, 8));
        facts.logged.extend(look.found);
    }
}

struct Look<'p, 'a> {
    program: &'p Program<'a>,
    site: Site<'a>,
    call: &'p str,
    detail: bool,
    found: Vec<Logged>,
}

impl<'a> Look<'_, 'a> {
    fn value(&mut self, value: &'a Expression, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match &value.kind {
            Kind::Template(parts) => {
                for part in parts {
                    if let Part::Value(inner) = part {
                        self.value(inner, depth);
                    }
                }
            }
            Kind::Binary(operator, left, right) if matches!(operator.as_str(), "+" | "%" | "||" | "??") => {
                self.value(left, depth);
                self.value(right, depth);
            }
            Kind::Record(record) => {
                for entry in &record.entries {
                    match entry {
                        Entry::Field(_, inner) | Entry::Spread(inner) => self.value(inner, depth),
                        Entry::Computed(..) => {}
                    }
                }
            }
            Kind::List(items) => items.iter().for_each(|item| self.value(item, depth)),
            Kind::Spread(inner) => self.value(inner, depth),
            Kind::Call(call) => {
                if environment_variable(self.program, self.site.at, value).is_some_and(secrets::credential_name) {
                    return self.push(value, LoggedKind::Credential, Confidence::High);
                }
                if let Some(name) = last_name(&call.function).filter(|name| TRANSPARENT.contains(name)) {
                    let _ = name;
                    call.arguments.iter().for_each(|argument| self.value(&argument.value, depth));
                    if let Kind::Member(object, _) = &call.function.kind {
                        self.value(object, depth);
                    }
                }
            }
            Kind::Name(_) | Kind::Member(..) | Kind::Index(..) => self.leaf(value),
            _ => {}
        }
    }

    fn leaf(&mut self, value: &'a Expression) {
        let Some(name) = last_name(value) else { return };
        if let Some(confidence) = self.credential(value, name) {
            self.push(value, LoggedKind::Credential, confidence);
        } else if let Some((kind, confidence)) = self.sent(value, name) {
            self.push(value, kind, confidence);
        }
    }

    /// Whether a value is a credential, by its name and by where it comes from.
    fn credential(&self, value: &'a Expression, name: &str) -> Option<Confidence> {
        let parts = words(name);
        let first = parts.first().map_or("", String::as_str);
        let about = [
            "has",
            "is",
            "use",
            "no",
            "need",
            "needs",
            "require",
            "requires",
            "masked",
            "safe",
            "sanitized",
            "redacted",
            "safe",
            "sanitized",
            "missing",
            "num",
            "total",
            "n",
        ];
        if !secrets::credential_name(name) || about.contains(&first) || parts.iter().any(|part| part == "masked") {
            return None;
        }
        // Where credentials come from, or whether there are any: `sources.apiKey`, `present.token`.
        let holder = match &value.kind {
            Kind::Member(object, _) => last_name(object).map(words).unwrap_or_default(),
            _ => Vec::new(),
        };
        if holder.iter().any(|word| matches!(word.as_str(), "source" | "sources" | "origins" | "present" | "status")) {
            return None;
        }
        let at = self.site.at;
        let mut origins = self.program.origins(at, value).into_iter();
        if origins
            .any(|(at, origin)| environment_variable(self.program, at, origin).is_some_and(secrets::credential_name))
        {
            return Some(Confidence::High);
        }
        // Parsers, models and protocols of editors have tokens, too.
        if first == "token" && parts.len() == 1 {
            return None;
        }
        // One word is a piece of text as often as a key, a cookie jar, an object of a cluster.
        let vague =
            parts.len() == 1 && !matches!(first, "password" | "passwd" | "apikey" | "passphrase" | "authorization");
        let last = parts.last().map_or("", String::as_str);
        let plural = matches!(last, "secrets" | "credentials" | "cookie" | "tokens" | "keys");
        Some(if vague || plural { Confidence::Low } else { Confidence::Medium })
    }

    /// Whether a value is everything that a caller sent.
    fn sent(&self, value: &'a Expression, name: &str) -> Option<(LoggedKind, Confidence)> {
        let object = match &value.kind {
            Kind::Member(object, _) => last_name(object),
            _ => None,
        };
        let of_request =
            object.is_some_and(|object| matches!(object, "req" | "request" | "r" | "ctx" | "context" | "Request"));
        match name {
            "headers" | "Header" if of_request => Some((LoggedKind::Headers, Confidence::High)),
            "params" | "Params" | "body" | "arguments" | "Arguments" if of_request => {
                Some((LoggedKind::Arguments, Confidence::High))
            }
            "arguments" | "Arguments" if matches!(object, Some("params" | "Params")) => {
                Some((LoggedKind::Arguments, Confidence::High))
            }
            "arguments" if object.is_none() && self.dispatches() => Some((LoggedKind::Arguments, Confidence::High)),
            _ => None,
        }
    }

    /// Whether the function is the one that the SDK calls for every tool.
    fn dispatches(&self) -> bool {
        let function = self.program.function_at(self.site.at);
        self.program.unit(self.site.at).language == Language::Python
            && function.attributes.iter().any(|attribute| {
                let name = attribute.call().map_or(Some(attribute), |call| Some(&call.function)).and_then(last_name);
                name == Some("call_tool")
            })
    }

    fn push(&mut self, value: &Expression, kind: LoggedKind, confidence: Confidence) {
        let file = self.site.at.file;
        self.found.push(Logged {
            place: self.program.place(file, value.span),
            value: self.program.source(file, value.span).to_owned(),
            call: self.call.to_owned(),
            kind,
            detail: self.detail,
            confidence,
        });
    }
}
