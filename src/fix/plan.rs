//! Which fixes can be applied together, and the texts that they lead to.

use std::collections::{BTreeMap, BTreeSet};

use super::{Left, Offer, accept};
use crate::{finding::Edit, project::Project};

/// One round.
pub(super) struct Plan {
    /// New texts by path.
    pub(super) texts: BTreeMap<String, Option<String>>,
    /// The fixes in them.
    pub(super) taken: Vec<Offer>,
    /// Fixes after which a file would not parse.
    pub(super) refused: Vec<Left>,
}

/// Takes fixes in the order of their findings, as long as none touches another. What is left has its turn later.
pub(super) fn choose(project: &Project, offers: Vec<Offer>) -> Plan {
    let mut taken: Vec<Offer> = Vec::new();
    for offer in offers {
        if taken.iter().all(|other| apart(&offer, other)) {
            taken.push(offer);
        }
    }
    let mut refused = Vec::new();
    loop {
        let texts = texts(project, &taken);
        let Some((path, reason)) =
            texts.iter().find_map(|(path, text)| Some((path.clone(), refusal(project, path, text)?)))
        else {
            let texts = texts.into_iter().map(|(path, text)| (path, Some(text))).collect();
            return Plan { texts, taken, refused };
        };
        let touches = |offer: &Offer| offer.fix.edits.iter().any(|edit| edit.place.path == path);
        let alone = |offer: &Offer| {
            let texts = self::texts(project, std::slice::from_ref(offer));
            texts.get(&path).is_some_and(|text| refusal(project, &path, text).is_some())
        };
        let guilty: Vec<bool> = taken.iter().map(|offer| touches(offer) && alone(offer)).collect();
        // Each does by itself, and all together do not: then none is certain.
        let any = guilty.contains(&true);
        let mut kept = Vec::new();
        for (offer, guilty) in taken.into_iter().zip(guilty) {
            if guilty || (!any && touches(&offer)) {
                refused.push(Left { rule: offer.rule, path: offer.path, reason: reason.clone() });
            } else {
                kept.push(offer);
            }
        }
        taken = kept;
    }
}

fn refusal(project: &Project, path: &str, text: &str) -> Option<String> {
    accept::refusal(path, project.file(path).map(|file| file.text.as_str()), text)
}

/// Whether no edit of one fix touches an edit of the other. Edits that do the same are one.
fn apart(one: &Offer, other: &Offer) -> bool {
    one.fix.edits.iter().all(|a| other.fix.edits.iter().all(|b| a == b || !touch(a, b)))
}

fn touch(a: &Edit, b: &Edit) -> bool {
    a.place.path == b.place.path && a.place.start <= b.place.end && b.place.start <= a.place.end
}

/// The new texts of all files that some fixes change.
fn texts(project: &Project, offers: &[Offer]) -> BTreeMap<String, String> {
    let mut edits: BTreeMap<&str, BTreeSet<(usize, usize, &str)>> = BTreeMap::new();
    for edit in offers.iter().flat_map(|offer| &offer.fix.edits) {
        let place = &edit.place;
        edits.entry(&place.path).or_default().insert((place.start, place.end, &edit.replacement));
    }
    let text = |path: &str| project.file(path).map_or("", |file| file.text.as_str());
    edits.into_iter().map(|(path, edits)| (path.to_owned(), apply(text(path), &edits))).collect()
}

/// Applies edits that do not overlap, in the manner of the text: with its line ends, behind its mark of byte order.
/// Edits that lie outside of the text, or within a character, leave all of it as it is.
fn apply(text: &str, edits: &BTreeSet<(usize, usize, &str)>) -> String {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    // Of mixed line ends, the usual one.
    let carriage = text.matches("\r\n").count() * 2 > text.matches('\n').count();
    let mut result = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for &(start, end, replacement) in edits {
        let (start, end) = (start.max(mark), end.max(mark));
        let Some(kept) = text.get(done..start).filter(|_| text.get(start..end).is_some()) else {
            return text.to_owned();
        };
        result.push_str(kept);
        if carriage {
            result.push_str(&replacement.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            result.push_str(replacement);
        }
        done = end;
    }
    result.push_str(text.get(done..).unwrap_or_default());
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        doctor::Identity,
        finding::{Fix, Place, Safety},
    };

    fn offer(path: &str, edits: &[(usize, usize, &str)]) -> Offer {
        let edits = edits
            .iter()
            .map(|&(start, end, text)| Edit { place: Place::new(path, start, end), replacement: text.to_owned() });
        let fix = Fix { title: String::new(), safety: Safety::Safe, edits: edits.collect() };
        let name = Identity { rule: "some-rule".to_owned(), path: path.to_owned(), hash: "0".to_owned(), number: 0 };
        Offer { rule: "some-rule", path: path.to_owned(), fix, name }
    }

    #[track_caller]
    fn check(path: &str, text: &str, offers: &[Offer], expected: &str, taken: usize) {
        let project = Project::from_files([(path.to_owned(), text.to_owned())]);
        let plan = choose(&project, offers.to_vec());
        let changed = plan.texts.get(path).cloned().flatten();
        assert_eq!((changed.as_deref().unwrap_or(text), plan.taken.len()), (expected, taken));
    }

    #[test]
    fn the_same_insertion_is_made_once_and_a_fix_is_never_half_applied() {
        let import = (0, 0, "import sys\n");
        let both = [offer("a.py", &[import, (4, 4, "f")]), offer("a.py", &[import, (11, 11, "g")])];
        check("a.py", "one(1)\ntwo(2)\n", &both, "import sys\none(f1)\ntwo(g2)\n", 2);
        let clash = [offer("a.py", &[(4, 5, "2")]), offer("a.py", &[(4, 5, "3"), (0, 3, "two")])];
        check("a.py", "one(1)\n", &clash, "one(2)\n", 1);
    }

    #[test]
    fn line_ends_and_the_mark_at_the_beginning_stay() {
        check(
            "a.py",
            "\u{feff}a()\r\nb()\r\n",
            &[offer("a.py", &[(0, 0, "c()\n")])],
            "\u{feff}c()\r\na()\r\nb()\r\n",
            1,
        );
        check("a.py", "a()\n", &[offer("a.py", &[(9, 12, "c")])], "a()\n", 1);
    }

    #[test]
    fn a_text_that_no_longer_parses_loses_the_fix_that_broke_it_and_no_other() {
        let offers = [offer("a.py", &[(4, 5, "(")]), offer("a.py", &[(11, 12, "3")])];
        check("a.py", "one(1)\ntwo(2)\n", &offers, "one(1)\ntwo(3)\n", 1);
        check("a.json", "{\"a\": 1}", &[offer("a.json", &[(6, 7, "")])], "{\"a\": 1}", 0);
    }
}
