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

use super::parse::{Survey, parse, span};
use crate::project::syntax::{Expression, Function, FunctionId, Kind, MAX_DEPTH, Module, Span, Statement};

/// Lowers a source text.
pub(super) fn lower(text: &str) -> Module {
    let whole = Span::new(0, text.len());
    let top = Function { span: whole, ..Function::default() };
    let Some(tree) = parse(&tree_sitter_java::LANGUAGE.into(), text) else {
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
}

/// The named children that are not comments.
fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra() || child.is_error()).collect()
}

/// The children of a field.
fn fields<'t>(node: Node<'t>, name: &str) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children_by_field_name(name, &mut cursor).filter(Node::is_named).collect()
}

/// Expressions as one value: nothing, itself, or a list.
fn other(parts: Vec<Expression>, span: Span) -> Expression {
    Expression { kind: Kind::Other(parts), span }
}
