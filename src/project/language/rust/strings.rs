//! String and character literals.

use tree_sitter::Node;

use super::Lowering;

impl Lowering<'_> {
    /// The text of a literal: `".."`, `b".."`, `c".."`, `r#".."#`, `'c'`.
    pub(super) fn literal(&self, node: Node<'_>) -> String {
        let source = self.source(node);
        let prefix = source.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(0);
        let (letters, rest) = source.split_at(prefix);
        if letters.contains('r') {
            let inner = rest.trim_start_matches('#');
            let hashes = rest.len() - inner.len();
            let inner = inner.strip_prefix('"').unwrap_or(inner);
            let end = inner.len().saturating_sub(hashes + 1);
            return inner.get(..end).unwrap_or(inner).to_owned();
        }
        let quote = if node.kind() == "char_literal" { '\'' } else { '"' };
        let inner = rest.strip_prefix(quote).unwrap_or(rest);
        unescape(inner.strip_suffix(quote).unwrap_or(inner))
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
    match characters.next() {
        Some('n') => value.push('\n'),
        Some('t') => value.push('\t'),
        Some('r') => value.push('\r'),
        Some('0') => value.push('\0'),
        Some('\n' | '\r') => return after.trim_start(),
        Some('x') => {
            let digits = after.get(1..3).unwrap_or_default();
            let code = u8::from_str_radix(digits, 16);
            value.push(code.map_or(char::REPLACEMENT_CHARACTER, char::from));
            return after.get(3..).unwrap_or_default();
        }
        Some('u') if after.starts_with("u{") => {
            let (digits, left) = after[2..].split_once('}').unwrap_or((&after[2..], ""));
            let code = u32::from_str_radix(&digits.replace('_', ""), 16).ok().and_then(char::from_u32);
            value.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
            return left;
        }
        Some(other) => value.push(other),
        None => value.push('\\'),
    }
    characters.as_str()
}
