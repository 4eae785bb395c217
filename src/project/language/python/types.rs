//! Annotations.

use tree_sitter::Node;

use super::{Lowering, fields, parts, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::Type;

impl Lowering<'_> {
    /// A type as written. A union has no name of its own; its members are the arguments.
    pub(super) fn annotation(&mut self, node: Node<'_>) -> Type {
        let text = self.source(node).to_owned();
        let (name, arguments) = self.deeper(|l| l.shape(node)).unwrap_or_default();
        Type { text, name, arguments, span: span(node) }
    }

    fn shape(&mut self, node: Node<'_>) -> (String, Vec<Type>) {
        match node.kind() {
            "type" => match parts(node).first() {
                Some(inner) => self.shape(*inner),
                None => Default::default(),
            },
            "identifier" | "attribute" | "member_type" | "none" | "dotted_name" => {
                (self.source(node).split_whitespace().collect(), Vec::new())
            }
            "generic_type" => {
                let inner = parts(node);
                let name = inner.first().map(|n| self.source(*n).to_owned()).unwrap_or_default();
                let arguments = inner.get(1).map(|list| parts(*list)).unwrap_or_default();
                (name, self.annotations(&arguments))
            }
            "subscript" => {
                let name = node.field("value").map(|v| self.source(v).split_whitespace().collect());
                let arguments = self.annotations(&fields(node, "subscript"));
                (name.unwrap_or_default(), arguments)
            }
            "call" => {
                let name = node.field("function").map(|f| self.source(f).to_owned());
                (name.unwrap_or_default(), Vec::new())
            }
            "string" => (quoted(self.source(node)), Vec::new()),
            "union_type" | "binary_operator" | "list" | "tuple" => (String::new(), self.annotations(&parts(node))),
            _ => Default::default(),
        }
    }

    fn annotations(&mut self, nodes: &[Node<'_>]) -> Vec<Type> {
        nodes.iter().map(|node| self.annotation(*node)).collect()
    }
}

/// The name in an annotation that is written as a string.
fn quoted(text: &str) -> String {
    let inner = text.trim_start_matches(|c: char| !matches!(c, '"' | '\'')).trim_matches(['"', '\'', ' ']);
    inner.chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.')).collect()
}
