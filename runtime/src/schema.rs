//! JSON Schema 2020-12, compiled for checking what strangers send.
//!
//! A schema comes from the server's author and the instance from a model, so the checks that must hold are: nothing is
//! fetched, compiling and checking end soon, and no message quotes the instance.

use jsonschema::{
    Draft, PatternOptions, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::{Map, Value, json};

/// Longest schema that is compiled, in values (members and items of all levels).
const MOST_VALUES: usize = 20_000;
/// Deepest nesting of a schema.
const MOST_DEPTH: usize = 64;
/// Steps that a pattern with look-around may take.
const MOST_BACKTRACKS: usize = 100_000;
/// Violations that one message names.
const MOST_VIOLATIONS: usize = 5;

/// A schema that is ready to check instances.
#[derive(Debug)]
pub(crate) struct Schema(Validator);

impl Schema {
    /// Compiles the input schema of a tool. Where it does not say what other arguments are allowed, none are.
    ///
    /// # Errors
    ///
    /// When the schema is too big, refers outside itself, or is not valid for its dialect. The text is for the log.
    pub(crate) fn of_arguments(schema: &Map<String, Value>) -> Result<Self, String> {
        check_size(schema)?;
        let mut schema = schema.clone();
        close(&mut schema);
        compile(&Value::Object(schema))
    }

    /// What is wrong with `instance`: where, and which rule it breaks. Never a value from it.
    pub(crate) fn violations(&self, instance: &Value) -> Option<String> {
        if self.0.is_valid(instance) {
            return None;
        }
        let mut said: Vec<String> = self.0.iter_errors(instance).take(MOST_VIOLATIONS).map(|e| describe(&e)).collect();
        said.dedup();
        // `is_valid` may say no where the iterator finds nothing, when a pattern gave up: still a no.
        Some(if said.is_empty() { "the schema could not be checked".to_owned() } else { said.join("; ") })
    }
}

fn check_size(schema: &Map<String, Value>) -> Result<(), String> {
    let size = measure_object(schema);
    if MOST_VALUES < size.values || MOST_DEPTH < size.depth {
        return Err(format!("more than {MOST_VALUES} values or {MOST_DEPTH} levels"));
    }
    Ok(())
}

fn compile(schema: &Value) -> Result<Schema, String> {
    let mut options = jsonschema::options()
        .offline()
        .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(MOST_BACKTRACKS));
    if schema.get("$schema").is_none() {
        options = options.with_draft(Draft::Draft202012);
    }
    options.build(schema).map(Schema).map_err(|error| error.to_string())
}

/// Refuses unknown members where the schema does not speak about them.
fn close(schema: &mut Map<String, Value>) {
    let speaks = ["additionalProperties", "unevaluatedProperties"].iter().any(|key| schema.contains_key(*key));
    if speaks {
        return;
    }
    let composed = ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"];
    let keyword = if composed.iter().any(|key| schema.contains_key(*key)) {
        "unevaluatedProperties"
    } else {
        "additionalProperties"
    };
    schema.insert(keyword.to_owned(), json!(false));
}

/// How big a JSON value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Size {
    /// Members and items, all levels.
    pub values: usize,
    /// Levels: 1 for an object of plain values.
    pub depth: usize,
}

/// Measures the members of `object`. Recursion is bounded by what serde_json reads (128 levels).
pub(crate) fn measure_object(object: &Map<String, Value>) -> Size {
    measure_all(object.values())
}

fn measure_all<'a>(values: impl Iterator<Item = &'a Value>) -> Size {
    let mut size = Size { values: 0, depth: 1 };
    for value in values {
        let inner = match value {
            Value::Object(object) => measure_object(object),
            Value::Array(items) => measure_all(items.iter()),
            _ => Size { values: 0, depth: 0 },
        };
        size.values += 1 + inner.values;
        size.depth = size.depth.max(1 + inner.depth);
    }
    size
}

