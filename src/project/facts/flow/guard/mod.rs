//! Guards: what a condition proves of the names in it, judged for each kind of sink.
//!
//! Recognised: membership in a literal set, equality with what callers do not control, patterns, tests for digits and
//! letters, containment in a folder after `..` was resolved, hosts from a list, and functions of the project whose
//! results or exceptions follow from one of these. A check that does not hold is remembered with the reason: a bare
//! prefix, a test before `..` is resolved, a search for `..`, a list of bad hosts.

use std::rc::Rc;

use super::{
    engine::Run,
    environment::{Environment, Fact, Via, Weak},
    mask::{Form, Mask},
    shape::{self, Made},
    taint::dotted,
};
use crate::project::{
    facts::Weakness,
    program::{At, Program},
    syntax::{Expression, Kind, Span},
};

mod alphabet;
mod calls;
mod containment;
mod named;
mod options;
mod text;

pub(super) use text::{pattern_mask, replaced};

/// What a condition proves.
#[derive(Clone, Debug, Default)]
pub(super) struct Proof {
    /// What holds when it does.
    pub(super) when_true: Vec<Fact>,
    /// What holds when it does not.
    pub(super) when_false: Vec<Fact>,
    /// It holds only when this name is this text.
    pub(super) equals: Option<(String, String)>,
}

/// What a part of a condition looks at.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    name: String,
    via: Via,
    form: Form,
}

impl Subject {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is(&self, via: Via) -> bool {
        self.via == via
    }
}

/// Deepest nesting of a condition that is judged.
const MAX_DEPTH: usize = 8;

impl<'a> Run<'_, '_, 'a> {
    /// What `condition` proves about the names in it.
    pub(super) fn prove(&mut self, condition: &'a Expression, environment: &mut Environment) -> Proof {
        self.prove_within(condition, environment, MAX_DEPTH)
    }

    fn prove_within(&mut self, condition: &'a Expression, environment: &mut Environment, steps: usize) -> Proof {
        let Some(steps) = steps.checked_sub(1) else { return Proof::default() };
        match &condition.kind {
            Kind::Unary(operator, inner) if matches!(operator.as_str(), "!" | "not") => {
                let inner = self.prove_within(inner, environment, steps);
                Proof { when_true: inner.when_false, when_false: inner.when_true, equals: None }
            }
            Kind::Binary(operator, a, b) => self.binary_proof(operator, a, b, environment, steps),
            Kind::Call(call) => self.call_proof(call, condition.span, environment, steps),
            Kind::Name(_) | Kind::Member(..) => {
                let Some(name) = dotted(condition) else { return Proof::default() };
                let known = environment.outcomes.get(&name).cloned().unwrap_or_default();
                // What is empty or absent harms nobody.
                let when_false = [known.no.clone().unwrap_or_default(), vec![all(name)]].concat();
                Proof { when_true: known.yes.clone().unwrap_or_default(), when_false, equals: None }
            }
            // `ALLOWED[x]`, where only what is in it is true.
            Kind::Index(set, key) => match self.subject(key, environment) {
                Some(subject) if !environment.holds(&dotted(set).unwrap_or_default()) => {
                    self.in_set(&subject, set, condition.span)
                }
                _ => Proof::default(),
            },
            // `(rel && !rel.startsWith(".."))` in other words; comprehensions of one test.
            Kind::Other(parts) => {
                let test = |run: &mut Self, part, inner: &mut Environment| run.prove_within(part, inner, steps);
                if let Some(proof) = self.comprehension_proof(parts, environment, test) {
                    return proof;
                }
                parts.iter().fold(Proof::default(), |mut all, part| {
                    let inner = self.prove_within(part, environment, steps);
                    all.when_true.extend(inner.when_true);
                    all.when_false.extend(inner.when_false);
                    all
                })
            }
            _ => Proof::default(),
        }
    }

    fn binary_proof(
        &mut self,
        operator: &str,
        a: &'a Expression,
        b: &'a Expression,
        environment: &mut Environment,
        steps: usize,
    ) -> Proof {
        match operator {
            "&&" | "and" => {
                let left = self.prove_within(a, environment, steps);
                let mut inner = environment.with_proven(&left.when_true);
                let right = self.prove_within(b, &mut inner, steps);
                let when_false = either(&left.when_false, &right.when_false, self.optional(a).as_ref());
                Proof {
                    when_true: [left.when_true, right.when_true].concat(),
                    when_false,
                    equals: left.equals.or(right.equals),
                }
            }
            "||" | "or" => {
                let left = self.prove_within(a, environment, steps);
                let mut inner = environment.with_proven(&left.when_false);
                let right = self.prove_within(b, &mut inner, steps);
                let when_true = either(&left.when_true, &right.when_true, self.optional(a).as_ref());
                Proof { when_true, when_false: [left.when_false, right.when_false].concat(), equals: None }
            }
            "==" | "===" | "is" => self.equality(a, b, environment),
            "!=" | "!==" | "is not" => {
                let same = self.equality(a, b, environment);
                Proof { when_true: same.when_false, when_false: same.when_true, equals: None }
            }
            "in" => self.membership(a, b, environment),
            "not in" => {
                let inside = self.membership(a, b, environment);
                Proof { when_true: inside.when_false, when_false: inside.when_true, equals: None }
            }
            // `list.indexOf(x) >= 0`, `x.indexOf(root + sep) === 0` are rare: nothing is proven.
            _ => Proof::default(),
        }
    }

