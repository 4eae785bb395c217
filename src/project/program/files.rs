//! The files and calls of one language, for those who speak of one language at a time.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

use super::{Program, Site};
use crate::project::{Role, language::Language};

impl<'a> Program<'a> {
    /// The files of a language; without those that hold only tests, unless `tests` asks for them.
    pub fn files_of(&self, language: Language, tests: bool) -> Vec<usize> {
        let units = self.units().iter().enumerate();
        let chosen = units.filter(|(_, unit)| unit.language == language && (tests || unit.role != Role::Test));
        chosen.map(|(file, _)| file).collect()
    }

    /// Every call of a language's files outside tests.
    pub fn calls_of(&self, language: Language) -> Vec<Site<'a>> {
        let sites = self.files_of(language, false).into_iter().flat_map(|file| self.calls_in(file));
        sites.filter(|site| !self.function_at(site.at).is_test).collect()
    }
}

/// Which files need each other, asked once per file.
#[derive(Debug, Default)]
pub struct Families(RefCell<HashMap<usize, BTreeSet<usize>>>);

impl Families {
    /// Whether one of two files needs the other.
    pub fn related(&self, program: &Program<'_>, a: usize, b: usize) -> bool {
        let mut families = self.0.borrow_mut();
        let family = families.entry(a).or_insert_with(|| {
            let mut family = program.needs(a);
            family.extend(program.needed_by(a));
            family
        });
        family.contains(&b)
    }
}
