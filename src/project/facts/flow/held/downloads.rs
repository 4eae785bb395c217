//! Code that is downloaded while the program runs, and run: as text, or as a file.

use super::{Held, held, requests::written};
use crate::project::{
    Role,
    facts::{
        Sink,
        flow::{
            engine::{Hit, Run},
            environment::Environment,
            sink,
            taint::{Taint, dotted},
        },
    },
    program::Program,
    syntax::{Call, Expression, Kind, Span},
};

/// What says that somebody checks what was downloaded.
const CHECKS: &[&str] = &[
    "sha256",
    "sha512",
    "sha384",
    "createhash",
    "checksum",
    "integrity",
    "signature",
    "verify",
    "minisign",
    "cosign",
    "sigstore",
    "gpg",
    "ed25519",
    "digest",
    "blake",
];

/// Programs that run the file which they are given.
const INTERPRETERS: &[&str] = &[
    "python",
    "python3",
    "node",
    "bash",
    "sh",
    "zsh",
    "ruby",
    "perl",
    "deno",
    "bun",
    "java",
    "pwsh",
    "powershell",
    "sys.executable",
    "process.execPath",
    "chmod +x",
    "&&",
    ";",
];

/// Calls that write a file which their argument at this position names.
const WRITERS: &[(&str, usize)] =
    &[("writeFile", 0), ("writeFileSync", 0), ("outputFile", 0), ("WriteFile", 0), ("write", 0), ("urlretrieve", 1)];

/// Calls that open a file for writing.
const OPENERS: &[&str] = &["open", "create", "Create", "createWriteStream", "OpenFile"];

/// Calls that take the path of a file with code.
const LOADERS: &[&str] = &["libloading.Library.new", "plugin.Open", "ctypes.CDLL", "ctypes.cdll.LoadLibrary"];

/// What a request gives.
pub(super) fn source<'a>(run: &Run<'_, '_, 'a>, call: &'a Call, span: Span) -> Option<Taint> {
    if !run.engine.loads {
        return None;
    }
    let requests = sink::parsed(run.program(), run.at, call).iter().any(|parsed| parsed.sink == Sink::Url);
    let url = address(run, call);
    let local = ["//localhost", "//127.0.0.1", "//[::1]", "file:", "data:"].iter().any(|host| url.contains(host));
    let hop = run.hop(span, "is downloaded".to_owned());
    (requests && !local).then(|| held(Held::LOADED, "what was downloaded").hop(hop))
}

/// Whether a program runs code or other programs at all.
pub(super) fn may_run(program: &Program<'_>) -> bool {
    let runs = |sink| matches!(sink, Sink::Code | Sink::Program | Sink::Argument | Sink::Shell);
    program.calls().any(|site| {
        program.unit(site.at).role != Role::Test
            && sink::parsed(program, site.at, site.call).iter().any(|parsed| runs(parsed.sink))
    })
}

/// The address that a call asks, as far as it is written down.
pub(super) fn address<'a>(run: &Run<'_, '_, 'a>, call: &'a Call) -> String {
    let keyword = call.keyword("url");
    let record = call.positional(0).and_then(|first| run.program().value(run.at, first).1.record()?.get("url"));
    let url = keyword.or(record).or_else(|| call.positional(0));
    let chained = match &call.function.kind {
        // `client.get(url).header(..)`: the address stands before.
        Kind::Member(object, _) if object.call().is_some() => run.program().source(run.at.file, object.span),
        _ => "",
    };
    format!("{} {chained}", url.map(|url| written(run, url)).unwrap_or_default())
}

