//! The JSON Schema of the policy file, from the model: for editors, and for a first check without this crate.
//!
//! It is made in a test that keeps `schema/mcpsec.schema.json` current; the command prints that file. A schema cannot
//! say everything that loading checks: addresses, origins, patterns, and what one section asks of another.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Value as Json, json};

use crate::{
    ByteSize, Policy, RULE_OPTIONS, Rate,
    show::{self, Value},
};

/// Any text with `${VAR}` in it is checked when the variable is known.
const VARIABLE: &str = r".*\$\{.*";

/// A text such as `"30s"`.
pub(crate) struct DurationText;

impl JsonSchema for DurationText {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let units = "ms|s|sec|second|m|min|minute|h|hour|d|day";
        json_schema!({ "type": "string", "pattern": format!(r"^(\s*[0-9](_?[0-9])*\s*({units})\s*|{VARIABLE})$") })
    }
}

/// How much a finding weighs.
pub(crate) struct SeverityText;

impl JsonSchema for SeverityText {
    fn schema_name() -> Cow<'static, str> {
        "Severity".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": ["info", "low", "medium", "high", "critical"] })
    }
}

/// A text, or a list of texts.
pub(crate) fn text_or_texts(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "array"], "items": { "type": "string" } })
}

/// Names of rules, or entries of `[[doctor.ignore]]`.
pub(crate) struct IgnoreList;

impl JsonSchema for IgnoreList {
    fn schema_name() -> Cow<'static, str> {
        "Ignore".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let texts = json!({ "type": "array", "items": { "type": "string" } });
        json_schema!({ "type": "array", "items": { "anyOf": [{ "type": "string" }, {
            "type": "object",
            "additionalProperties": false,
            "required": ["rule", "reason"],
            "properties": {
                "rule": { "type": "string", "description": "A rule's id, or a group." },
                "paths": { "description": "Globs of the files; everywhere where there is none.", "type": texts["type"], "items": texts["items"] },
                "reason": { "type": "string", "minLength": 1 },
                "until": { "description": "The last day on which it holds: 2027-03-31." },
            },
        }] } })
    }
}

/// `[doctor.rules.RULE]`.
pub(crate) struct RuleOptionsTable;

impl JsonSchema for RuleOptionsTable {
    fn schema_name() -> Cow<'static, str> {
        "RuleOptions".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut rules = json!({});
        for option in RULE_OPTIONS {
            let texts = json!({ "type": "array", "items": { "type": "string" }, "description": option.about });
            rules[option.rule]["type"] = "object".into();
            rules[option.rule]["additionalProperties"] = false.into();
            rules[option.rule]["properties"][option.key] = texts;
        }
        json_schema!({ "type": "object", "additionalProperties": false, "properties": rules })
    }
}

/// A text such as `"100MiB"` or `"1d"`.
pub(crate) struct SizeOrDurationText;

impl JsonSchema for SizeOrDurationText {
    fn schema_name() -> Cow<'static, str> {
        "SizeOrDuration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let units = "B|KiB|MiB|GiB|ms|s|sec|second|m|min|minute|h|hour|d|day";
        json_schema!({ "type": "string", "pattern": format!(r"^(\s*[0-9](_?[0-9])*\s*({units})\s*|{VARIABLE})$") })
    }
}

/// A number of files, or a text such as `"90d"`.
pub(crate) struct CountOrDuration;

impl JsonSchema for CountOrDuration {
    fn schema_name() -> Cow<'static, str> {
        "CountOrDuration".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = DurationText::json_schema(generator);
        schema.insert("type".to_owned(), json!(["string", "integer"]));
        schema.insert("minimum".to_owned(), json!(1));
        schema
    }
}

/// `stderr` or `file:PATH`.
pub(crate) struct SinkText;

impl JsonSchema for SinkText {
    fn schema_name() -> Cow<'static, str> {
        "Sink".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^(stderr|file:.+|{VARIABLE})$") })
    }
}

/// `memory` or the address of a store.
pub(crate) struct StoreText;

impl JsonSchema for StoreText {
    fn schema_name() -> Cow<'static, str> {
        "Store".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^(memory|rediss?://.+|{VARIABLE})$") })
    }
}

impl JsonSchema for ByteSize {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = format!(r"^(\s*[0-9](_?[0-9])*\s*(B|KiB|MiB|GiB)?\s*|{VARIABLE})$");
        json_schema!({ "type": ["string", "integer"], "pattern": text, "minimum": 0 })
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let period = r"[0-9_]*\s*(ms|s|sec|second|m|min|minute|h|hour|d|day)";
        json_schema!({
            "type": "string",
            "pattern": format!(r"^(\s*0*[1-9](_?[0-9])*\s*/\s*{period}\s*|{VARIABLE})$"),
        })
    }
}

/// The schema as it is committed: indented JSON with a final newline.
pub fn text() -> String {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<Policy>().to_value();
    schema["title"] = "mcpsec.toml".into();
    schema["description"] =
        "The policy of an MCP server: what mcpsec-runtime enforces and mcpsec doctor checks.".into();
    schema["required"] = json!(["version"]);
    schema["properties"]["version"] = json!({ "description": "Version of this format.", "const": 1 });
    for (path, value) in show::values(&Policy::default()) {
        let Some((section, key)) = path.split_once('.') else { continue };
        let value = match value {
            Value::Text(text) => text.into(),
            Value::Number(number) => number.into(),
            Value::Switch(switch) => switch.into(),
            Value::List(list) => list.into(),
            Value::Numbers(list) => list.into(),
            Value::Unset => continue,
        };
        if let Some(property) = schema["properties"][section]["properties"].get_mut(key) {
            property["default"] = value;
        }
    }
    tidy(&mut schema);
    // Whatever a dependency makes of the order of maps, the file stays the same.
    schema.sort_all_objects();
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

/// Removes what tells nothing about a TOML file: sizes of Rust integers, and defaults of whole sections.
fn tidy(schema: &mut Json) {
    if let Json::Object(object) = schema {
        if object.get("format").is_some_and(|format| format.as_str().is_some_and(|format| format.starts_with("uint"))) {
            object.remove("format");
        }
        // Not in a list of properties: [rate] has one that is called `default`.
        let schema = object.get("type").is_some_and(Json::is_string);
        if schema && object.get("default").is_some_and(|default| default.is_object() || default.is_null()) {
            object.remove("default");
        }
        object.values_mut().for_each(tidy);
    } else if let Json::Array(items) = schema {
        items.iter_mut().for_each(tidy);
    }
}