    /// What a check that stands behind an option is worth: `root && !inside(root, path)`.
    fn optional(&self, condition: &Expression) -> Option<Weak> {
        let flag = match &condition.kind {
            Kind::Unary(_, inner) | Kind::Binary(_, inner, _) => inner,
            _ => condition,
        };
        let plain = matches!(flag.kind, Kind::Name(_) | Kind::Member(..));
        plain.then(|| Rc::new((Weakness::Optional, self.hop(condition.span, Weakness::Optional.note().to_owned()))))
    }

    fn equality(&mut self, a: &'a Expression, b: &'a Expression, environment: &mut Environment) -> Proof {
        if let Some(name) = typeof_number(a, b) {
            return Proof { when_true: vec![all(name)], ..Proof::default() };
        }
        if let Some(proof) = self.common_path(a, b, environment).or_else(|| self.common_path(b, a, environment)) {
            return proof;
        }
        if matches!(b.kind, Kind::Null) || matches!(b.kind, Kind::Number(_) | Kind::Boolean(_)) {
            return self.compared_with_constant(a, b, environment);
        }
        for (one, other) in [(a, b), (b, a)] {
            let Some(subject) = self.subject(one, environment) else { continue };
            if !environment.holds(&subject.name) && self.value(one, environment).is_none() {
                continue;
            }
            // Equal to another input proves nothing.
            if self.value(other, environment).is_some() {
                continue;
            }
            let literal = self.program().text(self.at, other);
            let equals = dotted(one).zip(literal.clone());
            let fixed = self.fixed(&subject);
            let when_false = self.refused(&subject, literal.as_deref(), one.span);
            return Proof { when_true: fixed, when_false, equals };
        }
        Proof::default()
    }

    /// What equality with a fixed value, or membership in a fixed set, proves.
    fn fixed(&self, subject: &Subject) -> Vec<Fact> {
        let mask = match subject.via {
            Via::Host => Mask::ADDRESS.with(Mask::ENDPOINT),
            Via::Scheme => Mask::SCHEME,
            Via::Relative => subject.form.with(Form::NORMAL).contained(),
            Via::Same | Via::Folder => Mask::ALL,
        };
        vec![Fact { name: subject.name.clone(), mask, ..Fact::default() }]
    }

    /// What it says that a value is not a certain one.
    fn refused(&self, subject: &Subject, literal: Option<&str>, span: Span) -> Vec<Fact> {
        match (subject.via, literal) {
            (Via::Host, _) => vec![self.weak(subject, Weakness::Hosts, span)],
            (Via::Relative, Some("..")) => Vec::new(),
            _ => Vec::new(),
        }
    }

    /// `err != nil`, `match !== null`, `list.indexOf(x) === -1`, `isAllowed(x) === false`
    fn compared_with_constant(&mut self, a: &'a Expression, b: &'a Expression, environment: &mut Environment) -> Proof {
        let proof = self.prove_within(a, environment, MAX_DEPTH - 2);
        match &b.kind {
            Kind::Boolean(true) => proof,
            // What is nothing harms nobody, and is not true.
            Kind::Null | Kind::Boolean(false) => {
                Proof { when_true: proof.when_false, when_false: proof.when_true, equals: None }
            }
            _ => Proof::default(),
        }
    }

    fn membership(&mut self, a: &'a Expression, b: &'a Expression, environment: &mut Environment) -> Proof {
        // `".." in path`, `";" in command`
        if let Some(literal) = self.program().text(self.at, a) {
            return self.contains_text(b, &literal, a.span, environment);
        }
        // `root in path.parents`
        if let Kind::Member(path, parents) = &b.kind
            && parents.value == "parents"
            && let Some(subject) = self.subject(path, environment)
        {
            return self.inside_folder(&subject, b.span);
        }
        let Some(subject) = self.subject(a, environment) else { return Proof::default() };
        if self.value(b, environment).is_some() {
            return Proof::default();
        }
        self.in_set(&subject, b, a.span)
    }

