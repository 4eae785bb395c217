//! Names that cross files: what an import brings and what a file offers.

use super::{At, Program, elsewhere::By, symbol::Thing};
use crate::project::{language::Language, syntax::Import};

impl<'a> Program<'a> {
    pub(super) fn imported(&self, file: usize, import: &Import, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        if self.units[file].language.has_implicit_this() {
            return Some(self.of_space(file, import, steps));
        }
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
        let named = || self.exported_by_name(file, name, steps);
        let own = || match self.units[file].scopes.get(0, name, usize::MAX) {
            Some(binding) => self.bound(At { file, function: 0 }, binding, steps),
            None if self.units[file].language == Language::Go => self.of_package(file, name, steps),
            None => self.taken(file, By::Import, name, steps),
        };
        named().or_else(|| self.taken(file, By::Export, name, steps)).or_else(own)
    }

    fn exported_by_name(&self, file: usize, name: &str, steps: usize) -> Option<Thing<'a>> {
        self.units[file].declared.exports(name).iter().find_map(|export| match &export.from {
            None => {
                let binding = self.units[file].scopes.get(0, &export.local, usize::MAX)?;
                self.bound(At { file, function: 0 }, binding, steps)
            }
            Some(from) => match self.paths.module(&self.units, file, from).first() {
                Some(&target) if export.local == "*" => Some(Thing::File(target)),
                Some(&target) => self.exported(target, &export.local, steps),
                None => Some(Thing::External(format!("{}.{}", canonical(from), export.local))),
            },
        })
    }

    /// A name that a file takes over from another, with everything else of it.
    fn taken(&self, file: usize, by: By, name: &str, steps: usize) -> Option<Thing<'a>> {
        let steps = steps.checked_sub(1)?;
        self.elsewhere.taken(file, by, name).into_iter().find_map(|target| {
            let binding = || {
                let binding = self.units[target].scopes.get(0, name, usize::MAX)?;
                self.bound(At { file: target, function: 0 }, binding, steps)
            };
            self.exported_by_name(target, name, steps).or_else(binding)
        })
    }

    /// What an import of Java or C# brings: a type, or a static member of one.
    fn of_space(&self, file: usize, import: &Import, steps: usize) -> Thing<'a> {
        let Some(name) = &import.name else { return Thing::External(canonical(&import.module)) };
        let member = || {
            let (package, class) = import.module.rsplit_once('.')?;
            let class = self.type_in(file, package, class)?;
            self.member(class, name, steps)
        };
        let found = self.type_in(file, &import.module, name).or_else(member);
        found.unwrap_or_else(|| match import.module.as_str() {
            "" => Thing::External(name.clone()),
            module => Thing::External(format!("{module}.{name}")),
        })
    }

    /// A type of a package or namespace of this project.
    fn type_in(&self, file: usize, package: &str, name: &str) -> Option<Thing<'a>> {
        let other = self.paths.declares(&self.units, file, package, name)?;
        Some(Thing::Class(other, self.units[other].declared.class(name)?))
    }

    /// A type that needs no import, or comes with everything of a package: of Java's own package, of a namespace around.
    fn of_spaces(&self, file: usize, name: &str) -> Option<Thing<'a>> {
        let unit = &self.units[file];
        let around = std::iter::successors(Some(unit.module.package.as_str()), |space| {
            let outer = space.rsplit_once('.').map_or("", |(outer, _)| outer);
            (unit.language == Language::CSharp && !space.is_empty()).then_some(outer)
        });
        let stars = unit.scopes.stars.iter().map(|star| star.module.as_str());
        around.chain(stars).find_map(|space| self.type_in(file, space, name))
    }

    /// A name of another file of the same Go package.
    fn of_package(&self, file: usize, name: &str, steps: usize) -> Option<Thing<'a>> {
        let mut others = self.elsewhere.of_package(file, name).iter().copied().filter(|&other| other != file);
        others.find_map(|other| {
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
        if unit.language.has_implicit_this() {
            return self.of_spaces(file, name).or_else(|| Some(Thing::External(name.to_owned())));
        }
        // `crate::a()` and `other_crate::a()` without an import.
        if unit.language == Language::Rust
            && (name == "crate" || self.paths.packages.library(name).is_some())
            && let Some(&target) = self.paths.module(&self.units, file, name).first()
        {
            return Some(Thing::File(target));
        }
        self.taken(file, By::Import, name, steps).or_else(|| Some(Thing::External(name.to_owned())))
    }
}

/// A module as libraries are named: without `node:`, `::` as dots.
pub(super) fn canonical(module: &str) -> String {
    module.strip_prefix("node:").unwrap_or(module).replace("::", ".")
}
