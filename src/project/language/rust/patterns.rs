//! What `let`, parameters, loops and arms bind.

use tree_sitter::Node;

use super::{Lowering, parts};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Arm, Expression, Kind, Match, Parameter, Pattern, Statement};

use super::statements::Tail;

impl Lowering<'_> {
    pub(super) fn pattern(&mut self, node: Node<'_>) -> Pattern {
        self.choice(node, &mut Vec::new())
    }

    /// What a pattern binds; the values that it stands for are added to `values`. A shape that is no value adds its
    /// type, so that the arm is not taken for the default.
    fn choice(&mut self, node: Node<'_>, values: &mut Vec<Expression>) -> Pattern {
        self.deeper(|l| l.choice_of(node, values)).unwrap_or_default()
    }

    fn choice_of(&mut self, node: Node<'_>, values: &mut Vec<Expression>) -> Pattern {
        match node.kind() {
            "identifier" => self.identifier(node, values),
            "self" => Pattern::Name("self".to_owned(), self.span(node)),
            "or_pattern" => parts(node).iter().fold(Pattern::Ignore, |first, part| match self.choice(*part, values) {
                Pattern::Ignore => first,
                bound if first == Pattern::Ignore => bound,
                _ => first,
            }),
            "match_pattern" | "ref_pattern" | "reference_pattern" | "mut_pattern" => {
                let inner = parts(node).into_iter().find(|part| part.kind() != "mutable_specifier");
                inner.map(|inner| self.choice(inner, values)).unwrap_or_default()
            }
            "captured_pattern" => {
                let inner = parts(node);
                if let Some(inner) = inner.get(1) {
                    self.choice(*inner, values);
                }
                inner.first().map(|n| Pattern::Name(self.source(*n).to_owned(), self.span(*n))).unwrap_or_default()
            }
            "tuple_pattern" | "slice_pattern" => {
                let items = parts(node).iter().map(|item| self.choice(*item, values)).collect();
                Pattern::Items(items)
            }
            "tuple_struct_pattern" => self.wrapped(node, values),
            "struct_pattern" => self.fields(node, values),
            "remaining_field_pattern" => Pattern::Ignore,
            "scoped_identifier" | "generic_pattern" | "string_literal" | "raw_string_literal" | "char_literal"
            | "boolean_literal" | "integer_literal" | "float_literal" | "negative_literal" => {
                values.push(self.expression(node));
                Pattern::Ignore
            }
            "range_pattern" | "const_block" | "macro_invocation" => {
                values.push(self.make(Kind::Unknown, node));
                Pattern::Ignore
            }
            _ => Pattern::Ignore,
        }
    }

    /// A name in capitals is a constant or a variant, as the compiler's own lint has it.
    fn identifier(&mut self, node: Node<'_>, values: &mut Vec<Expression>) -> Pattern {
        let name = self.source(node);
        if name.starts_with(char::is_uppercase) {
            values.push(self.expression(node));
            return Pattern::Ignore;
        }
        Pattern::Name(name.trim_start_matches("r#").to_owned(), self.span(node))
    }

    fn wrapped(&mut self, node: Node<'_>, values: &mut Vec<Expression>) -> Pattern {
        let Some(kind) = node.field("type") else { return Pattern::Ignore };
        values.push(self.expression(kind));
        let inner = parts(node).into_iter().skip(1);
        let items = inner.map(|item| self.pattern(item)).collect();
        Pattern::Wrapped(self.source(kind).split_whitespace().collect(), items)
    }

    fn fields(&mut self, node: Node<'_>, values: &mut Vec<Expression>) -> Pattern {
        if let Some(kind) = node.field("type") {
            values.push(self.expression(kind));
        }
        let mut fields = Vec::new();
        for field in parts(node).into_iter().filter(|part| part.kind() == "field_pattern") {
            let Some(name) = field.field("name") else { continue };
            let key = self.source(name).to_owned();
            let pattern = match field.field("pattern") {
                Some(pattern) => self.pattern(pattern),
                None => Pattern::Name(key.clone(), self.span(name)),
            };
            fields.push((key, pattern));
        }
        Pattern::Fields(fields)
    }

    pub(super) fn parameters(&mut self, node: Option<Node<'_>>) -> Vec<Parameter> {
        let nodes = node.map(parts).unwrap_or_default();
        nodes.into_iter().filter(|part| part.kind() != "attribute_item").map(|part| self.parameter(part)).collect()
    }

    fn parameter(&mut self, node: Node<'_>) -> Parameter {
        let span = self.span(node);
        match node.kind() {
            "parameter" => Parameter {
                pattern: node.field("pattern").map(|p| self.pattern(p)).unwrap_or_default(),
                annotation: node.field("type").map(|t| self.type_of(t)),
                span,
                ..Parameter::default()
            },
            "self_parameter" => {
                Parameter { pattern: Pattern::Name("self".to_owned(), span), span, ..Parameter::default() }
            }
            _ => Parameter { pattern: self.pattern(node), span, ..Parameter::default() },
        }
    }

    pub(super) fn matching(&mut self, node: Node<'_>, tail: Tail) -> Match {
        let subject = node.field("value").map(|value| self.expression(value)).unwrap_or_default();
        let arms = node.field("body").map(parts).unwrap_or_default();
        let arms = arms.into_iter().filter(|arm| arm.kind() == "match_arm").map(|arm| self.arm(arm, tail)).collect();
        Match { subject: Box::new(subject), arms, span: self.span(node) }
    }

    fn arm(&mut self, node: Node<'_>, tail: Tail) -> Arm {
        let mut values = Vec::new();
        let mut body = Vec::new();
        let pattern = node.field("pattern");
        let binding = pattern.map(|pattern| self.choice(pattern, &mut values)).unwrap_or_default();
        let guard = pattern.and_then(|pattern| pattern.field("condition"));
        let guard = guard.map(|guard| self.condition(guard, &mut body));
        if let Some(value) = node.field("value") {
            self.tail(value, tail, &mut body);
        }
        Arm { values, pattern: binding, guard, body }
    }

    /// A condition. What `let` binds in it is added to `then`.
    pub(super) fn condition(&mut self, node: Node<'_>, then: &mut Vec<Statement>) -> Expression {
        match node.kind() {
            "let_condition" => {
                let pattern = node.field("pattern").map(|p| self.pattern(p)).unwrap_or_default();
                let value = node.field("value").map(|v| self.expression(v)).unwrap_or_default();
                let bound = Some(value.clone());
                then.push(Statement::Let { pattern, annotation: None, value: bound, span: self.span(node) });
                value
            }
            "let_chain" => {
                let conditions = parts(node);
                let span = self.span(node);
                let each = conditions.iter().map(|part| self.deeper(|l| l.condition(*part, then)).unwrap_or_default());
                let each: Vec<_> = each.collect();
                let both = |a, b| {
                    let kind = Kind::Binary("&&".to_owned(), Box::new(a), Box::new(b));
                    Expression { kind, span }
                };
                each.into_iter().reduce(both).unwrap_or_default()
            }
            _ => self.expression(node),
        }
    }
}
