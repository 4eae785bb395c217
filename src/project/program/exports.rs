//! Names that cross files: what an import brings and what a file offers.

use super::{At, Program, symbol::Thing};
use crate::project::{language::Language, syntax::Import};

impl<'a> Program<'a> {
    pub(super) fn imported(&self, file: usize, import: &Import, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        let targets = self.paths.module(&self.units, file, &import.module);
        let Some(name) = &import.name else {
            return Some(match targets.first() {
                Some(&target) => Thing::File(target),
                None => Thing::External(canonical(&import.module)),
            });
        };
        if let Some(target) = self.paths.submodule(&self.units, file, import) {
            let shadowed = targets.iter().find_map(|&t| self.exported(t, name, steps));
            return Some(shadowed.unwrap_or(Thing::File(target)));
        }
        if let Some(thing) = targets.iter().find_map(|&target| self.exported(target, name, steps)) {
            return Some(thing);
        }
        let module = canonical(&import.module);
        let local = !targets.is_empty() || import.module.starts_with('.') || import.module.starts_with("crate::");
        match name.as_str() {
            _ if local => None,
            "default" => Some(Thing::External(module)),
            name => Some(Thing::External(format!("{module}.{name}"))),
        }
    }

    /// What a file offers under a name.
    pub(super) fn exported(&self, file: usize, name: &str, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        let module = self.units[file].module;
        for export in module.exports.iter().filter(|export| export.name == name || export.name == "*") {
            let local = if export.name == "*" { name } else { &export.local };
            let found = match &export.from {
                None => {
                    let binding = self.units[file].scopes.get(0, local, usize::MAX);
                    binding.and_then(|binding| self.bound(At { file, function: 0 }, binding, steps))
                }
                Some(from) => match self.paths.module(&self.units, file, from).first() {
                    Some(&target) if local == "*" => Some(Thing::File(target)),
                    Some(&target) => self.exported(target, local, steps),
                    None if export.name == "*" => None,
                    None => Some(Thing::External(format!("{}.{local}", canonical(from)))),
                },
            };
            if found.is_some() {
                return found;
            }
        }
        match self.units[file].scopes.get(0, name, usize::MAX) {
            Some(binding) => self.bound(At { file, function: 0 }, binding, steps),
            None if self.units[file].language == Language::Go => self.of_package(file, name, steps),
            None => self.units[file].scopes.stars.iter().find_map(|star| {
                let target = *self.paths.module(&self.units, file, &star.module).first()?;
                if target == file { None } else { self.exported(target, name, steps) }
            }),
        }
    }

    /// A name of another file of the same Go package.
    fn of_package(&self, file: usize, name: &str, steps: usize) -> Option<Thing<'a>> {
        let unit = &self.units[file];
        let package = self.paths.package(unit.path).iter().copied().filter(|&other| other != file);
        let mut same = package.filter(|&other| self.units[other].module.package == unit.module.package);
        same.find_map(|other| {
            let binding = self.units[other].scopes.get(0, name, usize::MAX)?;
            self.bound(At { file: other, function: 0 }, binding, steps)
        })
    }

    /// A name that the file does not bind: of the same package, of a star import, or of the language.
    pub(super) fn beyond(&self, file: usize, name: &str, steps: usize) -> Option<Thing<'a>> {
        let unit = &self.units[file];
        if unit.language == Language::Go
            && let Some(thing) = self.of_package(file, name, steps)
        {
            return Some(thing);
        }
        // `crate::a()` and `other_crate::a()` without an import.
        if unit.language == Language::Rust
            && (name == "crate" || self.paths.packages.library(name).is_some())
            && let Some(&target) = self.paths.module(&self.units, file, name).first()
        {
            return Some(Thing::File(target));
        }
        for star in &unit.scopes.stars {
            match self.paths.module(&self.units, file, &star.module).first() {
                Some(&target) if target != file => {
                    if let Some(thing) = self.exported(target, name, steps) {
                        return Some(thing);
                    }
                }
                _ => {}
            }
        }
        Some(Thing::External(name.to_owned()))
    }
}

/// A module as libraries are named: without `node:`, `::` as dots.
pub(super) fn canonical(module: &str) -> String {
    module.strip_prefix("node:").unwrap_or(module).replace("::", ".")
}
