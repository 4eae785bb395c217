//! Members: fields and methods of classes, records, files and libraries' objects.

use super::{At, MAX_STEPS, Program, scope::Step, symbol::Thing};
use crate::project::syntax::{ClassId, Kind};

impl<'a> Program<'a> {
    /// A method of a class of the project, own or inherited within the project.
    pub fn method(&self, file: usize, class: ClassId, name: &str) -> Option<At> {
        self.method_within(file, class, name, MAX_STEPS)
    }

    pub(super) fn method_within(&self, file: usize, class: ClassId, name: &str, steps: usize) -> Option<At> {
        let steps = steps.checked_sub(1)?;
        if let Some(function) = self.units[file].declared.method(class, name) {
            return Some(At { file, function });
        }
        let definition = &self.units[file].module.classes[class];
        definition.bases.iter().find_map(|base| match self.type_thing(At { file, function: 0 }, base, steps)? {
            Thing::Class(file, class) | Thing::Instance(file, class) => self.method_within(file, class, name, steps),
            _ => None,
        })
    }

    /// A member of a thing.
    pub(super) fn member(&self, object: Thing<'a>, name: &str, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        match object {
            Thing::External(path) => Some(Thing::External(format!("{path}.{name}"))),
            Thing::File(file) => self.exported(file, name, steps),
            Thing::Class(file, class) | Thing::Instance(file, class) => self.class_member(file, class, name, steps),
            Thing::Value(at, value) => match &value.kind {
                Kind::Record(record) => self.thing_within(at, record.get(name)?, steps),
                _ => None,
            },
            Thing::Function(_) => None,
        }
    }

    pub(super) fn class_member(&self, file: usize, class: ClassId, name: &str, steps: usize) -> Option<Thing<'a>> {
        if let Some(method) = self.method_within(file, class, name, steps) {
            return Some(Thing::Function(method));
        }
        let definition = &self.units[file].module.classes[class];
        let top = At { file, function: 0 };
        let field = self.units[file].declared.fields(class, name).first();
        let value = field.and_then(|field| self.thing_within(top, field.value.as_ref()?, steps));
        // What is assigned says more than a type: `private run: typeof run`.
        let assigned = || self.assigned(file, class, name, steps);
        let typed = || self.instance_of(top, field?.annotation.as_ref()?, steps);
        if let Some(thing) = value.or_else(assigned).or_else(typed) {
            return Some(thing);
        }
        definition.bases.iter().find_map(|base| match self.type_thing(top, base, steps)? {
            Thing::External(path) => Some(Thing::External(format!("{path}().{name}"))),
            Thing::Class(f, c) if (f, c) != (file, class) => self.class_member(f, c, name, steps.checked_sub(1)?),
            _ => None,
        })
    }

    /// What a method of the class assigns to a field of its object. Remembered, because each use of a field that many
    /// methods assign would look at all of them, and again at all for every other such field in what they assign.
    pub(super) fn assigned(&self, file: usize, class: ClassId, name: &str, steps: usize) -> Option<Thing<'a>> {
        self.units[file].assigned.first_of_field(class, name).next()?;
        let key = (class, name.to_owned(), steps);
        if let Some(known) = self.fields[file].lock().expect("nobody panics while holding it").get(&key) {
            return known.clone();
        }
        let thing = self.assigned_by_methods(file, class, name, steps);
        self.fields[file].lock().expect("nobody panics while holding it").insert(key, thing.clone());
        thing
    }

    fn assigned_by_methods(&self, file: usize, class: ClassId, name: &str, steps: usize) -> Option<Thing<'a>> {
        for (function, value) in self.units[file].assigned.first_of_field(class, name) {
            let at = At { file, function };
            let known: Option<Thing<'a>> = match &value.kind {
                // `this.run = override ?? run`
                Kind::Binary(operator, given, usual) if matches!(operator.as_str(), "||" | "??") => {
                    self.thing_within(at, usual, steps).or_else(|| self.thing_within(at, given, steps))
                }
                _ => self.thing_within(at, value, steps),
            };
            if let Some(thing) = known {
                return Some(thing);
            }
        }
        None
    }

    pub(super) fn descend(&self, thing: Thing<'a>, path: &[Step], steps: usize) -> Option<Thing<'a>> {
        let mut thing = thing;
        for step in path {
            thing = match (step, thing) {
                (Step::Field(name), thing) => self.member(thing, name, steps)?,
                (Step::Unwrap, thing) => thing,
                (Step::Item(index), Thing::Value(at, value)) => match &value.kind {
                    Kind::List(items) => self.thing_within(at, items.get(*index)?, steps)?,
                    _ => return None,
                },
                (Step::Item(0), Thing::External(path)) if path.ends_with("()") => Thing::External(path),
                (Step::Item(index), Thing::External(path)) => Thing::External(format!("{path}[{index}]")),
                (Step::Item(_), _) => return None,
            };
        }
        Some(thing)
    }
}
