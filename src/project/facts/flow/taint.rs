//! What is known of a value that a caller controls.

use std::{collections::BTreeMap, rc::Rc};

use super::{
    held::Held,
    mask::{Form, Mask},
    sink::argument,
};
use crate::project::{
    facts::{Hop, Weakness},
    syntax::{ClassId, Expression, Kind},
};

/// Stands in [`Taint::lead`] for text that is not known.
pub(super) const HOLE: char = '\u{0}';

/// Longest text before a value that is kept, in bytes: a URL's or statement's beginning.
const MAX_LEAD: usize = 160;

/// A value that a caller controls, wholly or in part.
#[derive(Clone, Debug, Default)]
pub(super) struct Taint {
    /// The argument that it came from, once a member was taken.
    pub(super) label: Option<String>,
    /// It is a whole set of arguments: its members are the inputs.
    pub(super) record: bool,
    /// It is a piece of a larger text.
    pub(super) embedded: bool,
    /// The text before it, [`HOLE`] for what is not known of it.
    pub(super) lead: String,
    /// A vetted library quoted it.
    pub(super) quoted: bool,
    /// It went through something that is not known.
    pub(super) guessed: bool,
    /// In a list of arguments, the one before it is an option.
    pub(super) after_option: bool,
    /// It was split: only its first piece begins as it does.
    pub(super) pieces: bool,
    /// It is a later piece of a split command line: what stands before it there is another argument.
    pub(super) split: bool,
    /// In a text, it begins a word that follows no option.
    pub(super) free_word: bool,
    /// That command line begins with a program whose options are to be feared.
    pub(super) known_program: bool,
    /// For which sinks it is harmless.
    pub(super) clean: Mask,
    /// The form of a path.
    pub(super) form: Form,
    /// A check on the way that does not hold.
    pub(super) weak: Option<Rc<(Weakness, Hop)>>,
    /// Which members are controlled, where it was written as a record here.
    pub(super) fields: Option<Rc<BTreeMap<String, Taint>>>,
    /// The project's class that it is read into.
    pub(super) class: Option<(usize, ClassId)>,
    /// The parameters of the analysed function that it came from, and what each was made harmless for on the way.
    pub(super) from: Vec<(usize, Mask)>,
    /// What it is, where the server holds it and no caller controls it.
    pub(super) held: Held,
    /// Where it has been since the function began.
    pub(super) hops: Vec<Hop>,
}

impl Taint {
    /// Either of two: what holds of one may hold of the result. The story is that of the more dangerous one.
    pub(super) fn or(self, other: Option<Self>) -> Self {
        let Some(other) = other else { return self };
        let danger = |taint: &Self| (taint.clean.count(), taint.lead.len());
        let swap = danger(&other) < danger(&self) || other.held.tells_more(self.held);
        let (worse, better) = if swap { (other, self) } else { (self, other) };
        let fields = match (&worse.fields, &better.fields) {
            (Some(a), Some(b)) if Rc::ptr_eq(a, b) => Some(Rc::clone(a)),
            (Some(a), Some(b)) => {
                let mut all = BTreeMap::clone(a);
                for (name, taint) in b.iter() {
                    let known = all.remove(name);
                    all.insert(name.clone(), taint.clone().or(known));
                }
                Some(Rc::new(all))
            }
            _ => None,
        };
        let mut from = worse.from;
        for (position, mask) in better.from {
            match from.iter_mut().find(|(known, _)| *known == position) {
                Some((_, known)) => *known = *known & mask,
                None => from.push((position, mask)),
            }
        }
        Self {
            held: worse.held.with(better.held),
            label: worse.label.or(better.label),
            record: worse.record && better.record,
            embedded: worse.embedded || better.embedded,
            quoted: worse.quoted || better.quoted,
            guessed: worse.guessed || better.guessed,
            after_option: worse.after_option && better.after_option,
            pieces: worse.pieces || better.pieces,
            split: worse.split && better.split,
            free_word: worse.free_word || better.free_word,
            known_program: worse.known_program || better.known_program,
            clean: worse.clean & better.clean,
            form: worse.form.both(better.form),
            fields,
            from,
            ..worse
        }
    }

    /// As a piece of a larger text, after `before`.
    pub(super) fn embedded(mut self, before: &str) -> Self {
        let mut words = before.rsplit(char::is_whitespace);
        let begins = !before.is_empty() && words.next() == Some("");
        self.free_word |= begins && !words.find(|word| !word.is_empty()).is_some_and(|word| word.starts_with('-'));
        self.embedded = true;
        self.record = false;
        self.fields = None;
        self.form = self.form.without(Form::NORMAL.with(Form::REAL));
        self.lead = lead(before, &self.lead);
        self
    }

