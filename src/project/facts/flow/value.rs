//! What an expression's value owes to a caller.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    engine::{Hit, Run, receiver},
    taint::{Environment, Taint, dotted},
};
use crate::project::{
    program::At,
    syntax::{Call, Entry, Expression, Kind, Part, Span},
};

/// Calls whose result is a number, a truth value or a digest: nothing of the text is left.
const ENDS: &[&str] = &[
    "Number",
    "parseInt",
    "parseFloat",
    "Boolean",
    "BigInt",
    "int",
    "float",
    "bool",
    "len",
    "hash",
    "ord",
    "isinstance",
    "length",
    "size",
    "test",
    "startsWith",
    "endsWith",
    "startswith",
    "endswith",
    "starts_with",
    "ends_with",
    "includes",
    "contains",
    "indexOf",
    "find_index",
    "findIndex",
    "is_empty",
    "isdigit",
    "isalnum",
    "exists",
    "existsSync",
    "is_file",
    "Atoi",
    "ParseInt",
    "ParseFloat",
    "ParseBool",
    "strconv.Atoi",
    "count",
    "has",
    "hexdigest",
    "digest",
    "some",
    "every",
    "is_some",
    "RequireInt",
    "GetInt",
    "RequireFloat",
    "GetFloat",
    "RequireBool",
    "GetBool",
    "is_none",
    "is_ok",
    "is_err",
    "statSync",
    "isArray",
    "UUID",
    "Date",
];

/// Quoting by a vetted library.
const QUOTES: &[&str] = &[
    "shlex.quote",
    "pipes.quote",
    "shell-quote.quote",
    "shlex.join",
    "shell_escape.escape",
    "shell_words.quote",
    "shlex.try_quote",
];

impl<'a> Run<'_, '_, 'a> {
    /// The taint of an expression's value. Follows what happens inside: assignments, calls, closures.
    pub(super) fn value(&mut self, expression: &'a Expression, environment: &mut Environment) -> Option<Taint> {
        match &expression.kind {
            Kind::Unknown | Kind::Text(_) | Kind::Number(_) | Kind::Boolean(_) | Kind::Null => None,
            Kind::Name(name) => environment.get(name).cloned(),
            Kind::Member(object, name) => {
                let known = dotted(expression);
                if known.as_ref().is_some_and(|known| environment.knows_clean(known)) {
                    return None;
                }
                if let Some(taint) = known.and_then(|known| environment.get(&known).cloned()) {
                    return Some(taint);
                }
                let taint = self.value(object, environment)?;
                if name.value == "length" { None } else { self.member_of(&taint, &name.value) }
            }
            Kind::Index(object, index) => self.index(expression, object, index, environment),
            Kind::Call(call) => self.call(call, expression.span, environment),
            Kind::Template(parts) => self.template(parts, environment),
            Kind::Tagged(tag, parts) => {
                self.value(tag, environment);
                self.template(parts, environment);
                None
            }
            Kind::Binary(operator, a, b) => self.binary(operator, a, b, environment),
            Kind::Unary(_, inner) => {
                self.value(inner, environment);
                None
            }
            Kind::Conditional(condition, a, b) => self.conditional(condition, a, b, environment),
            Kind::List(items) | Kind::Other(items) => {
                let taints: Vec<Taint> = items.iter().filter_map(|item| self.value(item, environment)).collect();
                join(taints)
            }
            Kind::Record(record) => self.record(&record.entries, environment),
            Kind::Function(function) => {
                self.closure(*function, &[], environment);
                None
            }
            Kind::Assign(target, value) => {
                let mut taint = self.value(value, environment);
                if let Some(name) = dotted(target) {
                    let hop = self.hop(expression.span, format!("becomes `{name}`"));
                    taint = taint.map(|taint| taint.hop(hop));
                    environment.set(&name, taint.clone());
                }
                taint
            }
            Kind::Spread(inner) => self.value(inner, environment),
            Kind::Block(body) => self.last_value(body, environment),
            Kind::Match(chosen) => self.choose_value(chosen, environment),
        }
    }

    fn index(
        &mut self,
        whole: &'a Expression,
        object: &'a Expression,
        index: &'a Expression,
        environment: &mut Environment,
    ) -> Option<Taint> {
        if let Some(known) = dotted(whole) {
            if environment.knows_clean(&known) {
                return None;
            }
            if let Some(taint) = environment.get(&known) {
                return Some(taint.clone());
            }
        }
        self.value(index, environment);
        let taint = self.value(object, environment)?;
        match index.text() {
            Some(key) => self.member_of(&taint, key),
            None => Some(Taint { record: false, ..taint }),
        }
    }

    fn template(&mut self, parts: &'a [Part], environment: &mut Environment) -> Option<Taint> {
        let alone = parts.len() == 1;
        let mut taints = Vec::new();
        for part in parts {
            if let Part::Value(value) = part {
                taints.extend(self.value(value, environment));
            }
        }
        join(taints).map(|taint| if alone { taint } else { taint.embedded() })
    }

