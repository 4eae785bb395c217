//! Go.

mod declarations;
mod expressions;
mod statements;
#[cfg(test)]
mod tests;
mod text;

use tree_sitter::Node;

use super::parse::{Survey, parse, span};
use crate::project::syntax::{Class, ClassId, Function, FunctionId, MAX_DEPTH, Module, Span, Statement};

/// Lowers a source text.
pub(super) fn lower(text: &str) -> Module {
    let whole = Span::new(0, text.len());
    let top = Function { span: whole, ..Function::default() };
    let Some(tree) = parse(&tree_sitter_go::LANGUAGE.into(), text) else {
        return Module { errors: vec![whole], functions: vec![top], ..Module::default() };
    };
    let survey = Survey::of(&tree);
    let module = Module { comments: survey.comments, errors: survey.errors, functions: vec![top], ..Module::default() };
    let mut lowering = Lowering { text, module, function: 0, depth: 0 };
    let mut body = Vec::new();
    lowering.statements(tree.root_node(), &mut body);
    lowering.module.functions[0].body = body;
    lowering.module
}

/// What is made of a tree so far.
struct Lowering<'t> {
    text: &'t str,
    module: Module,
    /// The function whose body is being lowered.
    function: FunctionId,
    /// How deep the node in hand is nested.
    depth: usize,
}

impl<'t> Lowering<'t> {
    /// The source of a node.
    fn source(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// Does `lower` one level deeper, or nothing where that is too deep.
    fn deeper<T: Default>(&mut self, lower: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_DEPTH {
            self.module.too_deep = true;
            return T::default();
        }
        self.depth += 1;
        let result = lower(self);
        self.depth -= 1;
        result
    }

    /// Does `lower` with a fresh list of statements, and gives the list.
    fn collected(&mut self, lower: impl FnOnce(&mut Self, &mut Vec<Statement>)) -> Vec<Statement> {
        let mut statements = Vec::new();
        lower(self, &mut statements);
        statements
    }

    /// The class of a name: the type of this file, or one of its own where the type is declared in another.
    fn class(&mut self, name: &str) -> ClassId {
        if let Some(id) = self.module.classes.iter().position(|class| class.name == name) {
            return id;
        }
        self.module.classes.push(Class { name: name.to_owned(), ..Class::default() });
        self.module.classes.len() - 1
    }
}

/// The named children that are not comments.
fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra() || child.is_error()).collect()
}

/// The items of an `expression_list`, or the node itself.
fn listed(node: Option<Node<'_>>) -> Vec<Node<'_>> {
    match node {
        Some(list) if list.kind() == "expression_list" => children(list),
        node => node.into_iter().collect(),
    }
}
