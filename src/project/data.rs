//! JSON (with comments) and TOML as one tree with exact places.

use jsonc_parser::{CollectOptions, ParseOptions, ast, common::Ranged};
use toml::de::{DeTable, DeValue};

use super::syntax::Span;

/// A value and where it is written, quotes and brackets included.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where.
    pub span: Span,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string, decoded.
    Text(String),
    /// A table or object, in order of appearance (TOML: of the keys).
    Table(Vec<Entry>),
    /// A list.
    List(Vec<Node>),
    /// True or false.
    Flag(bool),
    /// Numbers, dates, null: as written.
    Other(String),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key, decoded.
    pub key: String,
    /// Where the key is written.
    pub key_span: Span,
    /// What it holds.
    pub node: Node,
}

/// Why a text is not what its name says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DataError {
    /// What the parser says.
    pub message: String,
    /// Where.
    pub span: Span,
}

impl Node {
    /// The value under `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The entry of `key`. Of duplicate keys the last counts, as in every consumer of such files.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().rev().find(|entry| entry.key == key)
    }

    /// The value under a path of keys.
    pub fn path(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// All entries; none where it is no table.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }

    /// All elements; none where it is no list.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The string.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `true`.
    pub fn is_true(&self) -> bool {
        matches!(self.value, Value::Flag(true))
    }
}

/// Parses JSON, with comments and trailing commas. An empty text is an empty object.
///
/// # Errors
/// The first mistake, with its place.
pub fn json(text: &str) -> Result<Node, DataError> {
    // Offsets stay those of the file: the mark is replaced by as many bytes of white space.
    let cleaned = text.strip_prefix('\u{feff}').map(|rest| format!("   {rest}"));
    let text = cleaned.as_deref().unwrap_or(text);
    let options = ParseOptions { allow_missing_commas: false, ..ParseOptions::default() };
    let parsed = jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        let range = error.range();
        DataError { message: error.kind().to_string(), span: span(range.start, range.end) }
    })?;
    Ok(parsed.value.map_or_else(empty, |value| from_json(&value)))
}

/// Parses TOML.
///
/// # Errors
/// The first mistake, with its place.
pub fn toml(text: &str) -> Result<Node, DataError> {
    let parsed = DeTable::parse(text).map_err(|error| {
        let place = error.span().unwrap_or(0..0);
        DataError { message: error.message().to_owned(), span: span(place.start, place.end) }
    })?;
    let range = parsed.span();
    Ok(Node { value: from_table(parsed.get_ref()), span: span(range.start, range.end) })
}

/// What an empty file says.
pub(super) fn empty() -> Node {
    Node { value: Value::Table(Vec::new()), span: Span::default() }
}

fn span(start: usize, end: usize) -> Span {
    Span { start, end }
}

// The parser refuses more than 512 levels, so that recursion is bounded.
fn from_json(value: &ast::Value<'_>) -> Node {
    let range = value.range();
    let node = match value {
        ast::Value::StringLit(text) => Value::Text(text.value.to_string()),
        ast::Value::NumberLit(number) => Value::Other(number.value.to_owned()),
        ast::Value::BooleanLit(flag) => Value::Flag(flag.value),
        ast::Value::NullKeyword(_) => Value::Other("null".to_owned()),
        ast::Value::Array(list) => Value::List(list.elements.iter().map(from_json).collect()),
        ast::Value::Object(object) => Value::Table(object.properties.iter().map(from_property).collect()),
    };
    Node { value: node, span: span(range.start, range.end) }
}

fn from_property(property: &ast::ObjectProp<'_>) -> Entry {
    let range = property.name.range();
    Entry {
        key: property.name.as_str().to_owned(),
        key_span: span(range.start, range.end),
        node: from_json(&property.value),
    }
}

fn from_table(table: &DeTable<'_>) -> Value {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, value)| {
            let (at, range) = (key.span(), value.span());
            Entry {
                key: key.get_ref().to_string(),
                key_span: span(at.start, at.end),
                node: Node { value: from_toml(value.get_ref()), span: span(range.start, range.end) },
            }
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span);
    Value::Table(entries)
}

fn from_toml(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Integer(number) => Value::Other(number.as_str().to_owned()),
        DeValue::Float(number) => Value::Other(number.as_str().to_owned()),
        DeValue::Datetime(date) => Value::Other(date.to_string()),
        DeValue::Table(table) => from_table(table),
        DeValue::Array(list) => Value::List(
            list.iter()
                .map(|item| {
                    let range = item.span();
                    Node { value: from_toml(item.get_ref()), span: span(range.start, range.end) }
                })
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_file() {
        let text = "\u{feff}{ // note\n  \"a\": {\"b\": [\"x\", true,]},\n}";
        let root = json(text).expect("comments and trailing commas are legal");
        let item = &root.path(&["a", "b"]).expect("the list").items()[0];
        assert_eq!(&text[item.span.start..item.span.end], "\"x\"");
        let text = "[a]\nb = [\"x\", 1]\n";
        let root = toml(text).expect("TOML");
        let item = &root.path(&["a", "b"]).expect("the list").items()[0];
        assert_eq!(&text[item.span.start..item.span.end], "\"x\"");
        assert_eq!(&text[root.path(&["a"]).expect("the table").entries()[0].key_span.start..][..1], "b");
    }

    #[test]
    fn nesting_beyond_measure_is_an_error_and_no_overflow() {
        assert!(json(&"[".repeat(100_000)).is_err());
        assert!(json(&"{\"a\":".repeat(100_000)).is_err());
        assert!(toml(&format!("a = {}", "[".repeat(100_000))).is_err());
        assert!(toml(&format!("{} = 1", vec!["a"; 100_000].join("."))).is_err());
    }
}
