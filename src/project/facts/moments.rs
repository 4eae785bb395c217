//! When something happens in a server that speaks over standard input and output: by what is reachable from its
//! handlers, and by the place before, after or beside the call that starts it.

use std::collections::{BTreeMap, BTreeSet};

use super::Moment;
use crate::project::{
    language::Language,
    program::{At, Program},
    syntax::{Expression, Kind, Span, Statement},
};

/// A call, or a function that is handed over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    span: Span,
    pub(super) to: At,
}

/// The reachable functions of the servers of one language.
pub(super) struct Moments<'p, 'a> {
    program: &'p Program<'a>,
    edges: BTreeMap<At, Vec<Edge>>,
    serving: BTreeSet<At>,
    /// Functions that lead to a start, with the places that do.
    carriers: BTreeMap<At, Vec<Span>>,
    /// Functions that are called on the way.
    others: BTreeMap<At, Moment>,
    /// Files whose top level runs when a server starts.
    loaded: BTreeSet<usize>,
}

impl<'p, 'a> Moments<'p, 'a> {
    /// `anchors` are the calls that start a server, `handlers` the functions that answer.
    pub(super) fn new(program: &'p Program<'a>, language: Language, anchors: &[(At, Span)], handlers: &[At]) -> Self {
        let loaded = anchors.iter().flat_map(|(at, _)| program.closure(at.file)).collect();
        let mut moments = Self {
            program,
            edges: edges(program, language),
            serving: BTreeSet::new(),
            carriers: BTreeMap::new(),
            others: BTreeMap::new(),
            loaded,
        };
        moments.serving = moments.reach(handlers.iter().copied());
        moments.carry(anchors);
        moments.spread();
        moments
    }

    /// When the code at a place runs.
    pub(super) fn of(&self, at: At, span: Span) -> Moment {
        if self.serving.contains(&at) {
            return Moment::Serving;
        }
        if self.asks(at) {
            return Moment::Elsewhere;
        }
        let body = &self.program.function_at(at).body;
        if let Some(anchors) = self.carriers.get(&at) {
            return self.judge(at, body, span, anchors).unwrap_or(Moment::Starting);
        }
        if let Some(moment) = self.others.get(&at) {
            return self.judge(at, body, span, &[]).unwrap_or(*moment);
        }
        if at.function == 0 && self.loaded.contains(&at.file) && !self.in_main(body, span) {
            return self.judge(at, body, span, &[]).unwrap_or(Moment::Starting);
        }
        Moment::Unknown
    }

    /// Whether a function asks whoever sits before the terminal, as no server can: Python's `input(..)`.
    fn asks(&self, at: At) -> bool {
        let mut found = false;
        self.program.function_at(at).expressions(&mut |expression| {
            found |= expression.call().is_some_and(|call| call.function.name() == Some("input"));
        });
        found && self.program.unit(at).language == Language::Python
    }

