//! Expressions.

use tree_sitter::Node;

use super::{
    super::braces::{Piece, percents},
    Lowering, children, span, text,
};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Argument, Call, Entry, Expression, Kind, Part, Record, Span, Text, Type};

/// Conversions that keep a text as it is.
const TEXT_CONVERSIONS: [&str; 2] = ["string", "json.RawMessage"];

impl<'t> Lowering<'t> {
    pub(super) fn expression(&mut self, node: Node<'t>) -> Expression {
        let kind = self.deeper(|lowering| lowering.kind(node));
        Expression { kind: kind.0, span: kind.1.unwrap_or(span(node)) }
    }

    fn field(&mut self, node: Node<'t>, name: &'static str) -> Box<Expression> {
        node.field(name).map_or_else(Box::default, |child| Box::new(self.expression(child)))
    }

    /// The kind, and the span where it is not the node's own: of what stands for it.
    fn kind(&mut self, node: Node<'t>) -> (Kind, Option<Span>) {
        let kind = match node.kind() {
            "parenthesized_expression" | "literal_element" | "parenthesized_type" | "pointer_type" | "type_elem" => {
                return self.inner(children(node).first().copied());
            }
            "type_assertion_expression" | "type_conversion_expression" => {
                return self.inner(node.field("operand"));
            }
            "unary_expression" => {
                let operator = node.field("operator").map_or("", |operator| self.source(operator));
                if matches!(operator, "&" | "*" | "<-") {
                    return self.inner(node.field("operand"));
                }
                Kind::Unary(operator.to_owned(), self.field(node, "operand"))
            }
            "identifier" | "type_identifier" | "package_identifier" | "field_identifier" | "blank_identifier" => {
                Kind::Name(self.source(node).to_owned())
            }
            "nil" => Kind::Null,
            "true" => Kind::Boolean(true),
            "false" => Kind::Boolean(false),
            "int_literal" | "float_literal" | "imaginary_literal" => Kind::Number(self.source(node).to_owned()),
            "interpreted_string_literal" | "raw_string_literal" | "rune_literal" => {
                Kind::Text(text::decode(self.source(node)))
            }
            "selector_expression" => self.member(node, "operand", "field"),
            "qualified_type" => self.member(node, "package", "name"),
            "index_expression" => Kind::Index(self.field(node, "operand"), self.field(node, "index")),
            "binary_expression" => {
                let operator = node.field("operator").map_or("", |operator| self.source(operator));
                Kind::Binary(operator.to_owned(), self.field(node, "left"), self.field(node, "right"))
            }
            "call_expression" => return self.call(node),
            "func_literal" => Kind::Function(self.function(node, None, None)),
            "composite_literal" => self.composite(node),
            "variadic_argument" => match children(node).first() {
                Some(&inner) => Kind::Spread(Box::new(self.expression(inner))),
                None => Kind::Unknown,
            },
            "generic_type" | "type_instantiation_expression" => return self.inner(node.field("type")),
            "slice_type" | "map_type" | "array_type" | "channel_type" | "function_type" | "struct_type"
            | "interface_type" => Kind::Name(self.source(node).to_owned()),
            "iota" => Kind::Unknown,
            _ => Kind::Other(children(node).into_iter().map(|child| self.expression(child)).collect()),
        };
        (kind, None)
    }

    fn inner(&mut self, node: Option<Node<'t>>) -> (Kind, Option<Span>) {
        let Some(node) = node else { return (Kind::Unknown, None) };
        let inner = self.expression(node);
        (inner.kind, Some(inner.span))
    }

    fn member(&mut self, node: Node<'t>, object: &'static str, name: &'static str) -> Kind {
        let object = self.field(node, object);
        let name = node.field(name).map(|name| self.key(name)).unwrap_or_default();
        Kind::Member(object, name)
    }

    fn key(&self, node: Node<'_>) -> Text {
        Text { value: self.source(node).to_owned(), span: span(node) }
    }

