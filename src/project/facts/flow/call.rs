//! What calls do with controlled values: of functions of the project, and of what lies beyond it.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    archive,
    engine::{Hit, Run, Summary, receiver},
    environment::{Environment, Fact, Via},
    guard::replaced,
    held,
    mask::{Form, Mask},
    shape::{self, Made},
    taint::{HOLE, Taint, dotted, join},
    value::ends_options,
    words::{ADDS, DECODES, ENDS, ESCAPES, ESCAPING_METHODS, KEEPS, QUOTES, TEMPORARY},
};
use crate::project::{
    program::At,
    syntax::{Call, Expression, Kind, Pattern, Span},
};

impl<'a> Run<'_, '_, 'a> {
    pub(super) fn call(&mut self, call: &'a Call, span: Span, environment: &mut Environment) -> Option<Taint> {
        let returned = self.returned(call, span, environment)?;
        let guard = self.named_guard(call);
        if guard.is_empty() { Some(returned) } else { returned.cleaned(guard) }
    }

    fn returned(&mut self, call: &'a Call, span: Span, environment: &mut Environment) -> Option<Taint> {
        if self.engine.archives && archive::opens(self.program(), self.at, call) {
            return Some(archive::names(self.hop(span, "the archive is opened".to_owned())));
        }
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
        if self.engine.holds() {
            self.misused(call, span, object.as_ref(), &arguments, environment);
        } else {
            self.sink(call, span, environment);
        }
        if let Some(target) = self.engine.program.function(self.at, &call.function) {
            if self.program().function_at(target).parameters.last().is_some_and(|parameter| parameter.rest) {
                let items: Vec<&Expression> = call.arguments.iter().map(|argument| &argument.value).collect();
                arguments = self.sequence(&items, environment);
            }
            return self.called(call, span, target, object, &arguments, environment);
        }
        if let Some(returned) = self.dispatched(call, span, &arguments, environment) {
            return returned;
        }
        self.changes(call, span, &arguments, environment);
        if let Some(returned) = self.handed_over(call, span, &arguments, environment) {
            return returned;
        }
        if self.engine.holds() {
            return self.passed(call, span, object, &arguments, environment);
        }
        self.beyond(call, object, arguments, environment)
    }

    /// A function of the project that is handed to something beyond it, which calls it: with what follows it, where
    /// that is the custom (`asyncio.to_thread(f, x)`, `executor.submit(f, x)`, `partial(f, x)`).
    fn handed_over(
        &mut self,
        call: &'a Call,
        span: Span,
        arguments: &[Option<Taint>],
        environment: &mut Environment,
    ) -> Option<Option<Taint>> {
        let position = call.arguments.iter().position(|argument| {
            matches!(argument.value.kind, Kind::Name(_) | Kind::Member(..))
                && self.program().function(self.at, &argument.value).is_some()
        })?;
        let target = self.program().function(self.at, &call.arguments[position].value)?;
        let name = match &call.function.kind {
            Kind::Member(_, name) => name.value.as_str(),
            Kind::Name(name) => name.as_str(),
            _ => "",
        };
        let passes = matches!(
            name,
            "to_thread" | "run_in_executor" | "submit" | "partial" | "run_sync" | "apply" | "apply_async" | "starmap"
        );
        let captures = self.captures(target, environment);
        let offset = receiver(self.program(), target);
        let count = self.program().function_at(target).parameters.len();
        let mut parameters: Vec<Option<Taint>> = vec![None; count];
        if passes {
            for (slot, taint) in parameters.iter_mut().skip(offset).zip(arguments.iter().skip(position + 1)) {
                slot.clone_from(taint);
            }
        }
        if parameters.iter().all(Option::is_none) && captures.is_none() {
            return None;
        }
        let hop = self.hop(span, format!("passed to `{}`", self.program().function_at(target).name.as_deref()?));
        let returned = self.run_function(target, &parameters, captures.as_ref(), &hop, environment);
        passes.then_some(returned)
    }

    /// What a call changes: the collection that it adds to, or what is known of its arguments once it returns.
    fn changes(&mut self, call: &'a Call, span: Span, arguments: &[Option<Taint>], environment: &mut Environment) {
        let Kind::Member(object, method) = &call.function.kind else { return };
        let method = method.value.as_str();
        self.decoded(call, method, arguments, environment);
        if ADDS.contains(&method)
            && let Some(name) = dotted(object)
        {
            let items: Vec<&Expression> = call.arguments.iter().map(|argument| &argument.value).collect();
            let marks = |item: &Expression| item.text().is_some_and(ends_options);
            let ends = items.iter().any(|item| match &item.kind {
                Kind::List(list) => list.iter().any(marks),
                _ => marks(item),
            });
            if arguments.iter().any(Option::is_some) {
                let separated = environment.separated.contains(&name);
                for taint in self.sequence(&items, environment).into_iter().flatten() {
                    let clean = if separated { taint.clean | Mask::ARGUMENT } else { taint.clean };
                    environment.add(&name, Taint { clean, ..taint });
                }
            }
            if ends {
                environment.separated.insert(name);
            }
        }
        // Python's `path.relative_to(root)` raises where the path is not inside, and Rust's `strip_prefix` fails.
        if matches!(method, "relative_to" | "strip_prefix")
            && let Some(facts) = self.inside_of(object, span, environment)
        {
            environment.prove(&facts);
        }
    }

