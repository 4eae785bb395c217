//! Follows controlled values through functions, in the order in which statements run.
//!
//! Each function is analysed once for each pattern of controlled parameters, for all sinks at once, and what was found
//! is remembered. What a check has proven of a name holds from there on; a branch that leaves the function proves the
//! opposite for the rest.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use super::{
    environment::{Environment, Fact, Outcome, common},
    mask::Mask,
    sink,
    taint::{Taint, dotted},
};
use crate::project::{
    Language,
    facts::{Hop, Sink, Weakness},
    program::{At, Program},
    syntax::{Call, Expression, Kind, Match, Pattern, Span, Statement},
};

/// Deepest chain of calls that is followed.
const MAX_CALLS: usize = 8;

/// From this depth on records are taken as a whole, so that no function is analysed for each shape of record.
const MAX_RECORDS: usize = 4;

/// A controlled value at a sink, as seen from the function that was analysed.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) sink: Sink,
    pub(super) file: usize,
    pub(super) span: Span,
    pub(super) call: String,
    pub(super) taint: Taint,
    pub(super) tool: Option<String>,
    /// What else is known of the sink, such as that the request carries a credential.
    pub(super) extra: sink::Extra,
}

/// What one analysis of a function found.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    pub(super) hits: Vec<Hit>,
    /// What it returns, where that is controlled.
    pub(super) returns: Option<Taint>,
    /// What holds whenever it returns: it throws otherwise.
    pub(super) normal: Option<Vec<Fact>>,
    /// What holds when its result is true.
    pub(super) truthy: Option<Vec<Fact>>,
    /// What holds when its result is false, or nothing.
    pub(super) falsy: Option<Vec<Fact>>,
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
    exits: Vec<Exit>,
    /// Where loops and switches were left.
    jumps: Vec<Environment>,
}

/// One way out of a function that is no failure.
struct Exit {
    facts: Vec<Fact>,
    truthy: Option<Vec<Fact>>,
    falsy: Option<Vec<Fact>>,
}

/// Whether control goes on after a statement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flowing {
    On,
    Left,
}

/// How many leading parameters are the object itself.
pub(super) fn receiver(program: &Program<'_>, at: At) -> usize {
    let function = program.function_at(at);
    let first = function.parameters.first().map(|parameter| &parameter.pattern);
    let named = matches!(first, Some(Pattern::Name(name, _)) if matches!(name.as_str(), "self" | "cls"));
    let go = program.unit(at).language == Language::Go;
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
        let plain =
            outer.is_none() && parameters.iter().flatten().all(|taint| taint.fields.is_none() || depth > MAX_RECORDS);
        if !plain {
            return Rc::new(self.run(at, parameters, outer, depth));
        }
        let mut key = Vec::new();
        parameters.iter().for_each(|taint| Taint::key(taint.as_ref(), &mut key));
        let key = (at, key);
        if let Some(known) = self.memory.borrow().get(&key) {
            // A function that is being analysed right now calls itself: its first turn finds what there is.
            return known.clone().unwrap_or_default();
        }
        self.memory.borrow_mut().insert(key.clone(), None);
        let whole: Vec<Option<Taint>> =
            parameters.iter().map(|p| p.clone().map(|taint| Taint { fields: None, ..taint })).collect();
        let summary = Rc::new(self.run(at, &whole, outer, depth));
        self.memory.borrow_mut().insert(key, Some(Rc::clone(&summary)));
        summary
    }

    fn run(&self, at: At, parameters: &[Option<Taint>], outer: Option<&Environment>, depth: usize) -> Summary {
        let function = self.program.function_at(at);
        let mut environment = outer.cloned().unwrap_or_default();
        let mut run =
            Run { engine: self, at, depth, hits: Vec::new(), returns: None, exits: Vec::new(), jumps: Vec::new() };
        for (parameter, taint) in function.parameters.iter().zip(parameters) {
            run.bind(&parameter.pattern, taint.clone(), &mut environment);
        }
        if run.block(&function.body, &mut environment) == Flowing::On {
            let facts = environment.facts();
            run.exits.push(Exit { facts: facts.clone(), truthy: None, falsy: Some(facts) });
        }
        let fold = |pick: &dyn Fn(&Exit) -> Option<Vec<Fact>>| {
            run.exits.iter().map(pick).fold(None, |all, facts| common(&all, &facts))
        };
        let normal = fold(&|exit| Some(exit.facts.clone())).map(|facts| run.optional_facts(facts));
        let truthy = fold(&|exit| exit.truthy.clone());
        let falsy = fold(&|exit| exit.falsy.clone());
        Summary { hits: run.hits, returns: run.returns, normal, truthy, falsy }
    }
}

