//! Functions of the project that look at every argument of a program and refuse options.

use crate::project::{
    facts::flow::{
        engine::{Run, receiver},
        environment::Fact,
        mask::Mask,
        taint::dotted,
    },
    program::At,
    syntax::{Call, Kind, Pattern, Statement},
};

/// How a test for an option is written.
const TESTS: &[&str] =
    &["startsWith(\"-", "startsWith('-", "startswith(\"-", "startswith('-", "starts_with('-", "starts_with(\"-"];

impl<'a> Run<'_, '_, 'a> {
    /// What a call proves of a list: each of its items was looked at, and what begins with `-` compared with a list.
    pub(in crate::project::facts::flow) fn refused_options(&self, call: &'a Call, target: At) -> Vec<Fact> {
        let function = self.program().function_at(target);
        let offset = receiver(self.program(), target);
        let parameters = function.parameters.iter().enumerate().skip(offset);
        let mut facts = Vec::new();
        for (position, parameter) in parameters {
            let Pattern::Name(name, _) = &parameter.pattern else { continue };
            if !self.looks_at_options(target, name) {
                continue;
            }
            let argument = call.keyword(name).or_else(|| call.positional(position - offset));
            let named = argument.and_then(dotted);
            facts.extend(named.map(|name| Fact { name, mask: Mask::ARGUMENT, ..Fact::default() }));
        }
        facts
    }

    fn looks_at_options(&self, target: At, list: &str) -> bool {
        let function = self.program().function_at(target);
        let mut found = false;
        Statement::each(&function.body, &mut |statement| {
            let Statement::Loop { binding: Some((_, from)), body, span, .. } = statement else { return };
            if found || from.name() != Some(list) {
                return;
            }
            let text = self.program().source(target.file, *span);
            let prefix = text.contains("HasPrefix(") && text.contains("\"-");
            found = (prefix || TESTS.iter().any(|test| text.contains(test))) && self.refuses(target, body);
        });
        found
    }

    /// Something in a body throws, or calls what does nothing else.
    fn refuses(&self, at: At, body: &'a [Statement]) -> bool {
        let mut found = false;
        Statement::each(body, &mut |statement| {
            found |= match statement {
                Statement::Raise(..) => true,
                Statement::Return(Some(value), _) => matches!(value.kind, Kind::Call(_)),
                Statement::Expression(expression) => expression.call().is_some_and(|call| {
                    let called = self.program().function(at, &call.function);
                    let last = called.and_then(|called| self.program().function_at(called).body.last());
                    matches!(last, Some(Statement::Raise(..)))
                }),
                _ => false,
            };
        });
        found
    }
}
