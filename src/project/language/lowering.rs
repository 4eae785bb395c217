//! What the adapters whose trees are lowered statement by statement have in common.

use tree_sitter::{Language, Node, Tree};

use super::parse::{Survey, parse};
use crate::project::syntax::{Function, FunctionId, MAX_DEPTH, Module, Span, Statement};

/// What is made of a tree so far. `L` is the adapter's own: it gives the type its methods, and holds what that language
/// has to know on the way down.
pub(super) struct Lowering<'t, L> {
    pub(super) text: &'t str,
    pub(super) module: Module,
    /// The function whose body is being lowered.
    pub(super) function: FunctionId,
    /// How deep the node in hand is nested.
    depth: usize,
    /// What the language has to know besides.
    pub(super) own: L,
}

impl<'t, L: Default> Lowering<'t, L> {
    /// Lowers a text with what was seen of its tree; `statements` lowers the tree's root.
    pub(super) fn of(text: &'t str, survey: Survey, statements: impl FnOnce(&mut Self, &mut Vec<Statement>)) -> Module {
        let module = Module {
            comments: survey.comments,
            errors: survey.errors,
            functions: vec![top(text)],
            ..Module::default()
        };
        let mut lowering = Self { text, module, function: 0, depth: 0, own: L::default() };
        let body = lowering.collected(statements);
        lowering.module.functions[0].body = body;
        lowering.module
    }

    /// The source of a node.
    pub(super) fn source(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// Does `lower` one level deeper, or nothing where that is too deep.
    pub(super) fn deeper<T: Default>(&mut self, lower: impl FnOnce(&mut Self) -> T) -> T {
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
    pub(super) fn collected(&mut self, lower: impl FnOnce(&mut Self, &mut Vec<Statement>)) -> Vec<Statement> {
        let mut statements = Vec::new();
        lower(self, &mut statements);
        statements
    }
}

/// The tree of a language with one grammar, and what is seen of it.
pub(super) fn parsed(grammar: &Language, text: &str) -> Option<(Tree, Survey)> {
    let tree = parse(grammar, text)?;
    let survey = Survey::of(&tree, text);
    Some((tree, survey))
}

/// A text that the parser gave up on.
pub(super) fn unread(text: &str) -> Module {
    Module { errors: vec![Span::new(0, text.len())], functions: vec![top(text)], ..Module::default() }
}

fn top(text: &str) -> Function {
    Function { span: Span::new(0, text.len()), ..Function::default() }
}

/// The named children that are not comments.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra() || child.is_error()).collect()
}
