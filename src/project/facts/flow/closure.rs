//! Functions inside of functions: they see the names around them.

use std::rc::Rc;

use super::{
    engine::{Run, Summary},
    environment::Environment,
    taint::Taint,
};
use crate::project::{program::At, syntax::Kind};

impl<'a> Run<'_, '_, 'a> {
    /// The names around a nested function, if it is called from where it stands.
    pub(super) fn captures(&self, target: At, environment: &Environment) -> Option<Environment> {
        if target.file != self.at.file || self.engine.holds() && environment.is_empty() {
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
    pub(super) fn closure(&mut self, function: usize, given: &[Taint], environment: &Environment) -> Option<Taint> {
        let summary = self.closure_summary(function, given, environment);
        self.add_hits(summary.hits.iter().cloned());
        summary.returns.clone()
    }

    pub(super) fn closure_summary(&self, function: usize, given: &[Taint], environment: &Environment) -> Rc<Summary> {
        let target = At { file: self.at.file, function };
        let count = self.program().function_at(target).parameters.len();
        let parameters: Vec<Option<Taint>> = (0..count).map(|position| given.get(position).cloned()).collect();
        self.engine.analyse(target, &parameters, Some(environment), self.depth + 1)
    }
}

impl Kind {
    /// A function written in place.
    pub(super) fn closure(&self) -> Option<usize> {
        match self {
            Self::Function(function) => Some(*function),
            _ => None,
        }
    }
}