    /// A call of something outside of the project.
    fn beyond(
        &mut self,
        call: &'a Call,
        object: Option<Taint>,
        arguments: Vec<Option<Taint>>,
        environment: &mut Environment,
    ) -> Option<Taint> {
        let symbol = shape::canonical(&self.program().symbol(self.at, &call.function).unwrap_or_default());
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
        if let Some(shape) = shape::of_call(self.program(), self.at, call) {
            return self.shaped(call, shape, object, &arguments);
        }
        let record = object.as_ref().is_some_and(|taint| taint.record) || arguments.iter().flatten().any(|t| t.record);
        // What a text is replaced with matters as much as the text.
        let all: Vec<Taint> = object.clone().into_iter().chain(arguments.into_iter().flatten()).collect();
        let taint = join(all)?;
        let taint = self.cleaned_by(call, &symbol, last, taint)?;
        let keeps = object.is_some() || KEEPS.contains(&last);
        if object.is_none() && !keeps && self.answers(call, &symbol) {
            return None;
        }
        // `arguments.get("x")`, `request.RequireString("x")`, `Param(arguments, "x")`: one argument of many.
        let picked =
            call.arguments.iter().find_map(|argument| argument.value.text()).filter(|_| record && taint.record);
        if let Some(name) = picked {
            let taint = match &taint.fields {
                Some(_) => self.member_of(&taint, name)?,
                None => Taint { label: Some(name.to_owned()), record: false, class: None, ..taint },
            };
            let known = object.is_some().then(|| match &call.function.kind {
                Kind::Member(object, _) => dotted(object).map(|object| format!("{object}.{name}")),
                _ => None,
            });
            return match known.flatten() {
                Some(known) => environment.known(&known, taint),
                None => Some(taint),
            };
        }
        let record = taint.record && keeps;
        Some(Taint { guessed: taint.guessed || !keeps, record, ..taint })
    }

    /// A method of something that callers do not control, such as a client: its answer is not what it was asked.
    fn answers(&self, call: &Call, symbol: &str) -> bool {
        let Kind::Member(object, _) = &call.function.kind else { return false };
        let module = !symbol.is_empty() && !symbol.contains("()") && !symbol.starts_with("@/");
        !module
            && matches!(
                object.kind,
                Kind::Name(_) | Kind::Member(..) | Kind::Call(_) | Kind::Index(..) | Kind::Record(_)
            )
    }

    /// A text less what a call makes harmless.
    fn cleaned_by(&self, call: &'a Call, symbol: &str, last: &str, taint: Taint) -> Option<Taint> {
        if QUOTES.contains(&symbol) {
            return Some(Taint { quoted: true, ..taint });
        }
        if DECODES.contains(&last) {
            let from = taint.from.iter().map(|(position, _)| (*position, Mask::NONE)).collect();
            return Some(Taint { clean: Mask::NONE, form: Form::default(), from, ..taint });
        }
        if matches!(last, "split" | "Split" | "Fields" | "split_whitespace") {
            return Some(Taint { pieces: true, ..taint });
        }
        if matches!(last, "join" | "Join") && !symbol.contains("path") {
            return Some(taint.embedded(""));
        }
        if TEMPORARY.contains(&symbol) && call.keyword("dir").is_none() {
            return taint.cleaned(Mask::FILE);
        }
        let escaped = ESCAPES.iter().find(|(path, _)| *path == symbol).map(|(_, mask)| *mask);
        let method = || ESCAPING_METHODS.iter().find(|(word, _)| *word == last).map(|(_, mask)| *mask);
        let mask = escaped.or_else(method).unwrap_or_default() | replaced(self.program(), self.at, call);
        taint.cleaned(mask)
    }

