//! `json!({..})`: objects and lists of JSON whose values are Rust expressions.

use tree_sitter::Node;

use super::Lowering;
use crate::project::syntax::{Entry, Expression, Kind, Record, Text};

impl Lowering<'_> {
    /// The value in the macro's brackets.
    pub(super) fn json(&mut self, tokens: Node<'_>) -> Kind {
        let inner = inside(tokens);
        self.json_value(&inner).kind
    }

    fn json_value(&mut self, tokens: &[Node<'_>]) -> Expression {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return Expression::default() };
        let tree = tokens.len() == 1 && first.kind() == "token_tree";
        let kind = match self.source(*first).as_bytes().first() {
            Some(b'{') if tree => self.deeper(|l| l.json_object(*first)),
            Some(b'[') if tree => {
                let inner = inside(*first);
                self.deeper(|l| Kind::List(split(&inner).map(|item| l.json_value(item)).collect()))
            }
            _ if tokens.len() == 1 && self.source(*first) == "null" => Some(Kind::Null),
            _ if tokens.len() == 1 && first.kind().ends_with("_literal") => return self.expression(*first),
            _ => return self.among_tokens(self.span(*first).start, self.span(*last).end),
        };
        self.make(kind.unwrap_or_default(), *first)
    }

    fn json_object(&mut self, tokens: Node<'_>) -> Kind {
        let inner = inside(tokens);
        let mut entries = Vec::new();
        for entry in split(&inner) {
            let Some(colon) = entry.iter().position(|token| token.kind() == ":") else { continue };
            let (key, value) = (self.json_value(&entry[..colon]), self.json_value(&entry[colon + 1..]));
            entries.push(match key.text() {
                Some(text) => Entry::Field(Text { value: text.to_owned(), span: key.span }, value),
                None => Entry::Computed(key, value),
            });
        }
        Kind::Record(Record { name: None, entries })
    }
}

/// The tokens between the brackets.
fn inside<'n>(tokens: Node<'n>) -> Vec<Node<'n>> {
    let mut all: Vec<_> = tokens.children(&mut tokens.walk()).filter(|token| super::is_code(*token)).collect();
    all.pop();
    all.drain(..1.min(all.len()));
    all
}

fn split<'s, 'n>(tokens: &'s [Node<'n>]) -> impl Iterator<Item = &'s [Node<'n>]> {
    tokens.split(|token| token.kind() == ",").filter(|part| !part.is_empty())
}
