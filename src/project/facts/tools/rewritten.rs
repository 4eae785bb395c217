//! Descriptions that the program itself replaces while it serves.

use std::collections::HashSet;

use super::{placement, typescript::written};
use crate::{
    finding::Place,
    project::{
        Role,
        program::{At, Program},
        syntax::{Expression, Kind},
    },
};

/// Where a handler replaces a description, and of what: `f.__doc__ = ..`, `tool.description = ..`,
/// `tool.update({ description: .. })`.
pub(super) fn find(program: &Program<'_>, handlers: &HashSet<At>) -> Vec<(Place, String)> {
    let mut found = Vec::new();
    for (file, unit) in program.units().iter().enumerate().filter(|(_, unit)| unit.role != Role::Test) {
        unit.expressions(&mut |function, expression| {
            let at = At { file, function };
            if let Some(what) = replaced(expression)
                && placement::inside(program, at, handlers)
            {
                let name = program.source(file, what.span).to_owned();
                found.push((program.place(file, expression.span), name));
            }
        });
    }
    found
}

/// What gets another description.
fn replaced(expression: &Expression) -> Option<&Expression> {
    match &expression.kind {
        Kind::Assign(target, _) => match &target.kind {
            Kind::Member(object, name) if name.value == "__doc__" => Some(object),
            Kind::Member(object, name) if name.value == "description" => {
                let tool = object.name().is_some_and(|name| name.to_lowercase().ends_with("tool"));
                tool.then_some(&**object)
            }
            _ => None,
        },
        Kind::Call(call) if written(call) == "update" => {
            let Kind::Member(object, _) = &call.function.kind else { return None };
            let tool = object.name().is_some_and(|name| name.to_lowercase().contains("tool"));
            let given = call.positional(0)?.record()?.get("description").is_some();
            (tool && given).then_some(&**object)
        }
        _ => None,
    }
}
