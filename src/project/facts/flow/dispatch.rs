//! Functions that are reached through a table: `handlers[name](arguments)`; values that calls fill.

use super::{
    engine::Run,
    environment::Environment,
    taint::{Taint, dotted, join},
};
use crate::project::{
    program::At,
    syntax::{Call, Entry, Expression, Kind, Span},
};

/// Most functions of a table that are followed.
const MAX_ENTRIES: usize = 64;

impl<'a> Run<'_, '_, 'a> {
    /// What a call through a table gives: each function in it may be the one.
    pub(super) fn dispatched(
        &mut self,
        call: &'a Call,
        span: Span,
        arguments: &[Option<Taint>],
        environment: &mut Environment,
    ) -> Option<Option<Taint>> {
        if arguments.iter().all(Option::is_none) {
            return None;
        }
        let targets = self.table(&call.function);
        if targets.is_empty() {
            return None;
        }
        let mut returned = Vec::new();
        for (target, name) in targets {
            let parameters = self.parameters_of(call, target, None, arguments);
            if parameters.iter().all(Option::is_none) {
                continue;
            }
            let hop = self.hop(span, format!("passed to `{name}` of a table"));
            let captures = self.captures(target, environment);
            let mut inside = environment.clone();
            inside.tool = inside.tool.or(Some(name));
            returned.extend(self.run_function(target, &parameters, captures.as_ref(), &hop, &inside));
        }
        Some(join(returned))
    }

    /// The functions of the table that an expression is taken from, with their keys.
    fn table(&self, function: &'a Expression) -> Vec<(At, String)> {
        let (owner, value) = self.program().origin(self.at, function);
        let table = match &value.kind {
            Kind::Index(table, key) if key.text().is_none() => &**table,
            // `TABLE.get(name)`
            Kind::Call(inner) => match &inner.function.kind {
                Kind::Member(table, method) if matches!(method.value.as_str(), "get" | "at") => &**table,
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        let (owner, table) = self.program().origin(owner, table);
        let record = match &table.kind {
            Kind::Record(record) => record,
            // `new Map([[name, f]])`, `Object.freeze({..})`
            Kind::Call(made) => match made.positional(0).map(|inner| &inner.kind) {
                Some(Kind::Record(record)) => record,
                Some(Kind::List(pairs)) => return self.pairs(owner, pairs),
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        let entries = record.entries.iter().filter_map(|entry| match entry {
            Entry::Field(name, value) => Some((self.handler(owner, value)?, name.value.clone())),
            _ => None,
        });
        entries.take(MAX_ENTRIES).collect()
    }

    /// `new Map([["name", handler], ..])`
    fn pairs(&self, owner: At, pairs: &'a [Expression]) -> Vec<(At, String)> {
        let entries = pairs.iter().filter_map(|pair| {
            let Kind::List(items) = &pair.kind else { return None };
            let [name, value] = items.as_slice() else { return None };
            Some((self.handler(owner, value)?, name.text()?.to_owned()))
        });
        entries.take(MAX_ENTRIES).collect()
    }

    /// A function, or the one that a tool object holds.
    fn handler(&self, owner: At, value: &'a Expression) -> Option<At> {
        self.program().function(owner, value).or_else(|| {
            let (owner, value) = self.program().value(owner, value);
            let record = value.record()?;
            let names = ["handler", "execute", "run", "callback", "call"];
            names.iter().find_map(|name| self.program().function(owner, record.get(name)?))
        })
    }

    /// Go: `json.Unmarshal(text, &value)` and `request.BindArguments(&value)` fill what they are handed.
    pub(super) fn decoded(
        &mut self,
        call: &'a Call,
        method: &str,
        arguments: &[Option<Taint>],
        environment: &mut Environment,
    ) {
        let (source, target) = match method {
            "Unmarshal" => (arguments.first().cloned().flatten(), call.positional(1)),
            "BindArguments" | "Decode" => {
                let Kind::Member(object, _) = &call.function.kind else { return };
                (self.value(object, environment), call.positional(0))
            }
            _ => return,
        };
        if let (Some(taint), Some(name)) = (source, target.and_then(dotted)) {
            environment.set(&name, Some(Taint { record: true, ..taint }));
        }
    }
}
