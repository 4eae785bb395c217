//! Schemas that an SDK or a `parse` call enforces before a handler sees its arguments (zod and its like).

use std::{collections::BTreeMap, rc::Rc};

use super::{mask::Mask, taint::Taint};
use crate::project::{
    program::{At, Program},
    syntax::{Entry, Expression, Kind},
};

/// What is controlled of a value that passed `schema`: nothing where the schema is not understood.
pub(super) fn checked<'a>(program: &Program<'a>, at: At, schema: &'a Expression, taint: &Taint) -> Option<Taint> {
    let fields = fields(program, at, schema)?;
    let controlled = fields.into_iter().filter(|(_, mask)| *mask != Mask::ALL).map(|(name, mask)| {
        let inner = Taint {
            label: Some(name.clone()),
            record: false,
            fields: None,
            class: None,
            clean: mask,
            hops: Vec::new(),
            ..taint.clone()
        };
        (name, inner)
    });
    Some(Taint { fields: Some(Rc::new(controlled.collect())), record: false, ..taint.clone() })
}

/// The fields of a schema and for which sinks each is harmless: all for a number, truth value, enumeration, identifier
/// or literal.
fn fields<'a>(program: &Program<'a>, at: At, schema: &'a Expression) -> Option<BTreeMap<String, Mask>> {
    let (owner, value) = program.value(at, schema);
    match &value.kind {
        Kind::Record(record) => {
            let mut fields = BTreeMap::new();
            for entry in &record.entries {
                match entry {
                    Entry::Field(name, value) => drop(fields.insert(name.value.clone(), narrow(program, owner, value))),
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

fn narrow<'a>(program: &Program<'a>, at: At, schema: &'a Expression) -> Mask {
    let (owner, value) = program.value(at, schema);
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
