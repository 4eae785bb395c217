//! Guards: conditions that prove a value harmless for a command line.
//!
//! Recognised: membership in a literal set, equality with a literal, an anchored pattern without wildcards, numeric
//! and alphanumeric tests, and project functions whose result is one of these. **Not** recognised, because they do not
//! hold: block lists (`includes(";")`), unanchored patterns, length checks, hand-made escaping.

use super::taint::dotted;
use crate::project::{
    program::{At, Program},
    syntax::{Call, Expression, Kind, Statement},
};

/// What a condition proves.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// Names and dotted members that are harmless when it holds.
    pub(super) when_true: Vec<String>,
    /// The same when it does not.
    pub(super) when_false: Vec<String>,
    /// It holds only when the name of the tool is this one.
    pub(super) equals: Option<(String, String)>,
}

/// What `condition` proves about the names in it.
pub(super) fn prove<'a>(program: &Program<'a>, at: At, condition: &'a Expression) -> Proof {
    prove_within(program, at, condition, 6)
}

fn prove_within<'a>(program: &Program<'a>, at: At, condition: &'a Expression, steps: usize) -> Proof {
    let Some(steps) = steps.checked_sub(1) else { return Proof::default() };
    match &condition.kind {
        Kind::Unary(operator, inner) if matches!(operator.as_str(), "!" | "not") => {
            let inner = prove_within(program, at, inner, steps);
            Proof { when_true: inner.when_false, when_false: inner.when_true, equals: None }
        }
        Kind::Binary(operator, a, b) => binary(program, at, operator, a, b, steps),
        Kind::Call(call) => Proof { when_true: called(program, at, call, steps), ..Proof::default() },
        _ => Proof::default(),
    }
}

fn binary<'a>(
    program: &Program<'a>,
    at: At,
    operator: &str,
    a: &'a Expression,
    b: &'a Expression,
    steps: usize,
) -> Proof {
    let yes = |names: Vec<String>| Proof { when_true: names, ..Proof::default() };
    let no = |names: Vec<String>| Proof { when_false: names, ..Proof::default() };
    match operator {
        "&&" | "and" => {
            let (mut a, b) = (prove_within(program, at, a, steps), prove_within(program, at, b, steps));
            a.when_true.extend(b.when_true);
            Proof { when_true: a.when_true, when_false: Vec::new(), equals: a.equals.or(b.equals) }
        }
        "||" | "or" => {
            let (mut a, b) = (prove_within(program, at, a, steps), prove_within(program, at, b, steps));
            a.when_false.extend(b.when_false);
            no(a.when_false)
        }
        "==" | "===" | "is" => {
            let literal = b.text().or(a.text());
            let name = dotted(a).or_else(|| dotted(b));
            let equals = name.clone().zip(literal.map(str::to_owned));
            let number = typeof_number(a, b);
            Proof {
                when_true: number.or(name.filter(|_| equals.is_some())).into_iter().collect(),
                when_false: Vec::new(),
                equals,
            }
        }
        "!=" | "!==" | "is not" => {
            let literal = b.text().is_some() || a.text().is_some();
            let number = typeof_number(a, b);
            no(number.or(dotted(a).or_else(|| dotted(b)).filter(|_| literal)).into_iter().collect())
        }
        "in" if literal_set(program, at, b) => yes(dotted(a).into_iter().collect()),
        "not in" if literal_set(program, at, b) => no(dotted(a).into_iter().collect()),
        // `SET.indexOf(x) === -1`, `< 0`
        _ => Proof::default(),
    }
}

/// `typeof x === "number"` proves `x`, not the operator.
fn typeof_number(a: &Expression, b: &Expression) -> Option<String> {
    let Kind::Unary(operator, inner) = &a.kind else { return None };
    (operator == "typeof" && matches!(b.text(), Some("number" | "boolean" | "bigint"))).then(|| dotted(inner)).flatten()
}

/// A set, list or record that is written down.
fn literal_set<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> bool {
    let (owner, value) = program.value(at, expression);
    match &value.kind {
        Kind::List(items) => !items.is_empty() && items.iter().all(|item| program.text(owner, item).is_some()),
        Kind::Record(record) => !record.entries.is_empty(),
        // `new Set([...])`, `frozenset({...})`, `Object.keys(TABLE)`, `TABLE.keys()`
        Kind::Call(call) => call.arguments.iter().any(|argument| literal_set(program, owner, &argument.value)),
        _ => false,
    }
}

