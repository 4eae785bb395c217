//! Statements.

use tree_sitter::Node;

use super::{super::sugar::fall_through, Lowering, children, first_of, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Arm, Expression, Kind, Match, Pattern, Statement};

impl<'t> Lowering<'t> {
    /// All statements directly inside a node.
    pub(super) fn statements(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        children(node).into_iter().for_each(|child| self.statement(child, body));
    }

    pub(super) fn statement(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
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
        let field = |name: &'static str| node.field(name);
        match node.kind() {
            "global_statement" | "checked_statement" | "unsafe_statement" => self.statements(node, body),
            "local_declaration_statement" => {
                if let Some(declaration) = first_of(node, &["variable_declaration"]) {
                    self.variables(declaration, body);
                }
            }
            "expression_statement" => {
                let value = children(node).first().map(|&value| self.expression(value)).unwrap_or_default();
                body.push(Statement::Expression(value));
            }
            "return_statement" | "yield_statement" => {
                let value = children(node).first().map(|&value| self.expression(value));
                body.push(match value {
                    // What is yielded does not leave the function.
                    Some(value) if node.kind() == "yield_statement" => Statement::Expression(value),
                    value => Statement::Return(value, span(node)),
                });
            }
            "throw_statement" => {
                let value = children(node).first().map(|&value| self.expression(value));
                body.push(Statement::Raise(value, span(node)));
            }
            "break_statement" | "continue_statement" | "goto_statement" => body.push(Statement::Jump(span(node))),
            "block" => {
                let inner = self.block(Some(node));
                body.push(Statement::Block(inner));
            }
            "lock_statement" | "fixed_statement" | "using_statement" => self.scoped(node, body),
            "labeled_statement" => children(node).into_iter().skip(1).for_each(|inner| self.statement(inner, body)),
            "if_statement" => {
                let condition = self.condition(node);
                let mut then = Vec::new();
                if let Some(tested) = field("condition") {
                    self.tested(tested, &mut then);
                }
                then.extend(self.block(field("consequence")));
                let otherwise = self.block(field("alternative"));
                body.push(Statement::If { condition, then, otherwise, span: span(node) });
            }
            "while_statement" | "do_statement" | "for_statement" | "foreach_statement" => self.repeated(node, body),
            "switch_statement" => {
                let matched = self.switch(node);
                body.push(Statement::Match(matched));
            }
            "try_statement" => self.tried(node, body),
            "ERROR" => self.statements(node, body),
            "empty_statement" | "comment" | "attribute_list" | "modifier" => {}
            _ => {
                let value = self.expression(node);
                body.push(Statement::Expression(value));
            }
        }
    }

    pub(super) fn variables(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let of = node.field("type").filter(|of| of.kind() != "implicit_type");
        let annotation = of.map(|of| self.type_of(of));
        for declarator in children(node).into_iter().filter(|part| part.kind() == "variable_declarator") {
            let name = declarator.field("name");
            let tuple = first_of(declarator, &["tuple_pattern"]);
            let pattern = match (name, tuple) {
                (Some(name), _) => self.bound(name),
                (None, Some(tuple)) => self.pattern(tuple),
                (None, None) => Pattern::Ignore,
            };
            let mut value = self.initial(declarator);
            // `McpServerOptions options = new() { .. }`: the type is written once.
            if let (Some(Expression { kind: Kind::Call(call), .. }), Some(of)) = (&mut value, of)
                && call.construction
                && matches!(call.function.kind, Kind::Unknown)
            {
                call.function = self.expression(of);
            }
            body.push(Statement::Let { pattern, annotation: annotation.clone(), value, span: span(declarator) });
        }
    }

    /// What a declarator begins with.
    pub(super) fn initial(&mut self, declarator: Node<'t>) -> Option<Expression> {
        let name = declarator.field("name");
        let skipped = ["bracketed_argument_list", "tuple_pattern"];
        let value =
            children(declarator).into_iter().rfind(|part| Some(*part) != name && !skipped.contains(&part.kind()));
        value.map(|value| self.expression(value))
    }

    /// The statements of a block, or of the one statement that stands for it.
    pub(super) fn block(&mut self, node: Option<Node<'t>>) -> Vec<Statement> {
        let Some(node) = node else { return Vec::new() };
        self.collected(|lowering, body| match node.kind() {
            "block" => lowering.statements(node, body),
            _ => lowering.statement(node, body),
        })
    }

    fn condition(&mut self, node: Node<'t>) -> Expression {
        node.field("condition").map(|condition| self.expression(condition)).unwrap_or_default()
    }

    /// `using (var x = ..) { .. }`, `lock (x) { .. }`
    fn scoped(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let mut inner = Vec::new();
        for part in children(node) {
            match part.kind() {
                "variable_declaration" => self.variables(part, &mut inner),
                "block" => self.statements(part, &mut inner),
                _ => self.statement(part, &mut inner),
            }
        }
        body.push(Statement::Block(inner));
    }

