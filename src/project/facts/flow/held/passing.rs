//! Calls of what lies beyond the project: which hand on what they are given, and which leave nothing of it.
//!
//! For what a server holds this is a list of what hands on. Everything else ends it: the answer to a request, a digest,
//! a length, a piece of a key.

use super::{
    Held,
    answers::RESULTS,
    downloads, secrets, tokens,
    words::{CONTENT, FUNCTIONS, MAPS, METHODS, PARTS, REDACTS},
};
use crate::project::{
    Language,
    facts::flow::{
        engine::Run,
        environment::Environment,
        taint::{Taint, dotted, join},
        words,
    },
    syntax::{Call, Expression, Kind, Part, Pattern, Span, Statement},
};

/// Functions of the project whose name says that they leave nothing of a secret.
pub(in crate::project::facts::flow) fn redacts(name: &str) -> bool {
    let words = crate::project::facts::bindings::words(name);
    words.iter().any(|word| REDACTS.contains(&word.as_str()))
}

impl<'a> Run<'_, '_, 'a> {
    /// What an expression holds: a source, or what follows from its form.
    pub(in crate::project::facts::flow) fn held_value(
        &mut self,
        expression: &'a Expression,
        environment: &mut Environment,
    ) -> Option<Taint> {
        let handlers = |at| self.engine.is_handler(at);
        let source = secrets::source(self.program(), self.at, expression)
            .or_else(|| tokens::source(self.program(), self.at, &handlers, expression));
        if let Some(taint) = source {
            let hop = self.hop(expression.span, "is read here".to_owned());
            return Some(taint.hop(hop));
        }
        match &expression.kind {
            Kind::Name(name) => environment.get(name).or_else(|| self.elsewhere(expression)),
            Kind::Unary(operator, inner) if operator == "delete" => {
                dotted(inner).iter().for_each(|name| environment.set(name, None));
                None
            }
            Kind::Other(_) if self.program().unit(self.at).language == Language::Python => {
                let taint = self.plain_value(expression, environment)?;
                let text = self.program().source(self.at.file, expression.span);
                // A comprehension over names, or one that chooses, tells no values.
                let values = (text.contains(".items()") || text.contains(".values()")) && !text.contains(" if ");
                (!taint.record || !text.contains(" for ") || values).then_some(taint)
            }
            _ => self.plain_value(expression, environment),
        }
    }

    /// What a member binds, also where the SDK hands it over.
    pub(in crate::project::facts::flow) fn part_of(&self, taint: Option<&Taint>, name: &str) -> Option<Taint> {
        match taint {
            None if self.engine.holds() && name == "authInfo" => Some(tokens::information("authInfo.token")),
            taint => self.member_of(taint?, name),
        }
    }

    /// Whether an item of several is the value that is held: of a pair the second, of a value and an error the first.
    pub(in crate::project::facts::flow) fn is_held(&self, taint: &Taint, position: usize) -> bool {
        match self.program().unit(self.at).language {
            _ if taint.record => position > 0,
            Language::Go => position == 0,
            _ => true,
        }
    }

    /// What a call beyond the project gives of what is held.
    pub(in crate::project::facts::flow) fn passed(
        &mut self,
        call: &'a Call,
        span: Span,
        object: Option<Taint>,
        arguments: &[Option<Taint>],
        environment: &mut Environment,
    ) -> Option<Taint> {
        if let Some(loaded) = downloads::source(self, call, span) {
            return Some(loaded);
        }
        let (receiver, word) = match &call.function.kind {
            Kind::Member(object, word) => (Some(&**object), word.value.as_str()),
            Kind::Name(word) => (None, word.as_str()),
            _ => return None,
        };
        let made = || join(arguments.iter().flatten().cloned());
        let Some(object) = object else {
            if !FUNCTIONS.contains(&word) && !RESULTS.contains(&word) && !CONTENT.contains(&word) {
                return None;
            }
            // A list or function as the second argument chooses what is written.
            if word == "stringify" && call.positional(1).is_some_and(|chosen| !matches!(chosen.kind, Kind::Null)) {
                return None;
            }
            let one = call.arguments.len() == 1;
            return match arguments.iter().flatten().next() {
                // The record itself, in another form.
                Some(taint) if one && taint.fields.is_some() && !RESULTS.contains(&word) => Some(taint.clone()),
                _ => self.merged(arguments),
            };
        };
        if MAPS.contains(&word) && call.arguments.iter().any(|argument| argument.value.kind.closure().is_some()) {
            return made();
        }
        if object.fields.is_some() || object.record {
            return self.of_record(call, word, receiver, object, environment);
        }
        let keeps = METHODS.contains(&word)
            || object.held.has(Held::TOKEN) && PARTS.contains(&word)
            || object.held.has(Held::LOADED) && (CONTENT.contains(&word) || PARTS.contains(&word));
        let object = keeps.then_some(object);
        // `text.concat(key)`, `"-".join(parts)`
        join(object.into_iter().chain(made().filter(|_| words::KEEPS.contains(&word))))
    }

