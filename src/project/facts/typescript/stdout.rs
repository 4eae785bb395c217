//! Writes to standard output, and whether they happen while a server speaks the protocol there.

use std::collections::BTreeSet;

use super::{
    super::{Facts, Moment, StdoutWrite},
    Known, Scan, sdk,
};
use crate::project::{
    Role,
    program::{At, Site},
    syntax::{Expression, Kind, Span, Statement},
};

/// Methods of `console` that write to standard output.
const WRITERS: &[&str] =
    &["log", "info", "debug", "dir", "dirxml", "table", "group", "groupCollapsed", "count", "timeEnd", "timeLog"];
/// Fields of tool objects that hold what serves.
const HANDLERS: &[&str] = &["handler", "execute", "run", "callback", "call"];
/// Words of conditions that stand for another mode than stdio.
const OTHER_MODES: &[&str] =
    &["help", "version", "http", "https", "sse", "streamable", "tty", "jest", "vitest", "test", "websocket", "h", "v"];

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    let replaced = replaced(scan);
    let writes: Vec<&Known<'_>> =
        scan.calls.iter().filter(|known| is_write(known, &replaced) && !is_protocol(scan, known)).collect();
    if writes.is_empty() {
        return;
    }
    let life = Life::of(scan, facts);
    for known in writes {
        let Site { at, call, span } = known.site;
        let place = scan.program.place(at.file, span);
        let written = scan.program.source(at.file, call.function.span).to_owned();
        facts.stdout_writes.push(StdoutWrite { place, call: written, moment: life.moment(scan, at, span) });
    }
}

/// `console.log(..)`, `process.stdout.write(..)`
fn is_write(known: &Known<'_>, replaced: &BTreeSet<usize>) -> bool {
    match known.symbol() {
        "process.stdout.write" => true,
        symbol => match symbol.strip_prefix("console.") {
            Some(method) => WRITERS.contains(&method) && !replaced.contains(&known.site.at.file),
            None => false,
        },
    }
}

/// `write(JSON.stringify({ jsonrpc: "2.0", .. }) + "\n")` is the protocol, spoken by hand.
fn is_protocol<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> bool {
    let at = known.site.at;
    let Some(written) = known.site.call.positional(0) else { return false };
    let mut found = false;
    written.walk(&mut |part| {
        let stringify = part.call().filter(|call| super::written(call) == "stringify");
        let Some(message) = stringify.and_then(|call| call.positional(0)) else { return };
        let (_, value) = scan.program.value(at, message);
        let named = matches!(message.name(), Some("message" | "msg" | "response" | "notification" | "reply"));
        found |= match value.record() {
            Some(record) => record.get("jsonrpc").is_some(),
            None => named && known.symbol() == "process.stdout.write",
        };
    });
    found
}

/// The files around one that says `console.log = console.error`.
fn replaced(scan: &Scan<'_, '_>) -> BTreeSet<usize> {
    let replaces = |&file: &usize| {
        let mut found = false;
        scan.program.units()[file].expressions(&mut |_, expression| {
            if let Kind::Assign(target, _) = &expression.kind
                && let Kind::Member(object, name) = &target.kind
            {
                found |= object.name() == Some("console") && name.value == "log";
            }
        });
        found
    };
    scan.files.iter().copied().filter(replaces).flat_map(|file| scan.program.closure(file)).collect()
}

/// When functions run.
struct Life {
    serving: BTreeSet<At>,
    starting: BTreeSet<At>,
    stopping: BTreeSet<At>,
    elsewhere: BTreeSet<At>,
    /// Files whose top level runs in a process that serves stdio.
    loaded: BTreeSet<usize>,
    /// Where stdio is chosen: what stands in another branch is another mode.
    chosen: Vec<(At, Span)>,
}

