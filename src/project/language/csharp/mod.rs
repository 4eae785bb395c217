//! C#.
//!
//! A namespace is the module that names come from; a file is counted to its first. Branches of the preprocessor are all
//! taken. Methods and fields of the own class are used without `this`: the program looks for them there.

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
use crate::project::syntax::Module;

/// Lowers a source text.
pub(super) fn lower(text: &str) -> Module {
    let Some((tree, survey)) = parsed(&tree_sitter_c_sharp::LANGUAGE.into(), text) else { return unread(text) };
    Lowering::of(text, survey, |lowering, body| lowering.statements(tree.root_node(), body))
}

/// Gives the lowering its methods; there is nothing to know on the way down.
#[derive(Default)]
struct CSharp;

type Lowering<'t> = super::lowering::Lowering<'t, CSharp>;

/// The first child of one of some kinds.
fn first_of<'t>(node: Node<'t>, kinds: &[&str]) -> Option<Node<'t>> {
    children(node).into_iter().find(|child| kinds.contains(&child.kind()))
}
