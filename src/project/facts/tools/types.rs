//! Declared types and schema words as kinds of parameters.

use super::FieldType;
use crate::project::{
    program::{At, Program},
    syntax::Type,
};

/// The kind that a word of JSON Schema or a method of zod means.
pub(super) fn of_word(word: &str) -> FieldType {
    match word {
        "string" | "email" | "url" | "uuid" | "datetime" | "iso" | "ip" | "base64" => FieldType::Text,
        "enum" | "nativeEnum" | "literal" => FieldType::Choice,
        "integer" | "int" | "bigint" => FieldType::Integer,
        "number" | "float" => FieldType::Number,
        "boolean" | "bool" => FieldType::Boolean,
        "object" | "record" | "strictObject" | "looseObject" | "map" => FieldType::Object,
        "array" | "tuple" | "set" => FieldType::List,
        _ => FieldType::Unknown,
    }
}

/// The kind that a declared type means.
pub(super) fn of_annotation<'a>(program: &Program<'a>, at: At, annotation: &'a Type) -> FieldType {
    let short = annotation.name.rsplit([':', '.']).next().unwrap_or_default();
    match short {
        "str" | "String" | "string" | "SecretStr" | "PathBuf" | "Path" | "Url" | "AnyUrl" => FieldType::Text,
        "Literal" => FieldType::Choice,
        "int" | "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" | "isize" | "int8" | "int16"
        | "int32" | "int64" | "uint" | "uint32" | "uint64" => FieldType::Integer,
        "float" | "f32" | "f64" | "float32" | "float64" | "number" => FieldType::Number,
        "bool" | "boolean" => FieldType::Boolean,
        "dict" | "Dict" | "map" | "HashMap" | "BTreeMap" | "Mapping" | "Record" => FieldType::Object,
        "list" | "List" | "Vec" | "[]" | "tuple" | "set" | "Sequence" | "HashSet" => FieldType::List,
        "Optional" | "Option" | "Annotated" | "Union" | "Box" => {
            let inner = annotation.arguments.iter().find(|inner| inner.name != "None");
            inner.map_or(FieldType::Unknown, |inner| of_annotation(program, at, inner))
        }
        _ => match program.class_of(at, annotation) {
            Some((file, class)) => {
                let class = &program.units()[file].module.classes[class];
                let listed = class.bases.iter().any(|base| base.name.ends_with("Enum"));
                let variants = !class.fields.is_empty() && class.fields.iter().all(|field| field.annotation.is_none());
                if listed || variants { FieldType::Choice } else { FieldType::Object }
            }
            None => FieldType::Unknown,
        },
    }
}
