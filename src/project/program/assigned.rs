//! What a file assigns: to names, and to fields of the object that a method is of. Asked of many names and fields, and
//! so noted once per file.

use std::{collections::HashMap, iter};

use crate::project::syntax::{ClassId, Expression, FunctionId, Kind, Module};

/// The function that assigns, and the value.
type Given<'a> = (FunctionId, &'a Expression);

/// Assignments of one file, by name, in order.
#[derive(Debug, Default)]
pub(super) struct Assigned<'a> {
    names: HashMap<&'a str, Vec<(FunctionId, &'a Expression, &'a Expression)>>,
    fields: HashMap<&'a str, HashMap<ClassId, Vec<Given<'a>>>>,
}

impl<'a> Assigned<'a> {
    /// Notes an expression, if it is an assignment. A name alone may be a field, where the language needs no `this`.
    pub(super) fn note(&mut self, module: &Module, function: FunctionId, expression: &'a Expression, implicit: bool) {
        let Kind::Assign(target, value) = &expression.kind else { return };
        let class = module.functions[function].class;
        match &target.kind {
            Kind::Name(name) => {
                self.names.entry(name).or_default().push((function, target, value));
                if let (true, Some(class)) = (implicit, class) {
                    self.fields.entry(name).or_default().entry(class).or_default().push((function, value));
                }
            }
            Kind::Member(object, field) if matches!(object.name(), Some("this" | "self")) => {
                if let Some(class) = class {
                    let given = self.fields.entry(&field.value).or_default();
                    given.entry(class).or_default().push((function, value));
                }
            }
            _ => {}
        }
    }

    /// What is assigned to a name anywhere in the file: the function, the name as it is written there, the value.
    pub(super) fn to_name(&self, name: &str) -> &[(FunctionId, &'a Expression, &'a Expression)] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// What the methods of a class assign to a field of their object, in order of the methods.
    pub(super) fn to_field(&self, class: ClassId, name: &str) -> &[Given<'a>] {
        self.fields.get(name).and_then(|given| given.get(&class)).map_or(&[], Vec::as_slice)
    }

    /// The first value other than nothing that each method gives to a field.
    pub(super) fn first_of_field(
        &self,
        class: ClassId,
        name: &str,
    ) -> impl Iterator<Item = (FunctionId, &'a Expression)> {
        let mut given =
            self.to_field(class, name).iter().copied().filter(|(_, value)| !matches!(value.kind, Kind::Null));
        let mut last = None;
        iter::from_fn(move || {
            let next = given.find(|(function, _)| last != Some(*function))?;
            last = Some(next.0);
            Some(next)
        })
    }
}
