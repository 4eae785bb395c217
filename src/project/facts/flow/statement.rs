//! Statements, one after the other: what branches, loops, choices and failures mean for what is known.

use super::{
    binding::FLAGS,
    engine::{Exit, Flowing, Run},
    environment::{Environment, Fact},
    mask::Mask,
    source,
    taint::{Taint, dotted},
};
use crate::project::{
    Language,
    syntax::{Expression, Kind, Match, Pattern, Statement},
};

impl<'a> Run<'_, '_, 'a> {
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
                environment.prove(&self.passed_guard(expression, false));
                if self.never_returns(expression) {
                    return Flowing::Left;
                }
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
            source::read_into(self.engine.program, self.at, annotation, taint);
        }
        let known = value.map(|value| self.known_of(value, environment));
        let passed = value.map(|value| self.passed_guard(value, true)).unwrap_or_default();
        environment.prove(&passed);
        self.bind(pattern, taint, environment);
        if let (Some(known), Some(value)) = (known, value) {
            known.note(pattern, value, environment);
        }
    }

    /// A call that ends the program, or of a function of the project that always throws: `fail("outside of the folder")`.
    fn never_returns(&self, expression: &'a Expression) -> bool {
        let Some(call) = expression.call() else { return false };
        if let Some(target) = self.program().function(self.at, &call.function) {
            let body = &self.program().function_at(target).body;
            let mut returns = false;
            Statement::each(body, &mut |statement| returns |= matches!(statement, Statement::Return(..)));
            // What is left to others to write throws, too.
            let left = |span| self.program().source(target.file, span).to_lowercase().contains("implement");
            return matches!(body.last(), Some(Statement::Raise(_, span)) if !left(*span)) && !returns;
        }
        let written = self.program().source(self.at.file, call.function.span);
        ["process.exit", "sys.exit", "os.Exit", "log.Fatal", "log.Fatalf", "std::process::exit"].contains(&written)
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
        let taint = if self.engine.holds() { self.answered(value, taint, environment) } else { taint };
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
            Language::TypeScript | Language::Python | Language::Java | Language::CSharp => false,
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
            let mut taint = self.value(from, environment);
            if self.engine.holds() {
                taint = self.drawn(taint, pattern, body);
            }
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
