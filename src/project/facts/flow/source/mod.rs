//! Where callers' input enters: parameters of tools, prompts, resources and protocol handlers.

use super::taint::Taint;
use crate::{
    finding::{Confidence, Place},
    project::{
        Role,
        language::Language,
        program::{At, Program},
        syntax::{Function, Type},
    },
};

mod go;
mod json_rpc;
mod python;
mod rust;
mod typescript;

/// A function that callers reach, and which of its parameters they control.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) at: At,
    pub(super) parameters: Vec<Option<Taint>>,
    pub(super) tool: Option<String>,
    pub(super) place: Place,
    pub(super) confidence: Confidence,
    /// It reads a resource: its input is a URI, or a part of it.
    pub(super) resource: bool,
}

/// Every entry of the program whose caller controls something, in order of files.
pub(super) fn entries(program: &Program<'_>) -> Vec<Entry> {
    let mut entries = all(program);
    entries.retain(|entry| entry.parameters.iter().any(Option::is_some));
    entries
}

/// Every entry of the program, in order of files.
pub(super) fn all(program: &Program<'_>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (file, unit) in program.units().iter().enumerate() {
        if unit.role == Role::Test {
            continue;
        }
        match unit.language {
            Language::TypeScript => typescript::add(program, file, &mut entries),
            Language::Python => python::add(program, file, &mut entries),
            Language::Rust => rust::add(program, file, &mut entries),
            Language::Go => go::add(program, file, &mut entries),
            // Not followed: see `Language::FOLLOWED`.
            Language::Java | Language::CSharp => {}
        }
        json_rpc::add(program, file, &mut entries);
    }
    entries.retain(|entry| !program.function_at(entry.at).is_test);
    entries
}

/// A whole set of arguments.
fn record() -> Option<Taint> {
    Some(Taint { record: true, ..Taint::default() })
}

/// One argument.
fn argument(name: &str) -> Option<Taint> {
    Some(Taint { label: Some(name.to_owned()), ..Taint::default() })
}

/// No parameter of a function, to be filled in.
fn none(function: &Function) -> Vec<Option<Taint>> {
    vec![None; function.parameters.len()]
}

/// Notes the project's class that a controlled value is read into.
pub(super) fn read_into<'a>(program: &Program<'a>, at: At, annotation: &'a Type, taint: &mut Taint) {
    if taint.record
        && let Some(class) = program.class_of(at, annotation)
    {
        taint.class = Some(class);
    }
}

/// Whether the language itself keeps a value of this type harmless: numbers, truth values, enumerations, identifiers.
pub(super) fn narrow<'a>(program: &Program<'a>, at: At, annotation: &'a Type) -> bool {
    // TypeScript's types are gone at run time.
    if program.unit(at).language == Language::TypeScript {
        return false;
    }
    let short = annotation.name.rsplit([':', '.']).next().unwrap_or_default();
    match short {
        "int" | "float" | "bool" | "complex" | "Decimal" | "UUID" | "Uuid" | "datetime" | "date" | "Literal"
        | "char" => true,
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" | "f32"
        | "f64" => true,
        "int8" | "int16" | "int32" | "int64" | "uint" | "uint8" | "uint16" | "uint32" | "uint64" | "float32"
        | "float64" => true,
        "IpAddr" | "Ipv4Addr" | "Ipv6Addr" | "SocketAddr" | "Duration" | "Time" => true,
        "Optional" | "Option" | "Union" | "Annotated" | "Vec" | "List" | "list" | "Sequence"
            if !annotation.arguments.is_empty() =>
        {
            annotation.arguments.iter().filter(|inner| inner.name != "None").all(|inner| narrow(program, at, inner))
        }
        _ => program.class_of(at, annotation).is_some_and(|(file, class)| {
            let class = &program.units()[file].module.classes[class];
            class.bases.iter().any(|base| base.name.ends_with("Enum"))
        }),
    }
}

/// The usual confidence of an entry that the SDK names.
const NAMED: Confidence = Confidence::High;
/// The confidence of an entry that only looks like one: a tool object in a table.
const SHAPED: Confidence = Confidence::Medium;
