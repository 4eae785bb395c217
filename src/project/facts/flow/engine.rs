//! Follows controlled values through functions, in the order in which statements run.
//!
//! Each function is analysed once for each pattern of controlled parameters, and what was found is remembered. A name
//! that a check has proven is clean from there on; a branch that leaves the function proves the opposite for the rest.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use super::{
    guard, sink,
    taint::{Environment, Taint},
};
use crate::project::{
    facts::{Hop, Sink},
    program::{At, Program},
    syntax::{Expression, Kind, Match, Pattern, Span, Statement},
};

/// Deepest chain of calls that is followed.
const MAX_CALLS: usize = 8;

/// A controlled value at a sink, as seen from the function that was analysed.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) sink: Sink,
    pub(super) file: usize,
    pub(super) span: Span,
    pub(super) call: String,
    pub(super) taint: Taint,
    pub(super) tool: Option<String>,
}

/// What one analysis of a function found.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    pub(super) hits: Vec<Hit>,
    /// What it returns, where that is controlled.
    pub(super) returns: Option<Taint>,
    /// Parameters that are proven whenever it returns: it throws otherwise.
    pub(super) proves: Vec<usize>,
}

type Memory = RefCell<HashMap<(At, Vec<u8>), Option<Rc<Summary>>>>;

/// Analyses functions of one program.
pub(super) struct Engine<'p, 'a> {
    pub(super) program: &'p Program<'a>,
    memory: Memory,
}

/// One analysis under way.
pub(super) struct Run<'e, 'p, 'a> {
    pub(super) engine: &'e Engine<'p, 'a>,
    pub(super) at: At,
    pub(super) depth: usize,
    hits: Vec<Hit>,
    returns: Option<Taint>,
    exits: Vec<Environment>,
}

/// Whether control goes on after a statement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Flowing {
    On,
    Left,
}

/// How many leading parameters are the object itself.
pub(super) fn receiver(program: &Program<'_>, at: At) -> usize {
    let function = program.function_at(at);
    let first = function.parameters.first().map(|parameter| &parameter.pattern);
    let named = matches!(first, Some(Pattern::Name(name, _)) if matches!(name.as_str(), "self" | "cls"));
    let go = program.unit(at).language == crate::project::Language::Go;
    usize::from(function.class.is_some() && (named || go))
}

impl<'p, 'a> Engine<'p, 'a> {
    pub(super) fn new(program: &'p Program<'a>) -> Self {
        Self { program, memory: RefCell::default() }
    }

    /// What a function does with controlled parameters; `outer` are the names that it captures.
    pub(super) fn analyse(
        &self,
        at: At,
        parameters: &[Option<Taint>],
        outer: Option<&Environment>,
        depth: usize,
    ) -> Rc<Summary> {
        if depth > MAX_CALLS {
            return Rc::default();
        }
        let plain = outer.is_none() && parameters.iter().flatten().all(|taint| taint.fields.is_none());
        let key = (at, parameters.iter().map(|taint| Taint::key(taint.as_ref())).collect::<Vec<u8>>());
        if plain {
            if let Some(known) = self.memory.borrow().get(&key) {
                // A function that is being analysed right now calls itself: its first turn finds what there is.
                return known.clone().unwrap_or_default();
            }
            self.memory.borrow_mut().insert(key.clone(), None);
        }
        let summary = Rc::new(self.run(at, parameters, outer, depth));
        if plain {
            self.memory.borrow_mut().insert(key, Some(Rc::clone(&summary)));
        }
        summary
    }

    fn run(&self, at: At, parameters: &[Option<Taint>], outer: Option<&Environment>, depth: usize) -> Summary {
        let function = self.program.function_at(at);
        let mut environment = outer.cloned().unwrap_or_default();
        let mut run = Run { engine: self, at, depth, hits: Vec::new(), returns: None, exits: Vec::new() };
        for (parameter, taint) in function.parameters.iter().zip(parameters) {
            run.bind(&parameter.pattern, taint.clone(), &mut environment);
        }
        if run.block(&function.body, &mut environment) == Flowing::On {
            run.exits.push(environment);
        }
        let proves =
            function.parameters.iter().zip(parameters).enumerate().filter_map(|(position, (parameter, taint))| {
                let Pattern::Name(name, _) = &parameter.pattern else { return None };
                let always = !run.exits.is_empty() && run.exits.iter().all(|exit| exit.proven.contains(name));
                (taint.is_some() && always).then_some(position)
            });
        Summary { proves: proves.collect(), hits: run.hits, returns: run.returns }
    }
}