    /// What is made of a path or URL.
    fn shaped(
        &self,
        call: &'a Call,
        shape: shape::Shape<'a>,
        object: Option<Taint>,
        arguments: &[Option<Taint>],
    ) -> Option<Taint> {
        let position = call.arguments.iter().position(|argument| std::ptr::eq(&raw const argument.value, shape.input));
        let input = match position {
            Some(position) => arguments.get(position).cloned().flatten(),
            None => object,
        };
        match shape.made {
            Made::Same | Made::Folder => input,
            Made::File(form) => input.map(|taint| Taint { form: taint.form.with(form), record: false, ..taint }),
            // A method joins what it is called on with its arguments.
            Made::Joined(form, replaces) if position.is_none() => {
                self.joined(std::iter::once(input).chain(arguments.iter().cloned()), replaces, form)
            }
            Made::Joined(form, replaces) => self.joined(arguments.iter().cloned(), replaces, form),
            Made::Relative => input.map(|taint| Taint { form: taint.form.with(Form::NORMAL), record: false, ..taint }),
            Made::Parsed => {
                let base = call.positional(1).filter(|_| call.construction);
                let own = input.map(|taint| match base {
                    // What begins with a slash keeps the host of the base.
                    Some(_) if taint.lead.starts_with('/') => {
                        let lead = format!("{HOLE}{}", taint.lead);
                        Taint { lead, ..taint }
                    }
                    _ => taint,
                });
                let base = base.and_then(|_| arguments.get(1).cloned().flatten());
                join(own.into_iter().chain(base)).map(|taint| Taint { record: false, ..taint })
            }
            Made::Host | Made::Scheme => input.map(|taint| Taint { record: false, ..taint }),
            Made::Clean(mask) => join(arguments.iter().flatten().cloned().chain(input)).and_then(|t| t.cleaned(mask)),
        }
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
        let parameters = self.parameters_of(call, target, object, arguments);
        let captures = self.captures(target, environment);
        if !self.engine.holds() && parameters.iter().all(Option::is_none) && captures.is_none() {
            return None;
        }
        let name = function.name.clone().unwrap_or_else(|| "a closure".to_owned());
        let hop = self.hop(span, format!("passed to `{name}`"));
        let returned = self.run_function(target, &parameters, captures.as_ref(), &hop, environment);
        let summary = self.summary(target, &parameters, captures.as_ref());
        let facts = self.facts_of_arguments(call, target, summary.normal.as_deref().unwrap_or(&[]));
        environment.prove(&facts);
        environment.prove(&self.refused_options(call, target));
        let made = call.construction || function.name.as_deref() == Some("__init__");
        if self.engine.holds() && (made || held::redacts(&name)) {
            return None;
        }
        if made {
            // An object that was given input: its members may be that input, or what was made of it.
            let before = join(parameters.into_iter().flatten())?;
            return Some(Taint { guessed: true, record: true, class: None, fields: None, ..before.hop(hop) });
        }
        // What a function with one argument makes of a real path, and still is resolved, is the same file.
        let real = arguments.len() == 1 && arguments.iter().flatten().any(|taint| taint.form.has(Form::REAL));
        returned.map(|taint| match real && taint.form.has(Form::NORMAL) {
            true => Taint { form: taint.form.with(Form::REAL), ..taint },
            false => taint,
        })
    }

    /// Runs a function of the project: notes what it does, and tells what it returns from here.
    pub(super) fn run_function(
        &mut self,
        target: At,
        parameters: &[Option<Taint>],
        captures: Option<&Environment>,
        hop: &crate::project::facts::Hop,
        environment: &Environment,
    ) -> Option<Taint> {
        let summary = self.summary(target, parameters, captures);
        // What sees the names around it is told from where it stands: nothing is to be added.
        let told = |taint: &Taint| if captures.is_some() { taint.clone() } else { taint.continued(parameters, hop) };
        let tool = environment.tool.clone();
        let hits: Vec<Hit> = summary
            .hits
            .iter()
            .map(|hit| Hit { taint: told(&hit.taint), tool: tool.clone().or_else(|| hit.tool.clone()), ..hit.clone() })
            .filter(|hit| !hit.taint.clean.contains(Mask::of(hit.sink)))
            .collect();
        self.add_hits(hits);
        let returned = told(summary.returns.as_ref()?);
        (returned.clean != Mask::ALL).then_some(returned)
    }

    /// The summary of a call, for what its result says about its arguments.
    pub(super) fn summary_of_call(
        &mut self,
        call: &'a Call,
        target: At,
        environment: &mut Environment,
    ) -> Option<Rc<Summary>> {
        let object = match &call.function.kind {
            Kind::Member(object, _) => self.value(object, environment),
            _ => None,
        };
        let arguments: Vec<Option<Taint>> =
            call.arguments.iter().map(|argument| self.value(&argument.value, environment)).collect();
        let parameters = self.parameters_of(call, target, object, &arguments);
        if parameters.iter().all(Option::is_none) {
            return None;
        }
        let captures = self.captures(target, environment);
        Some(self.summary(target, &parameters, captures.as_ref()))
    }

