//! Go.

mod declarations;
mod expressions;
mod statements;
#[cfg(test)]
mod tests;
mod text;

use tree_sitter::Node;

use super::{
    lowering::{children, parsed, unread},
    parse::span,
};
use crate::project::syntax::{Class, ClassId, Module};

/// Lowers a source text.
pub(super) fn lower(text: &str) -> Module {
    let Some((tree, survey)) = parsed(&tree_sitter_go::LANGUAGE.into(), text) else { return unread(text) };
    Lowering::of(text, survey, |lowering, body| lowering.statements(tree.root_node(), body))
}

/// Gives the lowering its methods; there is nothing to know on the way down.
#[derive(Default)]
struct Go;

type Lowering<'t> = super::lowering::Lowering<'t, Go>;

impl Lowering<'_> {
    /// The class of a name: the type of this file, or one of its own where the type is declared in another.
    fn class(&mut self, name: &str) -> ClassId {
        if let Some(id) = self.module.classes.iter().position(|class| class.name == name) {
            return id;
        }
        self.module.classes.push(Class { name: name.to_owned(), ..Class::default() });
        self.module.classes.len() - 1
    }
}

/// The items of an `expression_list`, or the node itself.
fn listed(node: Option<Node<'_>>) -> Vec<Node<'_>> {
    match node {
        Some(list) if list.kind() == "expression_list" => children(list),
        node => node.into_iter().collect(),
    }
}