impl<'a> Run<'_, '_, 'a> {
    /// What some ways out prove and others do not: a check that runs only when something is configured.
    fn optional_facts(&self, mut facts: Vec<Fact>) -> Vec<Fact> {
        let strong = |fact: &&Fact| fact.mask.contains(Mask::PATH) || fact.mask.contains(Mask::HOST);
        let proven: Vec<&Fact> = self.exits.iter().flat_map(|exit| exit.facts.iter().filter(strong)).collect();
        for fact in proven {
            let note = Weakness::Optional.note().to_owned();
            let weak =
                || Some(Rc::new((Weakness::Optional, self.hop(self.program().function_at(self.at).name_span, note))));
            match facts.iter_mut().find(|known| known.name == fact.name) {
                Some(known) if known.mask.contains(fact.mask) || known.weak.is_some() => {}
                Some(known) => known.weak = weak(),
                None => facts.push(Fact { name: fact.name.clone(), weak: weak(), ..Fact::default() }),
            }
        }
        facts
    }

    pub(super) fn program(&self) -> &Program<'a> {
        self.engine.program
    }

    pub(super) fn block(&mut self, body: &'a [Statement], environment: &mut Environment) -> Flowing {
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
                self.declare(pattern, value.as_ref(), annotation.as_ref(), environment);
            }
            Statement::Expression(expression) => {
                self.value(expression, environment);
            }
            Statement::Return(value, _) => {
                self.leave(value.as_ref(), environment);
                return Flowing::Left;
            }
            Statement::Raise(value, _) => {
                value.iter().for_each(|value| drop(self.value(value, environment)));
                return Flowing::Left;
            }
            Statement::Jump(_) => {
                self.jumps.push(environment.clone());
                return Flowing::Left;
            }
            Statement::If { condition, then, otherwise, .. } => {
                return self.branch(condition, then, otherwise, environment);
            }
            Statement::Loop { binding, condition, body, .. } => {
                self.repeat(binding.as_ref(), condition.as_ref(), body, environment);
            }
            Statement::Match(chosen) => return self.choose(chosen, environment).1,
            Statement::Try { body, handlers, finally, .. } => {
                return self.attempt(body, handlers, finally, environment);
            }
            Statement::Block(body) => return self.block(body, environment),
        }
        Flowing::On
    }

    fn declare(
        &mut self,
        pattern: &'a Pattern,
        value: Option<&'a Expression>,
        annotation: Option<&'a crate::project::syntax::Type>,
        environment: &mut Environment,
    ) {
        let mut taint = value.and_then(|value| self.value(value, environment));
        if let (Some(taint), Some(annotation)) = (&mut taint, annotation) {
            super::source::read_into(self.engine.program, self.at, annotation, taint);
        }
        let known = value.map(|value| self.known_of(value, environment));
        self.bind(pattern, taint, environment);
        if let (Some(known), Some(value)) = (known, value) {
            known.note(pattern, value, environment);
        }
    }

    fn leave(&mut self, value: Option<&'a Expression>, environment: &mut Environment) {
        let Some(value) = value else {
            let facts = environment.facts();
            return self.exits.push(Exit { facts: facts.clone(), truthy: None, falsy: Some(facts) });
        };
        let taint = self.value(value, environment);
        if self.fails(value) {
            return;
        }
        self.returns = taint.map(|taint| taint.or(self.returns.take())).or(self.returns.take());
        let facts = environment.facts();
        let exit = match truth(value) {
            Some(true) => Exit { truthy: Some(facts.clone()), falsy: None, facts },
            Some(false) => Exit { truthy: None, falsy: Some(facts.clone()), facts },
            None => {
                let proof = self.prove(value, environment);
                let with = |proven: &[Fact]| Some(environment.with_proven(proven).facts());
                Exit { truthy: with(&proof.when_true), falsy: with(&proof.when_false), facts }
            }
        };
        self.exits.push(exit);
    }

    /// A result that says that the function failed: Rust's `Err`, Go's error.
    fn fails(&self, value: &Expression) -> bool {
        match self.program().unit(self.at).language {
            Language::Rust => value.call().is_some_and(|call| call.function.name() == Some("Err")),
            Language::Go => {
                let result = self.program().function_at(self.at).result.as_ref();
                let may_fail = result.is_some_and(|result| result.text.trim_end_matches(')').ends_with("error"));
                let error = match &value.kind {
                    Kind::List(items) => items.last(),
                    Kind::Name(_) => Some(value),
                    Kind::Call(call) => {
                        let made = matches!(&call.function.kind, Kind::Member(package, _)
                            if matches!(package.name(), Some("fmt" | "errors")));
                        made.then_some(value)
                    }
                    _ => None,
                };
                may_fail && error.is_some_and(|error| !matches!(error.kind, Kind::Null))
            }
            Language::TypeScript | Language::Python => false,
        }
    }

    fn repeat(
        &mut self,
        binding: Option<&'a (Pattern, Expression)>,
        condition: Option<&'a Expression>,
        body: &'a [Statement],
        environment: &mut Environment,
    ) {
        if let Some((pattern, from)) = binding {
            let taint = self.value(from, environment);
            self.bind(pattern, taint, environment);
        }
        condition.iter().for_each(|condition| drop(self.value(condition, environment)));
        let before = environment.clone();
        let outer = std::mem::take(&mut self.jumps);
        let mut ended = Flowing::On;
        // Twice: what the first turn assigns, the second may use.
        for _ in 0..2 {
            if ended == Flowing::On {
                ended = self.block(body, environment);
            }
        }
        let jumps = std::mem::replace(&mut self.jumps, outer);
        let last = std::mem::take(environment);
        let ways = jumps.into_iter().chain((ended == Flowing::On).then_some(last));
        *environment = ways.fold(before, Environment::join);
    }

    fn attempt(
        &mut self,
        body: &'a [Statement],
        handlers: &'a [(Pattern, Vec<Statement>)],
        finally: &'a [Statement],
        environment: &mut Environment,
    ) -> Flowing {
        let before = environment.clone();
        let mut flowing = self.block(body, environment);
        for (_, handler) in handlers {
            let mut other = before.clone();
            if self.block(handler, &mut other) == Flowing::On {
                *environment = if flowing == Flowing::On { std::mem::take(environment).join(other) } else { other };
                flowing = Flowing::On;
            }
        }
        if self.block(finally, environment) == Flowing::Left { Flowing::Left } else { flowing }
    }

    fn branch(
        &mut self,
        condition: &'a Expression,
        then: &'a [Statement],
        otherwise: &'a [Statement],
        environment: &mut Environment,
    ) -> Flowing {
        self.value(condition, environment);
        let proof = self.prove(condition, environment);
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
        let name = dotted(&chosen.subject);
        let by_tool = name.as_ref().is_some_and(|name| self.names_tool(name, environment));
        let outer_tool = environment.tool.clone();
        let outer = std::mem::take(&mut self.jumps);
        let mut joined: Option<Environment> = None;
        let mut value: Option<Taint> = None;
        let mut has_default = false;
        // Go's `switch` without a value tests each condition; what was tested before did not hold.
        let by_conditions = matches!(chosen.subject.kind, Kind::Boolean(true));
        let mut rest = environment.clone();
        for arm in &chosen.arms {
            has_default |= arm.values.is_empty() && arm.guard.is_none();
            let mut inside = rest.clone();
            if let (true, [condition]) = (by_conditions, arm.values.as_slice()) {
                let proof = self.prove(condition, &mut rest);
                inside.prove(&proof.when_true);
                rest.prove(&proof.when_false);
            }
            let literals: Vec<&str> = arm.values.iter().filter_map(Expression::text).collect();
            if let Some(name) = name.as_ref().filter(|_| !literals.is_empty() && literals.len() == arm.values.len()) {
                inside.prove(&[Fact { name: name.clone(), mask: Mask::ALL, ..Fact::default() }]);
                if by_tool {
                    inside.tool = literals.first().map(|literal| (*literal).to_owned());
                }
            }
            self.bind(&arm.pattern, subject.clone(), &mut inside);
            arm.guard.iter().for_each(|guard| drop(self.value(guard, &mut inside)));
            let (last, flowing) = self.last_value(&arm.body, &mut inside);
            value = last.map(|taint| taint.or(value.take())).or(value.take());
            if flowing == Flowing::On {
                joined = Some(joined.map_or_else(|| inside.clone(), |joined| joined.join(inside.clone())));
            }
        }
        let jumps = std::mem::replace(&mut self.jumps, outer);
        let ways = jumps.into_iter().chain((!has_default).then_some(rest));
        let all = ways.fold(joined, |all, way| Some(all.map_or_else(|| way.clone(), |all| all.join(way.clone()))));
        let Some(all) = all else { return (value, Flowing::Left) };
        *environment = all;
        environment.tool = outer_tool;
        (value, Flowing::On)
    }

    /// Runs a body whose last expression is its value (Rust blocks and arms).
    pub(super) fn last_value(
        &mut self,
        body: &'a [Statement],
        environment: &mut Environment,
    ) -> (Option<Taint>, Flowing) {
        let Some((last, before)) = body.split_last() else { return (None, Flowing::On) };
        if self.block(before, environment) == Flowing::Left {
            return (None, Flowing::Left);
        }
        match last {
            Statement::Expression(expression) => (self.value(expression, environment), Flowing::On),
            other => (None, self.statement(other, environment)),
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
            Pattern::Items(items) => {
                for (position, inner) in items.iter().enumerate() {
                    self.bind(inner, taint.clone().map(|taint| taint.piece(position)), environment);
                }
            }
            Pattern::Rest(rest) => self.bind(rest, taint, environment),
            Pattern::Wrapped(_, items) => items.iter().for_each(|inner| self.bind(inner, taint.clone(), environment)),
        }
    }

    /// A member of a controlled value.
    pub(super) fn member_of(&self, taint: &Taint, name: &str) -> Option<Taint> {
        if let Some(fields) = &taint.fields {
            let mut inner = fields.get(name)?.clone();
            inner.hops = [taint.hops.clone(), inner.hops].concat();
            return inner.cleaned(taint.clean);
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
            let same = |h: &Hit| {
                h.sink == hit.sink && h.file == hit.file && h.span == hit.span && h.taint.label == hit.taint.label
            };
            match self.hits.iter_mut().find(|h| same(h)) {
                // The way with fewer guards counts.
                Some(known) if known.taint.clean.count() > hit.taint.clean.count() => *known = hit,
                Some(_) => {}
                None => self.hits.push(hit),
            }
        }
    }

    /// Notes what a call does with its arguments, if it is a sink.
    pub(super) fn sink(&mut self, call: &'a Call, span: Span, environment: &mut Environment) {
        for parsed in sink::parsed(self.engine.program, self.at, call) {
            for taint in self.inputs(&parsed, environment) {
                let Some(taint) = self.of_options(taint, parsed.sink) else { continue };
                if taint.clean.contains(Mask::of(parsed.sink)) || !parsed.sink.accepts(&taint.lead) {
                    continue;
                }
                let written = self.engine.program.source(self.at.file, call.function.span);
                let name = written.split_whitespace().collect::<String>();
                let hop = self.hop(span, format!("`{name}` {}", parsed.sink.verb()));
                let tool = environment.tool.clone();
                let taint = taint.hop(hop);
                let (sink, extra) = (parsed.sink, parsed.extra);
                self.add_hits([Hit { sink, file: self.at.file, span, call: name, taint, tool, extra }]);
            }
        }
    }

    /// Of a record that is handed to a sink, the member that the sink takes.
    fn of_options(&self, taint: Taint, sink: Sink) -> Option<Taint> {
        match (&taint.fields, sink) {
            (Some(_), Sink::Url) => {
                ["url", "uri", "href", "hostname", "host"].iter().find_map(|name| self.member_of(&taint, name))
            }
            (Some(_), Sink::Argument | Sink::Program | Sink::PathRead | Sink::PathWrite) => None,
            _ => Some(taint),
        }
    }

    /// The controlled values among the inputs of a sink.
    fn inputs(&mut self, parsed: &sink::Parsed<'a>, environment: &mut Environment) -> Vec<Taint> {
        if parsed.sink == Sink::Argument {
            let taints = self.sequence(&parsed.inputs, environment);
            let own = taints.into_iter().zip(&parsed.inputs).skip(parsed.before);
            return own.filter_map(|(taint, _)| Some(taint?.piece(1))).collect();
        }
        parsed.inputs.iter().filter_map(|input| self.value(input, environment)).collect()
    }

    /// What is known of a value besides what it owes to callers.
    pub(super) fn known_of(&mut self, value: &'a Expression, environment: &mut Environment) -> Known {
        let derived = self.made_of(value, environment);
        let outcome = match &value.kind {
            Kind::Boolean(on) => {
                let facts = Some(environment.facts());
                if *on { Outcome { yes: facts, no: None } } else { Outcome { yes: None, no: facts } }
            }
            Kind::Call(_) | Kind::Binary(..) | Kind::Unary(..) => {
                let proof = self.prove(value, environment);
                Outcome { yes: Some(proof.when_true), no: Some(proof.when_false) }
            }
            _ => Outcome::default(),
        };
        let separated = match &value.kind {
            Kind::List(items) => items.iter().any(|item| item.text().is_some_and(super::value::ends_options)),
            _ => false,
        };
        Known { derived, outcome, separated }
    }
}

