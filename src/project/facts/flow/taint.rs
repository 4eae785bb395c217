//! What is known of a value that a caller controls, and which names hold such values.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    rc::Rc,
};

use crate::project::{
    facts::Hop,
    syntax::{ClassId, Expression, Kind},
};

/// A value that a caller controls, wholly or in part.
#[derive(Clone, Debug, Default)]
pub(super) struct Taint {
    /// The argument that it came from, once a member was taken.
    pub(super) label: Option<String>,
    /// It is a whole set of arguments: its members are the inputs.
    pub(super) record: bool,
    /// It is a piece of a larger text.
    pub(super) embedded: bool,
    /// A vetted library quoted it.
    pub(super) quoted: bool,
    /// It went through something that is not known.
    pub(super) guessed: bool,
    /// Which members are controlled, where it was written as a record here.
    pub(super) fields: Option<Rc<BTreeMap<String, Taint>>>,
    /// The project's class that it is read into.
    pub(super) class: Option<(usize, ClassId)>,
    /// Where it has been since the function began.
    pub(super) hops: Vec<Hop>,
}

impl Taint {
    /// Either of two: what holds of one may hold of the result.
    pub(super) fn or(self, other: Option<Self>) -> Self {
        let Some(other) = other else { return self };
        Self {
            label: self.label.or(other.label),
            record: self.record && other.record,
            embedded: self.embedded || other.embedded,
            quoted: self.quoted && other.quoted,
            guessed: self.guessed || other.guessed,
            fields: None,
            class: self.class,
            hops: self.hops,
        }
    }

    /// As a piece of a larger text.
    pub(super) fn embedded(mut self) -> Self {
        self.embedded = true;
        self.record = false;
        self.fields = None;
        self
    }

    /// With a further step.
    pub(super) fn hop(mut self, hop: Hop) -> Self {
        // A story of more than a dozen steps tells nothing; loops must not grow it without end.
        if self.hops.len() < 12 && self.hops.last().is_none_or(|last| last.place != hop.place) {
            self.hops.push(hop);
        }
        self
    }

    /// What distinguishes analyses of a function: one byte a parameter.
    pub(super) fn key(taint: Option<&Self>) -> u8 {
        taint.map_or(0, |t| 1 | u8::from(t.record) << 1 | u8::from(t.embedded) << 2 | u8::from(t.quoted) << 3)
    }
}

/// Which names hold controlled values at a point of a function.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    taints: HashMap<String, Taint>,
    /// Names and dotted members that a check has proven harmless.
    pub(super) proven: BTreeSet<String>,
    /// The tool whose branch of a dispatcher this is.
    pub(super) tool: Option<String>,
}

impl Environment {
    /// The taint of a name or dotted member.
    pub(super) fn get(&self, name: &str) -> Option<&Taint> {
        if self.proven.contains(name) { None } else { self.taints.get(name) }
    }

    /// Whether anything is known of a name: a clean value hides what its record would say.
    pub(super) fn knows_clean(&self, name: &str) -> bool {
        self.proven.contains(name)
    }

    /// Binds a name anew.
    pub(super) fn set(&mut self, name: &str, taint: Option<Taint>) {
        self.proven.remove(name);
        let members = format!("{name}.");
        self.proven.retain(|proven| !proven.starts_with(&members));
        match taint {
            Some(taint) => self.taints.insert(name.to_owned(), taint),
            None => self.taints.remove(name),
        };
    }

    /// What may hold after either of two ways.
    pub(super) fn join(mut self, other: Self) -> Self {
        self.proven = self.proven.intersection(&other.proven).cloned().collect();
        for (name, taint) in other.taints {
            if !other.proven.contains(&name) {
                self.taints.entry(name).or_insert(taint);
            }
        }
        if self.tool != other.tool {
            self.tool = None;
        }
        self
    }

    /// A copy in which `names` are proven.
    pub(super) fn with_proven(&self, names: &[String]) -> Self {
        let mut copy = self.clone();
        copy.proven.extend(names.iter().cloned());
        copy
    }
}

/// `a.b.c` for a name with members; nothing for anything else.
pub(super) fn dotted(expression: &Expression) -> Option<String> {
    match &expression.kind {
        Kind::Name(name) => Some(name.clone()),
        Kind::Member(object, name) => Some(format!("{}.{}", dotted(object)?, name.value)),
        Kind::Index(object, key) => Some(format!("{}.{}", dotted(object)?, key.text()?)),
        _ => None,
    }
}
