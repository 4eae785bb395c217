//! What a file declares, by name. Names are looked up wherever they are used, and so each is noted once per file.

use std::collections::HashMap;

use crate::project::syntax::{ClassId, Export, Field, FunctionId, Module};

/// Declarations of one file; of several with one name the first.
#[derive(Debug, Default)]
pub(super) struct Declared<'a> {
    classes: HashMap<&'a str, ClassId>,
    members: Vec<Members<'a>>,
    exports: HashMap<&'a str, Vec<&'a Export>>,
}

/// Methods and fields of one class.
#[derive(Debug, Default)]
struct Members<'a> {
    methods: HashMap<&'a str, FunctionId>,
    fields: HashMap<&'a str, Vec<&'a Field>>,
}

impl<'a> Declared<'a> {
    pub(super) fn of(module: &'a Module) -> Self {
        let mut declared = Self::default();
        for (id, class) in module.classes.iter().enumerate() {
            declared.classes.entry(&class.name).or_insert(id);
            let mut members = Members::default();
            for &method in &class.methods {
                if let Some(name) = &module.functions[method].name {
                    members.methods.entry(name).or_insert(method);
                }
            }
            for field in &class.fields {
                members.fields.entry(&field.name).or_default().push(field);
            }
            declared.members.push(members);
        }
        for export in &module.exports {
            declared.exports.entry(&export.name).or_default().push(export);
        }
        declared
    }

    /// The class of a name.
    pub(super) fn class(&self, name: &str) -> Option<ClassId> {
        self.classes.get(name).copied()
    }

    /// A method of a class.
    pub(super) fn method(&self, class: ClassId, name: &str) -> Option<FunctionId> {
        self.members[class].methods.get(name).copied()
    }

    /// Every field of a class that has a name: a property may be declared twice.
    pub(super) fn fields(&self, class: ClassId, name: &str) -> &[&'a Field] {
        self.members[class].fields.get(name).map_or(&[], Vec::as_slice)
    }

    /// What is exported under a name, `*` among them.
    pub(super) fn exports(&self, name: &str) -> &[&'a Export] {
        self.exports.get(name).map_or(&[], Vec::as_slice)
    }

    /// The names that are exported.
    pub(super) fn exported(&self) -> impl Iterator<Item = &'a str> {
        self.exports.keys().copied()
    }
}
