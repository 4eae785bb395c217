//! What declarations, loops, `instanceof` and `case` bind.

use tree_sitter::Node;

use super::{Lowering, children, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Pattern, Statement};

impl<'t> Lowering<'t> {
    /// What a name binds.
    pub(super) fn bound(&self, node: Node<'_>) -> Pattern {
        match self.source(node) {
            "_" => Pattern::Ignore,
            name => Pattern::Name(name.to_owned(), span(node)),
        }
    }

    /// `String s`, `Point(int x, var y)`
    pub(super) fn pattern(&mut self, node: Node<'t>) -> Pattern {
        self.deeper(|lowering| match node.kind() {
            "pattern" => children(node).first().map(|&inner| lowering.pattern(inner)).unwrap_or_default(),
            "type_pattern" | "record_pattern_component" => {
                let name = children(node).into_iter().rfind(|part| part.kind() == "identifier");
                name.map(|name| lowering.bound(name)).unwrap_or_default()
            }
            "record_pattern" => {
                let parts = children(node);
                let name = parts.first().map(|&name| lowering.source(name).to_owned()).unwrap_or_default();
                let body = parts.into_iter().find(|part| part.kind() == "record_pattern_body");
                let inner = body.map(children).unwrap_or_default();
                Pattern::Wrapped(name, inner.into_iter().map(|part| lowering.pattern(part)).collect())
            }
            _ => Pattern::Ignore,
        })
    }

    /// What the `instanceof` tests of a condition bind, as statements before what the condition guards.
    pub(super) fn tested(&mut self, condition: Node<'t>, body: &mut Vec<Statement>) {
        self.deeper(|lowering| match condition.kind() {
            "parenthesized_expression" | "binary_expression" => {
                children(condition).into_iter().for_each(|part| lowering.tested(part, body));
            }
            "instanceof_expression" => {
                let named = condition.field("name").map(|name| lowering.bound(name));
                let matched = condition.field("pattern").map(|inner| lowering.pattern(inner));
                let annotation = condition.field("right").map(|right| lowering.type_of(right));
                // A name alone: what is lowered a second time must not hold more of the same.
                let value = condition.field("left").filter(|left| left.kind() == "identifier");
                let value = value.map(|left| lowering.expression(left));
                if let Some(pattern) = named.or(matched) {
                    body.push(Statement::Let { pattern, annotation, value, span: span(condition) });
                }
            }
            _ => {}
        });
    }
}
