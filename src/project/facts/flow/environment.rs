//! Which names hold controlled values at a point of a function, and what was proven of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use super::{
    derived::Derived,
    mask::{Form, Mask},
    taint::Taint,
};
use crate::project::facts::{Hop, Weakness};

/// Something that a check proved of a name or dotted member.
#[derive(Clone, Debug, Default)]
pub(super) struct Fact {
    pub(super) name: String,
    /// Harmless for these sinks.
    pub(super) mask: Mask,
    /// What the check says about its form.
    pub(super) form: Form,
    /// It was checked in a way that does not hold.
    pub(super) weak: Option<Weak>,
}

/// Why a check does not hold, and where it stands.
pub(super) type Weak = Rc<(Weakness, Hop)>;

/// What holds when a name is true, and when it is not; nothing where it never is.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    pub(super) yes: Option<Vec<Fact>>,
    pub(super) no: Option<Vec<Fact>>,
}

/// How a name was made of another, so that a check of it says something about the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Via {
    /// The same value, or the same file.
    Same,
    /// The folder that it lies in.
    Folder,
    /// The host of a URL.
    Host,
    /// The scheme of a URL.
    Scheme,
    /// The path relative to a folder.
    Relative,
}

/// Which names hold controlled values at a point of a function.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    taints: HashMap<String, Taint>,
    /// What checks have proven of names and dotted members.
    proven: BTreeMap<String, Fact>,
    /// What names were made of.
    pub(super) derived: Derived,
    /// What holds when a name is true, and when it is not.
    pub(super) outcomes: BTreeMap<String, Outcome>,
    /// Lists of arguments in which options have ended.
    pub(super) separated: BTreeSet<String>,
    /// The tool whose branch of a dispatcher this is.
    pub(super) tool: Option<String>,
}

impl Environment {
    /// The taint of a name or dotted member, less what was proven.
    pub(super) fn get(&self, name: &str) -> Option<Taint> {
        self.known(name, self.taints.get(name)?.clone())
    }

    /// Whether a name, or what it is a member of, holds a controlled value.
    pub(super) fn holds(&self, name: &str) -> bool {
        let ends = name.match_indices('.').map(|(end, _)| end).chain([name.len()]);
        ends.into_iter().any(|end| self.taints.contains_key(&name[..end]))
    }

    /// A taint less what was proven of the name that holds it.
    pub(super) fn known(&self, name: &str, mut taint: Taint) -> Option<Taint> {
        let Some(fact) = self.proven.get(name) else { return Some(taint) };
        taint.form = taint.form.with(fact.form);
        taint.weak = fact.weak.clone().or(taint.weak);
        taint.cleaned(fact.mask)
    }

    /// Binds a name anew.
    pub(super) fn set(&mut self, name: &str, taint: Option<Taint>) {
        let members = format!("{name}.");
        self.proven.remove(name);
        let proven = self.proven.range(members.clone()..).map(|(proven, _)| proven);
        for member in proven.take_while(|proven| proven.starts_with(&members)).cloned().collect::<Vec<_>>() {
            self.proven.remove(&member);
        }
        self.derived.forget(name);
        self.outcomes.remove(name);
        if taint.is_none()
            && let Some((object, field)) = name.rsplit_once('.')
            && let Some(Taint { fields: Some(fields), .. }) = self.taints.get_mut(object)
        {
            Rc::make_mut(fields).remove(field);
        }
        match taint {
            Some(taint) => self.taints.insert(name.to_owned(), taint),
            None => self.taints.remove(name),
        };
    }

    /// Binds a name or a member, and the member in what it is a member of.
    pub(super) fn put(&mut self, name: &str, taint: Taint) {
        self.set(name, Some(taint.clone()));
        let Some((object, field)) = name.rsplit_once('.') else { return };
        let whole = self
            .taints
            .entry(object.to_owned())
            .or_insert_with(|| Taint { fields: Some(Rc::default()), ..Taint::default() });
        if let Some(fields) = &mut whole.fields {
            Rc::make_mut(fields).insert(field.to_owned(), taint);
        }
    }

    /// Whether nothing is known of any name.
    pub(super) fn is_empty(&self) -> bool {
        self.taints.is_empty()
    }

    /// Notes what a check proved: of the name, and of what it was made of.
    pub(super) fn prove(&mut self, facts: &[Fact]) {
        for fact in facts {
            self.prove_one(fact, 4);
        }
    }

