//! Python: checks of input that vanish when the program is started with `-O`.

use super::{Facts, bindings};
use crate::{
    finding::Place,
    project::{
        language::Language,
        program::Program,
        syntax::{Expression, Kind, Statement},
    },
};

/// An `assert` that decides whether a value is allowed.
#[derive(Clone, Debug)]
pub struct AssertedInput {
    /// The statement.
    pub place: Place,
    /// The name of the function that it stands in.
    pub function: Place,
    /// The names that it asks about.
    pub names: Vec<String>,
}

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate() {
        if unit.language != Language::Python || !unit.text.contains("assert ") {
            continue;
        }
        for definition in &unit.module.functions {
            Statement::each(&definition.body, &mut |statement| {
                let Statement::If { condition, span, .. } = statement else { return };
                if definition.is_test || !program.source(file, *span).starts_with("assert") || narrows(condition) {
                    return;
                }
                let mut names = Vec::new();
                condition.walk(&mut |part| {
                    if let Kind::Name(name) | Kind::Text(name) = &part.kind {
                        names.push(name.clone());
                    }
                });
                let (place, function) = (program.place(file, *span), program.place(file, definition.name_span));
                facts.asserted_inputs.push(AssertedInput { place, function, names });
            });
        }
    }
}

/// Whether it only tells a type checker what is known: `assert x is not None`, `assert isinstance(x, str)`, `assert x`.
fn narrows(condition: &Expression) -> bool {
    let mut decides = false;
    condition.walk(&mut |part| match &part.kind {
        Kind::Binary(operator, _, right) => {
            let compares = matches!(operator.as_str(), "<" | "<=" | ">" | ">=" | "==" | "!=" | "in" | "not in");
            decides |= compares && !matches!(right.kind, Kind::Null);
        }
        Kind::Call(call) => {
            let name = bindings::last_name(&call.function).unwrap_or_default();
            decides |= !matches!(name, "isinstance" | "issubclass" | "callable" | "hasattr" | "type" | "len");
        }
        _ => {}
    });
    !decides
}
