//! What a name holds that was bound outside of the function: constants of modules, settings, fields of objects.

use super::super::{engine::Run, environment::Environment, taint::Taint};
use crate::project::{
    program::At,
    syntax::{Expression, Kind},
};

/// Deepest chain of names.
const MAX_NAMES: usize = 10;

/// Most places that one name is followed to.
const MAX_ORIGINS: usize = 8;

impl<'a> Run<'_, '_, 'a> {
    /// What a name or a field of the object itself holds, if it was bound elsewhere.
    pub(in crate::project::facts::flow) fn elsewhere(&self, expression: &'a Expression) -> Option<Taint> {
        if self.names >= MAX_NAMES {
            return None;
        }
        match &expression.kind {
            Kind::Name(name) if matches!(name.as_str(), "this" | "self" | "cls") => return None,
            Kind::Name(name) if self.names > 0 || !self.program().is_local(self.at, name, expression.span.start) => {}
            Kind::Member(object, _) if matches!(object.name(), Some("this" | "self")) => {}
            _ => return None,
        }
        let key = (self.at, std::ptr::from_ref(expression) as usize);
        if let Some(known) = self.engine.elsewhere.borrow().get(&key) {
            return known.clone();
        }
        // What is made of itself is nothing on its first turn.
        self.engine.elsewhere.borrow_mut().insert(key, None);
        let mut found: Option<Taint> = None;
        for (at, origin, path) in self.bound(expression).into_iter().take(MAX_ORIGINS) {
            if std::ptr::eq(origin, expression) {
                continue;
            }
            let mut run = Run::at(self.engine, at, self.depth);
            run.names = self.names + 1;
            let Some(value) = run.outside(origin) else { continue };
            let part = path.iter().try_fold(value, |taint, step| match step.parse::<usize>() {
                Ok(position) => Some(taint).filter(|taint| run.is_held(taint, position)),
                Err(_) => run.part(&taint, step),
            });
            let taint = part.map(|taint| Taint { from: Vec::new(), ..taint });
            found = taint.map(|taint| taint.or(found.take())).or(found);
        }
        self.engine.elsewhere.borrow_mut().insert(key, found.clone());
        found
    }

    /// The value of an expression outside of any function. Remembered.
    fn outside(&mut self, origin: &'a Expression) -> Option<Taint> {
        let key = (self.at, std::ptr::from_ref(origin) as usize, self.names, self.depth);
        if let Some(known) = self.engine.outside.borrow().get(&key) {
            return known.clone();
        }
        let value = self.value(origin, &mut Environment::default());
        self.engine.outside.borrow_mut().insert(key, value.clone());
        value
    }

    fn bound(&self, expression: &'a Expression) -> Vec<(At, &'a Expression, Vec<String>)> {
        match &expression.kind {
            Kind::Member(object, name) => {
                let values = self.program().field_values(self.at, object, &name.value).unwrap_or_default();
                values.into_iter().map(|(at, value)| (at, value, Vec::new())).collect()
            }
            _ => self.program().bound_to(self.at, expression),
        }
    }
}
