//! Expressions.

use tree_sitter::Node;

use super::{Lowering, parts, statements::Tail};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Argument, Call, Entry, Expression, Kind, Record, Statement, Text};

/// A longer chain of one kind of operator becomes flat.
const CHAIN: usize = 48;

impl Lowering<'_> {
    pub(super) fn expression(&mut self, node: Node<'_>) -> Expression {
        let through = match node.kind() {
            "parenthesized_expression" | "try_expression" | "await_expression" | "expression_statement" => {
                parts(node).first().copied()
            }
            "reference_expression" | "type_cast_expression" => node.field("value"),
            "unary_expression" if self.source(node).starts_with('*') => parts(node).first().copied(),
            "generic_function" => node.field("function"),
            "generic_type" | "generic_type_with_turbofish" => node.field("type"),
            "generic_pattern" => parts(node).first().copied(),
            _ => None,
        };
        if let Some(inner) = through {
            return self.deeper(|l| l.expression(inner)).unwrap_or(self.make(Kind::Unknown, node));
        }
        let kind = self.deeper(|l| l.kind(node)).unwrap_or_default();
        self.make(kind, node)
    }

    fn kind(&mut self, node: Node<'_>) -> Kind {
        match node.kind() {
            "identifier" | "type_identifier" | "shorthand_field_identifier" => match self.source(node) {
                "None" => Kind::Null,
                name => Kind::Name(name.trim_start_matches("r#").to_owned()),
            },
            "self" | "super" | "crate" | "metavariable" | "primitive_type" => Kind::Name(self.source(node).to_owned()),
            "scoped_identifier" | "scoped_type_identifier" => self.scoped(node),
            "string_literal" | "raw_string_literal" | "char_literal" => Kind::Text(self.literal(node)),
            "integer_literal" | "float_literal" | "negative_literal" => Kind::Number(self.source(node).to_owned()),
            "boolean_literal" => Kind::Boolean(self.source(node) == "true"),
            "field_expression" => self.member(node, "value", "field"),
            "call_expression" => self.call(node),
            "macro_invocation" => self.macro_call(node),
            "closure_expression" => self.closure(node),
            "struct_expression" => self.record(node),
            "binary_expression" => self.binary(node),
            "unary_expression" => {
                let operator = self.source(node).get(..1).unwrap_or_default().to_owned();
                let inner = parts(node).first().map(|inner| self.expression(*inner)).unwrap_or_default();
                Kind::Unary(operator, Box::new(inner))
            }
            _ => self.compound(node),
        }
    }

    fn compound(&mut self, node: Node<'_>) -> Kind {
        match node.kind() {
            "array_expression" if node.field("length").is_some() => Kind::Other(self.all(node)),
            "array_expression" | "tuple_expression" | "unit_expression" => Kind::List(self.all(node)),
            "assignment_expression" => Kind::Assign(self.child(node, "left"), self.child(node, "right")),
            "compound_assignment_expr" => {
                let operator = node.field("operator").map_or("", |o| self.source(o));
                let operator = operator.trim_end_matches('=').to_owned();
                let (target, value) = (self.child(node, "left"), self.child(node, "right"));
                let sum = self.make(Kind::Binary(operator, target.clone(), value), node);
                Kind::Assign(target, Box::new(sum))
            }
            "index_expression" => match parts(node).as_slice() {
                [value, index] => Kind::Index(Box::new(self.expression(*value)), Box::new(self.expression(*index))),
                _ => Kind::Other(self.all(node)),
            },
            "if_expression" => self.conditional(node),
            "match_expression" => Kind::Match(self.matching(node, Tail::Value)),
            "block" => Kind::Block(self.block(node, Tail::Value)),
            "unsafe_block" | "async_block" | "const_block" | "try_block" | "gen_block" => {
                let block = parts(node).into_iter().rev().find(|part| part.kind() == "block");
                Kind::Block(block.map(|block| self.block(block, Tail::Value)).unwrap_or_default())
            }
            "return_expression"
            | "break_expression"
            | "continue_expression"
            | "while_expression"
            | "loop_expression"
            | "for_expression" => {
                let mut body = Vec::new();
                self.tail(node, Tail::Value, &mut body);
                Kind::Block(body)
            }
            "bracketed_type" | "qualified_type" => match parts(node).first() {
                Some(inner) => self.expression(*inner).kind,
                None => Kind::Unknown,
            },
            _ => {
                let inner = self.all(node);
                if inner.is_empty() { Kind::Unknown } else { Kind::Other(inner) }
            }
        }
    }

    fn all(&mut self, node: Node<'_>) -> Vec<Expression> {
        let inner = parts(node).into_iter().filter(|part| part.kind() != "attribute_item");
        inner.map(|part| self.expression(part)).collect()
    }

    fn child(&mut self, node: Node<'_>, field: &'static str) -> Box<Expression> {
        Box::new(node.field(field).map(|child| self.expression(child)).unwrap_or_default())
    }

    fn text(&self, node: Option<Node<'_>>) -> Text {
        let value = |n| self.source(n).trim_start_matches("r#").to_owned();
        node.map(|n| Text { value: value(n), span: self.span(n) }).unwrap_or_default()
    }

    /// `a::b`; a leading `::` has nothing before it.
    fn scoped(&mut self, node: Node<'_>) -> Kind {
        if node.field("path").is_none() {
            return Kind::Name(self.text(node.field("name")).value);
        }
        self.member(node, "path", "name")
    }

    fn member(&mut self, node: Node<'_>, object: &'static str, name: &'static str) -> Kind {
        let object = self.child(node, object);
        Kind::Member(object, self.text(node.field(name)))
    }

    /// A call. The member that is called is lowered with it, so that a long chain is half as deep.
    fn call(&mut self, node: Node<'_>) -> Kind {
        let Some(mut function) = node.field("function") else { return Kind::Unknown };
        let mut types = Vec::new();
        if function.kind() == "generic_function" {
            types = function.field("type_arguments").map(|t| self.types(t)).unwrap_or_default();
            function = function.field("function").unwrap_or(function);
        }
        let called = match function.kind() {
            "field_expression" => {
                let kind = self.member(function, "value", "field");
                self.make(kind, function)
            }
            _ => self.expression(function),
        };
        let arguments = node.field("arguments").map(|list| self.arguments(list)).unwrap_or_default();
        Kind::Call(Box::new(Call { function: called, arguments, construction: false, types }))
    }

    /// Arguments; `name = value`, which attributes and macros have, is one with a keyword.
    pub(super) fn arguments(&mut self, list: Node<'_>) -> Vec<Argument> {
        let inner = parts(list).into_iter().filter(|part| part.kind() != "attribute_item");
        inner
            .map(|part| {
                let left = part.field("left").filter(|l| l.kind() == "identifier");
                match left {
                    Some(name) if part.kind() == "assignment_expression" => {
                        let name = Some(self.source(name).to_owned());
                        Argument { name, value: *self.child(part, "right") }
                    }
                    _ => Argument { name: None, value: self.expression(part) },
                }
            })
            .collect()
    }

    fn record(&mut self, node: Node<'_>) -> Kind {
        let name = node.field("name").map(|name| Box::new(self.expression(name)));
        let mut entries = Vec::new();
        for part in node.field("body").map(parts).unwrap_or_default() {
            match part.kind() {
                "field_initializer" => {
                    let key = self.text(part.field("field"));
                    entries.push(Entry::Field(key, *self.child(part, "value")));
                }
                "shorthand_field_initializer" => {
                    let name = parts(part).into_iter().rfind(|inner| inner.kind() == "identifier");
                    let value = name.map(|name| self.expression(name)).unwrap_or_default();
                    entries.push(Entry::Field(self.text(name), value));
                }
                _ => {
                    let rest = parts(part).first().map(|rest| self.expression(*rest));
                    entries.extend(rest.map(Entry::Spread));
                }
            }
        }
        Kind::Record(Record { name, entries })
    }

    /// Two operands, or a long chain of them.
    fn binary(&mut self, node: Node<'_>) -> Kind {
        let mut operands = Vec::new();
        let mut next = node;
        while next.kind() == "binary_expression" {
            operands.extend(next.field("right"));
            match next.field("left") {
                Some(left) => next = left,
                None => break,
            }
        }
        if operands.len() > CHAIN {
            operands.push(next);
            operands.reverse();
            return Kind::Other(operands.into_iter().map(|operand| self.expression(operand)).collect());
        }
        let operator = node.field("operator").map_or("", |o| self.source(o)).to_owned();
        Kind::Binary(operator, self.child(node, "left"), self.child(node, "right"))
    }

    /// `if` as a value.
    fn conditional(&mut self, node: Node<'_>) -> Kind {
        let mut bound = Vec::new();
        let condition = node.field("condition").map(|c| self.condition(c, &mut bound));
        let block = node.field("consequence");
        let then = block.map(|block| {
            bound.extend(self.block(block, Tail::Value));
            simple(bound, self.make(Kind::Unknown, block))
        });
        let clause = node.field("alternative").map(parts).unwrap_or_default();
        let otherwise = clause.first().map(|block| {
            let whole = self.expression(*block);
            match whole.kind {
                Kind::Block(body) => simple(body, Expression { kind: Kind::Unknown, span: whole.span }),
                _ => whole,
            }
        });
        Kind::Conditional(
            Box::new(condition.unwrap_or_default()),
            Box::new(then.unwrap_or_default()),
            Box::new(otherwise.unwrap_or_default()),
        )
    }
}

/// A block of one expression is that expression.
fn simple(mut body: Vec<Statement>, whole: Expression) -> Expression {
    if body.len() == 1
        && let Some(Statement::Expression(_)) = body.first()
        && let Some(Statement::Expression(only)) = body.pop()
    {
        return only;
    }
    Expression { kind: Kind::Block(body), span: whole.span }
}