impl Life {
    fn of(scan: &Scan<'_, '_>, facts: &Facts) -> Self {
        let mut serving = BTreeSet::new();
        let mut stopping = BTreeSet::new();
        let mut elsewhere = BTreeSet::new();
        for known in &scan.calls {
            roots(scan, known, &mut serving, &mut stopping, &mut elsewhere);
        }
        tool_objects(scan, &mut serving);
        let (loaded, starts) = started(scan, facts);
        let network: BTreeSet<At> = scan
            .calls
            .iter()
            .filter(|known| known.written() == "listen" || network_transport(known))
            .flat_map(|known| scan.around(known.site.at).filter(|at| at.function != 0).collect::<Vec<_>>())
            .filter(|at| !starts.contains(at))
            .collect();
        elsewhere.extend(network);
        // What only network functions call runs with them; what the start calls runs at the start, unless it calls it
        // in another mode: `if (arguments[0] === "login") { await login(); return; }`.
        let mut life = Self {
            serving: reached(scan, serving, &BTreeSet::new()),
            starting: BTreeSet::new(),
            stopping: reached(scan, stopping, &BTreeSet::new()),
            elsewhere: BTreeSet::new(),
            loaded,
            chosen: chosen(scan, facts),
        };
        let mut aside = elsewhere.clone();
        life.starting = reached_by(scan, starts, &elsewhere, &mut |at, span, target| {
            let other = life.in_other_mode(scan, at, span);
            aside.extend(target.filter(|_| other));
            !other
        });
        life.elsewhere = reached(scan, aside, &BTreeSet::new());
        life
    }

    fn moment(&self, scan: &Scan<'_, '_>, at: At, span: Span) -> Moment {
        let unit = &scan.program.units()[at.file];
        if matches!(unit.role, Role::Test | Role::Script | Role::Example | Role::Foreign) {
            return Moment::Elsewhere;
        }
        if !self.loaded.contains(&at.file) {
            return Moment::Elsewhere;
        }
        if self.in_other_mode(scan, at, span) {
            return Moment::Elsewhere;
        }
        if self.serving.contains(&at) {
            return Moment::Serving;
        }
        if self.stopping.contains(&at) {
            return Moment::Stopping;
        }
        let is_main = self.starting.contains(&at) || at.function == 0;
        if self.elsewhere.contains(&at) && !self.starting.contains(&at) {
            return Moment::Elsewhere;
        }
        if is_main { Moment::Starting } else { Moment::Unknown }
    }
}

fn network_transport(known: &Known<'_>) -> bool {
    known.site.call.construction
        && matches!(
            known.last(),
            "StreamableHTTPServerTransport" | "SSEServerTransport" | "NodeStreamableHTTPServerTransport"
        )
}

/// The calls that put a server on stdio.
fn stdio_calls(scan: &Scan<'_, '_>, facts: &Facts) -> Vec<(At, Span)> {
    let places = scan.calls.iter().map(|known| (known.site.at, known.site.span));
    places.filter(|(at, span)| facts.stdio.contains(&scan.program.place(at.file, *span))).collect()
}

/// Where stdio is chosen: its own calls, and the calls that lead to them.
fn chosen(scan: &Scan<'_, '_>, facts: &Facts) -> Vec<(At, Span)> {
    let mut chosen = stdio_calls(scan, facts);
    let mut seen = BTreeSet::new();
    let mut index = 0;
    while let Some(&(at, _)) = chosen.get(index) {
        for around in scan.around(at).filter(|around| around.function != 0) {
            if seen.insert(around) {
                chosen.extend(scan.program.callers(around).iter().map(|site| (site.at, site.span)));
            }
        }
        index += 1;
    }
    chosen
}

/// The files that run in a process with a stdio server, and the functions that start it.
fn started(scan: &Scan<'_, '_>, facts: &Facts) -> (BTreeSet<usize>, BTreeSet<At>) {
    let mut loaded = BTreeSet::new();
    let mut starts = BTreeSet::new();
    for (start, _) in stdio_calls(scan, facts) {
        loaded.extend(scan.program.needs(start.file));
        let mut open: Vec<At> = scan.around(start).collect();
        while let Some(at) = open.pop() {
            if starts.insert(at) {
                loaded.extend(scan.program.needs(at.file));
                open.extend(scan.program.callers(at).iter().flat_map(|site| scan.around(site.at).collect::<Vec<_>>()));
            }
        }
    }
    (loaded, starts)
}