    fn binary(
        &mut self,
        operator: &str,
        a: &'a Expression,
        b: &'a Expression,
        environment: &mut Environment,
    ) -> Option<Taint> {
        let (left, right) = (self.value(a, environment), self.value(b, environment));
        match operator {
            "+" | "." => join([left, right].into_iter().flatten().collect()).map(Taint::embedded),
            "||" | "??" | "or" | "&&" | "and" => join([left, right].into_iter().flatten().collect()),
            "%" | "/" => left,
            _ => None,
        }
    }

    fn conditional(
        &mut self,
        condition: &'a Expression,
        a: &'a Expression,
        b: &'a Expression,
        environment: &mut Environment,
    ) -> Option<Taint> {
        self.value(condition, environment);
        let proof = super::guard::prove(self.engine.program, self.at, condition);
        let mut yes = environment.with_proven(&proof.when_true);
        let mut no = environment.with_proven(&proof.when_false);
        let taints = [self.value(a, &mut yes), self.value(b, &mut no)];
        join(taints.into_iter().flatten().collect())
    }

    fn record(&mut self, entries: &'a [Entry], environment: &mut Environment) -> Option<Taint> {
        let mut fields = BTreeMap::new();
        let mut open: Option<Taint> = None;
        for entry in entries {
            match entry {
                Entry::Field(name, value) => {
                    if let Some(taint) = self.value(value, environment) {
                        fields.insert(name.value.clone(), taint);
                    }
                }
                Entry::Computed(key, value) => {
                    self.value(key, environment);
                    let taint = self.value(value, environment);
                    open = taint.or(open);
                }
                Entry::Spread(value) => {
                    let taint = self.value(value, environment);
                    open = taint.or(open);
                }
            }
        }
        match open {
            Some(open) => Some(open),
            None if fields.is_empty() => None,
            None => Some(Taint { fields: Some(Rc::new(fields)), ..Taint::default() }),
        }
    }

