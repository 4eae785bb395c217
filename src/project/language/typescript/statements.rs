//! Statements.

use tree_sitter::Node;

use super::{Lowering, child_of, children, has_token, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Argument, Arm, Call, Expression, Import, Kind, Match, Pattern, Span, Statement, Text};

impl<'t> Lowering<'t> {
    /// All statements directly inside a node.
    pub(super) fn statements(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        for child in children(node) {
            self.statement(child, body);
        }
    }

    pub(super) fn statement(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let inside = self.deeper(|lowering| {
            lowering.any_statement(node, body);
            true
        });
        if !inside {
            body.push(Statement::Expression(Expression { kind: Kind::Unknown, span: span(node) }));
        }
    }

    fn any_statement(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        match node.kind() {
            "expression_statement" => {
                for inner in children(node) {
                    self.evaluated(inner, body);
                }
            }
            "lexical_declaration" | "variable_declaration" | "using_declaration" => {
                for declarator in children(node) {
                    self.declarator(declarator, body);
                }
            }
            "function_declaration" | "generator_function_declaration" => {
                self.declaration(node);
            }
            "class_declaration" | "abstract_class_declaration" => {
                self.class(node, Vec::new(), None);
            }
            "interface_declaration" | "type_alias_declaration" => {
                self.interface(node);
            }
            "enum_declaration" => self.enum_statement(node, body),
            "import_statement" => self.import(node),
            "export_statement" => self.export(node, body),
            "statement_block" => {
                let inner = self.collected(|lowering, inner| lowering.statements(node, inner));
                body.push(Statement::Block(inner));
            }
            "if_statement" => self.conditional(node, body),
            "for_statement" | "for_in_statement" | "while_statement" | "do_statement" => self.repeated(node, body),
            "switch_statement" => self.switch(node, body),
            "try_statement" => self.attempt(node, body),
            "return_statement" => {
                let value = children(node).first().map(|&value| self.expression(value));
                body.push(Statement::Return(value, span(node)));
            }
            "throw_statement" => {
                let value = children(node).first().map(|&value| self.expression(value));
                body.push(Statement::Raise(value, span(node)));
            }
            "break_statement" | "continue_statement" => body.push(Statement::Jump(span(node))),
            _ => self.rare_statement(node, body),
        }
    }

    fn rare_statement(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        match node.kind() {
            "labeled_statement" | "with_statement" => {
                if let Some(inner) = node.field("body") {
                    self.statement(inner, body);
                }
            }
            "internal_module" | "module" if !self.is_ambient(node) => {
                if let Some(inner) = node.field("body") {
                    self.statement(inner, body);
                }
            }
            "import_alias" => {
                if let [name, target, ..] = children(node)[..] {
                    let value = self.expression(target);
                    let pattern = Pattern::Name(self.source(name).to_owned(), span(name));
                    body.push(Statement::Let { pattern, annotation: None, value: Some(value), span: span(node) });
                }
            }
            "ERROR" => self.statements(node, body),
            "empty_statement"
            | "debugger_statement"
            | "comment"
            | "hash_bang_line"
            | "ambient_declaration"
            | "function_signature"
            | "statement_identifier" => {}
            _ => {
                let value = self.expression(node);
                body.push(Statement::Expression(value));
            }
        }
    }

    /// An expression for its effect. `module.exports = ..` is noted; `a, b` is two.
    fn evaluated(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        match node.kind() {
            "sequence_expression" => children(node).into_iter().for_each(|part| self.evaluated(part, body)),
            // `namespace X {}` stands in an expression statement.
            "internal_module" => self.statement(node, body),
            _ => {
                let value = self.expression(node);
                if !self.common_export(&value, body) {
                    body.push(Statement::Expression(value));
                }
            }
        }
    }

    fn enum_statement(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let Some((name, value)) = self.enumeration(node) else { return };
        let at = node.field("name").map_or(span(node), span);
        let pattern = Pattern::Name(name, at);
        body.push(Statement::Let { pattern, annotation: None, value: Some(value), span: span(node) });
    }

    fn declarator(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let Some(name) = node.field("name") else { return };
        let value = node.field("value");
        if let Some(class) = value.filter(|value| value.kind() == "class")
            && class.field("name").is_none()
        {
            let name = self.source(name);
            self.class(class, Vec::new(), Some(name));
            return;
        }
        let (pattern, fallbacks) = self.pattern(name);
        let annotation = self.annotation(node.field("type"));
        let value = value.map(|value| self.expression(value));
        let (pattern, value) = match (pattern, value) {
            (pattern, Some(value)) if self.required(&pattern, &value, span(node)) => (pattern, None),
            (pattern, value) => (pattern, Some(value)),
        };
        let Some(value) = value else { return };
        let after = fallbacks_value(&value);
        body.push(Statement::Let { pattern, annotation, value, span: span(node) });
        self.fallbacks(fallbacks, after.as_ref(), body);
    }

    /// `const x = require("m")`, `const { a: b } = await import("m")`, `const x = require("m").y` as imports.
    fn required(&mut self, pattern: &Pattern, value: &Expression, at: Span) -> bool {
        let (module, member) = match &value.kind {
            Kind::Member(object, member) => (required_module(object), Some(member.value.clone())),
            _ => (required_module(value), None),
        };
        let Some(module) = module else { return false };
        let mut add = |local: &str, name: Option<String>| {
            self.module.imports.push(Import { local: local.to_owned(), module: module.to_owned(), name, span: at });
        };
        match (pattern, member) {
            (Pattern::Name(local, _), member) => add(local, member),
            (Pattern::Fields(fields), None) => {
                if !fields.iter().all(|(_, inner)| matches!(inner, Pattern::Name(..))) {
                    return false;
                }
                for (key, inner) in fields {
                    if let Pattern::Name(local, _) = inner {
                        add(local, Some(key.clone()));
                    }
                }
            }
            _ => return false,
        }
        true
    }