    fn prove_one(&mut self, fact: &Fact, steps: usize) {
        let Some(steps) = steps.checked_sub(1) else { return };
        let known = self.proven.entry(fact.name.clone()).or_default();
        known.name.clone_from(&fact.name);
        known.mask |= fact.mask;
        known.form = known.form.with(fact.form);
        // That addresses are judged says more than that some names are.
        let judged = fact.weak.as_ref().is_some_and(|weak| weak.0 == Weakness::Addresses);
        known.weak = if judged { fact.weak.clone() } else { known.weak.take().or_else(|| fact.weak.clone()) };
        if fact.mask.contains(Mask::PATH) {
            // Put behind the same folder again, the way to a file inside of it stays inside.
            for way in self.derived.made_of(&fact.name, Via::Relative) {
                let known = self.proven.entry(way.clone()).or_default();
                known.name = way;
                known.mask |= Mask::FILE;
            }
        }
        match self.derived.get(&fact.name) {
            Some((of, Via::Same)) => {
                let fact = Fact { name: of.clone(), ..fact.clone() };
                self.prove_one(&fact, steps);
            }
            // That its folder was real and inside says so of a file that does not exist yet.
            Some((of, Via::Folder)) if fact.mask.contains(Mask::FILE) => {
                let fact = Fact { name: of.clone(), mask: Mask::LINK, ..Fact::default() };
                self.prove_one(&fact, steps);
            }
            _ => {}
        }
    }

    /// Puts something into the collection that a name holds.
    pub(super) fn add(&mut self, name: &str, taint: Taint) {
        let known = self.taints.remove(name);
        self.taints.insert(name.to_owned(), taint.or(known));
    }

    /// Everything that was proven.
    pub(super) fn facts(&self) -> Vec<Fact> {
        self.proven
            .values()
            .filter(|fact| !fact.mask.is_empty() || fact.weak.is_some() || fact.form != Form::default())
            .cloned()
            .collect()
    }

    /// What may hold after either of two ways.
    pub(super) fn join(mut self, other: Self) -> Self {
        let mut proven = BTreeMap::new();
        let names: BTreeSet<&String> = self.proven.keys().chain(other.proven.keys()).collect();
        for name in names {
            let (a, b) = (self.proven.get(name), other.proven.get(name));
            // Where only one way holds a controlled value under this name, the other way takes nothing from its proof.
            let fact = match (a, b) {
                (Some(a), Some(b)) => Fact {
                    name: name.clone(),
                    mask: a.mask & b.mask,
                    form: a.form.both(b.form),
                    weak: a.weak.clone().or_else(|| b.weak.clone()),
                },
                (Some(one), None) if self.only_here(name, &other) => one.clone(),
                (None, Some(one)) if other.only_here(name, &self) => one.clone(),
                (one, other) => {
                    let weak = one.or(other).and_then(|fact| fact.weak.clone());
                    Fact { name: name.clone(), weak, ..Fact::default() }
                }
            };
            proven.insert(name.clone(), fact);
        }
        self.proven = proven;
        for (name, taint) in other.taints {
            match self.taints.remove(&name) {
                Some(own) => self.taints.insert(name, own.or(Some(taint))),
                None => self.taints.insert(name, taint),
            };
        }
        self.derived.join(&other.derived);
        for (name, outcome) in std::mem::take(&mut self.outcomes) {
            if let Some(theirs) = other.outcomes.get(&name) {
                let both = Outcome { yes: common(&outcome.yes, &theirs.yes), no: common(&outcome.no, &theirs.no) };
                self.outcomes.insert(name, both);
            }
        }
        self.separated = self.separated.intersection(&other.separated).cloned().collect();
        if self.tool != other.tool {
            self.tool = None;
        }
        self
    }

    /// The name holds a controlled value here and none there.
    fn only_here(&self, name: &str, other: &Self) -> bool {
        self.taints.contains_key(name) && !other.taints.contains_key(name)
    }

    /// A copy in which more is proven.
    pub(super) fn with_proven(&self, facts: &[Fact]) -> Self {
        let mut copy = self.clone();
        copy.prove(facts);
        copy
    }
}

/// What two ways have in common; a way that is never taken takes nothing away.
pub(super) fn common(a: &Option<Vec<Fact>>, b: &Option<Vec<Fact>>) -> Option<Vec<Fact>> {
    let (Some(a), Some(b)) = (a, b) else { return a.clone().or_else(|| b.clone()) };
    let shared = |one: &Fact| {
        let other = b.iter().find(|fact| fact.name == one.name);
        let weak = one.weak.clone().or_else(|| other.and_then(|other| other.weak.clone()));
        let (mask, form) = other.map(|other| (one.mask & other.mask, one.form.both(other.form))).unwrap_or_default();
        Fact { name: one.name.clone(), mask, form, weak }
    };
    Some(a.iter().map(shared).collect())
}