/// What is known of a value besides what it owes to callers.
pub(super) struct Known {
    derived: Option<(String, super::environment::Via)>,
    outcome: Outcome,
    separated: bool,
}

/// Fields of results that say whether all is well.
const FLAGS: &[&str] = &["valid", "ok", "isValid", "allowed", "success", "safe", "is_valid"];

impl Known {
    /// Notes it of the name that a pattern binds.
    pub(super) fn note(self, pattern: &Pattern, value: &Expression, environment: &mut Environment) {
        let name = match pattern {
            Pattern::Name(name, _) => Some(name),
            Pattern::Items(items) | Pattern::Wrapped(_, items) => match items.first() {
                Some(Pattern::Name(name, _)) => Some(name),
                _ => None,
            },
            Pattern::Fields(fields) => {
                if let Some((of, super::environment::Via::Same)) = &self.derived {
                    members(fields, of, environment);
                }
                fields.iter().find_map(|(key, inner)| match inner {
                    Pattern::Name(name, _) if FLAGS.contains(&key.as_str()) => Some(name),
                    _ => None,
                })
            }
            _ => None,
        };
        if let Some(name) = name {
            self.note_name(name, matches!(value.kind, Kind::Call(_)), environment);
        }
    }

    pub(super) fn note_name(self, name: &str, called: bool, environment: &mut Environment) {
        if let Some((of, via)) = self.derived.filter(|(of, _)| of != name) {
            environment.derived.insert(name.to_owned(), (of, via));
        }
        if self.separated {
            environment.separated.insert(name.to_owned());
        }
        let holds = |facts: &Option<Vec<Fact>>| facts.as_ref().is_some_and(|facts| !facts.is_empty());
        if holds(&self.outcome.yes)
            || holds(&self.outcome.no)
            || self.outcome.yes.is_none() != self.outcome.no.is_none()
        {
            if called {
                for flag in FLAGS {
                    environment.outcomes.insert(format!("{name}.{flag}"), self.outcome.clone());
                }
            }
            environment.outcomes.insert(name.to_owned(), self.outcome);
        }
    }
}

/// `const { protocol, hostname } = new URL(x)`
fn members(fields: &[(String, Pattern)], of: &str, environment: &mut Environment) {
    for (key, inner) in fields {
        let via = match super::shape::of_member(key) {
            Some(super::shape::Made::Host) => super::environment::Via::Host,
            Some(super::shape::Made::Scheme) => super::environment::Via::Scheme,
            _ => continue,
        };
        if let Pattern::Name(name, _) = inner {
            environment.derived.insert(name.clone(), (of.to_owned(), via));
        }
    }
}

/// Whether a returned value is true, where it is written.
fn truth(value: &Expression) -> Option<bool> {
    match &value.kind {
        Kind::Boolean(on) => Some(*on),
        Kind::Null => Some(false),
        Kind::Text(text) => Some(!text.is_empty()),
        Kind::Template(_) => Some(true),
        Kind::Record(record) => {
            let flag = FLAGS.iter().find_map(|flag| record.get(flag));
            match flag.map(|flag| &flag.kind) {
                Some(Kind::Boolean(on)) => Some(*on),
                _ => None,
            }
        }
        Kind::List(items) => items.first().and_then(truth),
        _ => None,
    }
}