    /// All but these members, where it was written as a record.
    pub(super) fn without<'n>(mut self, names: impl Iterator<Item = &'n String>) -> Self {
        if let Some(fields) = &mut self.fields {
            let fields = Rc::make_mut(fields);
            names.for_each(|name| drop(fields.remove(name)));
        }
        self
    }

    /// A piece of it, by position.
    pub(super) fn piece(mut self, position: usize) -> Self {
        if self.pieces && position > 0 {
            self.split = true;
            self.pieces = false;
            let line = std::mem::take(&mut self.lead);
            return self.of_line(&line);
        }
        self
    }

    /// As one argument of a command line that reads `line` before it.
    fn of_line(mut self, line: &str) -> Self {
        self.known_program |= argument::begins_dangerous(line);
        let mut words = line.rsplit(char::is_whitespace);
        if let (Some(begun), Some(before)) = (words.next(), words.next()) {
            self.after_option |= before.starts_with('-');
            match self.free_word {
                // Of several pieces one stands alone.
                true => self.after_option = false,
                false => self.lead.push_str(begun),
            }
        }
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

    /// Harmless for these as well; nothing where it is harmless for all.
    pub(super) fn cleaned(mut self, mask: Mask) -> Option<Self> {
        self.clean |= mask;
        self.from.iter_mut().for_each(|(_, known)| *known |= mask);
        if let Some(fields) = &self.fields {
            let cleaned = fields.iter().filter_map(|(name, t)| Some((name.clone(), t.clone().cleaned(mask)?)));
            self.fields = Some(Rc::new(cleaned.collect()));
        }
        (self.clean != Mask::ALL).then_some(self)
    }

    /// As the parameter at `position` of a function whose analysis begins: what callers know is added afterwards.
    pub(super) fn begins(&self, position: usize) -> Self {
        let inner = |taint: &Self| Self {
            from: vec![(position, Mask::NONE)],
            hops: Vec::new(),
            lead: String::new(),
            embedded: false,
            quoted: false,
            guessed: false,
            clean: Mask::NONE,
            weak: None,
            split: false,
            free_word: false,
            known_program: false,
            ..taint.clone()
        };
        let fields = self.fields.as_ref().map(|fields| {
            // Members differ: what is known of each goes along.
            Rc::new(
                fields
                    .iter()
                    .map(|(name, t)| (name.clone(), Self { from: vec![(position, Mask::NONE)], ..t.clone() }))
                    .collect(),
            )
        });
        let label = self.label.clone().filter(|_| self.fields.is_some());
        Self { fields, label, ..inner(self) }
    }

    /// What distinguishes analyses of a function.
    pub(super) fn key(taint: Option<&Self>, key: &mut Vec<u8>) {
        let Some(taint) = taint else { return key.push(0) };
        key.push(1 | u8::from(taint.record) << 1 | taint.form.bits() << 2);
        key.push(taint.held.bits());
        for (name, inner) in taint.fields.iter().flat_map(|fields| fields.iter()) {
            key.extend(name.as_bytes());
            Self::key(Some(inner), key);
        }
        if let Some((file, class)) = taint.class {
            key.extend(file.to_le_bytes());
            key.extend(class.to_le_bytes());
        }
    }

    /// A taint that a function found, told from the side of a caller that handed `parameters` to it.
    pub(super) fn continued(&self, parameters: &[Option<Self>], hop: &Hop) -> Self {
        // Each counts with what was done to it here: a part that was escaped does not bring back one that was checked.
        let given = self.from.iter().filter_map(|(position, mask)| {
            let taint = parameters.get(*position)?.clone()?;
            Some(Self { clean: taint.clean | *mask, ..taint })
        });
        let before = given.reduce(|a, b| a.or(Some(b)));
        let Some(before) = before else { return self.clone() };
        // Of a record's member everything is known already.
        let whole = before.fields.is_none();
        let before = before.hop(hop.clone());
        let mut hops = before.hops;
        for hop in &self.hops {
            if hops.len() < 16 && hops.last().is_none_or(|last| last.place != hop.place) {
                hops.push(hop.clone());
            }
        }
        let split = whole && self.split;
        let outer = if whole && !split { before.lead.as_str() } else { "" };
        let continued = Self {
            hops,
            label: self.label.clone().or(before.label),
            lead: lead(&self.lead, outer),
            free_word: self.free_word || whole && before.free_word,
            known_program: self.known_program || whole && before.known_program,
            embedded: self.embedded || whole && before.embedded,
            quoted: self.quoted || whole && before.quoted,
            guessed: self.guessed || whole && before.guessed,
            clean: if whole { self.clean | before.clean } else { self.clean },
            weak: self.weak.clone().or(before.weak),
            from: before.from,
            ..self.clone()
        };
        if split { continued.of_line(&before.lead) } else { continued }
    }
}

/// The text before a value: `outer` stands before `inner`.
fn lead(outer: &str, inner: &str) -> String {
    let mut text = String::with_capacity(outer.len() + inner.len());
    text.push_str(outer);
    text.push_str(inner);
    if text.len() > MAX_LEAD {
        let end = (0..=MAX_LEAD).rev().find(|&end| text.is_char_boundary(end)).unwrap_or_default();
        text.truncate(end);
    }
    text
}

/// The worst of several.
pub(super) fn join(taints: impl IntoIterator<Item = Taint>) -> Option<Taint> {
    taints.into_iter().reduce(|a, b| a.or(Some(b)))
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
