//! Expressions.

use tree_sitter::Node;

use super::{super::sugar::updated, Lowering, child_of, children, span, text};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Argument, Call, Entry, Expression, Import, Kind, Part, Record, Span, Text, Type};

/// Functions of test runners that take a test as an argument.
const TEST_RUNNERS: [&str; 11] =
    ["it", "test", "describe", "suite", "bench", "specify", "beforeEach", "afterEach", "beforeAll", "afterAll", "Deno"];

impl<'t> Lowering<'t> {
    pub(super) fn expression(&mut self, node: Node<'t>) -> Expression {
        let kind = self.deeper(|lowering| lowering.kind(node));
        Expression { kind: kind.0, span: kind.1.unwrap_or(span(node)) }
    }

    pub(super) fn boxed(&mut self, node: Node<'t>) -> Box<Expression> {
        Box::new(self.expression(node))
    }

    fn field(&mut self, node: Node<'t>, name: &'static str) -> Box<Expression> {
        node.field(name).map_or_else(Box::default, |child| self.boxed(child))
    }

    /// The kind, and the span where it is not the node's own: of what stands for it.
    fn kind(&mut self, node: Node<'t>) -> (Kind, Option<Span>) {
        let kind = match node.kind() {
            "parenthesized_expression"
            | "await_expression"
            | "as_expression"
            | "satisfies_expression"
            | "non_null_expression"
            | "yield_expression"
            | "instantiation_expression"
            | "jsx_expression" => {
                return self.inner(children(node).first().copied());
            }
            "type_assertion" => return self.inner(children(node).last().copied()),
            "identifier"
            | "this"
            | "super"
            | "shorthand_property_identifier"
            | "shorthand_property_identifier_pattern"
            | "property_identifier"
            | "private_property_identifier"
            | "import" => Kind::Name(self.source(node).to_owned()),
            "undefined" | "null" => Kind::Null,
            "true" => Kind::Boolean(true),
            "false" => Kind::Boolean(false),
            "number" => Kind::Number(self.source(node).to_owned()),
            "string" => Kind::Text(self.string(node)),
            "template_string" => self.template(node),
            "regex" => self.regex(node),
            "member_expression" => self.member(node),
            "subscript_expression" => Kind::Index(self.field(node, "object"), self.field(node, "index")),
            "call_expression" => self.call(node),
            "new_expression" => self.construction(node),
            "binary_expression" => {
                let operator = self.operator(node);
                Kind::Binary(operator, self.field(node, "left"), self.field(node, "right"))
            }
            "unary_expression" => Kind::Unary(self.operator(node), self.field(node, "argument")),
            "ternary_expression" => Kind::Conditional(
                self.field(node, "condition"),
                self.field(node, "consequence"),
                self.field(node, "alternative"),
            ),
            "array" | "array_pattern" => Kind::List(self.items(node)),
            "object" | "object_pattern" => self.record(node),
            "spread_element" | "rest_pattern" => Kind::Spread(match children(node).first() {
                Some(&inner) => self.boxed(inner),
                None => Box::default(),
            }),
            "arrow_function" | "function_expression" | "generator_function" | "function" => {
                Kind::Function(self.closure(node))
            }
            "class" => Kind::Name(self.class(node, Vec::new(), None)),
            _ => self.rare(node),
        };
        (kind, None)
    }

    fn inner(&mut self, node: Option<Node<'t>>) -> (Kind, Option<Span>) {
        let Some(node) = node else { return (Kind::Null, None) };
        let inner = self.expression(node);
        (inner.kind, Some(inner.span))
    }

