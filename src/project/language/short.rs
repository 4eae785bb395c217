//! Lowered programs in a short form of our own, so that tests compare structure.

use crate::project::syntax::{Expression, Kind, Part, Statement};

/// An expression in a short form of our own, so that structure can be compared.
pub(super) fn short(e: &Expression) -> String {
    let all = |items: &[Expression]| items.iter().map(short).collect::<Vec<_>>().join(" ");
    match &e.kind {
        Kind::Unknown => "?".into(),
        Kind::Text(text) => format!("{text:?}"),
        Kind::Number(n) => n.clone(),
        Kind::Boolean(b) => b.to_string(),
        Kind::Null => "null".into(),
        Kind::Name(name) => name.clone(),
        Kind::Member(object, name) => format!("{}.{}", short(object), name.value),
        Kind::Index(object, index) => format!("{}[{}]", short(object), short(index)),
        Kind::Call(call) => {
            let arguments = call.arguments.iter().map(|a| match &a.name {
                Some(name) => format!("{name}={}", short(&a.value)),
                None => short(&a.value),
            });
            format!("{}({})", short(&call.function), arguments.collect::<Vec<_>>().join(" "))
        }
        Kind::Template(parts) => {
            let parts = parts.iter().map(|part| match part {
                Part::Text(text) => format!("{text:?}"),
                Part::Value(value) => format!("{{{}}}", short(value)),
            });
            format!("`{}`", parts.collect::<Vec<_>>().join(" "))
        }
        Kind::Binary(o, a, b) => format!("({} {o} {})", short(a), short(b)),
        Kind::Unary(o, a) => format!("({o} {})", short(a)),
        Kind::Conditional(a, b, c) => format!("({} ? {} : {})", short(a), short(b), short(c)),
        Kind::List(items) => format!("[{}]", all(items)),
        Kind::Assign(a, b) => format!("({} = {})", short(a), short(b)),
        Kind::Spread(a) => format!("...{}", short(a)),
        Kind::Function(id) => format!("fn#{id}"),
        Kind::Record(record) => {
            let mut parts = Vec::new();
            e.parts(&mut |part| parts.push(short(part)));
            format!("{{{}; {}}}", record.entries.len(), parts.join(" "))
        }
        Kind::Other(items) => format!("<{}>", all(items)),
        Kind::Block(body) => format!("{{{}}}", shorts(body)),
        Kind::Match(chosen) => format!("match {}", short(&chosen.subject)),
        Kind::Tagged(tag, _) => format!("{}``", short(tag)),
    }
}

/// The outermost expressions of statements.
pub(super) fn shorts(body: &[Statement]) -> String {
    let mut found = Vec::new();
    body.iter().for_each(|statement| statement.parts(&mut |e| found.push(short(e))));
    found.join("; ")
}