/// Names that a call proves when its result is truthy.
fn called<'a>(program: &Program<'a>, at: At, call: &'a Call, steps: usize) -> Vec<String> {
    let first = call.positional(0);
    let argument = first.and_then(dotted);
    if let Kind::Member(object, method) = &call.function.kind {
        let named = |expression: Option<String>| expression.into_iter().collect();
        match method.value.as_str() {
            "includes" | "has" | "contains" | "contains_key" | "hasOwnProperty" | "__contains__"
                if literal_set(program, at, object) =>
            {
                return named(argument);
            }
            "test" if anchored_regex(program, at, object) => return named(argument),
            "match" | "fullmatch" | "MatchString" | "is_match" if anchored_regex(program, at, object) => {
                return named(argument);
            }
            // `re.match(pattern, x)`, `re.fullmatch(pattern, x)`
            "match" | "fullmatch" | "search" if object.name() == Some("re") => {
                let whole = method.value == "fullmatch";
                let pattern = first.and_then(|pattern| program.text(at, pattern)).unwrap_or_default();
                let held = anchored(&pattern) || (whole && no_wildcard(&pattern));
                return if held { named(call.positional(1).and_then(dotted)) } else { Vec::new() };
            }
            // `x.match(/^[a-z]+$/)`
            "match" if first.is_some_and(|pattern| anchored_regex(program, at, pattern)) => {
                return named(dotted(object));
            }
            "isdigit" | "isalnum" | "isalpha" | "isidentifier" | "isnumeric" | "isdecimal" => {
                return named(dotted(object));
            }
            "isInteger" | "isSafeInteger" | "isFinite" => return named(argument),
            _ => {}
        }
    }
    let Some(target) = program.function(at, &call.function) else { return Vec::new() };
    verdict(program, target, steps)
        .into_iter()
        .filter_map(|position| call.positional(position).and_then(dotted))
        .collect()
}

/// Positions of parameters that are proven when a project's function returns something truthy.
fn verdict(program: &Program<'_>, target: At, steps: usize) -> Vec<usize> {
    let function = program.function_at(target);
    let [.., Statement::Return(Some(value), _)] = function.body.as_slice() else { return Vec::new() };
    let proof = prove_within(program, target, value, steps);
    let offset = super::engine::receiver(program, target);
    let named = function.parameters.iter().enumerate().skip(offset).filter(|(_, parameter)| {
        matches!(&parameter.pattern, crate::project::syntax::Pattern::Name(name, _) if proof.when_true.contains(name))
    });
    named.map(|(position, _)| position - offset).collect()
}

/// Whether a pattern admits nothing that a shell would act on.
pub(super) fn holds<'a>(program: &Program<'a>, at: At, pattern: &'a Expression) -> bool {
    anchored_regex(program, at, pattern)
}

/// A regular expression object whose pattern is anchored at both ends and admits no metacharacters.
fn anchored_regex<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> bool {
    let (owner, value) = program.value(at, expression);
    let pattern = match &value.kind {
        Kind::Call(call) => {
            call.positional(0).and_then(|pattern| program.text(owner, pattern)).map(|pattern| (pattern, false))
        }
        // A literal `/.../flags` is lowered as its source text.
        Kind::Text(pattern) => Some((pattern.clone(), true)),
        _ => None,
    };
    pattern.is_some_and(|(pattern, slashes)| {
        let inner = pattern.strip_prefix('/').filter(|_| slashes).and_then(|rest| rest.rsplit_once('/'));
        anchored(inner.map_or(pattern.as_str(), |(body, _)| body))
    })
}

fn anchored(pattern: &str) -> bool {
    let body = pattern.strip_prefix('^').or_else(|| pattern.strip_prefix("\\A"));
    let body =
        body.and_then(|b| b.strip_suffix('$').or_else(|| b.strip_suffix("\\z")).or_else(|| b.strip_suffix("\\Z")));
    body.is_some_and(no_wildcard)
}

/// No `.`, no negated class, nothing that matches what a shell would act on.
fn no_wildcard(pattern: &str) -> bool {
    let mut in_class = false;
    let mut escaped = false;
    for (index, c) in pattern.char_indices() {
        if escaped {
            escaped = false;
            if matches!(c, 'S' | 'W' | 'D' | 's' | 'n') {
                return false;
            }
            continue;
        }
        match c {
            '\\' => escaped = true,
            '[' => {
                in_class = true;
                if pattern[index + 1..].starts_with('^') {
                    return false;
                }
            }
            ']' => in_class = false,
            '.' if !in_class => return false,
            ';' | '|' | '&' | '`' | '<' | '>' if in_class || !matches!(c, '|') => return false,
            '$' | '(' | ')' | ' ' if in_class => return false,
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expected: bool) {
        assert_eq!(anchored(pattern), expected, "{pattern}");
    }

    #[test]
    fn only_anchored_patterns_without_wildcards_guard() {
        check("^[a-zA-Z0-9_-]+$", true);
        check(r"^\d{1,3}(\.\d{1,3}){3}$", true);
        check(r"^(start|stop)$", true);
        check("[a-z]+", false);
        check("^[a-z]+", false);
        check("^.*$", false);
        check("^[^;]+$", false);
        check(r"^\S+$", false);
        check("^[a-z; ]+$", false);
    }
}