    /// Membership in a set: one that is written down fixes a value, a configured one fixes a host or folder.
    fn in_set(&self, subject: &Subject, set: &'a Expression, span: Span) -> Proof {
        let written = literal_set(self.program(), self.at, set);
        let when_true =
            if written || subject.via != Via::Same || self.is_constant(set) { self.fixed(subject) } else { Vec::new() };
        Proof { when_true, when_false: self.refused(subject, None, span), equals: None }
    }

    /// A constant or a field: what the project or its configuration decides.
    fn is_constant(&self, set: &'a Expression) -> bool {
        match &set.kind {
            Kind::Member(..) => true,
            Kind::Name(name) => name.chars().all(|c| c.is_uppercase() || c == '_' || c.is_numeric()),
            _ => false,
        }
    }

    /// What an expression looks at: a name that holds a controlled value, through what keeps the value the same.
    pub(super) fn subject(&self, expression: &'a Expression, environment: &Environment) -> Option<Subject> {
        self.subject_within(expression, environment, 6)
    }

    fn subject_within(&self, expression: &'a Expression, environment: &Environment, steps: usize) -> Option<Subject> {
        let steps = steps.checked_sub(1)?;
        match &expression.kind {
            Kind::Name(_) | Kind::Member(..) | Kind::Index(..) => {
                let Some(name) = dotted(expression) else {
                    // `urlparse(x).hostname`
                    let Kind::Member(object, member) = &expression.kind else { return None };
                    let made = shape::of_member(&member.value)?;
                    return made_of(self.subject_within(object, environment, steps)?, made);
                };
                if let Some((of, via @ (Via::Host | Via::Scheme | Via::Relative))) = environment.derived.get(&name) {
                    return Some(Subject { form: self.form_of(of, environment), name: of.clone(), via: *via });
                }
                if let Kind::Member(object, member) = &expression.kind
                    && let Some(made) = shape::of_member(&member.value)
                    && let Some(subject) = self.subject_within(object, environment, steps)
                    && environment.get(&subject.name).is_some_and(|taint| !taint.record)
                {
                    return made_of(subject, made);
                }
                Some(Subject { form: self.form_of(&name, environment), name, via: Via::Same })
            }
            Kind::Call(call) if self.program().function(self.at, &call.function).is_some() => {
                self.normalized_by_project(call, environment, steps)
            }
            Kind::Call(call) => {
                let Some(shape) = shape::of_call(self.program(), self.at, call) else {
                    // A part of a host: what is asked of it is asked of the host.
                    let Kind::Member(object, _) = &call.function.kind else { return None };
                    return self.subject_within(object, environment, steps).filter(|subject| subject.via == Via::Host);
                };
                let subject = self.subject_within(shape.input, environment, steps)?;
                // Of joined parts the controlled one is judged, wherever it stands.
                match shape.made {
                    Made::Joined(form, _) => call.arguments.iter().rev().find_map(|argument| {
                        let subject = self.subject_within(&argument.value, environment, steps)?;
                        let controlled = environment.holds(&subject.name);
                        controlled.then_some(Subject { form, ..subject })
                    }),
                    made => made_of(subject, made),
                }
            }
            // `urlparse(x).hostname or ""`
            Kind::Binary(operator, value, _) if matches!(operator.as_str(), "or" | "||" | "??") => {
                self.subject_within(value, environment, steps)
            }
            // `bracketed ? host.slice(1, -1) : host`
            Kind::Conditional(_, a, b) => self
                .subject_within(a, environment, steps)
                .or_else(|| self.subject_within(b, environment, steps))
                .filter(|subject| subject.via == Via::Host),
            Kind::Template(parts) => match parts.as_slice() {
                [crate::project::syntax::Part::Value(only)] => self.subject_within(only, environment, steps),
                _ => None,
            },
            _ => None,
        }
    }

    /// `normalizePath(x)`: a function of the project with one parameter whose result is a resolved path.
    fn normalized_by_project(
        &self,
        call: &'a crate::project::syntax::Call,
        environment: &Environment,
        steps: usize,
    ) -> Option<Subject> {
        let [argument] = call.arguments.as_slice() else { return None };
        let subject = self.subject_within(&argument.value, environment, steps)?;
        environment.holds(&subject.name).then_some(())?;
        let form = self.form_of_result(call, environment)?;
        form.has(Form::NORMAL).then_some(Subject { form, ..subject })
    }

    fn form_of(&self, name: &str, environment: &Environment) -> Form {
        environment.get(name).map(|taint| taint.form).unwrap_or_default()
    }

