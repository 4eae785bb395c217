//! Where an offer is registered: on which server, under which conditions, and when.

use std::collections::HashSet;

use super::super::strength::is_conditional;
use crate::{
    finding::Place,
    project::{
        program::{At, Program},
        syntax::{Expression, Kind, Span, Statement},
    },
};

/// Where the server that a receiver is was made; nothing where it may be several or none that is known.
pub(super) fn made<'a>(program: &Program<'a>, at: At, receiver: &'a Expression) -> Option<Place> {
    let mut origins = program.origins(at, receiver);
    origins.dedup_by_key(|(owner, origin)| (owner.file, origin.span));
    match origins.as_slice() {
        [(owner, origin)] if matches!(origin.kind, Kind::Call(_)) => Some(program.place(owner.file, origin.span)),
        _ => None,
    }
}

/// Nothing decides whether a place is reached: no branch, loop or choice around it, nor around the calls of its function.
pub(super) fn unconditional(program: &Program<'_>, at: At, span: Span, steps: usize) -> bool {
    let function = program.function_at(at);
    if is_conditional(&function.body, span) || chosen(&function.body, span) {
        return false;
    }
    // The top level runs once. A function without callers here is called from somewhere else.
    let Some(steps) = steps.checked_sub(1) else { return false };
    let outer = function.parent.map(|parent| At { file: at.file, function: parent });
    let calls = program.callers(at);
    if at.function == 0 {
        return true;
    }
    match calls {
        [] => outer.is_none_or(|outer| unconditional(program, outer, function.span, steps)),
        [only] => unconditional(program, only.at, only.span, steps),
        _ => false,
    }
}

/// Inside a loop, an arm of a choice, or a value that is chosen.
fn chosen(body: &[Statement], wanted: Span) -> bool {
    let mut found = false;
    for statement in body {
        match statement {
            Statement::Loop { span, .. } => found |= span.contains(wanted),
            Statement::Match(chosen) => found |= chosen.span.contains(wanted),
            Statement::Block(inner) => found |= self::chosen(inner, wanted),
            Statement::Try { body, .. } => found |= self::chosen(body, wanted),
            Statement::If { then, otherwise, .. } => {
                found |= self::chosen(then, wanted) || self::chosen(otherwise, wanted);
            }
            _ => {}
        }
        statement.parts(&mut |part| {
            // What is inside of it lies inside of its span.
            if found || !part.span.contains(wanted) {
                return;
            }
            part.walk(&mut |part| {
                let choice = match &part.kind {
                    Kind::Conditional(..) | Kind::Match(_) => true,
                    Kind::Binary(operator, ..) => matches!(operator.as_str(), "&&" | "||" | "??" | "and" | "or"),
                    _ => false,
                };
                found |= choice && part.span.contains(wanted);
            });
        });
    }
    found
}

/// Inside the handler of another offer.
pub(super) fn inside(program: &Program<'_>, at: At, handlers: &HashSet<At>) -> bool {
    let mut next = Some(at);
    while let Some(at) = next {
        if handlers.contains(&at) {
            return true;
        }
        next = program.function_at(at).parent.map(|parent| At { file: at.file, function: parent });
    }
    false
}
