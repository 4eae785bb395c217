//! Python, by tree-sitter: from text to [`Module`].

mod definitions;
mod expressions;
mod imports;
mod patterns;
mod statements;
mod strings;
mod types;

#[cfg(test)]
mod tests;

use tree_sitter::{Node, Tree};

use super::parse::{Survey, parse};
use crate::project::syntax::{ClassId, Expression, Function, FunctionId, Kind, MAX_DEPTH, Module, Span};

/// Lowers a Python source text.
pub(super) fn lower(text: &str) -> Module {
    let tree = parse(&tree_sitter_python::LANGUAGE.into(), text);
    let top = Function { span: Span::new(0, text.len()), ..Function::default() };
    let module = Module { functions: vec![top], ..Module::default() };
    let mut lowering =
        Lowering { text, module, depth: 0, function: 0, class: None, in_test: false, tests_classes: false };
    match tree {
        Some(tree) => lowering.root(&tree),
        None => lowering.module.errors.push(Span::new(0, text.len())),
    }
    lowering.module
}

/// What is known on the way down.
struct Lowering<'t> {
    text: &'t str,
    module: Module,
    /// How deeply the current node is nested.
    depth: usize,
    /// The function whose body is lowered.
    function: FunctionId,
    /// The class whose body is lowered; nothing inside its methods.
    class: Option<ClassId>,
    /// Inside a test.
    in_test: bool,
    /// The class whose body is lowered is a collection of tests.
    tests_classes: bool,
}

impl<'t> Lowering<'t> {
    fn root(&mut self, tree: &Tree) {
        let root = tree.root_node();
        Survey { comments: self.module.comments, errors: self.module.errors } = Survey::of(tree, self.text);
        let body = self.block(root);
        self.module.functions[0].documentation = self.docstring(root);
        self.module.functions[0].body = body;
    }

    fn source(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// Calls `inner` one level deeper; nothing where that would be too deep.
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.module.too_deep = true;
            return None;
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        Some(result)
    }
}

fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

fn make(kind: Kind, node: Node<'_>) -> Expression {
    Expression { kind, span: span(node) }
}

/// The named children that mean something.
fn parts<'n>(node: Node<'n>) -> Vec<Node<'n>> {
    node.named_children(&mut node.walk()).filter(|child| is_code(*child)).collect()
}

/// The children under a field's name.
fn fields<'n>(node: Node<'n>, name: &str) -> Vec<Node<'n>> {
    node.children_by_field_name(name, &mut node.walk()).filter(|child| child.is_named() && is_code(*child)).collect()
}

fn is_code(node: Node<'_>) -> bool {
    !matches!(node.kind(), "comment" | "line_continuation")
}