impl<'a> Run<'_, '_, 'a> {
    /// Notes what is wrong with a call that is given something held.
    pub(in crate::project::facts::flow) fn misused(
        &mut self,
        call: &'a Call,
        span: Span,
        object: Option<&Taint>,
        arguments: &[Option<Taint>],
        environment: &mut Environment,
    ) {
        self.shows_token(call, span, arguments, environment);
        if !self.engine.loads {
            return;
        }
        let loaded = arguments.iter().flatten().chain(object).any(|taint| taint.held.has(Held::LOADED));
        let file = arguments.iter().flatten().any(|taint| taint.held.has(Held::FILE));
        let list = call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::List(_)));
        if loaded || file || list || call.keyword("args").is_some() {
            self.runs_download(call, span, arguments, environment);
        }
        self.written_to(call, span, loaded, environment);
    }

    fn runs_download(
        &mut self,
        call: &'a Call,
        span: Span,
        arguments: &[Option<Taint>],
        environment: &mut Environment,
    ) {
        let symbol = self.program().symbol(self.at, &call.function).unwrap_or_default();
        let mut found: Option<Taint> = None;
        if LOADERS.contains(&symbol.as_str()) {
            found = arguments.first().cloned().flatten().filter(|taint| taint.held.has(Held::FILE));
        }
        let text = self.program().source(self.at.file, span);
        for parsed in sink::parsed(self.program(), self.at, call) {
            for input in &parsed.inputs {
                let Some(taint) = self.value(input, environment) else { continue };
                let is_file = taint.held.has(Held::FILE);
                let is_code = taint.held.has(Held::LOADED) && !is_file;
                let before = taint.lead.trim_end();
                let starts = before.is_empty() || INTERPRETERS.iter().any(|word| before.ends_with(word));
                let runs = match parsed.sink {
                    Sink::Code => is_code || is_file,
                    Sink::Program => is_file,
                    Sink::Shell => is_file && starts || is_code && !taint.embedded && before.is_empty(),
                    Sink::Argument => is_file && !taint.embedded && names_interpreter(text),
                    _ => false,
                };
                if runs {
                    found = Some(taint);
                }
            }
        }
        let Some(taint) = found else { return };
        let written = self.program().source(self.at.file, call.function.span);
        let name = written.split_whitespace().collect::<String>();
        let is_file = taint.held.has(Held::FILE);
        let hop = self.hop(span, format!("`{name}` runs it"));
        let guessed = taint.guessed || is_file;
        self.add_hits([Hit {
            sink: if is_file { Sink::Program } else { Sink::Code },
            file: self.at.file,
            span,
            call: name,
            taint: Taint { guessed, ..taint.hop(hop) },
            tool: environment.tool.clone(),
            extra: sink::Extra::default(),
        }]);
    }

    /// Notes the path of a file that a download is written to.
    fn written_to(&mut self, call: &'a Call, span: Span, loaded: bool, environment: &mut Environment) {
        let word = match &call.function.kind {
            Kind::Member(_, word) => word.value.as_str(),
            Kind::Name(word) => word.as_str(),
            _ => return,
        };
        if !loaded && word != "urlretrieve" {
            return;
        }
        let receiver = match &call.function.kind {
            Kind::Member(object, _) => Some(&**object),
            _ => None,
        };
        let named = WRITERS.iter().find(|(name, _)| *name == word).and_then(|(_, at)| call.positional(*at));
        let whole = matches!(word, "write_bytes" | "write_text").then_some(receiver).flatten();
        let opened = || {
            let parts = receiver.into_iter().chain(call.arguments.iter().map(|argument| &argument.value));
            parts.into_iter().find_map(|part| self.opened(part))
        };
        let path = whole.or_else(opened).or(named.filter(|path| path.text().is_none()));
        if let Some(name) = path.and_then(dotted) {
            let hop = self.hop(span, format!("is written to `{name}`"));
            environment.set(&name, Some(held(Held::FILE, "a file that was downloaded").hop(hop)));
        }
    }

    /// The path of a file that was opened for writing.
    fn opened(&self, file: &'a Expression) -> Option<&'a Expression> {
        let (_, origin) = self.program().origin(self.at, file);
        let call = origin.call()?;
        let word = match &call.function.kind {
            Kind::Member(_, word) => word.value.as_str(),
            Kind::Name(word) => word.as_str(),
            _ => return None,
        };
        OPENERS.contains(&word).then(|| call.positional(0)).flatten()
    }
}

fn names_interpreter(text: &str) -> bool {
    INTERPRETERS.iter().any(|name| {
        let quoted = [format!("\"{name}\""), format!("'{name}'")];
        name.contains('.') && text.contains(name) || quoted.iter().any(|quoted| text.contains(quoted.as_str()))
    })
}

/// Whether somebody checks what was downloaded, in one of the functions that it goes through.
pub(super) fn is_checked(program: &Program<'_>, hit: &Hit) -> bool {
    let places = hit.taint.hops.iter().map(|hop| (hop.place.path.as_str(), hop.place.start));
    let mut places: Vec<(&str, usize)> = places.collect();
    places.push((program.units()[hit.file].path, hit.span.start));
    places.into_iter().any(|(path, start)| {
        let Some(unit) = program.units().iter().find(|unit| unit.path == path) else { return false };
        let around = unit.module.functions.iter().skip(1).filter(|f| f.span.start <= start && start < f.span.end);
        let text = around
            .max_by_key(|f| f.span.end - f.span.start)
            .map_or(unit.text, |function| unit.text.get(function.span.start..function.span.end).unwrap_or_default());
        let lower = text.to_lowercase();
        CHECKS.iter().any(|word| lower.contains(word))
    })
}
