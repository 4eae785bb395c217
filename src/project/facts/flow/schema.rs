//! Schemas that an SDK or a `parse` call enforces before a handler sees its arguments (zod and its like).

use std::{collections::BTreeMap, rc::Rc};

use super::{mask::Mask, taint::Taint};
use crate::project::{
    program::{At, Program},
    syntax::{Entry, Expression, Kind},
};

/// Deepest nesting of objects that is looked into.
const MAX_DEPTH: usize = 6;

/// The fields of a schema, each with its own.
type Fields<'a> = BTreeMap<String, (At, &'a Expression)>;

/// What is controlled of a value that passed `schema`: nothing where the schema is not understood.
pub(super) fn checked<'a>(program: &Program<'a>, at: At, schema: &'a Expression, taint: &Taint) -> Option<Taint> {
    checked_within(program, at, schema, taint, MAX_DEPTH)
}

fn checked_within<'a>(
    program: &Program<'a>,
    at: At,
    schema: &'a Expression,
    taint: &Taint,
    depth: usize,
) -> Option<Taint> {
    let depth = depth.checked_sub(1)?;
    let mut controlled = BTreeMap::new();
    for (name, (owner, schema)) in fields(program, at, schema)? {
        let clean = narrow(program, owner, schema);
        if clean == Mask::ALL {
            continue;
        }
        let label = Some(name.clone());
        let own = Taint { label, record: false, fields: None, class: None, clean, hops: Vec::new(), ..taint.clone() };
        // An object inside is one more set of arguments.
        let inner = checked_within(program, owner, schema, &own, depth);
        controlled.insert(name, inner.unwrap_or(own));
    }
    Some(Taint { fields: Some(Rc::new(controlled)), record: false, ..taint.clone() })
}

/// The fields of an object's schema.
fn fields<'a>(program: &Program<'a>, at: At, schema: &'a Expression) -> Option<Fields<'a>> {
    let (owner, value) = program.origin(at, schema);
    match &value.kind {
        Kind::Record(record) => {
            let mut fields = BTreeMap::new();
            for entry in &record.entries {
                match entry {
                    Entry::Field(name, value) => drop(fields.insert(name.value.clone(), (owner, value))),
                    Entry::Spread(value) => fields.extend(self::fields(program, owner, value)?),
                    Entry::Computed(..) => return None,
                }
            }
            Some(fields)
        }
        Kind::Call(call) => {
            let Kind::Member(object, method) = &call.function.kind else { return None };
            match method.value.as_str() {
                "object" | "strictObject" | "looseObject" => self::fields(program, owner, call.positional(0)?),
                "strict" | "describe" | "passthrough" | "optional" | "refine" | "superRefine" => {
                    self::fields(program, owner, object)
                }
                "extend" | "merge" | "and" => {
                    let mut fields = self::fields(program, owner, object)?;
                    fields.extend(self::fields(program, owner, call.positional(0)?)?);
                    Some(fields)
                }
                _ => None,
            }
        }
        Kind::Member(object, name) if name.value == "shape" => self::fields(program, owner, object),
        _ => None,
    }
}

/// For which sinks what passed a schema is harmless: all for a number, truth value, enumeration, identifier or literal.
fn narrow<'a>(program: &Program<'a>, at: At, schema: &'a Expression) -> Mask {
    let (owner, value) = program.origin(at, schema);
    let Kind::Call(call) = &value.kind else { return Mask::NONE };
    let Kind::Member(object, method) = &call.function.kind else { return Mask::NONE };
    match method.value.as_str() {
        "number" | "int" | "boolean" | "bool" | "enum" | "nativeEnum" | "literal" | "uuid" | "bigint" | "date"
        | "ip" | "ipv4" | "ipv6" | "datetime" | "guid" | "cuid" | "ulid" => Mask::ALL,
        "array" | "union" => match call.positional(0).map(|inner| (program.value(owner, inner), inner)) {
            Some(((at, Expression { kind: Kind::List(all), .. }), _)) if !all.is_empty() => {
                all.iter().map(|inner| narrow(program, at, inner)).reduce(|a, b| a & b).unwrap_or_default()
            }
            Some((_, inner)) => narrow(program, owner, inner),
            None => narrow(program, owner, object),
        },
        "regex" => {
            let pattern = call.positional(0).map(|pattern| super::guard::pattern_mask(program, owner, pattern));
            pattern.unwrap_or_default() | narrow(program, owner, object)
        }
        _ => narrow(program, owner, object),
    }
}
