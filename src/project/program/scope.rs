//! Which names each function binds, and to what.

use std::collections::HashMap;

use crate::project::syntax::{ClassId, Expression, FunctionId, Import, Kind, Match, Module, Pattern, Statement, Type};

/// A step from a value to a part of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// A field of a record.
    Field(String),
    /// An item of a list.
    Item(usize),
    /// What a constructor is wrapped around.
    Unwrap,
}

/// What a name is bound to.
#[derive(Clone, Debug)]
pub(super) enum Meaning<'a> {
    /// A part of a value.
    Value { value: Option<&'a Expression>, annotation: Option<&'a Type>, steps: Vec<Step> },
    /// A parameter of the function, by its position, and a part of it.
    Parameter { position: usize, steps: Vec<Step> },
    /// What a loop draws from a collection.
    Drawn { from: &'a Expression },
    /// A function of this module.
    Function(FunctionId),
    /// A class of this module.
    Class(ClassId),
    /// Something of another module.
    Import(&'a Import),
    /// Bound to something that cannot be followed.
    Opaque,
}

/// A binding and from where on it holds.
#[derive(Clone, Debug)]
pub(super) struct Binding<'a> {
    pub(super) meaning: Meaning<'a>,
    pub(super) start: usize,
}

impl Binding<'_> {
    /// Whether a position lies in what the name is bound to.
    pub(super) fn holds(&self, position: usize) -> bool {
        match &self.meaning {
            Meaning::Value { value: Some(value), .. } => (value.span.start..value.span.end).contains(&position),
            _ => false,
        }
    }
}

/// The names of every function of a module.
#[derive(Debug, Default)]
pub(super) struct Scopes<'a> {
    names: Vec<HashMap<&'a str, Vec<Binding<'a>>>>,
    /// Star imports.
    pub(super) stars: Vec<&'a Import>,
}

impl<'a> Scopes<'a> {
    pub(super) fn of(module: &'a Module) -> Self {
        let mut scopes = Self { names: vec![HashMap::new(); module.functions.len().max(1)], stars: Vec::new() };
        for import in &module.imports {
            if import.local == "*" {
                scopes.stars.push(import);
            } else {
                scopes.bind(0, &import.local, Meaning::Import(import), import.span.start);
            }
        }
        for (id, class) in module.classes.iter().enumerate() {
            scopes.bind(0, &class.name, Meaning::Class(id), class.span.start);
        }
        for (id, function) in module.functions.iter().enumerate() {
            if let (Some(name), None, true) = (&function.name, function.class, id > 0) {
                scopes.bind(function.parent.unwrap_or(0), name, Meaning::Function(id), function.span.start);
            }
            for (position, parameter) in function.parameters.iter().enumerate() {
                scopes
                    .pattern(id, &parameter.pattern, &mut Vec::new(), &|steps| Meaning::Parameter { position, steps });
            }
            scopes.body(id, &function.body);
        }
        scopes
    }

    /// The binding of `name` in `function` itself that holds at `position`: the last before it, else the first.
    pub(super) fn get(&self, function: FunctionId, name: &str, position: usize) -> Option<&Binding<'a>> {
        let bindings = self.names.get(function)?.get(name)?;
        let after = bindings.partition_point(|binding| binding.start <= position);
        bindings.get(after.saturating_sub(1))
    }

    /// The binding before the one that begins at `start`.
    pub(super) fn before(&self, function: FunctionId, name: &str, start: usize) -> Option<&Binding<'a>> {
        let bindings = self.names.get(function)?.get(name)?;
        bindings[..bindings.partition_point(|binding| binding.start < start)].last()
    }

    /// The names that the top level binds.
    pub(super) fn top(&self) -> impl Iterator<Item = &'a str> {
        self.names.first().into_iter().flat_map(|names| names.keys().copied())
    }

    fn bind(&mut self, function: FunctionId, name: &'a str, meaning: Meaning<'a>, start: usize) {
        let Some(names) = self.names.get_mut(function) else { return };
        let bindings = names.entry(name).or_default();
        let index = bindings.partition_point(|binding| binding.start <= start);
        bindings.insert(index, Binding { meaning, start });
    }

    fn pattern(
        &mut self,
        function: FunctionId,
        pattern: &'a Pattern,
        steps: &mut Vec<Step>,
        make: &dyn Fn(Vec<Step>) -> Meaning<'a>,
    ) {
        let mut inner = |scopes: &mut Self, step: Step, pattern: &'a Pattern| {
            steps.push(step);
            scopes.pattern(function, pattern, steps, make);
            steps.pop();
        };
        match pattern {
            Pattern::Ignore => {}
            Pattern::Name(name, span) => self.bind(function, name, make(steps.clone()), span.start),
            Pattern::Fields(fields) => {
                fields.iter().for_each(|(key, pattern)| inner(self, Step::Field(key.clone()), pattern));
            }
            Pattern::Items(items) => {
                items.iter().enumerate().for_each(|(index, pattern)| inner(self, Step::Item(index), pattern));
            }
            // What is left of a record has the record's other fields: treated as the record itself.
            Pattern::Rest(rest) => self.pattern(function, rest, steps, make),
            Pattern::Wrapped(_, items) => items.iter().for_each(|pattern| inner(self, Step::Unwrap, pattern)),
        }
    }

    fn body(&mut self, function: FunctionId, body: &'a [Statement]) {
        for statement in body {
            self.statement(function, statement);
            statement.parts(&mut |expression| expression.walk(&mut |e| self.inside(function, e)));
        }
    }

    /// Bindings inside expressions: blocks and matches as values.
    fn inside(&mut self, function: FunctionId, expression: &'a Expression) {
        match &expression.kind {
            Kind::Block(body) => body.iter().for_each(|statement| self.statement(function, statement)),
            Kind::Match(chosen) => self.arms(function, chosen),
            _ => {}
        }
    }

    fn statement(&mut self, function: FunctionId, statement: &'a Statement) {
        match statement {
            Statement::Let { pattern, annotation, value, .. } => {
                let (value, annotation) = (value.as_ref(), annotation.as_ref());
                self.pattern(function, pattern, &mut Vec::new(), &|steps| Meaning::Value { value, annotation, steps });
            }
            Statement::If { then, otherwise, .. } => {
                then.iter().chain(otherwise).for_each(|statement| self.statement(function, statement));
            }
            Statement::Loop { binding, body, .. } => {
                if let Some((pattern, from)) = binding {
                    self.pattern(function, pattern, &mut Vec::new(), &|_| Meaning::Drawn { from });
                }
                body.iter().for_each(|statement| self.statement(function, statement));
            }
            Statement::Match(chosen) => self.arms(function, chosen),
            Statement::Try { body, handlers, finally, .. } => {
                body.iter().chain(finally).for_each(|statement| self.statement(function, statement));
                for (pattern, body) in handlers {
                    self.pattern(function, pattern, &mut Vec::new(), &|_| Meaning::Opaque);
                    body.iter().for_each(|statement| self.statement(function, statement));
                }
            }
            Statement::Block(body) => body.iter().for_each(|statement| self.statement(function, statement)),
            Statement::Expression(_) | Statement::Return(..) | Statement::Raise(..) | Statement::Jump(_) => {}
        }
    }

    fn arms(&mut self, function: FunctionId, chosen: &'a Match) {
        let value = Some(&*chosen.subject);
        for arm in &chosen.arms {
            self.pattern(function, &arm.pattern, &mut Vec::new(), &|steps| Meaning::Value {
                value,
                annotation: None,
                steps,
            });
            arm.body.iter().for_each(|statement| self.statement(function, statement));
        }
    }
}
