//! Which name was made of which other.

use std::collections::{BTreeMap, BTreeSet};

use super::environment::Via;

/// What names were made of, found from either end: each assignment asks for both.
#[derive(Clone, Debug, Default)]
pub(super) struct Derived {
    made: BTreeMap<String, (String, Via)>,
    /// What was made of a name.
    from: BTreeMap<String, BTreeSet<String>>,
}

impl Derived {
    /// What a name was made of.
    pub(super) fn get(&self, name: &str) -> Option<&(String, Via)> {
        self.made.get(name)
    }

    /// Notes what a name was made of, instead of what was known of it.
    pub(super) fn insert(&mut self, name: String, of: String, via: Via) {
        self.leave(&name);
        self.from.entry(of.clone()).or_default().insert(name.clone());
        self.made.insert(name, (of, via));
    }

    /// The name is bound anew: what it was made of and what was made of it says nothing any more.
    pub(super) fn forget(&mut self, name: &str) {
        self.leave(name);
        for made in self.from.remove(name).into_iter().flatten() {
            self.made.remove(&made);
        }
    }

    fn leave(&mut self, name: &str) {
        if let Some((of, _)) = self.made.remove(name)
            && let Some(others) = self.from.get_mut(&of)
        {
            others.remove(name);
        }
    }

    /// The names that were made of another in this way.
    pub(super) fn made_of(&self, name: &str, wanted: Via) -> Vec<String> {
        let made = self.from.get(name).into_iter().flatten();
        made.filter(|made| self.made.get(*made).is_some_and(|(_, via)| *via == wanted)).cloned().collect()
    }

    /// What may hold after either of two ways: all but what they say differently.
    pub(super) fn join(&mut self, other: &Self) {
        let differs = |(name, made): &(&String, &(String, Via))| {
            other.made.get(name.as_str()).is_some_and(|made_too| made_too != *made)
        };
        let differing: Vec<String> = self.made.iter().filter(differs).map(|(name, _)| name.clone()).collect();
        differing.iter().for_each(|name| self.leave(name));
    }
}
