//! Java.
//!
//! A package is the module that names come from. Methods and fields of the own class are used without `this`: the
//! program looks for them there.

mod declarations;
mod expressions;
mod patterns;
mod statements;
#[cfg(test)]
mod tests;
mod text;

use tree_sitter::Node;

use super::{
    lowering::{children, parsed, unread},
    parse::span,
};
use crate::project::syntax::{Expression, Kind, Module, Span};

/// Lowers a source text.
pub(super) fn lower(text: &str) -> Module {
    let Some((tree, survey)) = parsed(&tree_sitter_java::LANGUAGE.into(), text) else { return unread(text) };
    Lowering::of(text, survey, |lowering, body| lowering.statements(tree.root_node(), body))
}

/// Gives the lowering its methods; there is nothing to know on the way down.
#[derive(Default)]
struct Java;

type Lowering<'t> = super::lowering::Lowering<'t, Java>;

/// The children of a field.
fn fields<'t>(node: Node<'t>, name: &str) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children_by_field_name(name, &mut cursor).filter(Node::is_named).collect()
}

/// Expressions as one value: nothing, itself, or a list.
fn other(parts: Vec<Expression>, span: Span) -> Expression {
    Expression { kind: Kind::Other(parts), span }
}
