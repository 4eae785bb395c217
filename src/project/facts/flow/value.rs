//! What an expression's value owes to a caller.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    archive,
    engine::Run,
    environment::Environment,
    held,
    mask::{Form, Mask},
    taint::{HOLE, Taint, dotted, join},
};
use crate::project::syntax::{Entry, Expression, Kind, Part, Span};

/// What ends the options of a program.
pub(super) fn ends_options(text: &str) -> bool {
    matches!(text, "--" | "--end-of-options")
}

impl<'a> Run<'_, '_, 'a> {
    /// The taint of an expression's value. Follows what happens inside: assignments, calls, closures.
    pub(super) fn value(&mut self, expression: &'a Expression, environment: &mut Environment) -> Option<Taint> {
        if self.engine.holds() {
            return self.held_value(expression, environment);
        }
        self.plain_value(expression, environment)
    }

    /// What follows from the form of an expression alone.
    pub(super) fn plain_value(&mut self, expression: &'a Expression, environment: &mut Environment) -> Option<Taint> {
        match &expression.kind {
            Kind::Unknown | Kind::Text(_) | Kind::Number(_) | Kind::Boolean(_) | Kind::Null => None,
            Kind::Name(name) => environment.get(name),
            Kind::Member(object, name) => self.member(expression, object, &name.value, environment),
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
            Kind::List(items) => {
                let items: Vec<&Expression> = items.iter().collect();
                let taints = self.sequence(&items, environment);
                join(taints.into_iter().flatten())
            }
            Kind::Other(items) => {
                if let Some(taint) = self.comprehension(items, environment) {
                    return taint;
                }
                let taints: Vec<Taint> = items.iter().filter_map(|item| self.value(item, environment)).collect();
                join(taints)
            }
            Kind::Record(record) => self.record(&record.entries, environment),
            Kind::Function(function) => {
                self.closure(*function, &[], environment);
                None
            }
            Kind::Assign(target, value) => self.assign(target, value, expression.span, environment),
            Kind::Spread(inner) => self.value(inner, environment),
            Kind::Block(body) => self.last_value(body, environment).0,
            Kind::Match(chosen) => self.choose_value(chosen, environment),
        }
    }

    fn member(
        &mut self,
        whole: &'a Expression,
        object: &'a Expression,
        name: &str,
        environment: &mut Environment,
    ) -> Option<Taint> {
        let known = dotted(whole);
        if let Some(taint) = known.as_ref().and_then(|known| environment.get(known)) {
            return Some(taint);
        }
        let taint = match self.value(object, environment) {
            None if self.engine.holds() => return self.elsewhere(whole),
            taint => taint?,
        };
        if name == "length" {
            return None;
        }
        if self.engine.archives && archive::is_one_part(self.program(), self.at, name) {
            return taint.cleaned(Mask::FILE);
        }
        // `Path(x).name` is one part of a path, whatever it was.
        if matches!(name, "name" | "stem" | "suffix")
            && self.program().symbol(self.at, object).is_some_and(|symbol| symbol.contains("Path()"))
        {
            return taint.cleaned(Mask::FILE);
        }
        let taint = self.member_of(&taint, name)?;
        match known {
            Some(known) => environment.known(&known, taint),
            None => Some(taint),
        }
    }

    fn index(
        &mut self,
        whole: &'a Expression,
        object: &'a Expression,
        index: &'a Expression,
        environment: &mut Environment,
    ) -> Option<Taint> {
        let known = dotted(whole);
        if let Some(taint) = known.as_ref().and_then(|known| environment.get(known)) {
            return Some(taint);
        }
        self.value(index, environment);
        let taint = self.value(object, environment)?;
        let taint = match index.text() {
            Some(key) => self.member_of(&taint, key)?,
            None if self.engine.holds() => self.chosen(&taint, index, environment)?,
            None => Taint { record: false, ..taint },
        };
        match known {
            Some(known) => environment.known(&known, taint),
            None => Some(taint),
        }
    }

