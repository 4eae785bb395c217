//! Rust, by tree-sitter: from text to [`Module`]. Modules written in place become part of the file's module.

mod expressions;
mod imports;
mod items;
mod json;
mod macros;
mod patterns;
mod statements;
mod strings;
mod types;

#[cfg(test)]
mod tests;

use tree_sitter::Node;

use super::parse::{Survey, parse};
use crate::project::syntax::{Expression, Function, FunctionId, Kind, MAX_DEPTH, Module, Span};

/// Lowers a Rust source text.
pub(super) fn lower(text: &str) -> Module {
    let tree = parse(&tree_sitter_rust::LANGUAGE.into(), text);
    let top = Function { span: Span::new(0, text.len()), ..Function::default() };
    let module = Module { functions: vec![top], ..Module::default() };
    let mut lowering = Lowering { text, module, base: 0, depth: 0, macros: 0, modules: 0, function: 0, in_test: false };
    match tree {
        Some(tree) => {
            Survey { comments: lowering.module.comments, errors: lowering.module.errors } = Survey::of(&tree, text);
            let body = lowering.block(tree.root_node(), statements::Tail::Value);
            lowering.module.functions[0].body = body;
        }
        None => lowering.module.errors.push(Span::new(0, text.len())),
    }
    lowering.module
}

/// What is known on the way down.
struct Lowering<'t> {
    text: &'t str,
    module: Module,
    /// Where the parsed text begins in `text`: the inside of a macro is parsed on its own.
    base: usize,
    /// How deeply the current node is nested.
    depth: usize,
    /// In how many macros.
    macros: usize,
    /// In how many modules that are written in place.
    modules: usize,
    /// The function whose body is lowered.
    function: FunctionId,
    /// Inside a test.
    in_test: bool,
}

impl<'t> Lowering<'t> {
    fn span(&self, node: Node<'_>) -> Span {
        let shift = |at: usize| (self.base + at).min(self.text.len());
        Span::new(shift(node.start_byte()), shift(node.end_byte()))
    }

    fn source(&self, node: Node<'_>) -> &'t str {
        let span = self.span(node);
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    fn make(&self, kind: Kind, node: Node<'_>) -> Expression {
        Expression { kind, span: self.span(node) }
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

/// The named children that mean something.
fn parts<'n>(node: Node<'n>) -> Vec<Node<'n>> {
    node.named_children(&mut node.walk()).filter(|child| is_code(*child)).collect()
}

fn is_code(node: Node<'_>) -> bool {
    !matches!(node.kind(), "line_comment" | "block_comment" | "shebang")
}
