//! Looking into lowered programs: accessors and walks.

use super::{Call, Entry, Expression, Function, FunctionId, Kind, Match, Module, Part, Record, Span, Statement};

impl Span {
    /// The bytes `start..end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Whether `other` lies inside.
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl Record {
    /// The value of the last field named `key`.
    pub fn get(&self, key: &str) -> Option<&Expression> {
        self.entries.iter().rev().find_map(|entry| match entry {
            Entry::Field(name, value) if name.value == key => Some(value),
            _ => None,
        })
    }
}

impl Call {
    /// The last name of what is called, as it is written; empty where it has none.
    pub fn written(&self) -> &str {
        match &self.function.kind {
            Kind::Name(name) => name,
            Kind::Member(_, name) => &name.value,
            _ => "",
        }
    }

    /// The argument at `position` among those without keyword; nothing after a spread.
    pub fn positional(&self, position: usize) -> Option<&Expression> {
        let spread = self.arguments.iter().position(|a| matches!(a.value.kind, Kind::Spread(_))).unwrap_or(usize::MAX);
        let (index, argument) = self.arguments.iter().enumerate().filter(|(_, a)| a.name.is_none()).nth(position)?;
        (index < spread).then_some(&argument.value)
    }

    /// The argument with the keyword `name`.
    pub fn keyword(&self, name: &str) -> Option<&Expression> {
        self.arguments.iter().find(|a| a.name.as_deref() == Some(name)).map(|a| &a.value)
    }
}

impl Expression {
    /// The text of a string without holes.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The identifier.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The call.
    pub fn call(&self) -> Option<&Call> {
        match &self.kind {
            Kind::Call(call) => Some(call),
            _ => None,
        }
    }

    /// The record literal.
    pub fn record(&self) -> Option<&Record> {
        match &self.kind {
            Kind::Record(record) => Some(record),
            _ => None,
        }
    }

    /// The direct parts, in source order; not into other functions.
    pub fn parts<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        match &self.kind {
            Kind::Unknown | Kind::Text(_) | Kind::Number(_) | Kind::Boolean(_) | Kind::Null => {}
            Kind::Name(_) | Kind::Function(_) => {}
            Kind::Member(inner, _) | Kind::Unary(_, inner) | Kind::Spread(inner) => visit(inner),
            Kind::Index(a, b) | Kind::Binary(_, a, b) | Kind::Assign(a, b) => {
                [a, b].into_iter().for_each(|part| visit(part))
            }
            Kind::Conditional(a, b, c) => [a, b, c].into_iter().for_each(|part| visit(part)),
            Kind::Call(call) => {
                visit(&call.function);
                call.arguments.iter().for_each(|argument| visit(&argument.value));
            }
            Kind::Template(parts) => holes(parts, visit),
            Kind::Tagged(tag, parts) => {
                visit(tag);
                holes(parts, visit);
            }
            Kind::List(items) | Kind::Other(items) => items.iter().for_each(visit),
            Kind::Record(record) => record_parts(record, visit),
            Kind::Block(body) => body.iter().for_each(|statement| statement.parts(visit)),
            Kind::Match(chosen) => chosen.parts(visit),
        }
    }

    /// This expression and all below it, parents first; not into other functions.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        visit(self);
        self.parts(&mut |part| part.walk(visit));
    }
}

fn holes<'a>(parts: &'a [Part], visit: &mut dyn FnMut(&'a Expression)) {
    for part in parts {
        if let Part::Value(value) = part {
            visit(value);
        }
    }
}

fn record_parts<'a>(record: &'a Record, visit: &mut dyn FnMut(&'a Expression)) {
    if let Some(name) = &record.name {
        visit(name);
    }
    for entry in &record.entries {
        match entry {
            Entry::Field(_, value) | Entry::Spread(value) => visit(value),
            Entry::Computed(key, value) => {
                visit(key);
                visit(value);
            }
        }
    }
}

impl Match {
    fn parts<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        visit(&self.subject);
        for arm in &self.arms {
            arm.values.iter().for_each(&mut *visit);
            arm.guard.iter().for_each(&mut *visit);
            arm.body.iter().for_each(|statement| statement.parts(visit));
        }
    }
}

impl Statement {
    /// Every statement of a body and of those inside, parents first; not into other functions.
    pub fn each<'a>(body: &'a [Self], visit: &mut dyn FnMut(&'a Self)) {
        for statement in body {
            visit(statement);
            match statement {
                Self::If { then, otherwise, .. } => {
                    Self::each(then, visit);
                    Self::each(otherwise, visit);
                }
                Self::Loop { body, .. } | Self::Block(body) => Self::each(body, visit),
                Self::Try { body, handlers, finally, .. } => {
                    Self::each(body, visit);
                    handlers.iter().for_each(|(_, body)| Self::each(body, visit));
                    Self::each(finally, visit);
                }
                Self::Match(chosen) => chosen.arms.iter().for_each(|arm| Self::each(&arm.body, visit)),
                Self::Let { .. } | Self::Expression(_) | Self::Return(..) | Self::Raise(..) | Self::Jump(_) => {}
            }
        }
    }

    /// The outermost expressions of this statement and of those inside it, in source order; not into other functions.
    pub fn parts<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        let all = |body: &'a [Statement], visit: &mut dyn FnMut(&'a Expression)| {
            body.iter().for_each(|statement| statement.parts(visit));
        };
        match self {
            Self::Let { value, .. } => value.iter().for_each(visit),
            Self::Expression(value) => visit(value),
            Self::Return(value, _) | Self::Raise(value, _) => value.iter().for_each(visit),
            Self::Jump(_) => {}
            Self::If { condition, then, otherwise, .. } => {
                visit(condition);
                all(then, visit);
                all(otherwise, visit);
            }
            Self::Loop { binding, condition, body, .. } => {
                binding.iter().for_each(|(_, from)| visit(from));
                condition.iter().for_each(&mut *visit);
                all(body, visit);
            }
            Self::Match(chosen) => chosen.parts(visit),
            Self::Try { body, handlers, finally, .. } => {
                all(body, visit);
                handlers.iter().for_each(|(_, body)| all(body, visit));
                all(finally, visit);
            }
            Self::Block(body) => all(body, visit),
        }
    }
}

impl Function {
    /// Every expression of the body, parents first; not into other functions.
    pub fn expressions<'a>(&'a self, visit: &mut dyn FnMut(&'a Expression)) {
        for statement in &self.body {
            statement.parts(&mut |part| part.walk(visit));
        }
    }
}

impl Module {
    /// Every expression of every function, with the function that it stands in: bodies, parameter defaults,
    /// attributes; and, with the top level, those of classes and their fields.
    pub fn expressions<'a>(&'a self, visit: &mut dyn FnMut(FunctionId, &'a Expression)) {
        for (id, function) in self.functions.iter().enumerate() {
            function.attributes.iter().for_each(|e| e.walk(&mut |e| visit(id, e)));
            let defaults = function.parameters.iter().filter_map(|p| p.default.as_ref());
            defaults.for_each(|e| e.walk(&mut |e| visit(id, e)));
            function.expressions(&mut |e| visit(id, e));
        }
        for class in &self.classes {
            let fields = class.fields.iter().flat_map(|f| f.attributes.iter().chain(f.value.iter()));
            class.attributes.iter().chain(fields).for_each(|e| e.walk(&mut |e| visit(0, e)));
        }
    }
}
