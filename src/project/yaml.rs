//! YAML as the same tree as JSON and TOML, with exact places: workflows, compose files, manifests of clusters.
//!
//! Aliases and merge keys are resolved, within the parser's budget. What is written without quotes stays as written:
//! nothing here depends on whether `on` or `1.10` is a word.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned, budget, options};

use super::{
    data::{DataError, Entry, Node, Value},
    syntax::Span,
};

/// Deepest nesting that is read. Hand-written files have a third of it; the parser's stack is what it protects.
const MAX_DEPTH: usize = 32;

/// Parses every document of a text.
///
/// # Errors
/// The first mistake, with its place.
pub fn documents(text: &str) -> Result<Vec<Node>, DataError> {
    let options = options! {
        budget: budget! { max_depth: MAX_DEPTH },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        strict_booleans: true,
    };
    let parsed: Vec<Spanned<Tree>> = serde_saphyr::from_multiple_with_options(text, options).map_err(|error| {
        let start = error.location().map_or(0, |location| span(location).start).min(text.len());
        let message = error.without_snippet().to_string();
        let message = message.lines().next().unwrap_or_default().to_owned();
        DataError { message, span: Span { start, end: start } }
    })?;
    Ok(parsed.into_iter().map(|tree| node(tree, text)).collect())
}

/// What serde makes of a document, before places are completed.
enum Tree {
    Scalar(String),
    /// What counts is how it is written: `1.10` is no `1.1`.
    Number(String),
    Table(Vec<(Spanned<String>, Spanned<Tree>)>),
    List(Vec<Spanned<Tree>>),
}

fn span(location: Location) -> Span {
    let span = location.span();
    let start = usize::try_from(span.byte_offset().unwrap_or(0)).unwrap_or(0);
    let length = usize::try_from(span.byte_len().unwrap_or(0)).unwrap_or(0);
    Span { start, end: start + length }
}

fn node(tree: Spanned<Tree>, text: &str) -> Node {
    let mut span = with_mark(trimmed(span(tree.referenced), text), text);
    let written = text.get(span.start..span.end).unwrap_or_default();
    let value = match tree.value {
        Tree::Scalar(word) => scalar(word, written),
        Tree::Number(_) if written.starts_with(|first: char| first.is_ascii_digit()) => Value::Text(written.to_owned()),
        Tree::Number(word) => Value::Text(word),
        Tree::List(items) => Value::List(items.into_iter().map(|item| node(item, text)).collect()),
        Tree::Table(pairs) => Value::Table(pairs.into_iter().map(|(key, value)| entry(key, value, text)).collect()),
    };
    let last = match &value {
        Value::Table(entries) => entries.iter().map(|entry| entry.node.span.end.max(entry.key_span.end)).max(),
        Value::List(items) => items.iter().map(|item| item.span.end).max(),
        _ => None,
    };
    span.end = span.end.max(last.unwrap_or(0));
    Node { value, span }
}

fn entry(key: Spanned<String>, value: Spanned<Tree>, text: &str) -> Entry {
    let key_span = trimmed(span(key.referenced), text);
    Entry { key: key.value, key_span, node: node(value, text) }
}

/// Without the white space that the parser counts to a scalar that nothing closes.
fn trimmed(span: Span, text: &str) -> Span {
    let written = text.get(span.start..span.end).unwrap_or_default();
    Span { start: span.start, end: span.start + written.trim_end().len() }
}

/// A block's content with the mark before it: `|`, `>-`.
fn with_mark(span: Span, text: &str) -> Span {
    let before = text.get(..span.start).unwrap_or_default();
    let head = before.trim_end();
    if !before[head.len()..].contains('\n') {
        return span;
    }
    let line = head.rsplit('\n').next().unwrap_or(head);
    let code = line.split(" #").next().unwrap_or(line).trim_end();
    let mark = code.rsplit(' ').next().unwrap_or(code);
    let is_mark = mark.starts_with(['|', '>']) && mark[1..].chars().all(|letter| "+-0123456789".contains(letter));
    let start = head.len() - line.len() + code.len() - mark.len();
    if is_mark { Span { start, end: span.end } } else { span }
}

/// Quoted or a block: a text. Otherwise what the words mean to every reader of such files.
fn scalar(word: String, written: &str) -> Value {
    let plain = !written.starts_with(['"', '\'', '|', '>']);
    match word.as_str() {
        "true" | "True" | "TRUE" if plain => Value::Flag(true),
        "false" | "False" | "FALSE" if plain => Value::Flag(false),
        "" | "~" | "null" if plain => Value::Other("null".to_owned()),
        _ => Value::Text(word),
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(String::new()))
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(String::new()))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Tree, A::Error> {
        let mut table = Vec::new();
        while let Some(pair) = pairs.next_entry()? {
            table.push(pair);
        }
        Ok(Tree::Table(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(text: &str) -> Node {
        documents(text).expect("YAML").into_iter().next().expect("a document")
    }

    #[track_caller]
    fn check(text: &str, keys: &[&str], written: &str) {
        let root = read(text);
        let node = root.path(keys).expect("the value");
        assert_eq!(&text[node.span.start..node.span.end], written);
    }

    #[test]
    fn places_are_those_of_the_file() {
        check("a: é\nb: 'x' # note\n", &["b"], "'x'");
        check("a: {b: [1, 2]}\n", &["a", "b"], "[1, 2");
        check("a:\n  b:\n    - x\n    - y: z\n", &["a"], "b:\n    - x\n    - y: z");
        check("a: |\n  one\n  two\nb: 1\n", &["a"], "|\n  one\n  two");
        check("a: plain words # note\n", &["a"], "plain words");
        let text = "on: [push]\n";
        let root = read(text);
        let key = root.entry("on").expect("a word, and no flag").key_span;
        assert_eq!(&text[key.start..key.end], "on");
    }

    #[test]
    fn only_what_has_no_quotes_is_a_flag() {
        let root = read("a: true\nb: 'true'\nc: yes\nd:\ne: 1.10\n");
        assert!(root.get("a").is_some_and(Node::is_true));
        for (key, expected) in [("b", Some("true")), ("c", Some("yes")), ("d", None), ("e", Some("1.10"))] {
            assert_eq!(root.get(key).and_then(Node::text), expected, "{key}");
        }
    }

    #[test]
    fn aliases_and_merges_are_resolved_and_bombs_are_errors() {
        let root = read("x: &x {a: b}\ny: *x\nz:\n  <<: *x\n  c: d\n");
        assert_eq!(root.path(&["y", "a"]).and_then(Node::text), Some("b"));
        assert_eq!(root.path(&["z", "a"]).and_then(Node::text), Some("b"));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb += &format!("a{level}: &a{level} [{before}]\n");
        }
        assert!(documents(&bomb).is_err());
        assert!(documents(&"[".repeat(100_000)).is_err());
        assert!(documents(&"- ".repeat(100_000)).is_err());
    }

    #[test]
    fn any_text_is_survived() {
        for text in
            ["", "---\n---\n", "\u{feff}a: 1\n", "a: !custom [1]\n", "? [a]\n: b\n", "\t", "a: *b", "a: 1\na: 2\n"]
        {
            let _ = documents(text);
        }
        assert_eq!(documents("a: 1\n---\nb: 2\n").map(|all| all.len()), Ok(2));
        assert_eq!(read("a: 1\na: 2\n").get("a").and_then(Node::text), Some("2"));
        assert_eq!(read("a: !reset [x]\n").get("a").map(|node| node.items().len()), Some(1));
    }
}
