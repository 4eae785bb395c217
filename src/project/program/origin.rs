//! Where a value is written down, whatever it is: a construction of a library's class as well as a literal.

use super::{
    At, MAX_STEPS, Program, Site,
    elsewhere::By,
    results::returns,
    scope::{Meaning, Step},
    symbol::{Thing, has_receiver},
};
use crate::project::{
    language::Language,
    syntax::{Entry, Expression, Kind},
};

/// Callers that are followed for one parameter.
const MAX_CALLERS: usize = 8;

/// Expressions that are looked at for one question: callers of callers are many in a large program.
const MAX_WORK: usize = 500;

/// What was found, and how much may still be looked at.
struct Origins<'a> {
    list: Vec<(At, &'a Expression)>,
    left: usize,
}

impl<'a> Program<'a> {
    /// The expressions that a value may come from: through names, parameters and their callers, fields of objects,
    /// results of the project's functions, exports and alternatives. What cannot be followed stands for itself.
    pub fn origins(&self, at: At, expression: &'a Expression) -> Vec<(At, &'a Expression)> {
        let mut found = Origins { list: Vec::new(), left: MAX_WORK };
        self.origins_within(at, expression, &[], MAX_STEPS, &mut found);
        found.list
    }

    fn origins_within(
        &self,
        at: At,
        expression: &'a Expression,
        fields: &[String],
        steps: usize,
        found: &mut Origins<'a>,
    ) {
        let (Some(steps), Some(left)) = (steps.checked_sub(1), found.left.checked_sub(1)) else { return };
        found.left = left;
        let before = found.list.len();
        match &expression.kind {
            Kind::Name(name) if name != "this" => self.origins_of_name(at, name, expression, fields, steps, found),
            Kind::Member(object, name) => {
                let known = self.origins_of_field(at, object, &name.value, fields, steps, found);
                let fields = [std::slice::from_ref(&name.value), fields].concat();
                if !known {
                    self.origins_within(at, object, &fields, steps, found);
                }
                // What is not written down is the member itself.
                if found.list[before..]
                    .iter()
                    .any(|(_, origin)| matches!(origin.kind, Kind::Name(_) | Kind::Member(..)))
                {
                    found.list.truncate(before);
                }
            }
            Kind::Conditional(_, a, b) => {
                self.origins_within(at, a, fields, steps, found);
                self.origins_within(at, b, fields, steps, found);
            }
            Kind::Binary(operator, a, b) if matches!(operator.as_str(), "||" | "??" | "&&") => {
                if operator != "&&" {
                    self.origins_within(at, a, fields, steps, found);
                }
                self.origins_within(at, b, fields, steps, found);
            }
            Kind::Assign(_, value) => self.origins_within(at, value, fields, steps, found),
            Kind::Call(call) => match self.thing(at, &call.function) {
                Some(Thing::Function(target)) if !call.construction => {
                    for value in returns(&self.function_at(target).body) {
                        self.origins_within(target, value, fields, steps, found);
                    }
                }
                _ if fields.is_empty() || fields == ["server"] => found.list.push((at, expression)),
                _ => {}
            },
            Kind::Record(record) if !fields.is_empty() => match record.get(&fields[0]) {
                Some(value) => self.origins_within(at, value, &fields[1..], steps, found),
                None => {
                    for entry in &record.entries {
                        if let Entry::Spread(inner) = entry {
                            self.origins_within(at, inner, fields, steps, found);
                        }
                    }
                }
            },
            _ if fields.is_empty() => found.list.push((at, expression)),
            _ => {}
        }
        if found.list.len() == before && fields.is_empty() {
            found.list.push((at, expression));
        }
    }