    /// The form of what a function of the project with one argument returns.
    pub(super) fn form_of_result(&self, call: &'a Call, environment: &Environment) -> Option<Form> {
        let target = self.program().function(self.at, &call.function)?;
        let argument = dotted(call.positional(0)?).and_then(|name| environment.get(&name))?;
        let parameters = self.parameters_of(call, target, None, &[Some(argument)]);
        self.summary(target, &parameters, None).returns.as_ref().map(|taint| taint.form)
    }

    /// Inside, steps are counted anew: what was found there is told as a continuation of each argument's story. A
    /// function that sees the names around it is run like a part of the function around it.
    fn summary(&self, target: At, parameters: &[Option<Taint>], captures: Option<&Environment>) -> Rc<Summary> {
        if captures.is_some() {
            return self.engine.analyse(target, parameters, captures, self.depth + 1);
        }
        let inner: Vec<Option<Taint>> =
            parameters.iter().enumerate().map(|(at, p)| p.as_ref().map(|taint| taint.begins(at))).collect();
        self.engine.analyse(target, &inner, None, self.depth + 1)
    }

    pub(super) fn parameters_of(
        &self,
        call: &Call,
        target: At,
        object: Option<Taint>,
        arguments: &[Option<Taint>],
    ) -> Vec<Option<Taint>> {
        let function = self.program().function_at(target);
        let offset = receiver(self.program(), target);
        let mut parameters: Vec<Option<Taint>> = vec![None; function.parameters.len()];
        if offset == 1 {
            parameters[0] = object;
        }
        let mut position = offset;
        for (argument, taint) in call.arguments.iter().zip(arguments) {
            let slot = match &argument.name {
                Some(name) => function
                    .parameters
                    .iter()
                    .position(|parameter| matches!(&parameter.pattern, Pattern::Name(n, _) if n == name)),
                None => {
                    position += 1;
                    Some((position - 1).min(function.parameters.len().wrapping_sub(1)))
                }
            };
            if let (Some(slot), Some(taint)) = (slot.and_then(|slot| parameters.get_mut(slot)), taint) {
                *slot = Some(taint.clone().or(slot.take()));
            }
        }
        parameters
    }

    /// Facts about a function's parameters as facts about what a call hands to it.
    pub(super) fn facts_of_arguments(&self, call: &'a Call, target: At, facts: &[Fact]) -> Vec<Fact> {
        let function = self.program().function_at(target);
        let offset = receiver(self.program(), target);
        let mut found = Vec::new();
        for fact in facts {
            for (position, parameter) in function.parameters.iter().enumerate().skip(offset) {
                let Some(rest) = below(&parameter.pattern, &fact.name) else { continue };
                let keyword = match &parameter.pattern {
                    Pattern::Name(name, _) => call.keyword(name),
                    _ => None,
                };
                let Some(argument) = keyword.or_else(|| call.positional(position - offset)) else { continue };
                found.extend(self.argument_name(argument).map(|name| Fact { name: name + &rest, ..fact.clone() }));
            }
        }
        found
    }

    /// The name that an argument is, through calls that keep it the same.
    fn argument_name(&self, argument: &'a Expression) -> Option<String> {
        dotted(argument).or_else(|| {
            let shape = shape::of_call(self.program(), self.at, argument.call()?)?;
            matches!(shape.made, Made::Same | Made::File(_) | Made::Parsed).then(|| dotted(shape.input)).flatten()
        })
    }

    /// What it proves that a path has a folder as its beginning.
    fn inside_of(&self, path: &'a Expression, span: Span, environment: &Environment) -> Option<Vec<Fact>> {
        let subject = self.subject(path, environment).filter(|subject| subject.is(Via::Same))?;
        environment.holds(subject.name()).then_some(())?;
        Some(self.inside_folder(&subject, span).when_true)
    }
}

/// The rest of a fact's name below what a parameter binds: `.path` of `args.path`, or of `{ path }`.
fn below(pattern: &Pattern, name: &str) -> Option<String> {
    match pattern {
        Pattern::Name(bound, _) => {
            let rest = name.strip_prefix(bound.as_str())?;
            (rest.is_empty() || rest.starts_with('.')).then(|| rest.to_owned())
        }
        Pattern::Fields(fields) => {
            fields.iter().find_map(|(key, inner)| below(inner, name).map(|rest| format!(".{key}{rest}")))
        }
        Pattern::Wrapped(_, items) => match items.as_slice() {
            [only] => below(only, name),
            _ => None,
        },
        _ => None,
    }
}
