//! Names: what a pattern takes of a controlled value, and what else is known of the name that it binds.

use super::{
    engine::Run,
    environment::{Environment, Fact, Outcome, Via},
    shape::{Made, of_member},
    source,
    taint::Taint,
    value::ends_options,
};
use crate::project::{
    program::At,
    syntax::{Expression, Kind, Pattern},
};

impl<'a> Run<'_, '_, 'a> {
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
                    let part = match inner {
                        Pattern::Rest(_) => taint.clone().map(|taint| taint.without(fields.iter().map(|(key, _)| key))),
                        _ => self.part_of(taint.as_ref(), key),
                    };
                    self.bind(inner, part, environment);
                }
            }
            Pattern::Items(items) => {
                for (position, inner) in items.iter().enumerate() {
                    let taint = taint.clone().filter(|taint| !self.engine.holds() || self.is_held(taint, position));
                    self.bind(inner, taint.map(|taint| taint.piece(position)), environment);
                }
            }
            Pattern::Rest(rest) => self.bind(rest, taint, environment),
            Pattern::Wrapped(_, items) => items.iter().for_each(|inner| self.bind(inner, taint.clone(), environment)),
        }
    }

    /// A member of a controlled value.
    pub(super) fn member_of(&self, taint: &Taint, name: &str) -> Option<Taint> {
        if self.engine.holds() {
            return self.part(taint, name);
        }
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
            if annotation.is_some_and(|annotation| source::narrow(self.engine.program, top, annotation)) {
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
            Kind::List(items) => items.iter().any(|item| item.text().is_some_and(ends_options)),
            _ => false,
        };
        Known { derived, outcome, separated }
    }
}

/// What is known of a value besides what it owes to callers.
pub(super) struct Known {
    derived: Option<(String, Via)>,
    outcome: Outcome,
    separated: bool,
}

/// Fields of results that say whether all is well.
pub(super) const FLAGS: &[&str] = &["valid", "ok", "isValid", "allowed", "success", "safe", "is_valid"];

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
                if let Some((of, Via::Same)) = &self.derived {
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
            environment.derived.insert(name.to_owned(), of, via);
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
        let via = match of_member(key) {
            Some(Made::Host) => Via::Host,
            Some(Made::Scheme) => Via::Scheme,
            _ => continue,
        };
        if let Pattern::Name(name, _) = inner {
            environment.derived.insert(name.clone(), of.to_owned(), via);
        }
    }
}