    fn origins_of_name(
        &self,
        at: At,
        name: &'a str,
        expression: &'a Expression,
        fields: &[String],
        steps: usize,
        found: &mut Origins<'a>,
    ) {
        let Some((owner, binding)) = self.lookup(at, name, expression.span.start) else { return };
        match &binding.meaning {
            Meaning::Value { value: Some(value), steps: path, .. } => {
                let fields = [path_of(path), fields.to_vec()].concat();
                self.origins_within(owner, value, &fields, steps, found);
            }
            Meaning::Value { value: None, .. } => {
                for (from, value) in self.assignments(owner, name) {
                    self.origins_within(from, value, fields, steps, found);
                }
            }
            Meaning::Parameter { position, steps: path } => {
                let function = self.function_at(owner);
                let fields = [path_of(path), fields.to_vec()].concat();
                // Go and Python write the receiver among the parameters.
                let go = function.class.is_some() && self.unit(owner).language == Language::Go;
                let receiver = usize::from(go || has_receiver(function));
                for Site { at, call, .. } in self.callers(owner).iter().take(MAX_CALLERS) {
                    let keyword = call.keyword(name).filter(|_| path.is_empty());
                    let positional = || position.checked_sub(receiver).and_then(|position| call.positional(position));
                    let argument = keyword.or_else(positional);
                    if let Some(argument) = argument {
                        self.origins_within(*at, argument, &fields, steps, found);
                    }
                }
                if let Some(default) = function.parameters.get(*position).and_then(|p| p.default.as_ref()) {
                    self.origins_within(owner, default, &fields, steps, found);
                }
            }
            Meaning::Import(import) => {
                let Some(name) = &import.name else { return };
                for target in self.paths.module(&self.units, at.file, &import.module) {
                    self.origins_of_export(target, name, fields, steps, found);
                }
            }
            _ => {}
        }
    }

    fn origins_of_export(&self, file: usize, name: &str, fields: &[String], steps: usize, found: &mut Origins<'a>) {
        let Some(steps) = steps.checked_sub(1) else { return };
        // Python exports what it binds.
        if self.units[file].language == Language::Python {
            let owner = At { file, function: 0 };
            if let Some(Meaning::Value { value: Some(value), steps: path, .. }) =
                self.units[file].scopes.get(0, name, usize::MAX).map(|binding| &binding.meaning)
            {
                let fields = [path_of(path), fields.to_vec()].concat();
                self.origins_within(owner, value, &fields, steps, found);
            }
            return;
        }
        let named = self.units[file].declared.exports(name);
        if named.is_empty() {
            for target in self.elsewhere.taken(file, By::Export, name) {
                if !self.units[target].declared.exports(name).is_empty() {
                    self.origins_of_export(target, name, fields, steps, found);
                }
            }
        }
        for export in named {
            let local = &export.local;
            if let Some(from) = &export.from {
                for target in self.paths.module(&self.units, file, from) {
                    self.origins_of_export(target, local, fields, steps, found);
                }
                continue;
            }
            let owner = At { file, function: 0 };
            let Some(binding) = self.units[file].scopes.get(0, local, usize::MAX) else { continue };
            match &binding.meaning {
                Meaning::Value { value: Some(value), steps: path, .. } => {
                    let fields = [path_of(path), fields.to_vec()].concat();
                    self.origins_within(owner, value, &fields, steps, found);
                }
                Meaning::Import(import) => {
                    let Some(name) = &import.name else { continue };
                    for target in self.paths.module(&self.units, file, &import.module) {
                        self.origins_of_export(target, name, fields, steps, found);
                    }
                }
                _ => {}
            }
        }
    }

    /// What is assigned to a field of an object of the project's class; whether that is what `object` is.
    fn origins_of_field(
        &self,
        at: At,
        object: &'a Expression,
        name: &str,
        fields: &[String],
        steps: usize,
        found: &mut Origins<'a>,
    ) -> bool {
        let Some(values) = self.field_values(at, object, name) else { return false };
        for (at, value) in values {
            self.origins_within(at, value, fields, steps, found);
        }
        true
    }