    fn reach(&self, from: impl Iterator<Item = At>) -> BTreeSet<At> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<At> = from.collect();
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                open.extend(self.edges.get(&next).into_iter().flatten().map(|edge| edge.to));
            }
        }
        seen
    }

    /// From the starts back to whoever leads there.
    fn carry(&mut self, anchors: &[(At, Span)]) {
        for (at, span) in anchors {
            self.carriers.entry(*at).or_default().push(*span);
        }
        let mut back: BTreeMap<At, Vec<(At, Span)>> = BTreeMap::new();
        for (&from, edges) in &self.edges {
            for edge in edges.iter().filter(|edge| edge.to != from) {
                back.entry(edge.to).or_default().push((from, edge.span));
            }
        }
        let mut open: Vec<At> = anchors.iter().map(|(at, _)| *at).collect();
        while let Some(target) = open.pop() {
            for &(from, span) in back.get(&target).into_iter().flatten() {
                let new = !self.carriers.contains_key(&from);
                let spans = self.carriers.entry(from).or_default();
                if !spans.contains(&span) {
                    spans.push(span);
                }
                if new {
                    open.push(from);
                }
            }
        }
    }

    /// Functions that carriers call run when the call does; the earliest, and likeliest, counts.
    fn spread(&mut self) {
        let mut found: BTreeMap<At, Moment> = BTreeMap::new();
        for wanted in [Moment::Starting, Moment::Stopping, Moment::Elsewhere] {
            let mut roots: Vec<At> = Vec::new();
            for (&at, anchors) in &self.carriers {
                let body = &self.program.function_at(at).body;
                for edge in self.edges.get(&at).into_iter().flatten() {
                    let moment = self.judge(at, body, edge.span, anchors).unwrap_or(Moment::Starting);
                    if moment == wanted && !self.carriers.contains_key(&edge.to) {
                        roots.push(edge.to);
                    }
                }
            }
            for at in self.reach(roots.into_iter()) {
                found.entry(at).or_insert(wanted);
            }
        }
        self.others = found;
    }

    /// Where a place stands to the anchors; nothing where the position around `body` decides.
    fn judge(&self, at: At, body: &'a [Statement], wanted: Span, anchors: &[Span]) -> Option<Moment> {
        let position = body.iter().position(|statement| holds(statement, wanted))?;
        let with: Vec<usize> =
            (0..body.len()).filter(|&index| anchors.iter().any(|anchor| holds(&body[index], *anchor))).collect();
        let inner = self.judge_in(at, &body[position], wanted, anchors);
        let (Some(&first), Some(&last)) = (with.first(), with.last()) else {
            return inner.or_else(|| leaves(&body[position..]).then_some(Moment::Elsewhere));
        };
        if with.contains(&position) || inner == Some(Moment::Elsewhere) {
            return inner.or(Some(Moment::Starting));
        }
        if position < first {
            return Some(Moment::Starting);
        }
        if position > last {
            return Some(if left(&body[last], anchors) { Moment::Elsewhere } else { Moment::Stopping });
        }
        Some(Moment::Starting)
    }

    fn judge_in(&self, at: At, statement: &'a Statement, wanted: Span, anchors: &[Span]) -> Option<Moment> {
        match statement {
            Statement::If { condition, then, otherwise, .. } => {
                let (own, other) = if inside(then, wanted) {
                    (then, otherwise)
                } else if inside(otherwise, wanted) {
                    (otherwise, then)
                } else {
                    return None;
                };
                let text = self.program.source(at.file, condition.span).to_lowercase();
                if excludes_stdio(&text, std::ptr::eq(own, then)) {
                    return Some(Moment::Elsewhere);
                }
                let here = anchors.iter().any(|anchor| inside(own, *anchor));
                let beside = anchors.iter().any(|anchor| inside(other, *anchor));
                if beside && !here {
                    return Some(Moment::Elsewhere);
                }
                self.judge(at, own, wanted, anchors)
            }
            Statement::Try { body, handlers, finally, .. } => {
                if inside(body, wanted) {
                    return self.judge(at, body, wanted, anchors);
                }
                let started = anchors.iter().any(|anchor| inside(body, *anchor));
                let handler = handlers.iter().map(|(_, body)| body).find(|body| inside(body, wanted));
                let block = handler.unwrap_or(finally);
                if started { Some(Moment::Stopping) } else { self.judge(at, block, wanted, anchors) }
            }
            Statement::Match(chosen) => {
                let own = chosen.arms.iter().find(|arm| inside(&arm.body, wanted))?;
                let here = anchors.iter().any(|anchor| inside(&own.body, *anchor));
                let beside = anchors.iter().any(|anchor| chosen.arms.iter().any(|arm| inside(&arm.body, *anchor)));
                if beside && !here {
                    return Some(Moment::Elsewhere);
                }
                self.judge(at, &own.body, wanted, anchors)
            }
            Statement::Loop { body, .. } => {
                let reads = anchors.iter().any(|anchor| holds(statement, *anchor));
                if reads { Some(Moment::Serving) } else { self.judge(at, body, wanted, anchors) }
            }
            Statement::Block(body) => self.judge(at, body, wanted, anchors),
            _ => None,
        }
    }

    /// Inside `if __name__ == "__main__"` of a file that does not start a server itself.
    fn in_main(&self, body: &[Statement], wanted: Span) -> bool {
        body.iter().any(|statement| {
            matches!(statement, Statement::If { condition, then, .. }
                if inside(then, wanted)
                    && matches!(&condition.kind, Kind::Binary(_, left, _) if left.name() == Some("__name__")))
        })
    }
}

