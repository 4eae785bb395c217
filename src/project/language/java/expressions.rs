//! Expressions.

use tree_sitter::Node;

use super::{
    super::{
        braces::{Piece, percents},
        sugar::updated,
    },
    Lowering, children,
    declarations::is_type,
    fields, other, span, text,
};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Argument, Call, Expression, Function, Kind, Part, Span, Statement, Text, Type};

impl<'t> Lowering<'t> {
    pub(super) fn expression(&mut self, node: Node<'t>) -> Expression {
        let kind = self.deeper(|lowering| lowering.kind(node));
        Expression { kind: kind.0, span: kind.1.unwrap_or(span(node)) }
    }

    fn field(&mut self, node: Node<'t>, name: &'static str) -> Box<Expression> {
        node.field(name).map_or_else(Box::default, |child| Box::new(self.expression(child)))
    }

    fn inner(&mut self, node: Option<Node<'t>>) -> (Kind, Option<Span>) {
        let Some(node) = node else { return (Kind::Unknown, None) };
        let inner = self.expression(node);
        (inner.kind, Some(inner.span))
    }

    /// The kind, and the span where it is not the node's own: of what stands for it.
    fn kind(&mut self, node: Node<'t>) -> (Kind, Option<Span>) {
        if let Some(literal) = self.literal(node) {
            return (literal, None);
        }
        let kind = match node.kind() {
            "parenthesized_expression" => return self.inner(children(node).first().copied()),
            "cast_expression" => return self.inner(node.field("value")),
            "identifier" | "this" | "super" | "type_identifier" => Kind::Name(self.source(node).to_owned()),
            "scoped_identifier" => self.member(node, "scope", "name"),
            "scoped_type_identifier" => dotted(self.source(node), span(node)),
            "generic_type" | "class_literal" | "annotated_type" => {
                return self.inner(children(node).into_iter().find(|part| is_type(part.kind())));
            }
            "field_access" => self.member(node, "object", "field"),
            "array_access" => Kind::Index(self.field(node, "array"), self.field(node, "index")),
            "binary_expression" => {
                let operator = self.operator(node);
                Kind::Binary(operator.to_owned(), self.field(node, "left"), self.field(node, "right"))
            }
            "unary_expression" => Kind::Unary(self.operator(node).to_owned(), self.field(node, "operand")),
            "update_expression" => {
                let operator = if self.source(node).contains("++") { "+" } else { "-" };
                let target = children(node).first().map(|&inner| self.expression(inner)).unwrap_or_default();
                let one = Expression { kind: Kind::Number("1".to_owned()), span: span(node) };
                updated(target, operator, one, span(node))
            }
            "assignment_expression" => self.assignment(node),
            "ternary_expression" => Kind::Conditional(
                self.field(node, "condition"),
                self.field(node, "consequence"),
                self.field(node, "alternative"),
            ),
            "instanceof_expression" => {
                Kind::Binary("instanceof".to_owned(), self.field(node, "left"), self.field(node, "right"))
            }
            "method_invocation" => self.call(node),
            "explicit_constructor_invocation" => {
                let arguments = self.arguments(node);
                let function = *self.field(node, "constructor");
                Kind::Call(Box::new(Call { function, arguments, ..Call::default() }))
            }
            "object_creation_expression" => self.creation(node),
            "lambda_expression" => Kind::Function(self.lambda(node)),
            "method_reference" => return self.reference(node),
            "array_creation_expression" => match node.field("value") {
                Some(value) => return self.inner(Some(value)),
                None => {
                    let sizes = fields(node, "dimensions").into_iter().flat_map(children);
                    Kind::Other(sizes.map(|size| self.expression(size)).collect())
                }
            },
            "array_initializer" | "element_value_array_initializer" => self.items(node),
            "annotation" | "marker_annotation" => self.annotation(node).kind,
            "switch_expression" => Kind::Match(self.switch(node)),
            "block" => Kind::Block(self.block(Some(node))),
            kind if is_type(kind) => Kind::Name(self.source(node).to_owned()),
            _ => other(children(node).into_iter().map(|child| self.expression(child)).collect(), span(node)).kind,
        };
        (kind, None)
    }

    fn literal(&self, node: Node<'t>) -> Option<Kind> {
        Some(match node.kind() {
            "null_literal" => Kind::Null,
            "true" => Kind::Boolean(true),
            "false" => Kind::Boolean(false),
            "string_literal" | "character_literal" => Kind::Text(text::decode(self.source(node))),
            kind if kind.ends_with("_literal") && kind != "class_literal" => Kind::Number(self.source(node).to_owned()),
            _ => return None,
        })
    }

