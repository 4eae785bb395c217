//! Test cases: `it(..)`, `test(..)`, `Deno.test(..)` and their variants that take a function.

use super::{super::Facts, Scan};
use crate::project::{
    Language,
    syntax::{Expression, Kind},
};

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for (file, unit) in scan.program.units().iter().enumerate() {
        if unit.language != Language::TypeScript {
            continue;
        }
        for site in scan.program.calls_in(file) {
            let takes_function = site.call.arguments.iter().any(|a| matches!(a.value.kind, Kind::Function(_)));
            if takes_function && is_case(&site.call.function) {
                facts.tests.push(scan.program.place(file, site.span));
            }
        }
    }
}

/// `it`, `test.only`, `it.each(..)`, `` test.each`..` ``, `Deno.test`, `t.test`
fn is_case(function: &Expression) -> bool {
    match &function.kind {
        Kind::Name(name) => matches!(name.as_str(), "it" | "test" | "specify"),
        Kind::Member(object, name) => match object.name() {
            Some("Deno" | "t") => name.value == "test",
            _ => is_case(object),
        },
        Kind::Call(call) => is_case(&call.function),
        Kind::Tagged(tag, _) => is_case(tag),
        _ => false,
    }
}
