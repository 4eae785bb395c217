//! Where a value comes from: the expression that a name or field was given, calls included.

use super::{At, MAX_STEPS, Program, scope::Meaning, symbol::Thing};
use crate::project::syntax::{ClassId, Expression, Kind, Parameter};

impl<'a> Program<'a> {
    /// The expression that a name or field was given, followed through names, fields and imports. Unlike
    /// [`Program::value`] it does not stop before calls of libraries. Itself where nothing is known.
    pub fn origin(&self, at: At, expression: &'a Expression) -> (At, &'a Expression) {
        let (mut at, mut expression) = (at, expression);
        for _ in 0..MAX_STEPS {
            match self.given(at, expression) {
                Some((next_at, next)) if !std::ptr::eq(next, expression) => (at, expression) = (next_at, next),
                _ => break,
            }
        }
        (at, expression)
    }

    /// The parameter that a name is, with its position and the function that has it.
    pub fn parameter_of(&self, at: At, expression: &'a Expression) -> Option<(At, usize, &'a Parameter)> {
        let (owner, binding) = self.lookup(at, expression.name()?, expression.span.start)?;
        match &binding.meaning {
            Meaning::Parameter { position, steps } if steps.is_empty() => {
                Some((owner, *position, self.function_at(owner).parameters.get(*position)?))
            }
            _ => None,
        }
    }

    fn given(&self, at: At, expression: &'a Expression) -> Option<(At, &'a Expression)> {
        match &expression.kind {
            Kind::Name(name) => {
                let Some((owner, binding)) = self.lookup(at, name, expression.span.start) else {
                    let class =
                        self.classes_around(at).next().filter(|_| self.unit(at).language.has_implicit_this())?;
                    return self.field(at.file, class, name);
                };
                match &binding.meaning {
                    Meaning::Value { value: Some(value), steps, .. } if steps.is_empty() => Some((owner, value)),
                    Meaning::Import(import) => {
                        let files = self.paths.module(&self.units, owner.file, &import.module);
                        let name = import.name.as_ref()?;
                        files.iter().find_map(|&file| self.global(file, name))
                    }
                    _ => None,
                }
            }
            Kind::Member(object, name) => match self.thing(at, object)? {
                Thing::File(file) => self.global(file, &name.value),
                Thing::Class(file, class) | Thing::Instance(file, class) => self.field(file, class, &name.value),
                _ => self.step(at, expression),
            },
            Kind::Index(..) => self.step(at, expression),
            _ => None,
        }
    }

    fn global(&self, file: usize, name: &str) -> Option<(At, &'a Expression)> {
        let binding = self.units[file].scopes.get(0, name, usize::MAX)?;
        match &binding.meaning {
            Meaning::Value { value: Some(value), steps, .. } if steps.is_empty() => {
                Some((At { file, function: 0 }, value))
            }
            _ => None,
        }
    }

    /// What a field of a class is given: by its declaration, else by a method.
    fn field(&self, file: usize, class: ClassId, name: &str) -> Option<(At, &'a Expression)> {
        let declared = self.units[file].declared.fields(class, name).first();
        if let Some(value) = declared.and_then(|field| field.value.as_ref()) {
            return Some((At { file, function: 0 }, value));
        }
        let (function, value) = self.units[file].assigned.first_of_field(class, name).next()?;
        Some((At { file, function }, value))
    }
}