    fn operator(&self, node: Node<'_>) -> &'t str {
        node.field("operator").map_or("", |operator| self.source(operator))
    }

    fn member(&mut self, node: Node<'t>, object: &'static str, name: &'static str) -> Kind {
        let object = self.field(node, object);
        let name = node.field(name).map(|name| self.key(name)).unwrap_or_default();
        Kind::Member(object, name)
    }

    fn key(&self, node: Node<'_>) -> Text {
        Text { value: self.source(node).to_owned(), span: span(node) }
    }

    fn assignment(&mut self, node: Node<'t>) -> Kind {
        let (target, value) = (self.field(node, "left"), self.field(node, "right"));
        match self.operator(node) {
            "=" => Kind::Assign(target, value),
            operator => updated(*target, operator.trim_end_matches('='), *value, span(node)),
        }
    }

    fn arguments(&mut self, node: Node<'t>) -> Vec<Argument> {
        let list = node.field("arguments").map(children).unwrap_or_default();
        list.into_iter().map(|argument| Argument { name: None, value: self.expression(argument) }).collect()
    }

    fn types(&mut self, node: Node<'t>) -> Vec<Type> {
        let list = node.field("type_arguments").map(children).unwrap_or_default();
        list.into_iter().map(|of| self.type_of(of)).collect()
    }

    fn call(&mut self, node: Node<'t>) -> Kind {
        let name = node.field("name").map(|name| self.key(name)).unwrap_or_default();
        let function = match node.field("object") {
            Some(object) => {
                let object = self.expression(object);
                let whole = Span::new(object.span.start, name.span.end);
                Expression { kind: Kind::Member(Box::new(object), name), span: whole }
            }
            None => Expression { span: name.span, kind: Kind::Name(name.value) },
        };
        let types = self.types(node);
        let arguments = self.arguments(node);
        formatted(&function, &arguments)
            .unwrap_or_else(|| Kind::Call(Box::new(Call { function, arguments, construction: false, types })))
    }

    fn creation(&mut self, node: Node<'t>) -> Kind {
        let function = *self.field(node, "type");
        let of = node.field("type").map(|of| self.type_of(of)).unwrap_or_default();
        let arguments = self.arguments(node);
        if let Some(body) = children(node).into_iter().find(|child| child.kind() == "class_body") {
            self.anonymous(of.clone(), body);
        }
        Kind::Call(Box::new(Call { function, arguments, construction: true, types: of.arguments }))
    }

    fn lambda(&mut self, node: Node<'t>) -> usize {
        let is_test = self.module.functions[self.function].is_test;
        let body = node.field("body");
        self.function(node, Function { is_test, ..Function::default() }, |lowering, statements| match body {
            Some(block) if block.kind() == "block" => lowering.statements(block, statements),
            Some(value) => {
                let value = lowering.expression(value);
                let at = value.span;
                statements.push(Statement::Return(Some(value), at));
            }
            None => {}
        })
    }

    /// `this::run`, `Tools::list`, `Tools::new`
    fn reference(&mut self, node: Node<'t>) -> (Kind, Option<Span>) {
        let parts = children(node);
        let Some(&first) = parts.first() else { return (Kind::Unknown, None) };
        let name = parts.iter().skip(1).rfind(|part| part.kind() == "identifier").map(|&name| self.key(name));
        let Some(name) = name else { return self.inner(Some(first)) };
        let object = Box::new(self.expression(first));
        (Kind::Member(object, name), None)
    }
}

/// `a.b.C` as members; the spans of the parts are those of the whole.
fn dotted(path: &str, span: Span) -> Kind {
    let mut kind = Kind::Unknown;
    for (index, part) in path.split('.').take(crate::project::syntax::MAX_DEPTH / 4).enumerate() {
        let name = part.trim().to_owned();
        kind = match index {
            0 => Kind::Name(name),
            _ => Kind::Member(Box::new(Expression { kind, span }), Text { value: name, span }),
        };
    }
    kind
}

/// `String.format(..)` and `"..".formatted(..)` with a literal format.
fn formatted(function: &Expression, arguments: &[Argument]) -> Option<Kind> {
    let Kind::Member(object, name) = &function.kind else { return None };
    let (format, values) = match (name.value.as_str(), object.name()) {
        ("format", Some("String")) => {
            let (first, values) = arguments.split_first()?;
            (first.value.text()?, values)
        }
        ("formatted", _) => (object.text()?, arguments),
        _ => return None,
    };
    let mut values = values.iter();
    let mut parts = Vec::new();
    for piece in percents(format) {
        match piece {
            Piece::Text(text) => parts.push(Part::Text(text)),
            _ => parts.extend(values.next().map(|argument| Part::Value(argument.value.clone()))),
        }
    }
    parts.extend(values.map(|argument| Part::Value(argument.value.clone())));
    Some(match parts.as_mut_slice() {
        [] => Kind::Text(String::new()),
        [Part::Text(only)] => Kind::Text(std::mem::take(only)),
        _ => Kind::Template(parts),
    })
}
