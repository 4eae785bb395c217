//! Guards that a project names itself: `[doctor.rules.path-traversal] guards = ["assertInside"]`.
//!
//! Such a function is believed. What it returns is harmless; what it was given is, once it returned as a statement of its
//! own or was asked in a condition. A call whose answer nobody looks at and that is part of something else proves nothing.

use super::{Fact, Proof};
use crate::project::{
    Language,
    facts::flow::{engine::Run, mask::Mask, taint::dotted},
    program::Program,
    syntax::{Call, Expression},
};

/// What a guard of each rule makes of a value.
const RULES: [(&str, Mask); 5] = [
    ("argument-injection", Mask::ARGUMENT),
    ("path-traversal", Mask::FILE),
    ("shell-injection", Mask::SHELL),
    ("sql-injection", Mask::SQL),
    ("ssrf", Mask::ADDRESS.with(Mask::ENDPOINT).with(Mask::REDIRECT)),
];

/// What a call makes harmless because the project says so.
fn mask(program: &Program<'_>, call: &Call) -> Mask {
    let named = |rule: &str| program.options().texts(rule, "guards");
    if RULES.iter().all(|(rule, _)| named(rule).is_empty()) {
        return Mask::NONE;
    }
    let Some(written) = dotted(&call.function) else { return Mask::NONE };
    let is = |guard: &String| written.strip_suffix(guard.as_str()).is_some_and(|it| it.is_empty() || it.ends_with('.'));
    RULES.iter().filter(|(rule, _)| named(rule).iter().any(is)).fold(Mask::NONE, |all, (_, mask)| all | *mask)
}

impl<'a> Run<'_, '_, 'a> {
    /// What a call makes harmless because the project says so; nothing where something else is followed.
    pub(in crate::project::facts::flow) fn named_guard(&self, call: &Call) -> Mask {
        if self.engine.holds() { Mask::NONE } else { mask(self.program(), call) }
    }

    /// What holds of the arguments of a guard that let them pass.
    pub(in crate::project::facts::flow) fn let_pass(&self, call: &'a Call) -> Vec<Fact> {
        let mask = self.named_guard(call);
        if mask.is_empty() {
            return Vec::new();
        }
        let names = call.arguments.iter().filter_map(|argument| dotted(&argument.value));
        names.map(|name| Fact { name, mask, ..Fact::default() }).collect()
    }

    /// What a condition that asks a guard proves.
    pub(super) fn asked_guard(&self, call: &'a Call) -> Option<Proof> {
        let when_true = self.let_pass(call);
        (!when_true.is_empty()).then(|| Proof { when_true, ..Proof::default() })
    }

    /// What holds behind a statement that is a guard's call, or behind `err := guard(x)`, which is looked at next.
    pub(in crate::project::facts::flow) fn passed_guard(&self, value: &'a Expression, bound: bool) -> Vec<Fact> {
        let go = self.program().unit(self.at).language == Language::Go;
        value.call().filter(|_| !bound || go).map(|call| self.let_pass(call)).unwrap_or_default()
    }
}