    /// What is assigned to a field of an object of the project's class; nothing where `object` is none.
    pub fn field_values(&self, at: At, object: &'a Expression, name: &str) -> Option<Vec<(At, &'a Expression)>> {
        let (file, class) = match self.thing(at, object) {
            Some(Thing::Instance(file, class) | Thing::Class(file, class)) => (file, class),
            _ => return None,
        };
        let unit = &self.units[file];
        let declared = unit.declared.fields(class, name).iter().filter_map(|field| field.value.as_ref());
        let mut values: Vec<(At, &'a Expression)> = declared.map(|value| (At { file, function: 0 }, value)).collect();
        let assigned = unit.assigned.to_field(class, name).iter().take(MAX_WORK);
        values.extend(assigned.map(|&(function, value)| (At { file, function }, value)));
        Some(values)
    }

    /// What a name is bound to, one step back: the expressions, and the fields that are taken of them.
    pub fn bound_to(&self, at: At, expression: &'a Expression) -> Vec<(At, &'a Expression, Vec<String>)> {
        let Some(name) = expression.name() else { return Vec::new() };
        let Some((owner, binding)) = self.lookup(at, name, expression.span.start) else { return Vec::new() };
        match &binding.meaning {
            Meaning::Value { value: Some(value), steps, .. } => vec![(owner, *value, path_of(steps))],
            Meaning::Value { value: None, .. } => {
                let assigned = self.assignments(owner, name).into_iter();
                assigned.take(MAX_CALLERS).map(|(at, value)| (at, value, Vec::new())).collect()
            }
            Meaning::Parameter { position, steps } => {
                let receiver = usize::from(has_receiver(self.function_at(owner)));
                let given = self.callers(owner).iter().take(MAX_CALLERS / 2).filter_map(|Site { at, call, .. }| {
                    let positional = || position.checked_sub(receiver).and_then(|position| call.positional(position));
                    let keyword = call.keyword(name).filter(|_| steps.is_empty());
                    Some((*at, keyword.or_else(positional)?, path_of(steps)))
                });
                given.collect()
            }
            Meaning::Import(import) => {
                let Some(name) = &import.name else { return Vec::new() };
                let files = self.paths.module(&self.units, at.file, &import.module);
                files.into_iter().filter_map(|file| self.bound_export(file, name, MAX_STEPS)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What a file binds to a name that others import.
    fn bound_export(&self, file: usize, name: &str, steps: usize) -> Option<(At, &'a Expression, Vec<String>)> {
        let steps = steps.checked_sub(1)?;
        let unit = &self.units[file];
        let export = unit.declared.exports(name).first();
        let further = |from: &str, name: &str| {
            let files = self.paths.module(&self.units, file, from);
            files.into_iter().find_map(|target| self.bound_export(target, name, steps))
        };
        if let Some(from) = export.and_then(|export| export.from.as_ref()) {
            return further(from, &export?.local);
        }
        let local = export.map_or(name, |export| export.local.as_str());
        match &unit.scopes.get(0, local, usize::MAX)?.meaning {
            Meaning::Value { value: Some(value), steps, .. } => {
                Some((At { file, function: 0 }, *value, path_of(steps)))
            }
            Meaning::Import(import) => further(&import.module, import.name.as_ref()?),
            _ => None,
        }
    }

    /// What is assigned to a name that was declared without a value, in its function and those inside.
    fn assignments(&self, owner: At, name: &str) -> Vec<(At, &'a Expression)> {
        let assigned = self.units[owner.file].assigned.to_name(name).iter();
        let here = assigned.map(|&(function, target, value)| (At { file: owner.file, function }, target, value));
        here.filter(|(at, target, _)| {
            self.lookup(*at, name, target.span.start).is_some_and(|(other, _)| other == owner)
        })
        .map(|(at, _, value)| (at, value))
        .collect()
    }

    /// The values that a function of the project gives back.
    pub fn results(&self, function: At) -> Vec<&'a Expression> {
        returns(&self.function_at(function).body)
    }
}

/// Steps as names of fields.
fn path_of(steps: &[Step]) -> Vec<String> {
    let field = |step: &Step| match step {
        Step::Field(name) => Some(name.clone()),
        Step::Item(index) => Some(index.to_string()),
        Step::Unwrap => None,
    };
    steps.iter().filter_map(field).collect()
}
