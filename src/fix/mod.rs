//! Findings become edits, and edits become files: the only writer of a project that is there already.
//!
//! A [`Fix`] is taken whole or left. Fixes that do not touch each other are applied together, every changed text is
//! read back ([`accept`]), and the doctor looks at the result. A finding that is still there takes its fix back. What
//! had to wait gets its turn in the next round, until nothing more changes. All of this is pure: [`mod@write`] comes last.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    doctor::{self, Identity, Options, Outcome, identity},
    finding::{Finding, Fix, Safety},
    project::{Project, Role},
};

pub mod accept;
pub mod diff;
mod plan;
pub mod write;

/// Rounds after which the rest is left: two or three are usual, and each asks every rule.
const ROUNDS: usize = 12;

/// A fix with edits, and the finding that offers it.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The rule.
    pub rule: &'static str,
    /// The file of the finding.
    pub path: String,
    /// What is done.
    pub fix: Fix,
    /// What the finding is called, numbers aside: equal ones are as good as each other.
    pub name: Identity,
}

/// A fix that could not be applied, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Left {
    /// The rule.
    pub rule: &'static str,
    /// The file of the finding.
    pub path: String,
    /// In one lowercase clause.
    pub reason: String,
}

/// A file with its old and its new text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// Relative to the project's folder.
    pub path: String,
    /// As it was read; nothing where there is no such file yet.
    pub before: Option<String>,
    /// As it shall be.
    pub after: String,
}

/// What fixing came to.
#[derive(Debug)]
pub struct Fixed {
    /// Files that differ, by path.
    pub changes: Vec<Change>,
    /// Fixes that are in them.
    pub taken: Vec<Offer>,
    /// Fixes that could not be applied.
    pub left: Vec<Left>,
    /// Fixes that a person has to ask for: unsafe ones, where only safe ones were wanted.
    pub withheld: usize,
    /// What the doctor says of the changed project.
    pub outcome: Outcome,
}

/// The fixes with edits that an outcome offers. What is suppressed or not shown offers none.
pub fn offers(project: &Project, outcome: &Outcome) -> Vec<Offer> {
    named(project, outcome).into_iter().filter_map(|(name, finding)| offer(project, name, finding)).collect()
}

/// The findings that are not suppressed, each with its name.
fn named<'o>(project: &Project, outcome: &'o Outcome) -> Vec<(Identity, &'o Finding)> {
    let counted = outcome.findings.iter().filter(|reported| reported.suppression.is_none());
    let findings: Vec<&Finding> = counted.map(|reported| &reported.finding).collect();
    let names = identity::of(project, findings.iter().copied()).into_iter().map(|name| Identity { number: 0, ..name });
    names.zip(findings).collect()
}

fn offer(project: &Project, name: Identity, finding: &Finding) -> Option<Offer> {
    let fix = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty())?;
    let own = |path: &str| !path.starts_with("../") && project.file(path).is_none_or(|file| file.role != Role::Foreign);
    fix.edits.iter().all(|edit| own(&edit.place.path)).then(|| Offer {
        rule: finding.rule,
        path: finding.place.path.clone(),
        fix: fix.clone(),
        name,
    })
}

/// Applies fixes in memory. `least` says which; `blocked` tells why a file with this text cannot be written.
pub fn run(
    project: Project,
    options: &Options,
    least: Safety,
    blocked: &dyn Fn(&str, Option<&str>) -> Option<String>,
) -> Fixed {
    let wanted = |offer: &Offer| least == Safety::Unsafe || offer.fix.safety == Safety::Safe;
    let mut outcome = doctor::run(&project, options);
    let mut work = Work { project, blocked, refused: BTreeMap::new(), known: BTreeMap::new(), before: BTreeMap::new() };
    let mut taken = Vec::new();
    for _ in 0..ROUNDS {
        let offers: Vec<Offer> = offers(&work.project, &outcome).into_iter().filter(wanted).collect();
        let offers = work.open(offers);
        let plan = plan::choose(&work.project, offers);
        work.refuse(plan.refused);
        if plan.texts.is_empty() {
            break;
        }
        let before = Tally::of(&work.project, &outcome);
        let undo = work.put(plan.texts);
        let after = doctor::run(&work.project, options);
        let stubborn = stubborn(&before, &Tally::of(&work.project, &after), &plan.taken);
        if stubborn.is_empty() {
            outcome = after;
            taken.extend(plan.taken);
        } else {
            work.put(undo);
            work.refuse(stubborn);
        }
    }
    let withheld = offers(&work.project, &outcome).iter().filter(|offer| !wanted(offer)).count();
    let changes = work.changes();
    let left = work.refused.into_iter().map(|((rule, path), reason)| Left { rule, path, reason }).collect();
    Fixed { changes, taken, left, withheld, outcome }
}

/// The project on its way.
struct Work<'a> {
    project: Project,
    blocked: &'a dyn Fn(&str, Option<&str>) -> Option<String>,
    refused: BTreeMap<(&'static str, String), String>,
    /// Files that were asked for, with what hinders writing them.
    known: BTreeMap<String, Option<String>>,
    /// The texts as they were read, of all files that were touched.
    before: BTreeMap<String, Option<String>>,
}