/// Where functions are handed to something that calls them while serving, stopping or for HTTP.
fn roots<'a>(
    scan: &Scan<'_, 'a>,
    known: &Known<'a>,
    serving: &mut BTreeSet<At>,
    stopping: &mut BTreeSet<At>,
    elsewhere: &mut BTreeSet<At>,
) {
    let call = known.site.call;
    let functions = || {
        call.arguments.iter().filter_map(|argument| super::handed_over(scan.program, known.site.at, &argument.value))
    };
    match known.written() {
        "setRequestHandler" | "setNotificationHandler" => serving.extend(functions()),
        _ if scan.registration(known).is_some() => serving.extend(functions()),
        "on" | "once" | "addListener" => {
            let event = call.positional(0).and_then(Expression::text).unwrap_or_default();
            let of_process = matches!(&call.function.kind, Kind::Member(object, _) if object.name() == Some("process"));
            // Signals drawn from a list have no literal name.
            let ends = matches!(event, "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT" | "exit" | "beforeExit" | "");
            if of_process && ends {
                stopping.extend(functions());
            }
        }
        "listen" | "get" | "post" | "put" | "delete" | "all" | "use" | "createServer" => {
            let is_http = match &call.function.kind {
                Kind::Member(object, _) => {
                    let symbol = scan.program.symbol(known.site.at, object).unwrap_or_default();
                    matches!(sdk::package(&symbol), "express" | "http" | "https" | "fastify" | "hono" | "koa")
                        || known.written() == "listen"
                        || symbol.contains("createMcp")
                }
                _ => false,
            };
            if is_http {
                elsewhere.extend(functions());
            }
        }
        "command" | "action" => elsewhere.extend(functions().filter(|_| known.symbol().contains("commander"))),
        _ => {}
    }
}

/// Functions in tool objects and tool classes.
fn tool_objects(scan: &Scan<'_, '_>, serving: &mut BTreeSet<At>) {
    for &file in &scan.files {
        let module = scan.program.units()[file].module;
        scan.program.units()[file].expressions(&mut |function, expression| {
            let Kind::Record(record) = &expression.kind else { return };
            let is_tool = record.get("name").is_some()
                && ["inputSchema", "parameters", "schema"].iter().any(|key| record.get(key).is_some());
            if is_tool {
                let handlers = HANDLERS.iter().filter_map(|key| record.get(key));
                serving.extend(handlers.filter_map(|h| super::handed_over(scan.program, At { file, function }, h)));
            }
        });
        for class in module.classes.iter().filter(|class| class.bases.iter().any(|base| base.name == "MCPTool")) {
            serving.extend(class.methods.iter().map(|&function| At { file, function }));
        }
    }
}

/// The functions that are reached from some by calls and closures; not into those of `except`.
fn reached(scan: &Scan<'_, '_>, roots: BTreeSet<At>, except: &BTreeSet<At>) -> BTreeSet<At> {
    reached_by(scan, roots, except, &mut |_, _, _| true)
}

/// The same, by those calls alone that `follows` agrees to: it is asked with where a call stands and what it calls.
fn reached_by(
    scan: &Scan<'_, '_>,
    roots: BTreeSet<At>,
    except: &BTreeSet<At>,
    follows: &mut dyn FnMut(At, Span, Option<At>) -> bool,
) -> BTreeSet<At> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<At> = roots.into_iter().collect();
    while let Some(at) = open.pop() {
        if except.contains(&at) || !reached.insert(at) {
            continue;
        }
        // Functions that are merely declared are not called.
        scan.program.function_at(at).expressions(&mut |expression| {
            if let Kind::Call(call) = &expression.kind {
                let target = scan.program.function(at, &call.function);
                open.extend(target.filter(|_| follows(at, expression.span, target)));
                // Callbacks of ordinary functions: `main().catch(..)`, `items.map(..)`.
                if !is_event(call) {
                    let closures = call.arguments.iter().filter_map(|argument| match argument.value.kind {
                        Kind::Function(function) => Some(At { file: at.file, function }),
                        _ => None,
                    });
                    open.extend(closures);
                }
            }
        });
    }
    reached
}

/// Calls whose callbacks run at another time.
fn is_event(call: &crate::project::syntax::Call) -> bool {
    matches!(super::written(call), "on" | "once" | "listen" | "action" | "command" | "get" | "post" | "use" | "all")
}

impl Life {
    /// Whether a place is only reached in another mode: beside the branch that chooses stdio, in an `if` on `--help`,
    /// HTTP or a test, or in a branch that exits.
    fn in_other_mode(&self, scan: &Scan<'_, '_>, at: At, span: Span) -> bool {
        scan.around(at).any(|around| {
            let chosen: Vec<Span> = self.chosen.iter().filter(|(at, _)| *at == around).map(|(_, span)| *span).collect();
            let search = Search { span, chosen, source: &|span| scan.program.source(at.file, span) };
            let body = &scan.program.function_at(around).body;
            search.branches(body) || (around.function != 0 && !self.stopping.contains(&at) && search.before_exit(body))
        })
    }
}

/// A place and what is known around it.
struct Search<'s> {
    span: Span,
    chosen: Vec<Span>,
    source: &'s dyn Fn(Span) -> &'s str,
}