    fn call(&mut self, call: &'a Call, span: Span, environment: &mut Environment) -> Option<Taint> {
        let object = match &call.function.kind {
            Kind::Member(object, _) => self.value(object, environment),
            Kind::Name(_) => None,
            _ => self.value(&call.function, environment),
        };
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            // A closure sees what its caller hands to it: the receiver's items, mostly.
            let taint = match argument.value.kind.closure() {
                Some(function) => self.closure(function, object.as_slice(), environment),
                None => self.value(&argument.value, environment),
            };
            arguments.push(taint);
        }
        self.sink(call, span, environment);
        if let Some(target) = self.engine.program.function(self.at, &call.function) {
            return self.called(call, span, target, object, &arguments, environment);
        }
        self.beyond(call, object, arguments)
    }

    /// A call of something outside of the project.
    fn beyond(&self, call: &'a Call, object: Option<Taint>, arguments: Vec<Option<Taint>>) -> Option<Taint> {
        let symbol = self.program().symbol(self.at, &call.function).unwrap_or_default();
        let last = match &call.function.kind {
            Kind::Member(_, name) => name.value.as_str(),
            Kind::Name(name) => name.as_str(),
            _ => "",
        };
        if ENDS.contains(&last) || ENDS.contains(&symbol.as_str()) {
            return None;
        }
        if let Some(taint) = self.parsed_by_schema(call, last, &arguments) {
            return Some(taint);
        }
        let all: Vec<Taint> = object.clone().into_iter().chain(arguments.into_iter().flatten()).collect();
        let taint = join(all)?;
        if QUOTES.contains(&symbol.as_str()) {
            return Some(Taint { quoted: true, ..taint });
        }
        // `schema.parse(args)`, `JSON.parse(text)`, `Object.assign(..)` keep what they are given.
        let keeps = object.is_some()
            || matches!(
                last,
                "parse" | "safeParse" | "parseAsync" | "stringify" | "String" | "str" | "format" | "assign"
            )
            || matches!(
                last,
                "join" | "resolve" | "normalize" | "from" | "freeze" | "dict" | "list" | "new" | "concat"
            )
            || matches!(last, "from_value" | "from_str" | "model_validate" | "Sprintf" | "Join" | "TrimSpace" | "all");
        // `arguments.get("x")`, `request.RequireString("x")`, `Param(arguments, "x")`: one argument of many.
        let picked = call.arguments.iter().find_map(|argument| argument.value.text()).filter(|_| taint.record);
        if let Some(name) = picked {
            return Some(Taint { label: Some(name.to_owned()), record: false, class: None, ..taint });
        }
        let record = taint.record && keeps;
        Some(Taint { guessed: taint.guessed || !keeps, record, ..taint })
    }

    /// `Schema.parse(args)`, `Schema.safeParse(args)`
    fn parsed_by_schema(&self, call: &'a Call, method: &str, arguments: &[Option<Taint>]) -> Option<Taint> {
        let Kind::Member(schema, _) = &call.function.kind else { return None };
        let taint = arguments.first()?.as_ref()?;
        let checked = match method {
            "parse" | "parseAsync" | "safeParse" | "safeParseAsync" => {
                super::schema::checked(self.engine.program, self.at, schema, taint)?
            }
            _ => return None,
        };
        if method.starts_with("safe") {
            let fields = BTreeMap::from([("data".to_owned(), checked)]);
            return Some(Taint { fields: Some(Rc::new(fields)), ..Taint::default() });
        }
        Some(checked)
    }

    /// A call of a function of the project.
    fn called(
        &mut self,
        call: &'a Call,
        span: Span,
        target: At,
        object: Option<Taint>,
        arguments: &[Option<Taint>],
        environment: &mut Environment,
    ) -> Option<Taint> {
        let function = self.program().function_at(target);
        let offset = receiver(self.program(), target);
        let mut parameters: Vec<Option<Taint>> = vec![None; function.parameters.len()];
        if offset == 1 {
            parameters[0] = object;
        }
        let mut position = offset;
        for (argument, taint) in call.arguments.iter().zip(arguments) {
            let slot = match &argument.name {
                Some(name) => function.parameters.iter().position(
                    |parameter| matches!(&parameter.pattern, crate::project::syntax::Pattern::Name(n, _) if n == name),
                ),
                None => {
                    position += 1;
                    Some((position - 1).min(function.parameters.len().wrapping_sub(1)))
                }
            };
            if let (Some(slot), Some(taint)) = (slot.and_then(|slot| parameters.get_mut(slot)), taint) {
                *slot = Some(taint.clone());
            }
        }
        let captures = self.captures(target, environment);
        if parameters.iter().all(Option::is_none) && captures.is_none() {
            return None;
        }
        let name = function.name.clone().unwrap_or_else(|| "a closure".to_owned());
        let hop = self.hop(span, format!("passed to `{name}`"));
        // Inside, steps are counted anew: what was found there is told as a continuation of each argument's story.
        let inner: Vec<Option<Taint>> = parameters
            .iter()
            .map(|p| p.clone().map(|taint| Taint { hops: Vec::new(), label: None, ..taint }))
            .collect();
        let summary = self.engine.analyse(target, &inner, captures.as_ref(), self.depth + 1);
        let before = join(parameters.iter().flatten().cloned().collect()).unwrap_or_default().hop(hop);
        let tool = environment.tool.clone();
        let continued = |taint: &Taint| continue_story(&before, taint);
        self.add_hits(summary.hits.iter().map(|hit| Hit {
            taint: continued(&hit.taint),
            tool: tool.clone().or_else(|| hit.tool.clone()),
            ..hit.clone()
        }));
        for &proven in &summary.proves {
            let argument = proven.checked_sub(offset).and_then(|position| call.positional(position));
            if let Some(name) = argument.and_then(dotted) {
                environment.proven.insert(name);
            }
        }
        let made = call.construction || function.name.as_deref() == Some("__init__");
        if made {
            // An object that was given input: its members may be that input, or what was made of it.
            return Some(Taint { guessed: true, record: true, class: None, fields: None, ..before });
        }
        summary.returns.as_ref().map(continued)
    }

    /// The names around a nested function, if it is called from where it stands.
    fn captures(&self, target: At, environment: &Environment) -> Option<Environment> {
        if target.file != self.at.file {
            return None;
        }
        let mut parent = self.program().function_at(target).parent;
        while let Some(function) = parent.filter(|&function| function != 0) {
            if function == self.at.function {
                return Some(environment.clone());
            }
            parent = self.program().function_at(At { file: self.at.file, function }).parent;
        }
        None
    }

    /// A closure, run where it is written: it sees the names around it.
    fn closure(&mut self, function: usize, given: &[Taint], environment: &Environment) -> Option<Taint> {
        let target = At { file: self.at.file, function };
        let count = self.program().function_at(target).parameters.len();
        let parameters: Vec<Option<Taint>> = (0..count).map(|position| given.get(position).cloned()).collect();
        let summary = self.engine.analyse(target, &parameters, Some(environment), self.depth + 1);
        self.add_hits(summary.hits.iter().cloned());
        summary.returns.clone()
    }
}

/// A taint found inside a function, told from the caller's side.
fn continue_story(before: &Taint, inner: &Taint) -> Taint {
    let mut hops = before.hops.clone();
    for hop in &inner.hops {
        if hops.len() < 16 && hops.last().is_none_or(|last| last.place != hop.place) {
            hops.push(hop.clone());
        }
    }
    Taint { hops, label: inner.label.clone().or_else(|| before.label.clone()), ..inner.clone() }
}

fn join(taints: Vec<Taint>) -> Option<Taint> {
    taints.into_iter().reduce(|a, b| a.or(Some(b)))
}
