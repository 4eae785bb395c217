//! What a file assigns: to names, and to fields of the object that a method is of. Asked of many names and fields, and
//! so noted once per file.

use std::collections::HashMap;

use crate::project::syntax::{ClassId, Expression, FunctionId, Kind, Module};

/// Assignments of one file, by name, in order.
#[derive(Debug, Default)]
pub(super) struct Assigned<'a> {
    names: HashMap<&'a str, Vec<(FunctionId, &'a Expression, &'a Expression)>>,
    fields: HashMap<&'a str, Vec<(FunctionId, &'a Expression)>>,
}

impl<'a> Assigned<'a> {
    /// Notes an expression, if it is an assignment. A name alone may be a field, where the language needs no `this`.
    pub(super) fn note(&mut self, function: FunctionId, expression: &'a Expression, implicit: bool) {
        let Kind::Assign(target, value) = &expression.kind else { return };
        match &target.kind {
            Kind::Name(name) => {
                self.names.entry(name).or_default().push((function, target, value));
                if implicit {
                    self.fields.entry(name).or_default().push((function, value));
                }
            }
            Kind::Member(object, field) if matches!(object.name(), Some("this" | "self")) => {
                self.fields.entry(&field.value).or_default().push((function, value));
            }
            _ => {}
        }
    }

    /// What is assigned to a name anywhere in the file: the function, the name as it is written there, the value.
    pub(super) fn to_name(&self, name: &str) -> &[(FunctionId, &'a Expression, &'a Expression)] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// What the methods of a class assign to a field of their object, in order of the methods.
    pub(super) fn to_field(&self, module: &Module, class: ClassId, name: &str) -> Vec<(FunctionId, &'a Expression)> {
        let Some(assigned) = self.fields.get(name) else { return Vec::new() };
        let mut found = Vec::new();
        for method in &module.classes[class].methods {
            found.extend(assigned.iter().copied().filter(|(function, _)| function == method));
        }
        found
    }

    /// The first value other than nothing that each method gives to a field.
    pub(super) fn first_of_field(
        &self,
        module: &Module,
        class: ClassId,
        name: &str,
    ) -> Vec<(FunctionId, &'a Expression)> {
        let mut found = self.to_field(module, class, name);
        found.retain(|(_, value)| !matches!(value.kind, Kind::Null));
        found.dedup_by_key(|(function, _)| *function);
        found
    }
}
