//! Results that anybody may cache, in functions that look at who asks.

use super::Facts;
use crate::{
    finding::Place,
    project::{
        Role,
        program::{At, Program},
        syntax::{Expression, FunctionId, Kind, Text},
    },
};

/// A result marked as the same for everybody, and where its function asks who the caller is.
#[derive(Clone, Debug)]
pub struct SharedCache {
    /// The mark.
    pub place: Place,
    /// The question.
    pub asks: Place,
    /// As written: `authInfo`, `tenant_id`.
    pub word: String,
}

const KEYS: &[&str] = &["cacheScope", "cache_scope", "CacheScope"];

/// Words for the caller, in plain lower case.
const WHO: &[&str] = &[
    "authinfo",
    "authcontext",
    "tokeninfo",
    "getaccesstoken",
    "currentuser",
    "currentuserid",
    "userid",
    "tenantid",
    "tenant",
    "principal",
    "accountid",
    "subject",
];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate().filter(|(_, unit)| unit.role != Role::Test) {
        let mut marks = Vec::new();
        unit.expressions(&mut |function, expression| {
            let at = At { file, function };
            if let Some(mark) = mark(program, at, expression) {
                marks.push((function, mark));
            }
        });
        for (function, mark) in marks {
            let asks =
                around(program, file, function, mark).into_iter().find_map(|function| asks(program, file, function));
            facts.shared_caches.extend(asks.map(|(word, asks)| SharedCache {
                place: program.place(file, mark.span),
                asks,
                word,
            }));
        }
    }
}

/// The value that says `public`.
fn mark<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> Option<&'a Expression> {
    let value = match &expression.kind {
        Kind::Record(record) => KEYS.iter().find_map(|key| record.get(key))?,
        Kind::Call(call) => {
            let with = super::tools::written(call) == "with_cache_scope";
            let keyword = KEYS.iter().find_map(|key| call.keyword(key));
            keyword.or_else(|| call.positional(0).filter(|_| with))?
        }
        _ => return None,
    };
    let named = match &value.kind {
        Kind::Name(word) | Kind::Member(_, Text { value: word, .. }) => word.to_lowercase().ends_with("public"),
        _ => false,
    };
    (named || program.text(at, value).as_deref() == Some("public")).then_some(value)
}

/// The function of a mark and those inside it; at the top level the functions that the same call is given.
fn around(program: &Program<'_>, file: usize, function: FunctionId, mark: &Expression) -> Vec<FunctionId> {
    let functions = &program.units()[file].module.functions;
    if function != 0 {
        let span = functions[function].span;
        return (1..functions.len()).filter(|&id| span.contains(functions[id].span)).collect();
    }
    let calls: Vec<_> = program.calls_in(file).collect();
    let around = calls.iter().filter(|site| site.span.contains(mark.span));
    let Some(call) = around.min_by_key(|site| site.span.end - site.span.start) else { return Vec::new() };
    let given = call.call.arguments.iter().filter_map(|argument| program.function(call.at, &argument.value));
    given.filter(|at| at.file == file).map(|at| at.function).collect()
}

fn asks(program: &Program<'_>, file: usize, function: FunctionId) -> Option<(String, Place)> {
    let mut found = None;
    program.units()[file].module.functions[function].expressions(&mut |expression| {
        let word = match &expression.kind {
            Kind::Name(word) | Kind::Member(_, Text { value: word, .. }) => word,
            _ => return,
        };
        let plain: String = word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        if WHO.contains(&plain.as_str()) && found.is_none() {
            found = Some((word.clone(), program.place(file, expression.span)));
        }
    });
    found
}