    /// The items of a list of arguments, in order: what follows `--` is no option, and what follows an option is its
    /// value.
    pub(super) fn sequence(&mut self, items: &[&'a Expression], environment: &mut Environment) -> Vec<Option<Taint>> {
        let mut separated = false;
        let (mut after_option, mut takes_value) = (false, false);
        let mut taints = Vec::with_capacity(items.len());
        for item in items {
            let text = self.program().text(self.at, item);
            let mut taint = self.value(item, environment);
            if let Some(taint) = &mut taint {
                taint.after_option |= after_option;
                if separated {
                    taint.clean |= Mask::ARGUMENT;
                }
            }
            separated |= text.as_deref().is_some_and(ends_options);
            if takes_value && let Some(taint) = &mut taint {
                taint.clean |= Mask::ARGUMENT;
            }
            takes_value = matches!(text.as_deref(), Some("-e" | "-i" | "-m" | "-C"));
            if let Kind::Spread(inner) = &item.kind {
                separated |= dotted(inner).is_some_and(|name| environment.separated.contains(&name));
            }
            after_option = text.is_some_and(|text| text.starts_with('-') && text.len() > 1 && !text.contains('='));
            taints.push(taint);
        }
        taints
    }

    fn template(&mut self, parts: &'a [Part], environment: &mut Environment) -> Option<Taint> {
        let alone = parts.len() == 1;
        let mut before = String::new();
        let mut taints = Vec::new();
        for part in parts {
            match part {
                Part::Text(text) => before.push_str(text),
                Part::Value(value) => {
                    let taint = self.value(value, environment);
                    if alone {
                        return taint;
                    }
                    match taint {
                        Some(taint) => {
                            taints.push(taint.embedded(&before));
                            before.push(HOLE);
                        }
                        None => before.push_str(&self.known_text(value)),
                    }
                }
            }
        }
        join(taints)
    }

    /// What stands in a text, as far as it is written down.
    fn known_text(&self, value: &'a Expression) -> String {
        self.program().text(self.at, value).unwrap_or_else(|| HOLE.to_string())
    }

    fn binary(
        &mut self,
        operator: &str,
        a: &'a Expression,
        b: &'a Expression,
        environment: &mut Environment,
    ) -> Option<Taint> {
        if matches!(operator, "&&" | "and") {
            let left = self.value(a, environment);
            let proof = self.prove(a, environment);
            let mut inner = environment.with_proven(&proof.when_true);
            let right = self.value(b, &mut inner);
            // What is held on the left is there, and not what comes out.
            let left = left.filter(|_| !self.engine.holds());
            return join([left, right].into_iter().flatten());
        }
        let (left, right) = (self.value(a, environment), self.value(b, environment));
        match operator {
            "+" | "." => {
                if matches!(a.kind, Kind::List(_)) || matches!(b.kind, Kind::List(_)) {
                    return join([left, right].into_iter().flatten());
                }
                let before = match &left {
                    Some(left) => format!("{}{HOLE}", left.lead),
                    None => self.known_text(a),
                };
                let form = self.form_of_sum((a, &left), (b, &right));
                let left = left.map(|left| left.embedded(""));
                let right = right.map(|right| right.embedded(&before));
                let taint = join([left, right].into_iter().flatten())?;
                Some(Taint { form: taint.form.with(form), ..taint })
            }
            "||" | "??" | "or" => join([left, right].into_iter().flatten()),
            // `folder / name` joins paths in Python; elsewhere these are numbers.
            "/" => self.joined([left, right], true, Form::default()),
            "%" if self.engine.holds() => join([left, right].into_iter().flatten()),
            "%" => left,
            _ => None,
        }
    }

    /// The form of a path that a text was put before or behind: it stays resolved where no part can lead up.
    fn form_of_sum(
        &self,
        (a, left): (&'a Expression, &Option<Taint>),
        (b, right): (&'a Expression, &Option<Taint>),
    ) -> Form {
        let resolved = |taint: &Taint| taint.form.both(Form::NORMAL.with(Form::REAL));
        match (left, right) {
            (Some(left), None) if !self.known_text(b).contains("..") => resolved(left),
            (None, Some(right)) if self.known_text(a).chars().all(|c| matches!(c, '/' | '\\')) => resolved(right),
            // `text.charAt(0).toUpperCase() + text.slice(1)`
            (Some(left), Some(right)) if self.program().source(self.at.file, a.span).contains("charAt(0)") => {
                resolved(left).both(right.form)
            }
            _ => Form::default(),
        }
    }

    /// Parts of a path put together. Where `replaces` says so, an absolute part replaces those before it.
    pub(super) fn joined(
        &self,
        parts: impl IntoIterator<Item = Option<Taint>>,
        replaces: bool,
        form: Form,
    ) -> Option<Taint> {
        let parts = parts.into_iter().enumerate().filter_map(|(position, part)| {
            let mut part = part?;
            if position > 0 {
                let stays = !replaces || part.form.has(Form::RELATIVE);
                if stays && part.form.has(Form::NO_PARENT) {
                    part.clean |= Mask::PATH;
                }
                if part.lead.is_empty() {
                    part.lead = format!("{HOLE}/");
                }
            }
            part.record = false;
            Some(part)
        });
        let taint = join(parts)?;
        Some(Taint { form: taint.form.both(Form::NO_PARENT.with(Form::RELATIVE)).with(form), ..taint })
    }

    fn conditional(
        &mut self,
        condition: &'a Expression,
        a: &'a Expression,
        b: &'a Expression,
        environment: &mut Environment,
    ) -> Option<Taint> {
        self.value(condition, environment);
        let proof = self.prove(condition, environment);
        let mut yes = environment.with_proven(&proof.when_true);
        let mut no = environment.with_proven(&proof.when_false);
        let taints = [self.value(a, &mut yes), self.value(b, &mut no)];
        if self.engine.holds() && (held::stands_in(a) || held::stands_in(b)) {
            return None;
        }
        join(taints.into_iter().flatten())
    }

    fn record(&mut self, entries: &'a [Entry], environment: &mut Environment) -> Option<Taint> {
        let mut fields = BTreeMap::new();
        let mut open: Option<Taint> = None;
        for entry in entries {
            match entry {
                Entry::Field(name, value) => match self.value(value, environment) {
                    Some(taint) => drop(fields.insert(name.value.clone(), taint)),
                    None => drop(fields.remove(&name.value)),
                },
                Entry::Computed(key, value) => {
                    self.value(key, environment);
                    let taint = self.value(value, environment);
                    open = taint.or(open);
                }
                Entry::Spread(value) => match self.value(value, environment) {
                    // What follows stands for itself.
                    Some(Taint { fields: Some(rest), hops, .. }) if self.engine.holds() => {
                        let inner = |t: &Taint| Taint { hops: [t.hops.clone(), hops.clone()].concat(), ..t.clone() };
                        fields.extend(rest.iter().map(|(name, taint)| (name.clone(), inner(taint))));
                    }
                    taint => open = taint.or(open),
                },
            }
        }
        match open {
            // All of the other record, with fields that stand for themselves.
            Some(Taint { fields: Some(rest), .. }) => {
                let mut all = BTreeMap::clone(&rest);
                all.extend(fields);
                Some(Taint { fields: Some(Rc::new(all)), ..Taint::default() })
            }
            Some(open) => Some(open),
            None if fields.is_empty() => None,
            None => Some(Taint { fields: Some(Rc::new(fields)), ..Taint::default() }),
        }
    }

    fn assign(
        &mut self,
        target: &'a Expression,
        value: &'a Expression,
        span: Span,
        environment: &mut Environment,
    ) -> Option<Taint> {
        let mut taint = self.value(value, environment);
        if let Kind::List(targets) = &target.kind {
            for target in targets {
                if let Some(name) = dotted(target) {
                    environment.set(&name, taint.clone());
                }
            }
            return taint;
        }
        if let Some(name) = dotted(target) {
            let hop = self.hop(span, format!("becomes `{name}`"));
            taint = taint.map(|taint| taint.hop(hop));
            let known = self.known_of(value, environment);
            match &taint {
                Some(taint) if self.engine.holds() => environment.put(&name, taint.clone()),
                _ => environment.set(&name, taint.clone()),
            }
            known.note_name(&name, matches!(value.kind, Kind::Call(_)), environment);
        } else if let (Kind::Index(object, _), Some(taint)) = (&target.kind, &taint)
            && let Some(name) = dotted(object)
        {
            environment.add(&name, Taint { record: false, ..taint.clone() });
        }
        taint
    }
}