    fn call(&mut self, node: Node<'t>) -> (Kind, Option<Span>) {
        let callee = node.field("function");
        let mut types: Vec<Type> = Vec::new();
        for list in node.field("type_arguments").map(children).unwrap_or_default() {
            types.push(self.type_of(list));
        }
        if let Some(generic) = callee.filter(|callee| callee.kind() == "type_instantiation_expression") {
            let arguments = children(generic).into_iter().skip(1);
            types.extend(arguments.map(|argument| self.type_of(argument)));
        }
        let function = *self.field(node, "function");
        let arguments = node.field("arguments").map(children).unwrap_or_default();
        if let ([only], Some(callee)) = (arguments.as_slice(), callee)
            && TEXT_CONVERSIONS.contains(&self.source(callee))
        {
            return self.inner(Some(*only));
        }
        let arguments: Vec<Expression> = arguments.into_iter().map(|argument| self.expression(argument)).collect();
        if let Some(template) = formatted(&function, &arguments) {
            return (template, None);
        }
        let arguments = arguments.into_iter().map(|value| Argument { name: None, value }).collect();
        (Kind::Call(Box::new(Call { function, arguments, construction: false, types })), None)
    }

    fn composite(&mut self, node: Node<'t>) -> Kind {
        let Some(body) = node.field("body") else { return Kind::Unknown };
        self.literal(node.field("type"), body)
    }

    /// The value of `{..}` where `of` is the type that is written before it, or that it inherits.
    fn literal(&mut self, of: Option<Node<'t>>, body: Node<'t>) -> Kind {
        let element = of.and_then(|of| match of.kind() {
            "slice_type" | "array_type" | "implicit_length_array_type" => of.field("element"),
            "map_type" => of.field("value"),
            _ => None,
        });
        let is_map = of.is_some_and(|of| of.kind() == "map_type");
        let parts = children(body);
        let has_keys = parts.iter().any(|part| part.kind() == "keyed_element");
        if (element.is_some() && !is_map) || (!has_keys && !parts.is_empty()) {
            return Kind::List(parts.into_iter().map(|part| self.element(element, part)).collect());
        }
        let name = of.filter(|_| !is_map).map(|of| Box::new(self.expression(of)));
        let mut entries = Vec::new();
        for part in parts {
            let key = part.field("key").and_then(|key| children(key).first().copied());
            let value = self.element(element, part);
            entries.push(match key {
                Some(key) if key.kind() == "identifier" && !is_map => Entry::Field(self.key(key), value),
                Some(key) => {
                    let key = self.expression(key);
                    match key.text() {
                        Some(text) => Entry::Field(Text { value: text.to_owned(), span: key.span }, value),
                        None => Entry::Computed(key, value),
                    }
                }
                None => Entry::Spread(value),
            });
        }
        Kind::Record(Record { name, entries })
    }

    /// The value of an element; an inner `{..}` without a type has the type of the elements.
    fn element(&mut self, of: Option<Node<'t>>, part: Node<'t>) -> Expression {
        let value = if part.kind() == "keyed_element" { part.field("value") } else { Some(part) };
        let inner = value.and_then(|value| children(value).first().copied());
        let Some(inner) = inner else { return Expression::default() };
        if inner.kind() != "literal_value" {
            return self.expression(inner);
        }
        let of =
            of.map(|of| if of.kind() == "pointer_type" { children(of).first().copied().unwrap_or(of) } else { of });
        let kind = self.deeper(|lowering| lowering.literal(of, inner));
        Expression { kind, span: span(inner) }
    }
}

/// `fmt.Sprintf` with a literal format.
fn formatted(function: &Expression, arguments: &[Expression]) -> Option<Kind> {
    let Kind::Member(package, name) = &function.kind else { return None };
    if package.name() != Some("fmt") || name.value != "Sprintf" {
        return None;
    }
    let (format, values) = arguments.split_first()?;
    let mut values = values.iter();
    let mut parts = Vec::new();
    for piece in percents(format.text()?) {
        match piece {
            Piece::Text(text) => parts.push(Part::Text(text)),
            _ => parts.extend(values.next().cloned().map(Part::Value)),
        }
    }
    // Too many values are printed at the end.
    parts.extend(values.cloned().map(Part::Value));
    Some(match parts.as_mut_slice() {
        [] => Kind::Text(String::new()),
        [Part::Text(only)] => Kind::Text(std::mem::take(only)),
        _ => Kind::Template(parts),
    })
}
