//! What the function of an offer does, as far as that can be told from the functions of the project that it calls.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use super::InputField;
use crate::{
    finding::Place,
    project::{
        facts::effects,
        program::{At, Program},
        syntax::{Expression, Function, FunctionId, Kind, Statement},
    },
};

pub use crate::project::facts::effects::{Effect, EffectKind};

/// Calls that are followed from a handler.
const MAX_DEPTH: usize = 4;

/// The function behind an offer.
#[derive(Clone, Debug)]
pub struct Handler {
    /// Its name, or where it begins.
    pub place: Place,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Where it says that it does nothing yet.
    pub stub: Option<Place>,
    /// What it changes outside of itself, with the calls that do.
    pub effects: Vec<Effect>,
}

/// Reads handlers; remembers what each function does.
pub(super) struct Reader<'p, 'a> {
    pub(super) program: &'p Program<'a>,
    effects: effects::Finder<'p, 'a>,
    children: RefCell<HashMap<usize, HashMap<FunctionId, Vec<FunctionId>>>>,
}

impl<'p, 'a> Reader<'p, 'a> {
    pub(super) fn new(program: &'p Program<'a>) -> Self {
        Self { program, effects: effects::Finder::new(program), children: RefCell::default() }
    }

    pub(super) fn read(&self, at: At) -> Handler {
        let function = self.program.function_at(at);
        let mut effects = Vec::new();
        let mut seen = HashSet::new();
        self.follow(at, MAX_DEPTH, &mut seen, &mut effects);
        Handler {
            place: self.program.place(at.file, function.name_span),
            name: function.name.clone(),
            stub: stub(function).map(|span| self.program.place(at.file, span)),
            effects,
        }
    }

    fn follow(&self, at: At, depth: usize, seen: &mut HashSet<At>, found: &mut Vec<Effect>) {
        if !seen.insert(at) {
            return;
        }
        found.extend(self.effects.of(at));
        for child in self.children(at) {
            self.follow(child, depth, seen, found);
        }
        let Some(depth) = depth.checked_sub(1) else { return };
        for target in self.effects.calls(at) {
            if !effects::is_aside(self.program.function_at(target).name.as_deref().unwrap_or_default()) {
                self.follow(target, depth, seen, found);
            }
        }
    }

    /// The functions that stand in a function.
    fn children(&self, at: At) -> Vec<At> {
        let mut all = self.children.borrow_mut();
        let of_file = all.entry(at.file).or_insert_with(|| {
            let mut children: HashMap<FunctionId, Vec<FunctionId>> = HashMap::new();
            for (id, function) in self.program.units()[at.file].module.functions.iter().enumerate() {
                if let Some(parent) = function.parent {
                    children.entry(parent).or_default().push(id);
                }
            }
            children
        });
        let children = of_file.get(&at.function).map(Vec::as_slice).unwrap_or_default();
        children.iter().map(|&function| At { file: at.file, function }).collect()
    }

    /// Notes the parameters that a condition of the handler asks for.
    pub(super) fn mark_deciding(&self, at: At, fields: &mut [InputField]) {
        let mut words: HashSet<&str> = HashSet::new();
        let mut functions = vec![at];
        functions.extend(self.children(at));
        for at in functions {
            conditions(&self.program.function_at(at).body, &mut |condition| {
                condition.walk(&mut |part| match &part.kind {
                    Kind::Name(name) => drop(words.insert(name)),
                    Kind::Member(_, name) => drop(words.insert(&name.value)),
                    Kind::Text(key) => drop(words.insert(key)),
                    _ => {}
                });
            });
        }
        let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        let words: HashSet<String> = words.into_iter().map(plain).collect();
        fields.iter_mut().for_each(|field| field.decides = words.contains(&plain(&field.name)));
    }
}

/// What decides a branch: conditions of statements and of expressions.
fn conditions<'s>(body: &'s [Statement], visit: &mut dyn FnMut(&'s Expression)) {
    Statement::each(body, &mut |statement| match statement {
        Statement::If { condition, .. } => visit(condition),
        Statement::Match(chosen) => visit(&chosen.subject),
        _ => {}
    });
    for statement in body {
        statement.parts(&mut |part| {
            part.walk(&mut |part| {
                if let Kind::Conditional(condition, ..) = &part.kind {
                    visit(condition);
                }
            });
        });
    }
}

/// Where a body says that it does nothing: `throw new Error("not implemented")`, `todo!()`, `pass`, a text that says so.
fn stub(function: &Function) -> Option<crate::project::syntax::Span> {
    let is_text = |statement: &&Statement| !matches!(statement, Statement::Expression(e) if e.text().is_some());
    let body: Vec<&Statement> = function.body.iter().filter(is_text).collect();
    let [only] = body.as_slice() else { return None };
    match only {
        Statement::Raise(value, span) => {
            let mut texts = String::new();
            let mut word = false;
            value.iter().for_each(|value| {
                value.walk(&mut |part| match &part.kind {
                    Kind::Text(text) => texts.push_str(text),
                    Kind::Name(name) | Kind::Member(_, crate::project::syntax::Text { value: name, .. }) => {
                        word |= matches!(name.as_str(), "NotImplementedError" | "todo!" | "unimplemented!");
                    }
                    _ => {}
                });
            });
            (word || unfinished(&texts)).then_some(*span)
        }
        Statement::Return(Some(value), span) => {
            let (mut texts, mut calls) = (Vec::new(), 0);
            value.walk(&mut |part| match &part.kind {
                Kind::Text(text) => texts.push(text.as_str()),
                Kind::Name(name) if matches!(name.as_str(), "todo!" | "unimplemented!") => texts.push("unimplemented"),
                Kind::Template(_) => calls += 1,
                _ => {}
            });
            (calls == 0 && texts.iter().any(|text| unfinished(text))).then_some(*span)
        }
        _ => None,
    }
}

/// A text that says that something is not there yet, and little more.
fn unfinished(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let says = [
        "not implemented",
        "not yet implemented",
        "unimplemented",
        "isn't implemented",
        "is not supported yet",
        "coming soon",
        "todo",
        "placeholder response",
        "stub",
    ];
    text.len() < 100
        && says.iter().any(|phrase| {
            text.match_indices(phrase).any(|(at, _)| {
                let before = text[..at].chars().next_back();
                let after = text[at + phrase.len()..].chars().next();
                !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
            })
        })
        && !text.contains("todos")
}
