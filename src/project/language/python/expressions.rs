//! Expressions.

use tree_sitter::Node;

use super::{Lowering, fields, make, parts, span, strings};
use crate::project::language::fields::Fields as _;
use crate::project::{
    language::braces,
    syntax::{Argument, Call, Entry, Expression, Kind, Record, Span, Text},
};

/// A longer chain of one operator becomes flat: texts are joined over hundreds of lines.
const CHAIN: usize = 48;

impl Lowering<'_> {
    pub(super) fn expression(&mut self, node: Node<'_>) -> Expression {
        match node.kind() {
            "await" | "parenthesized_expression" | "type" | "as_pattern_target" => {
                let inner = parts(node);
                if let [only] = inner.as_slice() {
                    return self.deeper(|l| l.expression(*only)).unwrap_or(make(Kind::Unknown, node));
                }
            }
            _ => {}
        }
        let kind = self.deeper(|l| l.kind(node)).unwrap_or_default();
        make(kind, node)
    }

    fn kind(&mut self, node: Node<'_>) -> Kind {
        match node.kind() {
            "identifier" | "keyword_identifier" => Kind::Name(self.source(node).to_owned()),
            "string" | "concatenated_string" => self.string(node),
            "integer" | "float" => Kind::Number(self.source(node).to_owned()),
            "true" => Kind::Boolean(true),
            "false" => Kind::Boolean(false),
            "none" => Kind::Null,
            "attribute" => self.attribute(node),
            "call" => self.call(node),
            "subscript" => self.subscript(node),
            "binary_operator" => self.binary(node),
            "boolean_operator" => self.operation(node),
            "comparison_operator" => self.comparison(node),
            "not_operator" => self.unary("not", node),
            "unary_operator" => {
                let operator = node.field("operator").map_or("", |o| self.source(o));
                self.unary(operator, node)
            }
            "lambda" => self.lambda(node),
            _ => self.compound(node),
        }
    }

    fn compound(&mut self, node: Node<'_>) -> Kind {
        match node.kind() {
            "list" | "tuple" | "set" | "expression_list" | "pattern_list" | "list_pattern" | "tuple_pattern" => {
                Kind::List(self.all(&parts(node)))
            }
            "dictionary" => self.dictionary(node),
            "conditional_expression" => self.conditional(node),
            "named_expression" => self.assignment("name", "value", node),
            "assignment" => self.assignment("left", "right", node),
            "augmented_assignment" => self.augmented(node),
            "list_splat" | "dictionary_splat" | "list_splat_pattern" | "dictionary_splat_pattern" => {
                parts(node).first().map_or(Kind::Unknown, |inner| Kind::Spread(Box::new(self.expression(*inner))))
            }
            _ => {
                let inner = parts(node);
                if inner.is_empty() { Kind::Unknown } else { Kind::Other(self.all(&inner)) }
            }
        }
    }

    fn all(&mut self, nodes: &[Node<'_>]) -> Vec<Expression> {
        nodes.iter().map(|node| self.expression(*node)).collect()
    }

    fn child(&mut self, node: Node<'_>, field: &'static str) -> Box<Expression> {
        Box::new(node.field(field).map(|child| self.expression(child)).unwrap_or_default())
    }

    fn attribute(&mut self, node: Node<'_>) -> Kind {
        let name = node.field("attribute");
        let member = name.map(|n| Text { value: self.source(n).to_owned(), span: span(n) }).unwrap_or_default();
        Kind::Member(self.child(node, "object"), member)
    }

    /// A call. The member that is called is lowered with it, so that a long chain is half as deep.
    fn call(&mut self, node: Node<'_>) -> Kind {
        let function = match node.field("function") {
            Some(member) if member.kind() == "attribute" => make(self.attribute(member), member),
            Some(function) => self.expression(function),
            None => Expression::default(),
        };
        let arguments = match node.field("arguments") {
            Some(list) if list.kind() == "argument_list" => parts(list).iter().map(|a| self.argument(*a)).collect(),
            Some(generator) => vec![Argument { name: None, value: self.expression(generator) }],
            None => Vec::new(),
        };
        let call = Call { function, arguments, ..Call::default() };
        if let Kind::Member(text, method) = &call.function.kind
            && method.value == "format"
            && let Some(text) = text.text()
        {
            return strings::formatted(braces::braces(text), &call);
        }
        Kind::Call(Box::new(call))
    }

    fn argument(&mut self, node: Node<'_>) -> Argument {
        if node.kind() != "keyword_argument" {
            return Argument { name: None, value: self.expression(node) };
        }
        let name = node.field("name").map(|name| self.source(name).to_owned());
        Argument { name, value: *self.child(node, "value") }
    }

    fn subscript(&mut self, node: Node<'_>) -> Kind {
        let indices = fields(node, "subscript");
        let index = match indices.as_slice() {
            [only] => self.expression(*only),
            several => make(Kind::List(self.all(several)), node),
        };
        Kind::Index(self.child(node, "value"), Box::new(index))
    }

    fn binary(&mut self, node: Node<'_>) -> Kind {
        let operator = node.field("operator").map_or("", |o| self.source(o));
        let left = node.field("left");
        let literal = left.is_some_and(|left| matches!(left.kind(), "string" | "concatenated_string"));
        if operator == "%" && literal {
            let text = self.child(node, "left");
            let right = node.field("right");
            let values = self.child(node, "right");
            return match text.text() {
                Some(text) => {
                    let tuple = right.is_some_and(|right| right.kind() == "tuple");
                    strings::percent(braces::percents(text), &values, tuple)
                }
                None => Kind::Binary(operator.to_owned(), text, values),
            };
        }
        self.operation(node)
    }

    /// Two operands, or a long chain of them.
    fn operation(&mut self, node: Node<'_>) -> Kind {
        let mut operands = Vec::new();
        let mut next = node;
        while next.kind() == node.kind() {
            operands.extend(next.field("right"));
            match next.field("left") {
                Some(left) => next = left,
                None => break,
            }
        }
        if operands.len() > CHAIN {
            operands.push(next);
            operands.reverse();
            return Kind::Other(self.all(&operands));
        }
        let operator = node.field("operator").map_or("", |o| self.source(o));
        Kind::Binary(operator.to_owned(), self.child(node, "left"), self.child(node, "right"))
    }

    /// `a < b < c` is `a < b and b < c`.
    fn comparison(&mut self, node: Node<'_>) -> Kind {
        let mut cursor = node.walk();
        let operators = node.children_by_field_name("operators", &mut cursor);
        let words = |o: Node<'_>| self.source(o).split_whitespace().collect::<Vec<_>>().join(" ");
        let operators: Vec<String> = operators.map(words).collect();
        let nodes: Vec<_> =
            parts(node).into_iter().filter(|part| !matches!(part.kind(), "not in" | "is not")).collect();
        if operators.len() > CHAIN || nodes.len() != operators.len() + 1 {
            return Kind::Other(self.all(&nodes));
        }
        let operands = self.all(&nodes);
        let mut pairs = operators.into_iter().zip(operands.windows(2)).map(|(operator, pair)| {
            let whole = Span::new(pair[0].span.start, pair[1].span.end);
            let kind = Kind::Binary(operator, Box::new(pair[0].clone()), Box::new(pair[1].clone()));
            Expression { kind, span: whole }
        });
        let first = pairs.next().unwrap_or_default();
        pairs.fold(first, |all, next| make(Kind::Binary("and".to_owned(), Box::new(all), Box::new(next)), node)).kind
    }

    fn unary(&mut self, operator: &str, node: Node<'_>) -> Kind {
        Kind::Unary(operator.to_owned(), self.child(node, "argument"))
    }

    fn conditional(&mut self, node: Node<'_>) -> Kind {
        let inner = parts(node);
        let [then, condition, otherwise] = inner.as_slice() else { return Kind::Other(self.all(&inner)) };
        let condition = Box::new(self.expression(*condition));
        Kind::Conditional(condition, Box::new(self.expression(*then)), Box::new(self.expression(*otherwise)))
    }

    fn assignment(&mut self, target: &'static str, value: &'static str, node: Node<'_>) -> Kind {
        Kind::Assign(self.child(node, target), self.child(node, value))
    }

    fn augmented(&mut self, node: Node<'_>) -> Kind {
        let operator = node.field("operator").map_or("", |o| self.source(o));
        let target = self.child(node, "left");
        let value = self.child(node, "right");
        let operator = operator.trim_end_matches('=').to_owned();
        let sum = make(Kind::Binary(operator, target.clone(), value), node);
        Kind::Assign(target, Box::new(sum))
    }

    fn dictionary(&mut self, node: Node<'_>) -> Kind {
        let mut entries = Vec::new();
        for part in parts(node) {
            if part.kind() != "pair" {
                let inner = parts(part).first().copied().unwrap_or(part);
                entries.push(Entry::Spread(self.expression(inner)));
                continue;
            }
            let key = self.child(part, "key");
            let value = *self.child(part, "value");
            entries.push(match key.text() {
                Some(text) => Entry::Field(Text { value: text.to_owned(), span: key.span }, value),
                None => Entry::Computed(*key, value),
            });
        }
        Kind::Record(Record { name: None, entries })
    }
}
