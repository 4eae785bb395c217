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

use tree_sitter::{Node, Parser};

use crate::project::syntax::{Expression, Function, FunctionId, Kind, MAX_DEPTH, Module, Span};

/// Lowers a Rust source text.
pub(super) fn lower(text: &str) -> Module {
    let mut parser = Parser::new();
    let language = tree_sitter_rust::LANGUAGE.into();
    let tree = parser.set_language(&language).ok().and_then(|()| parser.parse(text, None));
    let top = Function { span: Span::new(0, text.len()), ..Function::default() };
    let module = Module { functions: vec![top], ..Module::default() };
    let mut lowering =
        Lowering { text, parser, module, base: 0, depth: 0, macros: 0, modules: 0, function: 0, in_test: false };
    match tree {
        Some(tree) => {
            lowering.marks(tree.root_node());
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
    parser: Parser,
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
    /// Comments and errors, wherever they stand. A loop: errors may be nested without bound.
    fn marks(&mut self, root: Node<'_>) {
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            let failed = node.is_error() || node.is_missing();
            if failed {
                self.module.errors.push(self.span(node));
            } else if !is_code(node) {
                self.module.comments.push(self.span(node));
            }
            if !failed && is_code(node) && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

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
