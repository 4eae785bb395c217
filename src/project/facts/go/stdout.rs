//! Writes to standard output, and whether they happen while a server speaks the protocol there.

use std::collections::BTreeSet;

use super::{
    super::{Facts, Moment, StdoutWrite},
    Known, Scan, written,
};
use crate::project::{
    Role,
    program::At,
    syntax::{Expression, Kind, Span, Statement},
};

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    let writes: Vec<&Known<'_>> = scan.calls.iter().filter(|known| is_write(scan, known)).collect();
    if writes.is_empty() {
        return;
    }
    let serving = reached(scan, handlers(scan));
    let starting = starts(scan, facts);
    for known in writes {
        let at = known.site.at;
        let role = scan.program.units()[at.file].role;
        let main = scan.around(at).any(|around| starting.contains(&around));
        let moment = if matches!(role, Role::Test | Role::Script | Role::Example | Role::Foreign) {
            Moment::Elsewhere
        } else if serving.contains(&at) {
            Moment::Serving
        } else if main && !leaves(&scan.program.function_at(at).body, known.site.span) {
            Moment::Starting
        } else if main {
            Moment::Elsewhere
        } else {
            Moment::Unknown
        };
        let call = scan.program.source(at.file, known.site.call.function.span).to_owned();
        facts.stdout_writes.push(StdoutWrite { place: scan.program.place(at.file, known.site.span), call, moment });
    }
}

/// `fmt.Println(..)`, `fmt.Fprintf(os.Stdout, ..)`, `os.Stdout.WriteString(..)`, `log.SetOutput(os.Stdout)`
fn is_write<'a>(scan: &Scan<'_, 'a>, known: &Known<'a>) -> bool {
    let to_stdout = || {
        let first = known.site.call.positional(0);
        first.and_then(|first| scan.program.symbol(known.site.at, first)).is_some_and(|symbol| symbol == "os.Stdout")
    };
    match known.symbol.as_str() {
        "fmt.Print" | "fmt.Println" | "fmt.Printf" | "os.Stdout.Write" | "os.Stdout.WriteString" => true,
        "fmt.Fprint" | "fmt.Fprintln" | "fmt.Fprintf" | "log.SetOutput" => to_stdout(),
        _ => false,
    }
}

/// Functions that take a request of either SDK.
fn handlers(scan: &Scan<'_, '_>) -> BTreeSet<At> {
    let requests = ["CallToolRequest", "ReadResourceRequest", "GetPromptRequest", "CompleteRequest"];
    let mut found = BTreeSet::new();
    for &file in &scan.files {
        for (function, definition) in scan.program.units()[file].module.functions.iter().enumerate() {
            let typed = definition.parameters.iter().filter_map(|parameter| parameter.annotation.as_ref());
            if typed.into_iter().any(|annotation| requests.iter().any(|request| annotation.text.contains(request))) {
                found.insert(At { file, function });
            }
        }
    }
    found
}

fn reached(scan: &Scan<'_, '_>, roots: BTreeSet<At>) -> BTreeSet<At> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<At> = roots.into_iter().collect();
    while let Some(at) = open.pop() {
        if !reached.insert(at) {
            continue;
        }
        scan.program.function_at(at).expressions(&mut |expression| match &expression.kind {
            Kind::Function(function) => open.push(At { file: at.file, function: *function }),
            Kind::Call(call) => open.extend(scan.program.function(at, &call.function)),
            _ => {}
        });
    }
    reached
}

/// The functions that put a server on stdio, and those that call them.
fn starts(scan: &Scan<'_, '_>, facts: &Facts) -> BTreeSet<At> {
    let mut starts = BTreeSet::new();
    let mut open: Vec<At> = Vec::new();
    for &file in &scan.files {
        let unit = &scan.program.units()[file];
        for (function, definition) in unit.module.functions.iter().enumerate().skip(1) {
            let inside = facts
                .stdio
                .iter()
                .any(|place| place.path == unit.path && definition.span.contains(Span::new(place.start, place.end)));
            if inside {
                open.push(At { file, function });
            }
        }
    }
    while let Some(at) = open.pop() {
        if at.function != 0 && starts.insert(at) {
            open.extend(scan.program.callers(at).iter().map(|site| site.at));
        }
    }
    starts
}

/// Whether a place stands in a branch that returns or exits: help, version, an error.
fn leaves(body: &[Statement], span: Span) -> bool {
    body.iter().any(|statement| match statement {
        Statement::If { then, otherwise, span: whole, .. } if whole.contains(span) => {
            [then, otherwise].into_iter().any(|branch| {
                branch.iter().any(|s| holds(s, span)) && (branch.iter().any(is_exit) || leaves(branch, span))
            })
        }
        Statement::Match(chosen) => chosen.arms.iter().any(|arm| {
            let inside = arm.body.iter().any(|statement| holds(statement, span));
            inside && (arm.body.iter().any(is_exit) || leaves(&arm.body, span))
        }),
        Statement::Block(body) | Statement::Loop { body, .. } => leaves(body, span),
        _ => false,
    })
}

fn holds(statement: &Statement, span: Span) -> bool {
    let mut found = false;
    statement.parts(&mut |part| found |= part.span.contains(span));
    found
}

fn is_exit(statement: &Statement) -> bool {
    match statement {
        Statement::Return(..) | Statement::Raise(..) => true,
        Statement::Expression(Expression { kind: Kind::Call(call), .. }) => {
            matches!(written(call), "Exit" | "Fatal" | "Fatalf")
        }
        _ => false,
    }
}