impl Work<'_> {
    /// The offers that are not refused, and whose files can be written.
    fn open(&mut self, offers: Vec<Offer>) -> Vec<Offer> {
        let mut open = Vec::new();
        for offer in offers {
            if self.refused.contains_key(&(offer.rule, offer.path.clone())) {
                continue;
            }
            let paths: BTreeSet<&str> = offer.fix.edits.iter().map(|edit| edit.place.path.as_str()).collect();
            let hindrance = paths.into_iter().find_map(|path| self.hindrance(path));
            match hindrance {
                Some(reason) => self.refuse(vec![Left { rule: offer.rule, path: offer.path, reason }]),
                None => open.push(offer),
            }
        }
        open
    }

    fn hindrance(&mut self, path: &str) -> Option<String> {
        let text = self.project.file(path).map(|file| file.text.as_str());
        let blocked = self.blocked;
        // A file that was changed on the way was asked for before.
        self.known.entry(path.to_owned()).or_insert_with(|| blocked(path, text)).clone()
    }

    fn refuse(&mut self, left: Vec<Left>) {
        self.refused.extend(left.into_iter().map(|left| ((left.rule, left.path), left.reason)));
    }

    /// Replaces texts, and returns what was there.
    fn put(&mut self, texts: BTreeMap<String, Option<String>>) -> BTreeMap<String, Option<String>> {
        let text = |path: &str| self.project.file(path).map(|file| file.text.clone());
        let undo: BTreeMap<_, _> = texts.keys().map(|path| (path.clone(), text(path))).collect();
        for (path, text) in &undo {
            self.before.entry(path.clone()).or_insert_with(|| text.clone());
        }
        self.project = std::mem::take(&mut self.project).with_texts(&texts);
        undo
    }

    fn changes(&self) -> Vec<Change> {
        let changes = self.before.iter().filter_map(|(path, before)| {
            let after = self.project.file(path)?.text.clone();
            (before.as_ref() != Some(&after)).then(|| Change { path: path.clone(), before: before.clone(), after })
        });
        changes.collect()
    }
}

/// How many findings there are, by name, and by rule and file.
#[derive(Default)]
struct Tally {
    names: BTreeMap<Identity, usize>,
    files: BTreeMap<(&'static str, String), usize>,
}

impl Tally {
    fn of(project: &Project, outcome: &Outcome) -> Self {
        let mut tally = Self::default();
        for (name, finding) in named(project, outcome) {
            tally.add(name, finding.rule, &finding.place.path);
        }
        tally
    }

    fn add(&mut self, name: Identity, rule: &'static str, path: &str) {
        *self.names.entry(name).or_default() += 1;
        *self.files.entry((rule, path.to_owned())).or_default() += 1;
    }
}

/// Fixes whose finding would still be there, or would be replaced by another of its rule: a bug of the rule, and nothing
/// to change a file for.
fn stubborn(before: &Tally, after: &Tally, taken: &[Offer]) -> Vec<Left> {
    let mut gone = Tally::default();
    taken.iter().for_each(|offer| gone.add(offer.name.clone(), offer.rule, &offer.path));
    let count = |tally: &Tally, offer: &Offer| {
        let file = tally.files.get(&(offer.rule, offer.path.clone()));
        (tally.names.get(&offer.name).copied().unwrap_or_default(), file.copied().unwrap_or_default())
    };
    let remains = |offer: &&Offer| {
        let (before, after, gone) = (count(before, offer), count(after, offer), count(&gone, offer));
        after.0 + gone.0 > before.0 || after.1 + gone.1 > before.1
    };
    let left = |offer: &Offer| Left {
        rule: offer.rule,
        path: offer.path.clone(),
        reason: "the finding would still be there afterwards".to_owned(),
    };
    taken.iter().filter(remains).map(left).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(hash: &str) -> Identity {
        Identity { rule: "some-rule".to_owned(), path: "a.py".to_owned(), hash: hash.to_owned(), number: 0 }
    }

    fn tally(hashes: &[&str]) -> Tally {
        let mut tally = Tally::default();
        hashes.iter().for_each(|hash| tally.add(name(hash), "some-rule", "a.py"));
        tally
    }

    #[track_caller]
    fn check(before: &[&str], after: &[&str], taken: &[&str], refused: usize) {
        let offer = |hash: &&str| Offer {
            rule: "some-rule",
            path: "a.py".to_owned(),
            fix: Fix::advice("done"),
            name: name(hash),
        };
        let taken: Vec<Offer> = taken.iter().map(offer).collect();
        assert_eq!(stubborn(&tally(before), &tally(after), &taken).len(), refused);
    }

    #[test]
    fn a_fix_has_to_end_its_own_finding_and_begin_none() {
        check(&["a", "b"], &["b"], &["a"], 0);
        check(&["a", "b"], &["a"], &["a"], 1);
        check(&["a", "b"], &["b", "c"], &["a"], 1);
        check(&["a", "a", "b"], &["a", "b"], &["a"], 0);
        check(&["a", "a"], &["a"], &["a", "a"], 2);
    }
}