    fn repeated(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let field = |name: &'static str| node.field(name);
        let mut whole = Vec::new();
        let mut cursor = node.walk();
        let starts: Vec<_> = node.children_by_field_name("initializer", &mut cursor).filter(Node::is_named).collect();
        for start in starts {
            match start.kind() {
                "variable_declaration" => self.variables(start, &mut whole),
                _ => self.statement(start, &mut whole),
            }
        }
        let binding = field("right").map(|from| {
            let name = field("left").map(|left| self.pattern(left)).unwrap_or_default();
            (name, self.expression(from))
        });
        let condition = field("condition").map(|condition| self.expression(condition));
        let mut inner = self.block(field("body"));
        let mut cursor = node.walk();
        let updates: Vec<_> = node.children_by_field_name("update", &mut cursor).filter(Node::is_named).collect();
        for update in updates {
            self.statement(update, &mut inner);
        }
        whole.push(Statement::Loop { binding, condition, body: inner, span: span(node) });
        if whole.len() == 1 {
            body.append(&mut whole);
        } else {
            body.push(Statement::Block(whole));
        }
    }

    fn switch(&mut self, node: Node<'t>) -> Match {
        let subject = node.field("value").map(|value| self.expression(value)).unwrap_or_default();
        let mut arms = Vec::new();
        for section in node.field("body").map(children).unwrap_or_default() {
            let mut arm = self.arm(section);
            fall_through(&mut arms, &mut arm);
            arms.push(arm);
        }
        Match { subject: Box::new(subject), arms, span: span(node) }
    }

    /// `case "a": case "b" when x: .. break;` or `"a" => value`
    pub(super) fn arm(&mut self, node: Node<'t>) -> Arm {
        let mut arm = Arm { values: Vec::new(), pattern: Pattern::Ignore, guard: None, body: Vec::new() };
        let single = node.kind() == "switch_expression_arm";
        let parts = children(node);
        for (index, &part) in parts.iter().enumerate() {
            match part.kind() {
                "constant_pattern" => arm.values.extend(children(part).first().map(|&value| self.expression(value))),
                "when_clause" => arm.guard = children(part).first().map(|&guard| self.expression(guard)),
                "discard" => {}
                kind if kind.ends_with("_pattern") => arm.pattern = self.pattern(part),
                _ if single && index + 1 == parts.len() => {
                    let value = self.expression(part);
                    arm.body.push(Statement::Expression(value));
                }
                kind if single || !(kind.ends_with("_statement") || kind == "block") => {
                    arm.values.push(self.expression(part));
                }
                _ => self.statement(part, &mut arm.body),
            }
        }
        arm
    }

    fn tried(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let inner = self.block(node.field("body"));
        let (mut handlers, mut finally) = (Vec::new(), Vec::new());
        for clause in children(node) {
            match clause.kind() {
                "catch_clause" => {
                    let declaration = first_of(clause, &["catch_declaration"]);
                    let name = declaration.and_then(|declaration| declaration.field("name"));
                    let pattern = name.map(|name| self.bound(name)).unwrap_or_default();
                    handlers.push((pattern, self.block(clause.field("body"))));
                }
                "finally_clause" => finally = self.block(first_of(clause, &["block"])),
                _ => {}
            }
        }
        body.push(Statement::Try { body: inner, handlers, finally, span: span(node) });
    }

    /// What a pattern binds: `var (a, b)`, `string s`, `{ Length: 1 } x`, `(a, b)`.
    pub(super) fn pattern(&mut self, node: Node<'t>) -> Pattern {
        self.deeper(|lowering| match node.kind() {
            "identifier" => lowering.bound(node),
            "declaration_pattern" | "var_pattern" | "recursive_pattern" | "list_pattern" => {
                let designation = first_of(node, &["parenthesized_variable_designation"]);
                match (node.field("name"), designation) {
                    (Some(name), _) => lowering.bound(name),
                    (None, Some(list)) => lowering.pattern(list),
                    (None, None) => Pattern::Ignore,
                }
            }
            "tuple_pattern" | "parenthesized_variable_designation" | "tuple_expression" => {
                Pattern::Items(children(node).into_iter().map(|part| lowering.pattern(part)).collect())
            }
            "argument" | "declaration_expression" | "parenthesized_pattern" => {
                let name = node.field("name").or(children(node).last().copied());
                name.map(|name| lowering.pattern(name)).unwrap_or_default()
            }
            _ => Pattern::Ignore,
        })
    }

    /// What the `is` tests of a condition bind, as statements before what the condition guards.
    fn tested(&mut self, condition: Node<'t>, body: &mut Vec<Statement>) {
        self.deeper(|lowering| match condition.kind() {
            "parenthesized_expression" | "binary_expression" => {
                children(condition).into_iter().for_each(|part| lowering.tested(part, body));
            }
            "is_pattern_expression" => {
                let matched = condition.field("pattern");
                let pattern = matched.map(|inner| lowering.pattern(inner)).unwrap_or_default();
                let of = matched.and_then(|inner| inner.field("type"));
                let annotation = of.map(|of| lowering.type_of(of));
                // A name alone: what is lowered a second time must not hold more of the same.
                let value = condition.field("expression").filter(|left| left.kind() == "identifier");
                let value = value.map(|left| lowering.expression(left));
                if pattern != Pattern::Ignore {
                    body.push(Statement::Let { pattern, annotation, value, span: span(condition) });
                }
            }
            _ => {}
        });
    }
}
