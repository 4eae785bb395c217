//! Expressions.

use tree_sitter::Node;

use super::{
    super::{
        braces::{Piece, braces},
        sugar::updated,
    },
    Lowering, children, first_of, span, text,
};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{
    Argument, Call, Entry, Expression, Function, Kind, Match, Part, Record, Span, Text, Type,
};

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

    fn all(&mut self, node: Node<'t>) -> Vec<Expression> {
        children(node).into_iter().map(|child| self.expression(child)).collect()
    }

    /// The kind, and the span where it is not the node's own: of what stands for it.
    fn kind(&mut self, node: Node<'t>) -> (Kind, Option<Span>) {
        if let Some(literal) = self.literal(node) {
            return (literal, None);
        }
        if let Some(inner) = seen_through(node) {
            return self.inner(Some(inner));
        }
        let field = |name: &'static str| node.field(name);
        let kind = match node.kind() {
            "identifier" | "implicit_parameter" => Kind::Name(self.source(node).trim_start_matches('@').to_owned()),
            "predefined_type" => Kind::Name(self.source(node).to_owned()),
            "this" | "base" => Kind::Name(if node.kind() == "base" { "super" } else { "this" }.to_owned()),
            "interpolated_string_expression" => self.template(node),
            "generic_name"
            | "qualified_name"
            | "alias_qualified_name"
            | "nullable_type"
            | "array_type"
            | "ref_type"
            | "typeof_expression" => return self.type_name(node),
            "member_access_expression" => self.member(node, "expression", "name"),
            "conditional_access_expression" => return self.conditional_access(node),
            "element_access_expression" => {
                let subscript = field("subscript").and_then(|list| children(list).first().copied());
                let index = subscript.map(|index| self.expression(index)).unwrap_or_default();
                Kind::Index(self.field(node, "expression"), Box::new(index))
            }
            "binary_expression" => {
                Kind::Binary(self.operator(node).to_owned(), self.field(node, "left"), self.field(node, "right"))
            }
            "is_expression" => Kind::Binary("is".to_owned(), self.field(node, "left"), self.field(node, "right")),
            "is_pattern_expression" => self.is_pattern(node),
            "prefix_unary_expression" | "postfix_unary_expression" => return self.unary(node),
            "assignment_expression" => self.assignment(node),
            "conditional_expression" => Kind::Conditional(
                self.field(node, "condition"),
                self.field(node, "consequence"),
                self.field(node, "alternative"),
            ),
            "invocation_expression" => self.call(node),
            "object_creation_expression" | "implicit_object_creation_expression" => self.creation(node),
            "anonymous_object_creation_expression" => self.anonymous(node),
            "lambda_expression" | "anonymous_method_expression" => {
                let is_test = self.module.functions[self.function].is_test;
                Kind::Function(self.function(node, Function { is_test, ..Function::default() }))
            }
            "array_creation_expression" | "implicit_array_creation_expression" | "stackalloc_expression" => {
                match first_of(node, &["initializer_expression"]) {
                    Some(items) => Kind::List(self.all(items)),
                    None => Kind::List(Vec::new()),
                }
            }
            "collection_expression" | "initializer_expression" | "tuple_expression" => Kind::List(self.all(node)),
            "spread_element" => {
                Kind::Spread(Box::new(children(node).first().map(|&inner| self.expression(inner)).unwrap_or_default()))
            }
            "switch_expression" => self.choice(node),
            _ => Kind::Other(self.all(node)),
        };
        (kind, None)
    }

    fn literal(&self, node: Node<'t>) -> Option<Kind> {
        Some(match node.kind() {
            "null_literal" => Kind::Null,
            "boolean_literal" => Kind::Boolean(self.source(node) == "true"),
            "integer_literal" | "real_literal" => Kind::Number(self.source(node).to_owned()),
            "string_literal" | "verbatim_string_literal" | "raw_string_literal" | "character_literal" => {
                Kind::Text(text::decode(self.source(node)))
            }
            _ => return None,
        })
    }

    /// Names of types, without their arguments.
    fn type_name(&mut self, node: Node<'t>) -> (Kind, Option<Span>) {
        let field = |name: &'static str| node.field(name);
        let kind = match node.kind() {
            "generic_name" => return self.inner(children(node).first().copied()),
            "qualified_name" => self.member(node, "qualifier", "name"),
            "alias_qualified_name" => return self.inner(field("name")),
            "nullable_type" | "array_type" | "ref_type" | "typeof_expression" => return self.inner(field("type")),
            _ => Kind::Unknown,
        };
        (kind, None)
    }

    fn operator(&self, node: Node<'_>) -> &'t str {
        node.field("operator").map_or("", |operator| self.source(operator))
    }

    fn member(&mut self, node: Node<'t>, object: &'static str, name: &'static str) -> Kind {
        let object = self.field(node, object);
        Kind::Member(object, self.key(node.field(name)))
    }

    /// A name without its type arguments.
    fn key(&self, node: Option<Node<'t>>) -> Text {
        let Some(node) = node else { return Text::default() };
        let inner = if node.kind() == "generic_name" { children(node).first().copied().unwrap_or(node) } else { node };
        Text { value: self.source(inner).trim_start_matches('@').to_owned(), span: span(inner) }
    }

    /// `a?.b`, `a?[b]`: as if `a` were there. The grammar nests a call as `(a?.b)(..)`.
    fn conditional_access(&mut self, node: Node<'t>) -> (Kind, Option<Span>) {
        let object = self.field(node, "condition");
        let condition = node.field("condition");
        let Some(binding) = children(node).into_iter().rfind(|child| Some(*child) != condition) else {
            return (object.kind, Some(object.span));
        };
        let kind = match binding.kind() {
            "member_binding_expression" => Kind::Member(object, self.key(binding.field("name"))),
            "element_binding_expression" => {
                let index = children(binding).first().map(|&index| self.expression(index)).unwrap_or_default();
                Kind::Index(object, Box::new(index))
            }
            _ => {
                let rest = self.expression(binding);
                Kind::Other(vec![*object, rest])
            }
        };
        (kind, None)
    }

    fn is_pattern(&mut self, node: Node<'t>) -> Kind {
        let left = self.field(node, "expression");
        let pattern = node.field("pattern");
        let constant = pattern.filter(|pattern| pattern.kind() == "constant_pattern");
        let right = match constant.and_then(|constant| children(constant).first().copied()) {
            Some(value) => self.expression(value),
            None => {
                let of = pattern.and_then(|pattern| pattern.field("type"));
                of.map(|of| self.expression(of)).unwrap_or_default()
            }
        };
        Kind::Binary("is".to_owned(), left, Box::new(right))
    }

    fn unary(&mut self, node: Node<'t>) -> (Kind, Option<Span>) {
        let Some(operand) = children(node).first().copied() else { return (Kind::Unknown, None) };
        let operator = self.source(node).trim();
        if operator.starts_with("++")
            || operator.ends_with("++")
            || operator.starts_with("--")
            || operator.ends_with("--")
        {
            let sign = if operator.contains("++") { "+" } else { "-" };
            let target = self.expression(operand);
            let one = Expression { kind: Kind::Number("1".to_owned()), span: span(node) };
            return (updated(target, sign, one, span(node)), None);
        }
        // `a!` only speaks to the compiler.
        if node.kind() == "postfix_unary_expression" {
            return self.inner(Some(operand));
        }
        let sign = operator.chars().take(1).collect();
        (Kind::Unary(sign, Box::new(self.expression(operand))), None)
    }

    fn assignment(&mut self, node: Node<'t>) -> Kind {
        let (target, mut value) = (self.field(node, "left"), self.field(node, "right"));
        match self.operator(node) {
            "=" => {
                // `x.Options = new() { .. }` makes what the target is: named after it, so that it is not lost.
                if let Kind::Call(call) = &mut value.kind
                    && call.construction
                    && matches!(call.function.kind, Kind::Unknown)
                {
                    call.function.span = target.span;
                }
                Kind::Assign(target, value)
            }
            operator => updated(*target, operator.trim_end_matches('='), *value, span(node)),
        }
    }

    fn arguments(&mut self, list: Option<Node<'t>>) -> Vec<Argument> {
        let mut arguments = Vec::new();
        for argument in list.map(children).unwrap_or_default() {
            let key = argument.field("name");
            let name = key.map(|key| self.source(key).to_owned());
            let value = children(argument).into_iter().rfind(|inner| Some(*inner) != key);
            arguments.push(Argument { name, value: value.map(|value| self.expression(value)).unwrap_or_default() });
        }
        arguments
    }

    fn call(&mut self, node: Node<'t>) -> Kind {
        let callee = node.field("function");
        let function = *self.field(node, "function");
        let named = callee.map(|callee| callee.field("name").unwrap_or(callee));
        let types = named.map(|named| self.types(named)).unwrap_or_default();
        let arguments = self.arguments(node.field("arguments"));
        formatted(&function, &arguments)
            .unwrap_or_else(|| Kind::Call(Box::new(Call { function, arguments, construction: false, types })))
    }

    fn types(&mut self, name: Node<'t>) -> Vec<Type> {
        let binding = first_of(name, &["member_binding_expression"]).and_then(|inner| inner.field("name"));
        let name = binding.unwrap_or(name);
        let list = first_of(name, &["type_argument_list"]).filter(|_| name.kind() == "generic_name");
        list.map(children).unwrap_or_default().into_iter().map(|of| self.type_of(of)).collect()
    }

    /// `new Options(a) { Name = b }`: what is set afterwards is a last argument, a record.
    fn creation(&mut self, node: Node<'t>) -> Kind {
        let of = node.field("type");
        let function = of.map(|of| self.expression(of)).unwrap_or_default();
        let types = of.map(|of| self.types(of)).unwrap_or_default();
        let list = node.field("arguments").or_else(|| first_of(node, &["argument_list"]));
        let mut arguments = self.arguments(list);
        if let Some(initializer) = first_of(node, &["initializer_expression"]) {
            let kind = self.deeper(|lowering| lowering.initializer(initializer));
            arguments.push(Argument { name: None, value: Expression { kind, span: span(initializer) } });
        }
        Kind::Call(Box::new(Call { function, arguments, construction: true, types }))
    }

    fn initializer(&mut self, node: Node<'t>) -> Kind {
        let parts = children(node);
        if parts.iter().all(|part| part.kind() != "assignment_expression") {
            return Kind::List(self.all(node));
        }
        let mut entries = Vec::new();
        for part in parts {
            let (left, right) = (part.field("left"), part.field("right"));
            let value = right.unwrap_or(part);
            let value = match value.kind() {
                // `Headers = { ["a"] = "b" }`
                "initializer_expression" => {
                    let kind = self.deeper(|lowering| lowering.initializer(value));
                    Expression { kind, span: span(value) }
                }
                _ => self.expression(value),
            };
            entries.push(match left {
                Some(name) if name.kind() == "identifier" => Entry::Field(self.key(Some(name)), value),
                Some(key) => {
                    let key = self.expression(key);
                    let text = match &key.kind {
                        Kind::List(items) => items.first().and_then(Expression::text).map(str::to_owned),
                        Kind::Other(items) => items.first().and_then(Expression::text).map(str::to_owned),
                        _ => None,
                    };
                    match text {
                        Some(text) => Entry::Field(Text { value: text, span: key.span }, value),
                        None => Entry::Computed(key, value),
                    }
                }
                None => Entry::Spread(value),
            });
        }
        Kind::Record(Record { name: None, entries })
    }

    /// `new { Name = a, b }`
    fn anonymous(&mut self, node: Node<'t>) -> Kind {
        let mut entries = Vec::new();
        let mut name: Option<Text> = None;
        for part in children(node) {
            let follows = part.next_sibling().is_some_and(|next| next.kind() == "=");
            if part.kind() == "identifier" && follows && name.is_none() {
                name = Some(self.key(Some(part)));
                continue;
            }
            let value = self.expression(part);
            let key = name.take().or_else(|| match &value.kind {
                Kind::Name(name) => Some(Text { value: name.clone(), span: value.span }),
                Kind::Member(_, name) => Some(name.clone()),
                _ => None,
            });
            entries.push(match key {
                Some(key) => Entry::Field(key, value),
                None => Entry::Spread(value),
            });
        }
        Kind::Record(Record { name: None, entries })
    }

    fn choice(&mut self, node: Node<'t>) -> Kind {
        let parts = children(node);
        let subject = parts.first().map(|&subject| self.expression(subject)).unwrap_or_default();
        let arms = parts.into_iter().filter(|part| part.kind() == "switch_expression_arm");
        let arms = arms.map(|arm| self.arm(arm)).collect();
        Kind::Match(Match { subject: Box::new(subject), arms, span: span(node) })
    }

    /// `$"a {b:x} c"`, also verbatim and raw.
    fn template(&mut self, node: Node<'t>) -> Kind {
        let verbatim =
            self.source(node).chars().take(3).any(|sign| sign == '@') || self.source(node).contains("\"\"\"");
        let mut parts: Vec<Part> = Vec::new();
        for child in children(node) {
            match child.kind() {
                "string_content" | "escape_sequence" => {
                    let source = self.source(child);
                    let text = if verbatim { source.to_owned() } else { text::escapes(source) };
                    let text = text.replace("{{", "{").replace("}}", "}");
                    match parts.last_mut() {
                        Some(Part::Text(before)) => before.push_str(&text),
                        _ => parts.push(Part::Text(text)),
                    }
                }
                "interpolation" => {
                    let value = children(child).into_iter().find(|part| !part.kind().starts_with("interpolation_"));
                    parts.extend(value.map(|value| Part::Value(self.expression(value))));
                }
                _ => {}
            }
        }
        match parts.as_mut_slice() {
            [] => Kind::Text(String::new()),
            [Part::Text(only)] => Kind::Text(std::mem::take(only)),
            _ => Kind::Template(parts),
        }
    }
}

