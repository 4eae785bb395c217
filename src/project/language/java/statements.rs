//! Statements.

use tree_sitter::Node;

use super::{super::sugar::fall_through, Lowering, children, fields, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Arm, Expression, Kind, Match, Pattern, Statement};

impl<'t> Lowering<'t> {
    /// All statements directly inside a node.
    pub(super) fn statements(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        children(node).into_iter().for_each(|child| self.statement(child, body));
    }

    pub(super) fn statement(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let inside = self.deeper(|lowering| {
            if !lowering.declaration(node) {
                lowering.any_statement(node, body);
            }
            true
        });
        if !inside {
            body.push(Statement::Expression(Expression { kind: Kind::Unknown, span: span(node) }));
        }
    }

    fn any_statement(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        match node.kind() {
            "expression_statement" => {
                children(node).into_iter().for_each(|inner| {
                    let value = self.expression(inner);
                    body.push(Statement::Expression(value));
                });
            }
            "local_variable_declaration" => self.variables(node, body),
            "return_statement" => {
                let value = children(node).first().map(|&value| self.expression(value));
                body.push(Statement::Return(value, span(node)));
            }
            "yield_statement" => {
                let value = children(node).first().map(|&value| self.expression(value)).unwrap_or_default();
                body.push(Statement::Expression(value));
            }
            "throw_statement" => {
                let value = children(node).first().map(|&value| self.expression(value));
                body.push(Statement::Raise(value, span(node)));
            }
            "break_statement" | "continue_statement" => body.push(Statement::Jump(span(node))),
            "block" | "constructor_body" => {
                let inner = self.block(Some(node));
                body.push(Statement::Block(inner));
            }
            "synchronized_statement" => {
                let inner = self.block(node.field("body"));
                body.push(Statement::Block(inner));
            }
            "labeled_statement" => {
                children(node).into_iter().skip(1).for_each(|inner| self.statement(inner, body));
            }
            "if_statement" => self.conditional(node, body),
            "while_statement" | "do_statement" | "for_statement" | "enhanced_for_statement" => {
                self.repeated(node, body);
            }
            "switch_expression" => {
                let matched = self.switch(node);
                body.push(Statement::Match(matched));
            }
            "try_statement" | "try_with_resources_statement" => self.tried(node, body),
            "ERROR" => self.statements(node, body),
            "line_comment" | "block_comment" => {}
            _ => {
                let value = self.expression(node);
                body.push(Statement::Expression(value));
            }
        }
    }

    fn variables(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let annotation = node.field("type").map(|of| self.type_of(of)).filter(|of| of.name != "var");
        for declarator in fields(node, "declarator") {
            let pattern = declarator.field("name").map(|name| self.bound(name)).unwrap_or_default();
            let value = declarator.field("value").map(|value| self.expression(value));
            let annotation = annotation.clone();
            body.push(Statement::Let { pattern, annotation, value, span: span(node) });
        }
    }

    /// The statements of a block, or of the one statement that stands for it.
    pub(super) fn block(&mut self, node: Option<Node<'t>>) -> Vec<Statement> {
        let Some(node) = node else { return Vec::new() };
        self.collected(|lowering, body| match node.kind() {
            "block" | "constructor_body" => lowering.statements(node, body),
            _ => lowering.statement(node, body),
        })
    }

    fn condition(&mut self, node: Node<'t>) -> Expression {
        node.field("condition").map(|condition| self.expression(condition)).unwrap_or_default()
    }

    fn conditional(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let condition = self.condition(node);
        let mut then = Vec::new();
        if let Some(tested) = node.field("condition") {
            self.tested(tested, &mut then);
        }
        then.extend(self.block(node.field("consequence")));
        let otherwise = self.block(node.field("alternative"));
        body.push(Statement::If { condition, then, otherwise, span: span(node) });
    }

    fn repeated(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let mut whole = Vec::new();
        for start in fields(node, "init") {
            self.statement(start, &mut whole);
        }
        let binding = node.field("value").map(|from| {
            let name = node.field("name").map(|name| self.bound(name)).unwrap_or_default();
            (name, self.expression(from))
        });
        let condition = node.field("condition").map(|condition| self.expression(condition));
        let mut inner = self.block(node.field("body"));
        for update in fields(node, "update") {
            self.statement(update, &mut inner);
        }
        whole.push(Statement::Loop { binding, condition, body: inner, span: span(node) });
        if whole.len() == 1 {
            body.append(&mut whole);
        } else {
            body.push(Statement::Block(whole));
        }
    }

    pub(super) fn switch(&mut self, node: Node<'t>) -> Match {
        let subject = Box::new(self.condition(node));
        let mut arms = Vec::new();
        for group in node.field("body").map(children).unwrap_or_default() {
            let mut arm = Arm { values: Vec::new(), pattern: Pattern::Ignore, guard: None, body: Vec::new() };
            for part in children(group) {
                if part.kind() == "switch_label" {
                    self.label(part, &mut arm);
                } else {
                    self.statement(part, &mut arm.body);
                }
            }
            fall_through(&mut arms, &mut arm);
            arms.push(arm);
        }
        Match { subject, arms, span: span(node) }
    }

    fn label(&mut self, node: Node<'t>, arm: &mut Arm) {
        for part in children(node) {
            match part.kind() {
                "pattern" | "type_pattern" | "record_pattern" => arm.pattern = self.pattern(part),
                "guard" => arm.guard = children(part).first().map(|&guard| self.expression(guard)),
                _ => arm.values.push(self.expression(part)),
            }
        }
    }

    /// Resources are declared first in the body.
    fn tried(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let mut inner = Vec::new();
        for resource in node.field("resources").map(children).unwrap_or_default() {
            let value = resource.field("value").or(children(resource).first().copied());
            let value = value.map(|value| self.expression(value));
            let name = resource.field("name").map(|name| self.bound(name));
            let annotation = resource.field("type").map(|of| self.type_of(of));
            let annotation = annotation.filter(|of| of.name != "var");
            inner.push(Statement::Let { pattern: name.unwrap_or_default(), annotation, value, span: span(resource) });
        }
        inner.extend(self.block(node.field("body")));
        let (mut handlers, mut finally) = (Vec::new(), Vec::new());
        for clause in children(node) {
            match clause.kind() {
                "catch_clause" => {
                    let parameter = children(clause).into_iter().find(|part| part.kind() == "catch_formal_parameter");
                    let name = parameter.and_then(|parameter| parameter.field("name"));
                    let pattern = name.map(|name| self.bound(name)).unwrap_or_default();
                    handlers.push((pattern, self.block(clause.field("body"))));
                }
                "finally_clause" => finally = self.block(children(clause).first().copied()),
                _ => {}
            }
        }
        body.push(Statement::Try { body: inner, handlers, finally, span: span(node) });
    }
}
