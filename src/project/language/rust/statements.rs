//! Blocks and statements.

use tree_sitter::Node;

use super::{Lowering, items::Ahead, parts};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Expression, Kind, Statement};

/// What becomes of the last expression of a block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tail {
    /// The function's result.
    Return,
    /// The value of the block.
    Value,
}

impl Lowering<'_> {
    /// The statements of a block, a file, a module or an error. Attributes and documentation belong to what follows.
    pub(super) fn block(&mut self, node: Node<'_>, tail: Tail) -> Vec<Statement> {
        let mut out = Vec::new();
        let mut ahead = Ahead::default();
        let children: Vec<_> = node.named_children(&mut node.walk()).collect();
        let last = children.iter().rposition(|child| super::is_code(*child));
        for (index, child) in children.into_iter().enumerate() {
            if self.ahead(child, &mut ahead) {
                continue;
            }
            let whole = std::mem::take(&mut ahead);
            let tail = if last == Some(index) { tail } else { Tail::Value };
            self.deeper(|l| l.statement(child, whole, tail, &mut out));
        }
        out
    }

    fn statement(&mut self, node: Node<'_>, ahead: Ahead, tail: Tail, out: &mut Vec<Statement>) {
        match node.kind() {
            "let_declaration" => self.binding(node, out),
            "expression_statement" => {
                let ends = node.child(node.child_count().saturating_sub(1)).is_some_and(|c| c.kind() == ";");
                let tail = if ends { Tail::Value } else { tail };
                if let Some(inner) = parts(node).first() {
                    self.tail(*inner, tail, out);
                }
            }
            "empty_statement" | "label" | "macro_definition" => {}
            "ERROR" => out.extend(self.block(node, Tail::Value)),
            kind if kind.ends_with("_item") || kind.ends_with("_declaration") => self.item(node, ahead, out),
            _ => self.tail(node, tail, out),
        }
    }

    /// `let P = e else { .. }` binds, and may leave: the condition itself is not known.
    fn binding(&mut self, node: Node<'_>, out: &mut Vec<Statement>) {
        let span = self.span(node);
        let annotation = node.field("type").map(|t| self.type_of(t));
        let value = node.field("value").map(|value| self.expression(value));
        let pattern = node.field("pattern").map(|p| self.pattern(p)).unwrap_or_default();
        out.push(Statement::Let { pattern, annotation, value, span });
        if let Some(otherwise) = node.field("alternative") {
            let then = self.block(otherwise, Tail::Value);
            let condition = self.make(Kind::Unknown, otherwise);
            out.push(Statement::If { condition, then, otherwise: Vec::new(), span });
        }
    }

    /// An expression as a statement; control flow becomes statements of its own.
    pub(super) fn tail(&mut self, node: Node<'_>, tail: Tail, out: &mut Vec<Statement>) {
        self.deeper(|l| l.tail_of(node, tail, out));
    }

    fn tail_of(&mut self, node: Node<'_>, tail: Tail, out: &mut Vec<Statement>) {
        let span = self.span(node);
        match node.kind() {
            "if_expression" => {
                let statement = self.choose(node, tail);
                out.push(statement);
            }
            "match_expression" => out.push(Statement::Match(self.matching(node, tail))),
            "while_expression" | "loop_expression" | "for_expression" => {
                let statement = self.repeat(node);
                out.push(statement);
            }
            "block" => out.push(Statement::Block(self.block(node, tail))),
            "unsafe_block" | "const_block" | "async_block" | "try_block" | "gen_block" => {
                if let Some(block) = parts(node).into_iter().rev().find(|part| part.kind() == "block") {
                    out.push(Statement::Block(self.block(block, tail)));
                }
            }
            "return_expression" => {
                let value = parts(node).first().map(|value| self.expression(*value));
                out.push(Statement::Return(value, span));
            }
            "break_expression" | "continue_expression" => {
                let value = parts(node).into_iter().rfind(|part| part.kind() != "label");
                out.extend(value.map(|value| Statement::Expression(self.expression(value))));
                out.push(Statement::Jump(span));
            }
            "parenthesized_expression" => {
                if let Some(inner) = parts(node).first() {
                    self.tail(*inner, tail, out);
                }
            }
            "macro_invocation" => self.macro_statement(node, tail, out),
            _ => {
                let value = self.expression(node);
                self.finish(value, tail, out);
            }
        }
    }

    /// A value as the last of its block, or a statement.
    pub(super) fn finish(&mut self, value: Expression, tail: Tail, out: &mut Vec<Statement>) {
        let span = value.span;
        match tail {
            Tail::Return => out.push(Statement::Return(Some(value), span)),
            Tail::Value => out.push(Statement::Expression(value)),
        }
    }

    fn choose(&mut self, node: Node<'_>, tail: Tail) -> Statement {
        let mut then = Vec::new();
        let mut otherwise = Vec::new();
        let condition = node.field("condition").map(|c| self.condition(c, &mut then));
        if let Some(block) = node.field("consequence") {
            then.extend(self.block(block, tail));
        }
        let clause = node.field("alternative").map(parts).unwrap_or_default();
        match clause.first() {
            Some(block) if block.kind() == "block" => otherwise = self.block(*block, tail),
            Some(next) => self.tail(*next, tail, &mut otherwise),
            None => {}
        }
        Statement::If { condition: condition.unwrap_or_default(), then, otherwise, span: self.span(node) }
    }

    fn repeat(&mut self, node: Node<'_>) -> Statement {
        let mut body = Vec::new();
        let condition = node.field("condition").map(|c| self.condition(c, &mut body));
        let binding = node.field("pattern").map(|pattern| {
            let from = node.field("value").map(|from| self.expression(from)).unwrap_or_default();
            (self.pattern(pattern), from)
        });
        if let Some(block) = node.field("body") {
            body.extend(self.block(block, Tail::Value));
        }
        Statement::Loop { binding, condition, body, span: self.span(node) }
    }
}