impl<'a> Run<'_, '_, 'a> {
    pub(super) fn program(&self) -> &Program<'a> {
        self.engine.program
    }

    fn block(&mut self, body: &'a [Statement], environment: &mut Environment) -> Flowing {
        for statement in body {
            if self.statement(statement, environment) == Flowing::Left {
                return Flowing::Left;
            }
        }
        Flowing::On
    }

    fn statement(&mut self, statement: &'a Statement, environment: &mut Environment) -> Flowing {
        match statement {
            Statement::Let { pattern, value, annotation, .. } => {
                let mut taint = value.as_ref().and_then(|value| self.value(value, environment));
                if let (Some(taint), Some(annotation)) = (&mut taint, annotation) {
                    super::source::read_into(self.engine.program, self.at, annotation, taint);
                }
                self.bind(pattern, taint, environment);
            }
            Statement::Expression(expression) => {
                self.value(expression, environment);
            }
            Statement::Return(value, _) => {
                let taint = value.as_ref().and_then(|value| self.value(value, environment));
                self.returns = taint.map(|taint| taint.or(self.returns.take())).or(self.returns.take());
                self.exits.push(environment.clone());
                return Flowing::Left;
            }
            Statement::Raise(value, _) => {
                value.iter().for_each(|value| drop(self.value(value, environment)));
                return Flowing::Left;
            }
            Statement::Jump(_) => return Flowing::Left,
            Statement::If { condition, then, otherwise, .. } => {
                return self.branch(condition, then, otherwise, environment);
            }
            Statement::Loop { binding, condition, body, .. } => {
                if let Some((pattern, from)) = binding {
                    let taint = self.value(from, environment);
                    self.bind(pattern, taint, environment);
                }
                condition.iter().for_each(|condition| drop(self.value(condition, environment)));
                let before = environment.clone();
                // Twice: what the first turn assigns, the second may use.
                for _ in 0..2 {
                    self.block(body, environment);
                }
                *environment = std::mem::take(environment).join(before);
            }
            Statement::Match(chosen) => return self.choose(chosen, environment).1,
            Statement::Try { body, handlers, finally, .. } => {
                let before = environment.clone();
                let mut flowing = self.block(body, environment);
                for (_, handler) in handlers {
                    let mut other = before.clone();
                    if self.block(handler, &mut other) == Flowing::On {
                        *environment =
                            if flowing == Flowing::On { std::mem::take(environment).join(other) } else { other };
                        flowing = Flowing::On;
                    }
                }
                return if self.block(finally, environment) == Flowing::Left { Flowing::Left } else { flowing };
            }
            Statement::Block(body) => return self.block(body, environment),
        }
        Flowing::On
    }

    fn branch(
        &mut self,
        condition: &'a Expression,
        then: &'a [Statement],
        otherwise: &'a [Statement],
        environment: &mut Environment,
    ) -> Flowing {
        self.value(condition, environment);
        let proof = guard::prove(self.engine.program, self.at, condition);
        let mut yes = environment.with_proven(&proof.when_true);
        if let Some((_, literal)) = proof.equals.as_ref().filter(|(name, _)| self.names_tool(name, environment)) {
            yes.tool = Some(literal.clone());
        }
        let mut no = environment.with_proven(&proof.when_false);
        let outer_tool = environment.tool.clone();
        match (self.block(then, &mut yes), self.block(otherwise, &mut no)) {
            (Flowing::Left, Flowing::Left) => return Flowing::Left,
            (Flowing::Left, Flowing::On) => *environment = no,
            (Flowing::On, Flowing::Left) => *environment = yes,
            (Flowing::On, Flowing::On) => *environment = yes.join(no),
        }
        environment.tool = outer_tool;
        Flowing::On
    }

    /// A choice between many: its value, and whether control goes on.
    pub(super) fn choose_value(&mut self, chosen: &'a Match, environment: &mut Environment) -> Option<Taint> {
        self.choose(chosen, environment).0
    }

    fn choose(&mut self, chosen: &'a Match, environment: &mut Environment) -> (Option<Taint>, Flowing) {
        let subject = self.value(&chosen.subject, environment);
        let name = super::taint::dotted(&chosen.subject);
        let by_tool = name.as_ref().is_some_and(|name| self.names_tool(name, environment));
        let mut joined: Option<Environment> = None;
        let mut value: Option<Taint> = None;
        for arm in &chosen.arms {
            let mut inside = environment.clone();
            let literals: Vec<&str> = arm.values.iter().filter_map(Expression::text).collect();
            if let Some(name) = name.as_ref().filter(|_| !literals.is_empty() && literals.len() == arm.values.len()) {
                inside.proven.insert(name.clone());
                if by_tool {
                    inside.tool = literals.first().map(|literal| (*literal).to_owned());
                }
            }
            self.bind(&arm.pattern, subject.clone(), &mut inside);
            arm.guard.iter().for_each(|guard| drop(self.value(guard, &mut inside)));
            let last = self.last_value(&arm.body, &mut inside);
            value = last.map(|taint| taint.or(value.take())).or(value.take());
            let left = matches!(arm.body.last(), Some(Statement::Return(..) | Statement::Raise(..)));
            if !left {
                joined = Some(joined.map_or_else(|| inside.clone(), |joined| joined.join(inside.clone())));
            }
        }
        let outer_tool = environment.tool.clone();
        // Without a default the match may pass by; treating that as possible keeps what was known before.
        let before = std::mem::take(environment);
        *environment = joined.map_or_else(|| before.clone(), |joined| joined.join(before.clone()));
        environment.tool = outer_tool;
        (value, Flowing::On)
    }

    /// Runs a body whose last expression is its value (Rust blocks and arms).
    pub(super) fn last_value(&mut self, body: &'a [Statement], environment: &mut Environment) -> Option<Taint> {
        let (last, before) = body.split_last()?;
        if self.block(before, environment) == Flowing::Left {
            return None;
        }
        match last {
            Statement::Expression(expression) => self.value(expression, environment),
            other => {
                self.statement(other, environment);
                None
            }
        }
    }

    /// Whether a name holds the name of the tool that was asked for.
    fn names_tool(&self, name: &str, environment: &Environment) -> bool {
        let last = name.rsplit('.').next().unwrap_or(name);
        let controlled =
            environment.get(name).is_some() || environment.get(name.split('.').next().unwrap_or(name)).is_some();
        controlled && matches!(last, "name" | "tool" | "toolName" | "tool_name" | "Name")
    }

    /// Binds what a pattern takes of a controlled value.
    pub(super) fn bind(&mut self, pattern: &'a Pattern, taint: Option<Taint>, environment: &mut Environment) {
        match pattern {
            Pattern::Ignore => {}
            Pattern::Name(name, span) => {
                let hop = self.hop(*span, format!("becomes `{name}`"));
                environment.set(name, taint.map(|taint| taint.hop(hop)));
            }
            Pattern::Fields(fields) => {
                for (key, inner) in fields {
                    let taint = taint.as_ref().and_then(|taint| self.member_of(taint, key));
                    self.bind(inner, taint, environment);
                }
            }
            Pattern::Items(items) => items.iter().for_each(|inner| self.bind(inner, taint.clone(), environment)),
            Pattern::Rest(rest) => self.bind(rest, taint, environment),
            Pattern::Wrapped(_, items) => items.iter().for_each(|inner| self.bind(inner, taint.clone(), environment)),
        }
    }

    /// A member of a controlled value.
    pub(super) fn member_of(&self, taint: &Taint, name: &str) -> Option<Taint> {
        if let Some(fields) = &taint.fields {
            let inner = fields.get(name)?;
            let mut inner = inner.clone();
            inner.hops = [taint.hops.clone(), inner.hops].concat();
            return Some(inner);
        }
        let envelope =
            matches!(name, "params" | "arguments" | "Params" | "Arguments" | "body" | "query" | "input" | "data");
        if let Some((file, class)) = taint.class {
            let field = self.engine.program.units()[file].module.classes[class].fields.iter().find(|f| f.name == name);
            let annotation = field.and_then(|field| field.annotation.as_ref());
            let top = At { file, function: 0 };
            if annotation.is_some_and(|annotation| super::source::narrow(self.engine.program, top, annotation)) {
                return None;
            }
        }
        let mut inner = taint.clone();
        inner.record = taint.record && (envelope || name == "request");
        inner.class = None;
        if taint.record && !envelope {
            inner.label = Some(name.to_owned());
        }
        Some(inner)
    }

    pub(super) fn hop(&self, span: Span, note: String) -> Hop {
        Hop { place: self.engine.program.place(self.at.file, span), note }
    }

    pub(super) fn add_hits(&mut self, hits: impl IntoIterator<Item = Hit>) {
        for hit in hits {
            let known =
                self.hits.iter().any(|h| h.file == hit.file && h.span == hit.span && h.taint.label == hit.taint.label);
            if !known {
                self.hits.push(hit);
            }
        }
    }

    /// Notes what a call parses, if it is a sink.
    pub(super) fn sink(&mut self, call: &'a crate::project::syntax::Call, span: Span, environment: &mut Environment) {
        let Some(parsed) = sink::parsed(self.engine.program, self.at, call) else { return };
        for input in parsed.inputs {
            let Some(taint) = self.value(input, environment) else { continue };
            let name =
                self.engine.program.source(self.at.file, call.function.span).split_whitespace().collect::<String>();
            let hop = self.hop(span, format!("`{name}` hands it to a shell"));
            let tool = environment.tool.clone();
            let taint = taint.hop(hop);
            self.add_hits([Hit { sink: parsed.sink, file: self.at.file, span, call: name, taint, tool }]);
        }
    }
}

impl Kind {
    /// A function written in place.
    pub(super) fn closure(&self) -> Option<usize> {
        match self {
            Self::Function(function) => Some(*function),
            _ => None,
        }
    }
}
