//! Which files offer a name: to the other files of a Go package, and to those that import or export all of a module.
//!
//! Without this, each name would be looked for in every file of a package and behind every `export * from`.

use std::collections::{HashMap, HashSet};

use super::{Unit, modules::Paths};
use crate::project::language::Language;

/// What a file takes over whole from others, in order.
#[derive(Debug, Default)]
struct Stars {
    /// The files, by their number in the order of the text.
    targets: HashMap<usize, usize>,
    /// Those that take over others themselves.
    nested: Vec<usize>,
}

/// Names beyond the file that asks.
#[derive(Debug, Default)]
pub(super) struct Elsewhere<'a> {
    /// The files that bind or export a name, in order.
    offers: HashMap<&'a str, Vec<usize>>,
    /// Go: the files of a package that bind a name, by the file that stands for the package.
    packages: HashMap<usize, HashMap<&'a str, Vec<usize>>>,
    /// Go: the file that stands for the package of a file.
    heads: Vec<Option<usize>>,
    exported: Vec<Stars>,
    imported: Vec<Stars>,
}

/// By which word a file takes over another.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    /// `export * from`
    Export,
    /// `from a import *`, `use a::*`
    Import,
}

impl<'a> Elsewhere<'a> {
    pub(super) fn of(units: &[Unit<'a>], paths: &Paths) -> Self {
        let mut elsewhere = Self::default();
        for (file, unit) in units.iter().enumerate() {
            let head = (unit.language == Language::Go).then(|| paths.head(unit)).flatten();
            elsewhere.heads.push(head);
            if let Some(head) = head {
                let names = elsewhere.packages.entry(head).or_default();
                unit.scopes.top().for_each(|name| names.entry(name).or_default().push(file));
            }
            let target = |module: &str| {
                let target = paths.module(units, file, module).first().copied();
                target.filter(|&target| target != file)
            };
            let exports = unit.declared.exports("*").iter().filter_map(|export| target(export.from.as_ref()?));
            elsewhere.exported.push(Stars::of(exports));
            elsewhere.imported.push(Stars::of(unit.scopes.stars.iter().filter_map(|star| target(&star.module))));
        }
        let some = |stars: &[Stars], file: usize| !stars[file].targets.is_empty();
        let takes: Vec<bool> =
            (0..units.len()).map(|file| some(&elsewhere.exported, file) || some(&elsewhere.imported, file)).collect();
        if takes.contains(&true) {
            for stars in elsewhere.exported.iter_mut().chain(&mut elsewhere.imported) {
                stars.find_nested(&takes);
            }
            for (file, unit) in units.iter().enumerate() {
                let names: HashSet<&str> = unit.scopes.top().chain(unit.declared.exported()).collect();
                names.into_iter().for_each(|name| elsewhere.offers.entry(name).or_default().push(file));
            }
        }
        elsewhere
    }

    /// The files of a Go file's package that bind a name.
    pub(super) fn of_package(&self, file: usize, name: &str) -> &[usize] {
        let found = self.heads[file].and_then(|head| self.packages.get(&head)?.get(name));
        found.map_or(&[], Vec::as_slice)
    }

    /// The nearest files that offer a name, of those that a file takes over whole, and that these take over. Each file
    /// is entered once, because some take over each other.
    pub(super) fn taken(&self, file: usize, by: By, name: &str) -> Vec<usize> {
        let Some(offers) = self.offers.get(name) else { return Vec::new() };
        let first = match by {
            By::Export => &self.exported[file],
            By::Import => &self.imported[file],
        };
        let mut seen = HashSet::from([file]);
        let mut level = vec![first];
        while !level.is_empty() {
            let found: Vec<usize> = level.iter().flat_map(|stars| stars.among(offers)).collect();
            if !found.is_empty() {
                return found;
            }
            let further: Vec<usize> = level.iter().flat_map(|stars| stars.nested.iter().copied()).collect();
            let further = further.into_iter().filter(|&file| seen.insert(file));
            level = further.flat_map(|file| [&self.exported[file], &self.imported[file]]).collect();
        }
        Vec::new()
    }
}

impl Stars {
    fn of(files: impl Iterator<Item = usize>) -> Self {
        let mut stars = Self::default();
        for (number, file) in files.enumerate() {
            stars.targets.entry(file).or_insert(number);
        }
        stars
    }

    fn find_nested(&mut self, takes: &[bool]) {
        let mut nested: Vec<(usize, usize)> =
            self.targets.iter().filter(|&(&file, _)| takes[file]).map(|(&file, &number)| (number, file)).collect();
        nested.sort_unstable();
        self.nested = nested.into_iter().map(|(_, file)| file).collect();
    }

    /// Those among `files` that are taken over, in order of the text.
    fn among(&self, files: &[usize]) -> Vec<usize> {
        let mut found: Vec<(usize, usize)> = if files.len() < self.targets.len() {
            files.iter().filter_map(|file| Some((*self.targets.get(file)?, *file))).collect()
        } else {
            let offers = |file: &usize| files.binary_search(file).is_ok();
            self.targets.iter().filter(|(file, _)| offers(file)).map(|(&file, &number)| (number, file)).collect()
        };
        found.sort_unstable();
        found.into_iter().map(|(_, file)| file).collect()
    }
}