/// Calls, functions handed over as values, and functions that stand inside others.
pub(super) fn edges(program: &Program<'_>, language: Language) -> BTreeMap<At, Vec<Edge>> {
    let mut edges: BTreeMap<At, Vec<Edge>> = BTreeMap::new();
    for (file, unit) in program.units().iter().enumerate().filter(|(_, unit)| unit.language == language) {
        for site in program.calls_in(file) {
            let mut targets: Vec<At> = program.function(site.at, &site.call.function).into_iter().collect();
            let handed =
                site.call.arguments.iter().filter(|argument| {
                    matches!(argument.value.kind, Kind::Name(_) | Kind::Member(..) | Kind::Function(_))
                });
            targets.extend(handed.filter_map(|argument| program.function(site.at, &argument.value)));
            let from = edges.entry(site.at).or_default();
            from.extend(targets.into_iter().map(|to| Edge { span: site.span, to }));
        }
        for (id, function) in unit.module.functions.iter().enumerate() {
            // A function without a name is used where it stands; one with a name where it is called.
            if let (Some(parent), None) = (function.parent, &function.name) {
                let edge = Edge { span: function.span, to: At { file, function: id } };
                edges.entry(At { file, function: parent }).or_default().push(edge);
            }
        }
    }
    edges
}

/// Whether a statement, or anything in it, holds a place.
fn holds(statement: &Statement, wanted: Span) -> bool {
    let own = match statement {
        Statement::If { span, .. }
        | Statement::Loop { span, .. }
        | Statement::Try { span, .. }
        | Statement::Let { span, .. }
        | Statement::Return(_, span)
        | Statement::Raise(_, span) => span.contains(wanted),
        Statement::Match(chosen) => chosen.span.contains(wanted),
        _ => false,
    };
    own || {
        let mut found = false;
        statement.parts(&mut |part: &Expression| found |= part.span.contains(wanted));
        found
    }
}

fn inside(body: &[Statement], wanted: Span) -> bool {
    body.iter().any(|statement| holds(statement, wanted))
}

/// Whether a body ends by leaving: it returns, raises or exits.
fn leaves(body: &[Statement]) -> bool {
    body.iter().any(|statement| match statement {
        Statement::Return(None, _) | Statement::Raise(..) => true,
        Statement::Return(Some(value), _) => exits(value) || succeeds(value),
        Statement::Expression(value) => exits(value),
        _ => false,
    })
}

/// `return Ok(())`, `return nil`: another mode has done its work.
fn succeeds(value: &Expression) -> bool {
    let fine = value.call().is_some_and(|call| call.function.name() == Some("Ok"));
    fine || matches!(value.kind, Kind::Null)
}

fn exits(value: &Expression) -> bool {
    let Some(call) = value.call() else { return false };
    match &call.function.kind {
        Kind::Name(name) => matches!(name.as_str(), "exit" | "quit"),
        Kind::Member(_, name) => matches!(name.value.as_str(), "exit" | "_exit"),
        _ => false,
    }
}

/// Whether a statement leaves right after the anchor in it: what follows belongs to another mode.
fn left(statement: &Statement, anchors: &[Span]) -> bool {
    let Statement::If { then, otherwise, .. } = statement else { return false };
    [then, otherwise].into_iter().any(|branch| {
        let last = branch.iter().rposition(|inner| anchors.iter().any(|anchor| holds(inner, *anchor)));
        last.is_some_and(|last| leaves(&branch[last..]))
    })
}

/// Whether a branch is taken only where the server speaks over standard output.
pub(super) fn needs_stdio(condition: &str, then: bool) -> bool {
    let negated = condition.contains("!=") || condition.contains("not ");
    condition.contains("stdio") && then != negated
}

/// Whether a branch is taken only where the server does not speak over standard output.
pub(super) fn excludes_stdio(condition: &str, then: bool) -> bool {
    let stdio = condition.contains("stdio");
    let network = ["sse", "http", "websocket"].iter().any(|word| condition.contains(word));
    let negated = condition.contains("!=") || condition.contains("not ") || condition.contains('!');
    if then {
        let informs = ["--help", "--version", "isatty", "interactive"].iter().any(|word| condition.contains(word));
        informs || (network && !stdio && !negated) || (stdio && negated)
    } else {
        stdio && !negated
    }
}