    fn rare(&mut self, node: Node<'t>) -> Kind {
        match node.kind() {
            "assignment_expression" => {
                let target = self.field(node, "left");
                Kind::Assign(target, self.field(node, "right"))
            }
            "augmented_assignment_expression" => self.augmented(node),
            "update_expression" => {
                let target = self.field(node, "argument");
                let operator: String = self.operator(node).chars().take(1).collect();
                let one = Expression { kind: Kind::Number("1".to_owned()), span: span(node) };
                updated(*target, &operator, one, span(node))
            }
            "meta_property" => match self.source(node).split_once('.') {
                Some((object, property)) => {
                    let object = Expression { kind: Kind::Name(object.trim().to_owned()), span: span(node) };
                    Kind::Member(Box::new(object), Text { value: property.trim().to_owned(), span: span(node) })
                }
                None => Kind::Unknown,
            },
            // Defaults inside an assignment's pattern: the target stands for both.
            "assignment_pattern" | "object_assignment_pattern" => {
                node.field("left").map_or(Kind::Unknown, |left| self.expression(left).kind)
            }
            "sequence_expression" => {
                let mut parts = self.items(node);
                // Compilers write `(0, module.f)(x)` for a call without `this`.
                match parts.as_slice() {
                    [Expression { kind: Kind::Number(zero), .. }, _] if zero == "0" => parts.remove(1).kind,
                    _ => Kind::Other(parts),
                }
            }
            _ => Kind::Other(self.items(node)),
        }
    }

    fn operator(&self, node: Node<'_>) -> String {
        node.field("operator").map_or(String::new(), |operator| self.source(operator).to_owned())
    }

    fn items(&mut self, node: Node<'t>) -> Vec<Expression> {
        children(node).into_iter().map(|child| self.expression(child)).collect()
    }

    /// The value of a string literal.
    pub(super) fn string(&self, node: Node<'_>) -> String {
        text::decode(text::unquote(self.source(node)))
    }

    /// A node that is a name or a literal, as a key.
    pub(super) fn key(&self, node: Node<'_>) -> Text {
        let value = match node.kind() {
            "string" => self.string(node),
            _ => self.source(node).to_owned(),
        };
        Text { value, span: span(node) }
    }

    fn template(&mut self, node: Node<'t>) -> Kind {
        let mut parts = self.template_parts(node);
        match parts.as_mut_slice() {
            [] => Kind::Text(String::new()),
            [Part::Text(only)] => Kind::Text(std::mem::take(only)),
            _ => Kind::Template(parts),
        }
    }

    fn template_parts(&mut self, node: Node<'t>) -> Vec<Part> {
        let closed = node.end_byte() > node.start_byte() + 1 && self.source(node).ends_with('`');
        let end = if closed { node.end_byte() - 1 } else { node.end_byte() };
        let mut parts = Vec::new();
        let mut start = (node.start_byte() + 1).min(end);
        let fixed = |lowering: &Self, from: usize, to: usize, parts: &mut Vec<Part>| {
            let raw = lowering.text.get(from..to).unwrap_or_default();
            if !raw.is_empty() {
                parts.push(Part::Text(text::decode(raw)));
            }
        };
        for hole in children(node).into_iter().filter(|child| child.kind() == "template_substitution") {
            fixed(self, start, hole.start_byte(), &mut parts);
            let value = children(hole).first().map(|&inner| self.expression(inner)).unwrap_or_default();
            parts.push(Part::Value(value));
            start = hole.end_byte();
        }
        fixed(self, start, end, &mut parts);
        parts
    }