/// One violation: the place as a JSON pointer, the rule by its keyword. Limits come from the schema, which is public.
fn describe(error: &ValidationError<'_>) -> String {
    use ValidationErrorKind as Kind;
    let pointer = error.instance_path().as_str();
    let place = if pointer.is_empty() { "the arguments".to_owned() } else { format!("`{}`", bounded(pointer)) };
    let rule = match error.kind() {
        Kind::Required { property } => format!("must have {property}"),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let names: Vec<String> = unexpected.iter().take(3).map(|name| format!("`{}`", bounded(name))).collect();
            format!("must not have {}", names.join(", "))
        }
        Kind::Type { kind: TypeKind::Single(one) } => format!("must be of type {one}"),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::MinItems { limit } => format!("must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("must have at most {limit} items"),
        Kind::Enum { options } => format!("must be one of {}", bounded(&options.to_string())),
        Kind::Pattern { pattern } => format!("must match {}", bounded(pattern)),
        Kind::Format { format } => format!("must be a valid {}", bounded(format)),
        Kind::FalseSchema => "must have no members that the schema does not name".to_owned(),
        _ => "must fit the schema".to_owned(),
    };
    format!("{place} {rule} ({})", error.kind().keyword())
}

/// Names of members are the client's words: short and without anything that acts or hides.
fn bounded(text: &str) -> String {
    let mut short: String = text.chars().take(100).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().expect("a schema is an object").clone()
    }

    fn check(schema: Value, arguments: Value) -> Option<String> {
        Schema::of_arguments(&object(schema)).expect("the schema compiles").violations(&arguments)
    }

    #[test]
    fn a_violation_names_place_and_rule_and_no_value() {
        let schema = json!({"type": "object", "properties": {"name": {"type": "string", "maxLength": 3}}});
        let said = check(schema, json!({"name": "hunter2"})).unwrap();
        assert_eq!(said, "`/name` must have at most 3 characters (maxLength)");
    }

    #[test]
    fn unknown_arguments_are_refused_unless_the_schema_says_otherwise() {
        let closed = json!({"type": "object", "properties": {"a": {}}});
        assert!(check(closed, json!({"a": 1, "b": 2})).unwrap().contains("must not have `b`"));
        let open = json!({"type": "object", "properties": {"a": {}}, "additionalProperties": true});
        assert_eq!(check(open, json!({"a": 1, "b": 2})), None);
    }

    #[test]
    fn closing_a_composed_schema_keeps_what_its_parts_allow() {
        let schema = json!({"type": "object", "allOf": [{"properties": {"a": {"type": "integer"}}}]});
        assert_eq!(check(schema.clone(), json!({"a": 1})), None);
        assert!(check(schema, json!({"b": 1})).is_some());
    }

    #[test]
    fn a_schema_that_refers_outside_itself_does_not_compile() {
        for reference in ["http://127.0.0.1:9/s.json", "https://example.com/s", "file:///etc/passwd"] {
            let schema = object(json!({"type": "object", "properties": {"a": {"$ref": reference}}}));
            assert!(Schema::of_arguments(&schema).is_err(), "{reference}");
        }
        let inside = json!({"properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"type": "integer"}}});
        assert!(check(inside, json!({"a": "x"})).unwrap().contains("integer"));
    }

    #[test]
    fn an_unknown_dialect_does_not_compile() {
        let schema = object(json!({"$schema": "https://example.com/dialect", "type": "object"}));
        assert!(Schema::of_arguments(&schema).is_err());
    }

    #[test]
    fn a_pattern_that_backtracks_without_end_is_a_violation() {
        let schema = json!({"properties": {"a": {"type": "string", "pattern": "^(?=(a+)+$)(a|aa)+$"}}});
        assert!(check(schema, json!({"a": format!("{}!", "a".repeat(200))})).is_some());
    }

    #[test]
    fn a_schema_without_end_is_refused() {
        let many = (0..30_000).map(|n| (n.to_string(), json!({}))).collect::<Map<_, _>>();
        assert!(Schema::of_arguments(&object(json!({"properties": many}))).is_err());
    }

    #[test]
    fn sizes_count_all_levels() {
        let size = measure_object(&object(json!({"a": 1, "b": [1, 2, {"c": []}]})));
        assert_eq!(size, Size { values: 6, depth: 4 });
    }
}