    /// Several values as one: records keep their fields.
    fn merged(&self, arguments: &[Option<Taint>]) -> Option<Taint> {
        let mut leaves = Vec::new();
        arguments.iter().flatten().for_each(|taint| super::answers::leaves_of(taint, &mut leaves, 6));
        join(leaves)
    }

    /// A method of a set of values.
    fn of_record(
        &self,
        call: &'a Call,
        word: &str,
        receiver: Option<&'a Expression>,
        object: Taint,
        environment: &mut Environment,
    ) -> Option<Taint> {
        if matches!(word, "get" | "pop" | "setdefault" | "Get" | "header" | "getlist" | "remove") {
            let key = call.positional(0)?;
            let written = self.program().source(self.at.file, key.span);
            let taint = match key.text() {
                Some(name) => self.part(&object, name),
                None if written.ends_with("AUTHORIZATION") => self.part(&object, "authorization"),
                None => self.chosen(&object, key, environment),
            };
            if let (true, Some(name), Some(key)) = (word == "pop", receiver.and_then(dotted), key.text()) {
                environment.set(&format!("{name}.{key}"), None);
            }
            return taint;
        }
        // Names of variables are no secrets.
        let all = matches!(word, "keys" | "len" | "length" | "size");
        (!all && (METHODS.contains(&word) || matches!(word, "entries" | "toObject"))).then_some(object)
    }

    /// A member of something that is held.
    pub(in crate::project::facts::flow) fn part(&self, taint: &Taint, name: &str) -> Option<Taint> {
        if let Some(fields) = &taint.fields {
            let inner = fields.get(name)?.clone();
            return Some(Taint { hops: [inner.hops.clone(), taint.hops.clone()].concat(), ..inner });
        }
        let of = |inner: Taint| Taint {
            hops: taint.hops.clone(),
            from: taint.from.clone(),
            guessed: taint.guessed,
            ..inner
        };
        if taint.record {
            let secret = taint.held.has(Held::SECRET).then(|| secrets::named(name)).flatten();
            let token = taint.held.has(Held::TOKEN) && tokens::is_authorization(name);
            return secret.or_else(|| token.then(|| super::held(Held::TOKEN, "Authorization"))).map(of);
        }
        let says = matches!(name, "status" | "ok" | "headers" | "statusCode" | "status_code" | "length" | "url");
        (taint.held.has(Held::LOADED) && !says).then(|| taint.clone())
    }

    /// A member that is chosen while the program runs.
    pub(in crate::project::facts::flow) fn chosen(
        &self,
        taint: &Taint,
        key: &'a Expression,
        environment: &Environment,
    ) -> Option<Taint> {
        if taint.fields.is_some() {
            return None;
        }
        if !taint.record {
            return taint.held.has(Held::TOKEN.with(Held::LOADED)).then(|| taint.clone());
        }
        let written = self.program().source(self.at.file, key.span);
        if taint.held.has(Held::TOKEN) {
            return written.ends_with("AUTHORIZATION").then(|| self.part(taint, "authorization")).flatten();
        }
        // Which variable is told is the caller's choice.
        let name = dotted(key)?;
        let root = name.split('.').next()?;
        let function = self.program().function_at(self.at);
        let given = function.parameters.first().is_some_and(|first| tokens::binds(&first.pattern, root))
            || self.program().unit(self.at).language == Language::Python
                && function.parameters.iter().any(|parameter| tokens::binds(&parameter.pattern, root));
        let free = environment.known(&name, Taint::default()).is_some();
        let label = "a variable that the caller names";
        (given && free && self.engine.is_handler(self.at))
            .then(|| Taint { hops: taint.hops.clone(), ..super::held(Held::SECRET, label) })
    }

    /// What a loop draws from what is held: keys are names, and a body that chooses may choose well.
    pub(in crate::project::facts::flow) fn drawn(
        &self,
        taint: Option<Taint>,
        pattern: &Pattern,
        body: &[Statement],
    ) -> Option<Taint> {
        let taint = taint?;
        if taint.fields.is_some() {
            return None;
        }
        if !taint.record {
            return Some(taint);
        }
        let go = self.program().unit(self.at).language == Language::Go;
        let pair = go || matches!(pattern, Pattern::Items(_));
        let mut chooses = false;
        Statement::each(body, &mut |statement| {
            chooses |= matches!(statement, Statement::If { .. } | Statement::Match(_));
        });
        (pair && !chooses).then_some(taint)
    }
}

/// A text that stands where a secret would.
pub(in crate::project::facts::flow) fn stands_in(value: &Expression) -> bool {
    let hides = |text: &str| {
        let lower = text.to_lowercase();
        text.contains(['*', '•', '<', '[', '…']) || ["redact", "hidden", "mask"].iter().any(|word| lower.contains(word))
    };
    match &value.kind {
        Kind::Text(text) => hides(text),
        Kind::Template(parts) => parts.iter().any(|part| matches!(part, Part::Text(text) if hides(text))),
        _ => false,
    }
}
