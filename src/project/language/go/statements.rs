//! Statements.

use tree_sitter::Node;

use super::{Lowering, children, declarations::bind, listed, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Arm, Expression, Kind, Match, Pattern, Span, Statement};

impl<'t> Lowering<'t> {
    /// All statements directly inside a node; lists of statements are seen through.
    pub(super) fn statements(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        for child in children(node) {
            match child.kind() {
                "statement_list" => children(child).into_iter().for_each(|inner| self.statement(inner, body)),
                _ => self.statement(child, body),
            }
        }
    }

    fn statement(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let inside = self.deeper(|lowering| {
            if !lowering.declaration(node, body) {
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
            "expression_statement" | "go_statement" | "defer_statement" => {
                let value = children(node).first().map(|&inner| self.expression(inner)).unwrap_or_default();
                let panics = value.call().is_some_and(|call| call.function.name() == Some("panic"));
                body.push(match value.kind {
                    Kind::Call(mut call) if panics && !call.arguments.is_empty() => {
                        Statement::Raise(Some(call.arguments.swap_remove(0).value), value.span)
                    }
                    kind => Statement::Expression(Expression { kind, span: value.span }),
                });
            }
            "short_var_declaration" => {
                let names = listed(node.field("left"));
                let patterns = names.into_iter().map(|name| self.bound(name)).collect();
                let values = self.all(node.field("right"));
                bind(patterns, None, values, span(node), body);
            }
            "assignment_statement" => self.assignment(node, body),
            "inc_statement" | "dec_statement" => {
                let operator = if node.kind() == "inc_statement" { "+" } else { "-" };
                let target = children(node).first().map(|&inner| self.expression(inner)).unwrap_or_default();
                let one = Expression { kind: Kind::Number("1".to_owned()), span: span(node) };
                body.push(updated(target, operator, one, span(node)));
            }
            "send_statement" => {
                let parts = children(node).into_iter().map(|part| self.expression(part)).collect();
                body.push(Statement::Expression(Expression { kind: Kind::Other(parts), span: span(node) }));
            }
            "return_statement" => {
                let mut values = self.all(children(node).first().copied());
                let value = match values.len() {
                    0 => None,
                    1 => values.pop(),
                    _ => Some(Expression { kind: Kind::List(values), span: span(node) }),
                };
                body.push(Statement::Return(value, span(node)));
            }
            "break_statement" | "continue_statement" | "goto_statement" => body.push(Statement::Jump(span(node))),
            "block" => {
                let inner = self.block(Some(node));
                body.push(Statement::Block(inner));
            }
            "labeled_statement" => {
                let inner = children(node).into_iter().filter(|child| child.kind() != "label_name");
                inner.for_each(|inner| self.statement(inner, body));
            }
            "ERROR" => self.statements(node, body),
            "empty_statement" | "fallthrough_statement" => {}
            _ => self.choice(node, body),
        }
    }

    fn choice(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let mut whole = Vec::new();
        if let Some(initializer) = node.field("initializer") {
            self.statement(initializer, &mut whole);
        }
        match node.kind() {
            "if_statement" => self.conditional(node, &mut whole),
            "for_statement" => self.repeated(node, &mut whole),
            "expression_switch_statement" | "type_switch_statement" | "select_statement" => {
                self.switch(node, &mut whole);
            }
            _ => {
                let value = self.expression(node);
                whole.push(Statement::Expression(value));
            }
        }
        if whole.len() == 1 {
            body.append(&mut whole);
        } else {
            body.push(Statement::Block(whole));
        }
    }

    fn all(&mut self, list: Option<Node<'t>>) -> Vec<Expression> {
        listed(list).into_iter().map(|value| self.expression(value)).collect()
    }

    pub(super) fn block(&mut self, node: Option<Node<'t>>) -> Vec<Statement> {
        node.map(|node| self.collected(|lowering, body| lowering.statements(node, body))).unwrap_or_default()
    }

    fn assignment(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let at = span(node);
        let mut targets = self.all(node.field("left"));
        let mut values = self.all(node.field("right"));
        let operator = node.field("operator").map_or("=", |operator| self.source(operator));
        let list = |items: Vec<Expression>| Expression { kind: Kind::List(items), span: at };
        if operator != "=" {
            let (Some(target), Some(value)) = (targets.pop(), values.pop()) else { return };
            return body.push(updated(target, operator.trim_end_matches('='), value, at));
        }
        if values.len() == 1 && targets.len() > 1 {
            let value = values.remove(0);
            return body.push(assigned(list(targets), value, at));
        }
        body.extend(targets.into_iter().zip(values).map(|(target, value)| assigned(target, value, at)));
    }

    fn conditional(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let condition = node.field("condition").map(|c| self.expression(c)).unwrap_or_default();
        let then = self.block(node.field("consequence"));
        let otherwise = match node.field("alternative") {
            Some(alternative) if alternative.kind() == "if_statement" => {
                self.collected(|lowering, inner| lowering.statement(alternative, inner))
            }
            alternative => self.block(alternative),
        };
        body.push(Statement::If { condition, then, otherwise, span: span(node) });
    }

    fn repeated(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let mut inner = Vec::new();
        let (mut binding, mut condition, mut update) = (None, None, None);
        let block = node.field("body");
        for part in children(node) {
            match part.kind() {
                "for_clause" => {
                    if let Some(initializer) = part.field("initializer") {
                        self.statement(initializer, body);
                    }
                    condition = part.field("condition").map(|c| self.expression(c));
                    update = part.field("update");
                }
                "range_clause" => binding = self.range(part, &mut inner),
                _ if Some(part) != block => condition = Some(self.expression(part)),
                _ => {}
            }
        }
        inner.extend(self.block(block));
        if let Some(update) = update {
            self.statement(update, &mut inner);
        }
        body.push(Statement::Loop { binding, condition, body: inner, span: span(node) });
    }

    /// `for i, x := range xs` draws `x`; `i` is declared inside. `for x := range xs` draws a key or a sent value.
    fn range(&mut self, clause: Node<'t>, inner: &mut Vec<Statement>) -> Option<(Pattern, Expression)> {
        let names = listed(clause.field("left"));
        let from = self.expression(clause.field("right")?);
        let mut patterns: Vec<Pattern> = names.into_iter().map(|name| self.bound(name)).collect();
        let drawn = patterns.pop().unwrap_or_default();
        inner.extend(
            patterns.into_iter().filter(|pattern| *pattern != Pattern::Ignore).map(|pattern| Statement::Let {
                pattern,
                annotation: None,
                value: None,
                span: span(clause),
            }),
        );
        Some((drawn, from))
    }

    fn switch(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let subject = match node.field("value") {
            Some(value) => self.expression(value),
            // Without a value the first case that holds is taken.
            None => Expression { kind: Kind::Boolean(true), span: Span::new(node.start_byte(), node.start_byte()) },
        };
        let alias = listed(node.field("alias")).first().map(|&alias| self.bound(alias));
        let mut arms = Vec::new();
        for case in children(node) {
            if !matches!(case.kind(), "expression_case" | "type_case" | "communication_case" | "default_case") {
                continue;
            }
            let mut cursor = case.walk();
            let types: Vec<Node<'t>> =
                case.children_by_field_name("type", &mut cursor).filter(|part| part.is_named()).collect();
            let values = listed(case.field("value")).into_iter().chain(types);
            let values = values.map(|value| self.expression(value)).collect();
            let inner = self.collected(|lowering, inner| {
                if let Some(communication) = case.field("communication") {
                    lowering.communication(communication, inner);
                }
                for child in children(case).into_iter().filter(|child| child.kind() == "statement_list") {
                    lowering.statements(child, inner);
                }
            });
            arms.push(Arm { values, pattern: alias.clone().unwrap_or_default(), guard: None, body: inner });
        }
        body.push(Statement::Match(Match { subject: Box::new(subject), arms, span: span(node) }));
    }

    fn communication(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        if node.kind() != "receive_statement" {
            return self.statement(node, body);
        }
        let patterns: Vec<Pattern> = listed(node.field("left")).into_iter().map(|name| self.bound(name)).collect();
        let values = self.all(node.field("right"));
        if patterns.is_empty() {
            body.extend(values.into_iter().map(Statement::Expression));
        } else {
            bind(patterns, None, values, span(node), body);
        }
    }
}

fn assigned(target: Expression, value: Expression, span: Span) -> Statement {
    Statement::Expression(Expression { kind: Kind::Assign(Box::new(target), Box::new(value)), span })
}

/// `target = target operator value`
fn updated(target: Expression, operator: &str, value: Expression, span: Span) -> Statement {
    let next = Kind::Binary(operator.to_owned(), Box::new(target.clone()), Box::new(value));
    assigned(target, Expression { kind: next, span }, span)
}
