//! Schemas that an SDK or a `parse` call enforces before a handler sees its arguments (zod and its like).

use std::{collections::BTreeMap, rc::Rc};

use super::taint::Taint;
use crate::project::{
    program::{At, Program},
    syntax::{Entry, Expression, Kind},
};

/// What is controlled of a value that passed `schema`: nothing where the schema is not understood.
pub(super) fn checked<'a>(program: &Program<'a>, at: At, schema: &'a Expression, taint: &Taint) -> Option<Taint> {
    let fields = fields(program, at, schema)?;
    let controlled = fields.into_iter().filter(|(_, narrow)| !narrow).map(|(name, _)| {
        let inner = Taint {
            label: Some(name.clone()),
            record: false,
            fields: None,
            class: None,
            hops: Vec::new(),
            ..taint.clone()
        };
        (name, inner)
    });
    Some(Taint { fields: Some(Rc::new(controlled.collect())), record: false, ..taint.clone() })
}

/// The fields of a schema and whether each is narrow: a number, truth value, enumeration, identifier or literal.
fn fields<'a>(program: &Program<'a>, at: At, schema: &'a Expression) -> Option<BTreeMap<String, bool>> {
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

fn narrow<'a>(program: &Program<'a>, at: At, schema: &'a Expression) -> bool {
    let (owner, value) = program.value(at, schema);
    let Kind::Call(call) = &value.kind else { return false };
    let Kind::Member(object, method) = &call.function.kind else { return false };
    match method.value.as_str() {
        "number" | "int" | "boolean" | "bool" | "enum" | "nativeEnum" | "literal" | "uuid" | "bigint" | "date"
        | "ip" | "ipv4" | "ipv6" | "datetime" | "guid" | "cuid" | "ulid" => true,
        "regex" => call.positional(0).is_some_and(|pattern| super::guard::holds(program, owner, pattern)),
        _ => narrow(program, owner, object),
    }
}