impl Search<'_> {
    fn branches(&self, body: &[Statement]) -> bool {
        body.iter().enumerate().any(|(index, statement)| match statement {
            Statement::If { condition, then, otherwise, span } if span.contains(self.span) => {
                let (taken, left) = if self.inside(then) { (then, otherwise) } else { (otherwise, then) };
                let words = (self.source)(condition.span);
                let other = is_other_mode(words) && self.inside(then);
                // `if (port) { serve(port); return; }` leaves the rest of the body beside it.
                let rest = if leaves(taken) { &body[index + 1..] } else { &[] };
                let beside = self.beside(taken, left) || self.beside(taken, rest);
                let taken_elsewhere = exits(taken) || beside || denies_stdio(words, self.inside(then));
                other || (self.inside(taken) && taken_elsewhere) || self.branches(taken)
            }
            Statement::Match(chosen) => chosen.arms.iter().any(|arm| {
                let values = arm.values.iter().any(|value| is_other_mode((self.source)(value.span)));
                self.inside(&arm.body) && (values || exits(&arm.body) || self.branches(&arm.body))
            }),
            Statement::Block(body) | Statement::Loop { body, .. } => self.branches(body),
            Statement::Try { body, handlers, finally, .. } => {
                self.branches(body) || handlers.iter().any(|(_, body)| self.branches(body)) || self.branches(finally)
            }
            _ => false,
        })
    }

    /// Whether a function prints and then ends the process as one that has done its work: `--list`, a banner.
    fn before_exit(&self, body: &[Statement]) -> bool {
        let after = body.iter().skip_while(|statement| !holds(statement, self.span)).skip(1);
        let calls = after.filter_map(|statement| match statement {
            Statement::Expression(expression) => expression.call(),
            _ => None,
        });
        let mut exits = calls.filter(|call| is_exit(call));
        exits.any(|call| match call.positional(0).map(|status| &status.kind) {
            None => true,
            Some(Kind::Number(status)) => status == "0",
            Some(_) => false,
        })
    }

    fn inside(&self, body: &[Statement]) -> bool {
        body.iter().any(|statement| holds(statement, self.span))
    }

    /// Whether stdio is chosen in the other branch and not in this one.
    fn beside(&self, taken: &[Statement], left: &[Statement]) -> bool {
        let chooses =
            |body: &[Statement]| self.chosen.iter().any(|&span| body.iter().any(|statement| holds(statement, span)));
        chooses(left) && !chooses(taken)
    }
}

/// Whether a condition has a word that stands for another mode.
fn is_other_mode(condition: &str) -> bool {
    let mut word = String::new();
    let mut before = ' ';
    for next in condition.chars().chain([' ']) {
        let ends = !next.is_ascii_alphanumeric() || (next.is_ascii_uppercase() && before.is_ascii_lowercase());
        if ends {
            if OTHER_MODES.contains(&word.as_str()) {
                return true;
            }
            word.clear();
        }
        if next.is_ascii_alphanumeric() {
            word.push(next.to_ascii_lowercase());
        }
        before = next;
    }
    false
}

/// Whether a branch is taken only where a condition says that stdio is not chosen: `!isStdioMode`, `mode !== "stdio"`.
fn denies_stdio(condition: &str, then: bool) -> bool {
    let lower = condition.to_ascii_lowercase();
    // Of several conditions nobody knows which one was met.
    let is_one = !["&&", "||", "?"].iter().any(|word| lower.contains(word));
    is_one && lower.contains("stdio") && lower.contains('!') == then
}

/// Whether statements end by leaving their function.
fn leaves(body: &[Statement]) -> bool {
    matches!(body.last(), Some(Statement::Return(..)))
}

/// Whether an expression of a statement contains a place.
fn holds(statement: &Statement, span: Span) -> bool {
    let mut found = false;
    statement.parts(&mut |part| found |= part.span.contains(span));
    found
}

/// Whether statements end the process.
fn exits(body: &[Statement]) -> bool {
    let mut found = false;
    for statement in body {
        statement.parts(&mut |part| {
            part.walk(&mut |e| {
                found |= e.call().is_some_and(is_exit);
            });
        });
    }
    found
}

/// `process.exit(..)`
fn is_exit(call: &crate::project::syntax::Call) -> bool {
    match &call.function.kind {
        Kind::Member(object, name) => object.name() == Some("process") && name.value == "exit",
        _ => false,
    }
}