    /// `/p/f` is `new RegExp("p", "f")`.
    fn regex(&self, node: Node<'_>) -> Kind {
        let text = |field: &'static str| {
            let part = node.field(field);
            part.map(|part| Expression { kind: Kind::Text(self.source(part).to_owned()), span: span(part) })
        };
        let arguments = [text("pattern"), text("flags")].into_iter().flatten();
        Kind::Call(Box::new(Call {
            function: Expression { kind: Kind::Name("RegExp".to_owned()), span: span(node) },
            arguments: arguments.map(|value| Argument { name: None, value }).collect(),
            construction: true,
            types: Vec::new(),
        }))
    }

    fn member(&mut self, node: Node<'t>) -> Kind {
        let object = self.field(node, "object");
        let property = node.field("property").map(|name| self.key(name)).unwrap_or_default();
        Kind::Member(object, property)
    }

    fn call(&mut self, node: Node<'t>) -> Kind {
        let function = *self.field(node, "function");
        let Some(arguments) = node.field("arguments") else { return Kind::Other(vec![function]) };
        if arguments.kind() == "template_string" {
            let parts = self.template_parts(arguments);
            return Kind::Tagged(Box::new(function), parts);
        }
        let outer = self.own.in_test;
        self.own.in_test |= is_test_runner(&function);
        let arguments = self.arguments(arguments);
        self.own.in_test = outer;
        if let (Some("import" | "require"), [Argument { value, .. }, ..]) = (function.name(), arguments.as_slice())
            && let Some(module) = value.text()
        {
            let (module, span) = (module.to_owned(), span(node));
            self.module.imports.push(Import { local: String::new(), module, name: None, span });
        }
        Kind::Call(Box::new(Call { function, arguments, construction: false, types: self.type_arguments(node) }))
    }

    fn construction(&mut self, node: Node<'t>) -> Kind {
        let function = *self.field(node, "constructor");
        let arguments = node.field("arguments").map(|a| self.arguments(a)).unwrap_or_default();
        Kind::Call(Box::new(Call { function, arguments, construction: true, types: self.type_arguments(node) }))
    }

    fn type_arguments(&mut self, node: Node<'t>) -> Vec<Type> {
        let Some(list) = node.field("type_arguments") else { return Vec::new() };
        children(list).into_iter().map(|argument| self.type_of(argument)).collect()
    }

    pub(super) fn arguments(&mut self, node: Node<'t>) -> Vec<Argument> {
        self.items(node).into_iter().map(|value| Argument { name: None, value }).collect()
    }

    fn augmented(&mut self, node: Node<'t>) -> Kind {
        let target = self.field(node, "left");
        let operator = self.operator(node).trim_end_matches('=').to_owned();
        let value = self.field(node, "right");
        updated(*target, &operator, *value, span(node))
    }

    fn record(&mut self, node: Node<'t>) -> Kind {
        let entries = children(node).into_iter().map(|child| self.entry(child)).collect();
        Kind::Record(Record { name: None, entries })
    }

    fn entry(&mut self, node: Node<'t>) -> Entry {
        match node.kind() {
            "pair" | "pair_pattern" => {
                let value = *self.field(node, "value");
                self.keyed(node.field("key"), value)
            }
            "method_definition" => {
                let function = self.closure(node);
                let value = Expression { kind: Kind::Function(function), span: span(node) };
                self.keyed(node.field("name"), value)
            }
            "spread_element" | "rest_pattern" => {
                Entry::Spread(children(node).first().map(|&inner| self.expression(inner)).unwrap_or_default())
            }
            "object_assignment_pattern" => {
                let left = node.field("left").unwrap_or(node);
                Entry::Field(self.key(left), self.expression(left))
            }
            _ => Entry::Field(self.key(node), self.expression(node)),
        }
    }

    fn keyed(&mut self, key: Option<Node<'t>>, value: Expression) -> Entry {
        let Some(key) = key else { return Entry::Spread(value) };
        if key.kind() != "computed_property_name" {
            return Entry::Field(self.key(key), value);
        }
        let computed = children(key).first().map(|&inner| self.expression(inner)).unwrap_or_default();
        match &computed.kind {
            Kind::Text(text) => Entry::Field(Text { value: text.clone(), span: span(key) }, value),
            _ => Entry::Computed(computed, value),
        }
    }

    /// The parts of a decorator or of a class's bases.
    pub(super) fn decorators(&mut self, node: Node<'t>) -> Vec<Expression> {
        let decorators = children(node).into_iter().filter(|child| child.kind() == "decorator");
        decorators.filter_map(|decorator| children(decorator).first().copied()).map(|d| self.expression(d)).collect()
    }

    /// The class that is extended.
    pub(super) fn heritage(&self, node: Node<'t>) -> Option<Node<'t>> {
        child_of(node, &["class_heritage"])
    }
}

/// Whether calls of this expression run their arguments as tests: `it`, `describe.skip`, `test.each(..)`, `t.test`.
pub(super) fn is_test_runner(function: &Expression) -> bool {
    match &function.kind {
        Kind::Name(name) => TEST_RUNNERS.contains(&name.as_str()) && name != "Deno",
        Kind::Member(object, name) => match object.name() {
            Some("Deno" | "t") => name.value == "test",
            _ => is_test_runner(object),
        },
        Kind::Call(call) => is_test_runner(&call.function),
        Kind::Tagged(tag, _) => is_test_runner(tag),
        _ => false,
    }
}
