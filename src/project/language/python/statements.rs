//! Statements.

use tree_sitter::Node;

use super::{Lowering, fields, make, parts, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Expression, Kind, Match, Pattern, Statement};

impl Lowering<'_> {
    /// The statements below `node`: a block, a module, an error.
    pub(super) fn block(&mut self, node: Node<'_>) -> Vec<Statement> {
        let mut out = Vec::new();
        for statement in parts(node) {
            self.statement(statement, &mut out);
        }
        out
    }

    pub(super) fn statement(&mut self, node: Node<'_>, out: &mut Vec<Statement>) {
        self.deeper(|l| l.statement_of(node, out));
    }

    fn statement_of(&mut self, node: Node<'_>, out: &mut Vec<Statement>) {
        match node.kind() {
            "import_statement" => self.import(node),
            "import_from_statement" => self.import_from(node),
            "function_definition" => self.function(node, span(node), Vec::new()),
            "class_definition" => self.class(node, span(node), Vec::new(), out),
            "decorated_definition" => self.decorated(node, out),
            "if_statement" => {
                let alternatives = fields(node, "alternative");
                let statement = self.choice(node, &alternatives);
                out.push(statement);
            }
            "for_statement" | "while_statement" => self.repeat(node, out),
            "try_statement" => out.push(self.attempt(node)),
            "with_statement" => out.push(self.with(node)),
            "match_statement" => out.push(self.choose(node)),
            _ => self.simple(node, out),
        }
    }

    fn simple(&mut self, node: Node<'_>, out: &mut Vec<Statement>) {
        let whole = span(node);
        match node.kind() {
            "expression_statement" => self.evaluate(node, out),
            "return_statement" => {
                let value = parts(node).first().map(|value| self.expression(*value));
                out.push(Statement::Return(value, whole));
            }
            "raise_statement" => {
                let value = parts(node).first().map(|value| self.expression(*value));
                out.push(Statement::Raise(value, whole));
            }
            "break_statement" | "continue_statement" => out.push(Statement::Jump(whole)),
            "assert_statement" => self.assertion(node, out),
            "pass_statement"
            | "global_statement"
            | "nonlocal_statement"
            | "future_import_statement"
            | "type_alias_statement" => {}
            "print_statement" | "exec_statement" | "delete_statement" => {
                let inner = parts(node).iter().map(|part| self.expression(*part)).collect();
                out.push(Statement::Expression(make(Kind::Other(inner), node)));
            }
            "block" | "ERROR" => out.extend(self.block(node)),
            _ => out.push(Statement::Expression(self.expression(node))),
        }
    }

    /// `assert c` is `if not c: raise`.
    fn assertion(&mut self, node: Node<'_>, out: &mut Vec<Statement>) {
        let inner = parts(node);
        let Some(condition) = inner.first() else { return };
        let holds = self.expression(*condition);
        let condition = make(Kind::Unary("not".to_owned(), Box::new(holds)), *condition);
        let message = inner.get(1).map(|message| self.expression(*message));
        let then = vec![Statement::Raise(message, span(node))];
        out.push(Statement::If { condition, then, otherwise: Vec::new(), span: span(node) });
    }

    fn evaluate(&mut self, node: Node<'_>, out: &mut Vec<Statement>) {
        let inner = parts(node);
        match inner.as_slice() {
            [only] if only.kind() == "assignment" => {
                self.assign(*only, node, out);
            }
            [only] => {
                let value = self.expression(*only);
                if value.text().is_none() {
                    out.push(Statement::Expression(value));
                }
            }
            several => {
                let values = several.iter().map(|value| self.expression(*value)).collect();
                out.push(Statement::Expression(make(Kind::List(values), node)));
            }
        }
    }

    /// `a = b = value` is `b = value; a = b`.
    fn assign(&mut self, node: Node<'_>, statement: Node<'_>, out: &mut Vec<Statement>) {
        let Some(left) = node.field("left") else { return };
        let right = node.field("right");
        let value = match right {
            Some(inner) if inner.kind() == "assignment" => {
                let target = inner.field("left");
                self.deeper(|l| l.assign(inner, statement, out));
                target.map(|target| self.expression(target))
            }
            right => right.map(|right| self.expression(right)),
        };
        let annotation = node.field("type").map(|t| self.annotation(t));
        match (self.pattern(left), value) {
            (Some(pattern), value) => {
                out.push(Statement::Let { pattern, annotation, value, span: span(statement) });
            }
            (None, Some(value)) => {
                let target = self.expression(left);
                let kind = Kind::Assign(Box::new(target), Box::new(value));
                out.push(Statement::Expression(make(kind, node)));
            }
            (None, None) => {}
        }
    }

    /// `if` with the `elif`s and the `else` that follow.
    fn choice(&mut self, node: Node<'_>, alternatives: &[Node<'_>]) -> Statement {
        let condition = self.required(node, "condition");
        let then = self.body(node, "consequence");
        let otherwise = match alternatives.split_first() {
            Some((next, rest)) if next.kind() == "elif_clause" => {
                let otherwise = self.deeper(|l| l.choice(*next, rest));
                otherwise.into_iter().collect()
            }
            Some((next, _)) => self.body(*next, "body"),
            None => Vec::new(),
        };
        Statement::If { condition, then, otherwise, span: span(node) }
    }

    fn repeat(&mut self, node: Node<'_>, out: &mut Vec<Statement>) {
        let condition = node.field("condition").map(|condition| self.expression(condition));
        let left = node.field("left");
        let binding = left.map(|left| {
            let from = self.required(node, "right");
            (self.pattern(left).unwrap_or_default(), from)
        });
        let body = self.body(node, "body");
        out.push(Statement::Loop { binding, condition, body, span: span(node) });
        if let Some(after) = node.field("alternative") {
            out.extend(self.body(after, "body"));
        }
    }

    fn attempt(&mut self, node: Node<'_>) -> Statement {
        let mut body = self.body(node, "body");
        let mut handlers = Vec::new();
        let mut finally = Vec::new();
        for clause in parts(node) {
            match clause.kind() {
                "except_clause" | "except_group_clause" => handlers.push(self.handler(clause)),
                "else_clause" => body.extend(self.body(clause, "body")),
                "finally_clause" => finally = self.last_block(clause),
                _ => {}
            }
        }
        Statement::Try { body, handlers, finally, span: span(node) }
    }

    /// `except E as e`: the type wraps the name.
    fn handler(&mut self, clause: Node<'_>) -> (Pattern, Vec<Statement>) {
        let mut kind = clause.field("value");
        let mut alias = clause.field("alias");
        if let Some(pattern) = kind.filter(|value| value.kind() == "as_pattern") {
            alias = pattern.field("alias");
            kind = parts(pattern).first().copied();
        }
        let bound: Vec<_> = alias.and_then(|alias| self.target(alias)).into_iter().collect();
        let pattern = kind.map(|kind| Pattern::Wrapped(self.source(kind).to_owned(), bound)).unwrap_or_default();
        (pattern, self.last_block(clause))
    }

    fn with(&mut self, node: Node<'_>) -> Statement {
        let clause = parts(node).into_iter().find(|part| part.kind() == "with_clause");
        let mut statements = Vec::new();
        for item in clause.map(parts).unwrap_or_default() {
            let Some(value) = item.field("value") else { continue };
            let binding = (value.kind() == "as_pattern").then(|| value.field("alias")).flatten();
            let source = if binding.is_some() { parts(value).first().copied() } else { Some(value) };
            let value = source.map(|source| self.expression(source)).unwrap_or_default();
            match binding.and_then(|alias| self.target(alias)) {
                Some(pattern) => {
                    let value = Some(value);
                    statements.push(Statement::Let { pattern, annotation: None, value, span: span(item) });
                }
                None => statements.push(Statement::Expression(value)),
            }
        }
        statements.extend(self.body(node, "body"));
        Statement::Block(statements)
    }

    /// What stands after `as`.
    fn target(&mut self, alias: Node<'_>) -> Option<Pattern> {
        let inner = parts(alias).first().copied().unwrap_or(alias);
        self.pattern(inner)
    }

    fn choose(&mut self, node: Node<'_>) -> Statement {
        let subjects: Vec<_> = fields(node, "subject").iter().map(|subject| self.expression(*subject)).collect();
        let subject = match <[Expression; 1]>::try_from(subjects) {
            Ok([only]) => only,
            Err(several) => make(Kind::List(several), node),
        };
        let body = node.field("body").map(parts).unwrap_or_default();
        let arms = body.iter().filter(|clause| clause.kind() == "case_clause").map(|clause| self.arm(*clause));
        Statement::Match(Match { subject: Box::new(subject), arms: arms.collect(), span: span(node) })
    }

    fn required(&mut self, node: Node<'_>, field: &'static str) -> Expression {
        node.field(field).map(|inner| self.expression(inner)).unwrap_or_default()
    }

    fn body(&mut self, node: Node<'_>, field: &'static str) -> Vec<Statement> {
        node.field(field).map(|body| self.block(body)).unwrap_or_default()
    }

    fn last_block(&mut self, clause: Node<'_>) -> Vec<Statement> {
        let block = parts(clause).into_iter().rev().find(|part| part.kind() == "block");
        block.map(|block| self.block(block)).unwrap_or_default()
    }
}