/// What stands for a node that adds nothing to it.
fn seen_through(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        "parenthesized_expression"
        | "await_expression"
        | "checked_expression"
        | "ref_expression"
        | "expression_element"
        | "collection_element"
        | "arrow_expression_clause" => children(node).first().copied(),
        "argument" | "attribute_argument" => children(node).last().copied(),
        "cast_expression" => node.field("value"),
        "as_expression" => node.field("left"),
        "declaration_expression" => node.field("name"),
        _ => None,
    }
}

/// `string.Format(..)` with a literal format.
fn formatted(function: &Expression, arguments: &[Argument]) -> Option<Kind> {
    let Kind::Member(object, name) = &function.kind else { return None };
    if name.value != "Format" || !matches!(object.name(), Some("string" | "String")) {
        return None;
    }
    let (format, values) = arguments.split_first()?;
    let mut parts = Vec::new();
    for piece in braces(format.value.text()?) {
        match piece {
            Piece::Text(text) => parts.push(Part::Text(text)),
            Piece::At(index) => parts.extend(values.get(index).map(|argument| Part::Value(argument.value.clone()))),
            Piece::Next | Piece::Named(_) => {}
        }
    }
    Some(match parts.as_mut_slice() {
        [] => Kind::Text(String::new()),
        [Part::Text(only)] => Kind::Text(std::mem::take(only)),
        _ => Kind::Template(parts),
    })
}
