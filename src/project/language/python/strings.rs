//! String literals: decoded, joined, with their holes.

use tree_sitter::Node;

use super::{Lowering, parts};
use crate::project::{
    language::braces::Piece,
    syntax::{Call, Expression, Kind, Part, Record},
};

impl Lowering<'_> {
    /// A literal, or several that stand side by side.
    pub(super) fn string(&mut self, node: Node<'_>) -> Kind {
        let mut pieces = Vec::new();
        if node.kind() == "concatenated_string" {
            parts(node).iter().for_each(|literal| self.literal(*literal, &mut pieces));
        } else {
            self.literal(node, &mut pieces);
        }
        assemble(pieces)
    }

    fn literal(&mut self, node: Node<'_>, pieces: &mut Vec<Part>) {
        let style = Style::of(self.text, node);
        for part in parts(node) {
            match part.kind() {
                "string_content" => pieces.push(Part::Text(style.decode(self.source(part)))),
                "interpolation" => self.interpolation(part, pieces),
                _ => {}
            }
        }
    }

    fn interpolation(&mut self, node: Node<'_>, pieces: &mut Vec<Part>) {
        for part in parts(node) {
            match part.kind() {
                "type_conversion" => {}
                "format_specifier" => {
                    for inner in parts(part) {
                        self.deeper(|l| l.interpolation(inner, pieces));
                    }
                }
                _ => pieces.push(Part::Value(self.expression(part))),
            }
        }
    }
}

/// Neighbouring texts become one; without holes it is a text.
fn assemble(pieces: Vec<Part>) -> Kind {
    let mut joined: Vec<Part> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, piece) => joined.push(piece),
        }
    }
    match joined.as_mut_slice() {
        [] => Kind::Text(String::new()),
        [Part::Text(text)] => Kind::Text(std::mem::take(text)),
        _ => Kind::Template(joined),
    }
}

/// `"..".format(..)` as a template.
pub(super) fn formatted(pieces: Vec<Piece>, call: &Call) -> Kind {
    let mut next = 0;
    let spread = call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_)));
    let parts = pieces.into_iter().map(|piece| match piece {
        Piece::Text(text) => Part::Text(text),
        Piece::Next => {
            next += 1;
            Part::Value(call.positional(next - 1).cloned().unwrap_or_default())
        }
        Piece::At(index) => Part::Value(call.positional(index).cloned().unwrap_or_default()),
        Piece::Named(name) => Part::Value(call.keyword(&name).cloned().unwrap_or_default()),
    });
    let mut parts: Vec<_> = parts.collect();
    if spread {
        let spreads = call.arguments.iter().filter(|argument| matches!(argument.value.kind, Kind::Spread(_)));
        parts.extend(spreads.map(|argument| Part::Value(argument.value.clone())));
    }
    assemble(parts)
}

/// `"..." % values` as a template. `tuple` says that the values are written as a tuple.
pub(super) fn percent(pieces: Vec<Piece>, values: &Expression, tuple: bool) -> Kind {
    let items: &[Expression] = match &values.kind {
        Kind::List(items) if tuple => items,
        _ => std::slice::from_ref(values),
    };
    let record = values.record();
    let mut items = items.iter();
    let parts = pieces.into_iter().map(|piece| match piece {
        Piece::Text(text) => Part::Text(text),
        Piece::Named(name) => Part::Value(named(record, &name).unwrap_or(values).clone()),
        Piece::Next | Piece::At(_) => Part::Value(items.next().cloned().unwrap_or_default()),
    });
    assemble(parts.collect())
}

fn named<'r>(record: Option<&'r Record>, name: &str) -> Option<&'r Expression> {
    record.and_then(|record| record.get(name))
}

/// The text of a literal without holes.
pub(super) fn plain(text: &str, node: Node<'_>) -> Option<String> {
    let style = Style::of(text, node);
    let mut value = String::new();
    for part in parts(node) {
        match part.kind() {
            "string_content" => value.push_str(&style.decode(text.get(part.byte_range()).unwrap_or_default())),
            "interpolation" => return None,
            _ => {}
        }
    }
    Some(value)
}

/// What the letters before the quotes say.
struct Style {
    raw: bool,
    format: bool,
}

impl Style {
    fn of(text: &str, node: Node<'_>) -> Self {
        let start = text.get(node.byte_range()).unwrap_or_default();
        let prefix: String = start.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
        Self { raw: prefix.contains('r'), format: prefix.contains('f') || prefix.contains('t') }
    }

    fn decode(&self, content: &str) -> String {
        let text = if self.raw { content.to_owned() } else { unescape(content) };
        if self.format { text.replace("{{", "{").replace("}}", "}") } else { text }
    }
}

fn unescape(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        value.push_str(before);
        rest = escape(after, &mut value);
    }
    value.push_str(rest);
    value
}

/// Decodes one escape, the backslash already taken; what is left is returned.
fn escape<'t>(after: &'t str, value: &mut String) -> &'t str {
    let mut characters = after.chars();
    let simple = match characters.next() {
        Some('n') => '\n',
        Some('t') => '\t',
        Some('r') => '\r',
        Some('a') => '\u{7}',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('v') => '\u{b}',
        Some(c @ ('\\' | '\'' | '"')) => c,
        Some('\n') => return characters.as_str(),
        Some('\r') => return characters.as_str().strip_prefix('\n').unwrap_or(characters.as_str()),
        Some('x') => return coded(characters.as_str(), 2, 16, value),
        Some('u') => return coded(characters.as_str(), 4, 16, value),
        Some('U') => return coded(characters.as_str(), 8, 16, value),
        Some('0'..='7') => {
            let digits = after.chars().take(3).take_while(|c| c.is_digit(8)).count();
            return coded(after, digits, 8, value);
        }
        Some('N') if after.starts_with("N{") && after.contains('}') => {
            value.push(char::REPLACEMENT_CHARACTER);
            return after.split_once('}').map_or("", |(_, rest)| rest);
        }
        _ => {
            value.push('\\');
            return after;
        }
    };
    value.push(simple);
    characters.as_str()
}

fn coded<'t>(text: &'t str, length: usize, radix: u32, value: &mut String) -> &'t str {
    let code = text.get(..length).and_then(|digits| u32::from_str_radix(digits, radix).ok());
    match code.and_then(char::from_u32) {
        Some(c) => {
            value.push(c);
            &text[length..]
        }
        None => {
            value.push(char::REPLACEMENT_CHARACTER);
            text.trim_start_matches(|c: char| c.is_digit(radix))
        }
    }
}

/// A docstring as `inspect.cleandoc` shows it.
pub(super) fn dedent(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let indents = lines.iter().skip(1).filter(|line| !line.trim().is_empty());
    let margin = indents.map(|line| line.len() - line.trim_start_matches([' ', '\t']).len()).min().unwrap_or(0);
    let clean = lines.iter().enumerate().map(|(number, line)| match number {
        0 => line.trim_start(),
        _ => line.get(margin..).unwrap_or("").trim_end(),
    });
    clean.collect::<Vec<_>>().join("\n").trim_matches('\n').trim_end().to_owned()
}