    /// A fact that says only why a check does not hold.
    fn weak(&self, subject: &Subject, weakness: Weakness, span: Span) -> Fact {
        let hop = self.hop(span, weakness.note().to_owned());
        Fact { name: subject.name.clone(), weak: Some(Rc::new((weakness, hop))), ..Fact::default() }
    }

    /// What an assignment makes of another name, so that a check of one says something about the other.
    pub(super) fn made_of(&self, value: &'a Expression, environment: &Environment) -> Option<(String, Via)> {
        let subject = match &value.kind {
            Kind::Call(call) if self.program().function(self.at, &call.function).is_some() => {
                self.subject(value, environment)?
            }
            Kind::Call(call) => {
                let made = shape::of_call(self.program(), self.at, call).map(|shape| shape.made);
                if matches!(made, Some(Made::Joined(..) | Made::Clean(_))) {
                    return None;
                }
                self.subject(value, environment)?
            }
            Kind::Member(..) | Kind::Name(_) | Kind::Binary(..) | Kind::Conditional(..) => {
                self.subject(value, environment)?
            }
            _ => return None,
        };
        Some((subject.name, subject.via))
    }
}

fn made_of(subject: Subject, made: Made) -> Option<Subject> {
    match made {
        Made::Same | Made::Parsed => Some(subject),
        Made::File(form) => Some(Subject { form: subject.form.with(form), ..subject }),
        Made::Folder => Some(Subject { via: Via::Folder, ..subject }),
        Made::Relative => Some(Subject { via: Via::Relative, ..subject }),
        Made::Host if subject.via == Via::Same => Some(Subject { via: Via::Host, ..subject }),
        Made::Scheme if subject.via == Via::Same => Some(Subject { via: Via::Scheme, ..subject }),
        Made::Host | Made::Scheme | Made::Joined(..) | Made::Clean(_) => None,
    }
}

/// What holds when one of two conditions does: what both prove. A check that only one way makes is weak.
fn either(a: &[Fact], b: &[Fact], optional: Option<&Weak>) -> Vec<Fact> {
    let mut both = Vec::new();
    for one in a.iter().chain(b) {
        if both.iter().any(|fact: &Fact| fact.name == one.name) {
            continue;
        }
        let of = |facts: &[Fact]| {
            let mine = facts.iter().filter(|fact| fact.name == one.name);
            mine.fold(None, |all: Option<(Mask, Form)>, fact| {
                let (mask, form) = all.unwrap_or_default();
                Some((mask | fact.mask, form.with(fact.form)))
            })
        };
        let weak = a.iter().chain(b).filter(|fact| fact.name == one.name).find_map(|fact| fact.weak.clone());
        let (mask, form, weak) = match (of(a), of(b)) {
            (Some((x, f)), Some((y, g))) => (x & y, f.both(g), weak),
            _ if one.mask.is_empty() => (Mask::NONE, Form::default(), weak),
            _ => (Mask::NONE, Form::default(), weak.or_else(|| optional.cloned())),
        };
        both.push(Fact { name: one.name.clone(), mask, form, weak });
    }
    both
}

/// Proven for every sink.
fn all(name: String) -> Fact {
    Fact { name, mask: Mask::ALL, ..Fact::default() }
}

/// `typeof x === "number"` proves `x`, not the operator.
fn typeof_number(a: &Expression, b: &Expression) -> Option<String> {
    let Kind::Unary(operator, inner) = &a.kind else { return None };
    (operator == "typeof" && matches!(b.text(), Some("number" | "boolean" | "bigint"))).then(|| dotted(inner)).flatten()
}

/// Most calls around the list that a set is made of.
const MAX_WRAPPERS: usize = 6;

/// A set, list or record that is written down.
fn literal_set<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> bool {
    literal_set_within(program, at, expression, MAX_WRAPPERS)
}

/// `x = set(x)` in a loop has no end of its own.
fn literal_set_within<'a>(program: &Program<'a>, at: At, expression: &'a Expression, steps: usize) -> bool {
    let Some(steps) = steps.checked_sub(1) else { return false };
    let (owner, value) = program.value(at, expression);
    match &value.kind {
        Kind::List(items) => !items.is_empty() && items.iter().all(|item| program.text(owner, item).is_some()),
        Kind::Record(record) => !record.entries.is_empty(),
        // `new Set([...])`, `frozenset({...})`, `Object.keys(TABLE)`, `TABLE.keys()`
        Kind::Call(call) => {
            let object = match &call.function.kind {
                Kind::Member(object, method) if matches!(method.value.as_str(), "keys" | "values") => Some(&**object),
                _ => None,
            };
            let mut inside = object.into_iter().chain(call.arguments.iter().map(|argument| &argument.value));
            inside.any(|inside| literal_set_within(program, owner, inside, steps))
        }
        _ => false,
    }
}