    fn conditional(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let condition = self.part_expression(node, "condition");
        let then = self.branch(node.field("consequence"));
        let otherwise = node.field("alternative").and_then(|clause| children(clause).first().copied());
        let otherwise = self.branch(otherwise);
        body.push(Statement::If { condition, then, otherwise, span: span(node) });
    }

    fn part_expression(&mut self, node: Node<'t>, field: &'static str) -> Expression {
        node.field(field).map(|part| self.expression(part)).unwrap_or_default()
    }

    /// A statement that may be a block, as a list.
    fn branch(&mut self, node: Option<Node<'t>>) -> Vec<Statement> {
        let Some(node) = node else { return Vec::new() };
        self.collected(|lowering, body| {
            if node.kind() == "statement_block" {
                lowering.statements(node, body);
            } else {
                lowering.statement(node, body);
            }
        })
    }

    fn repeated(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let at = span(node);
        if node.kind() == "for_in_statement" {
            let mut fallbacks = Vec::new();
            let pattern = node.field("left").map(|left| {
                let (pattern, inner) = self.pattern(left);
                fallbacks = inner;
                pattern
            });
            let mut from = self.part_expression(node, "right");
            if has_token(node, "in") {
                from = keys_of(from);
            }
            let mut inner = Vec::new();
            self.fallbacks(fallbacks, None, &mut inner);
            inner.extend(self.branch(node.field("body")));
            let binding = Some((pattern.unwrap_or_default(), from));
            body.push(Statement::Loop { binding, condition: None, body: inner, span: at });
            return;
        }
        let mut whole = Vec::new();
        if let Some(initializer) = node.field("initializer") {
            self.statement(initializer, &mut whole);
        }
        let condition = node.field("condition").filter(|c| c.is_named() && c.kind() != "empty_statement");
        let condition = condition.map(|condition| match condition.kind() {
            "expression_statement" => children(condition).first().map(|&c| self.expression(c)).unwrap_or_default(),
            _ => self.expression(condition),
        });
        let mut inner = self.branch(node.field("body"));
        if let Some(increment) = node.field("increment") {
            self.evaluated(increment, &mut inner);
        }
        let repeated = Statement::Loop { binding: None, condition, body: inner, span: at };
        if whole.is_empty() {
            body.push(repeated);
        } else {
            whole.push(repeated);
            body.push(Statement::Block(whole));
        }
    }

    fn switch(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let subject = Box::new(self.part_expression(node, "value"));
        let mut arms: Vec<Arm> = Vec::new();
        let mut values = Vec::new();
        let mut is_default = false;
        for case in node.field("body").map(children).unwrap_or_default() {
            match case.field("value") {
                Some(value) if case.kind() == "switch_case" => values.push(self.expression(value)),
                _ => is_default = true,
            }
            let mut cursor = case.walk();
            let statements: Vec<Node<'t>> = case.children_by_field_name("body", &mut cursor).collect();
            if statements.is_empty() {
                continue;
            }
            let body = self.collected(|lowering, inner| {
                for statement in statements.into_iter().filter(|statement| statement.is_named()) {
                    match statement.kind() {
                        "statement_block" => lowering.statements(statement, inner),
                        _ => lowering.statement(statement, inner),
                    }
                }
            });
            // A default that shares its body with other cases takes everything.
            let values = if is_default { Vec::new() } else { std::mem::take(&mut values) };
            arms.push(Arm { values, pattern: Pattern::Ignore, guard: None, body });
            is_default = false;
        }
        body.push(Statement::Match(Match { subject, arms, span: span(node) }));
    }

    fn attempt(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let tried = self.branch(node.field("body"));
        let mut handlers = Vec::new();
        if let Some(handler) = node.field("handler") {
            let pattern = handler.field("parameter").map(|parameter| self.pattern(parameter).0);
            handlers.push((pattern.unwrap_or_default(), self.branch(handler.field("body"))));
        }
        let finally = node.field("finalizer").and_then(|clause| child_of(clause, &["statement_block"]));
        let finally = self.branch(finally);
        body.push(Statement::Try { body: tried, handlers, finally, span: span(node) });
    }
}

/// The module of `require("m")` and `import("m")`.
fn required_module(value: &Expression) -> Option<&str> {
    let call = value.call().filter(|call| matches!(call.function.name(), Some("require" | "import")))?;
    call.positional(0)?.text()
}

/// The value that defaults of a pattern read again: only what has no effect.
fn fallbacks_value(value: &Option<Expression>) -> Option<Expression> {
    value.as_ref().filter(|value| matches!(value.kind, Kind::Name(_) | Kind::Member(..))).cloned()
}

/// `for (k in o)` draws from `Object.keys(o)`.
fn keys_of(object: Expression) -> Expression {
    let span = object.span;
    let place = |kind| Expression { kind, span };
    let keys = Kind::Member(Box::new(place(Kind::Name("Object".to_owned()))), Text { value: "keys".to_owned(), span });
    place(Kind::Call(Box::new(Call {
        function: place(keys),
        arguments: vec![Argument { name: None, value: object }],
        ..Call::default()
    })))
}
