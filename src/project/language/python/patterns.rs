//! What assignments, loops, parameters and `case` bind.

use tree_sitter::Node;

use super::{Lowering, fields, make, parts, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Arm, Expression, Kind, Parameter, Pattern, Text};

impl Lowering<'_> {
    /// The target of an assignment or loop; nothing where it writes to members or items, too.
    pub(super) fn pattern(&mut self, node: Node<'_>) -> Option<Pattern> {
        self.deeper(|l| match node.kind() {
            "identifier" | "as_pattern_target" | "keyword_identifier" => Some(l.binding(node)),
            "list_splat_pattern" | "dictionary_splat_pattern" | "list_splat" => {
                l.pattern(*parts(node).first()?).map(|inner| Pattern::Rest(Box::new(inner)))
            }
            "pattern_list" | "tuple_pattern" | "list_pattern" | "tuple" | "list" | "expression_list" => {
                parts(node).iter().map(|item| l.pattern(*item)).collect::<Option<_>>().map(Pattern::Items)
            }
            "parenthesized_expression" => l.pattern(*parts(node).first()?),
            _ => None,
        })?
    }

    fn binding(&self, node: Node<'_>) -> Pattern {
        match self.source(node) {
            "_" => Pattern::Ignore,
            name => Pattern::Name(name.to_owned(), span(node)),
        }
    }

    pub(super) fn parameters(&mut self, node: Option<Node<'_>>) -> Vec<Parameter> {
        let nodes = node.map(parts).unwrap_or_default();
        nodes.iter().filter_map(|node| self.parameter(*node)).collect()
    }

    fn parameter(&mut self, node: Node<'_>) -> Option<Parameter> {
        let target = match node.kind() {
            "typed_parameter" => *parts(node).first()?,
            "default_parameter" | "typed_default_parameter" => node.field("name")?,
            "identifier" | "list_splat_pattern" | "dictionary_splat_pattern" | "tuple_pattern" => node,
            _ => return None,
        };
        let rest = matches!(target.kind(), "list_splat_pattern" | "dictionary_splat_pattern");
        let pattern = match self.pattern(target)? {
            Pattern::Rest(inner) if rest => *inner,
            pattern => pattern,
        };
        let annotation = node.field("type").map(|t| self.annotation(t));
        let default = node.field("value").map(|v| self.expression(v));
        Some(Parameter { pattern, annotation, default, rest, span: span(node) })
    }

    /// One `case`.
    pub(super) fn arm(&mut self, node: Node<'_>) -> Arm {
        let mut values = Vec::new();
        let mut bound = Vec::new();
        let patterns: Vec<_> = parts(node).into_iter().filter(|part| part.kind() == "case_pattern").collect();
        for pattern in &patterns {
            bound.push(self.case(*pattern, &mut values));
        }
        let pattern = if bound.len() == 1 { bound.remove(0) } else { Pattern::Items(bound) };
        let guard = node.field("guard").and_then(|g| parts(g).first().map(|e| self.expression(*e)));
        let body = node.field("consequence").map(|b| self.block(b)).unwrap_or_default();
        Arm { values, pattern, guard, body }
    }

    /// What a `case` pattern binds; the values that it stands for are added to `values`. A shape that is no value
    /// adds an unknown one, so that the arm is not taken for the default.
    fn case(&mut self, node: Node<'_>, values: &mut Vec<Expression>) -> Pattern {
        self.deeper(|l| l.case_of(node, values)).unwrap_or_default()
    }

    fn case_of(&mut self, node: Node<'_>, values: &mut Vec<Expression>) -> Pattern {
        let inner = parts(node);
        match node.kind() {
            "case_pattern" if inner.len() == 1 && !self.source(node).starts_with('-') => self.case(inner[0], values),
            "case_pattern" if inner.is_empty() => Pattern::Ignore,
            "union_pattern" => inner.iter().fold(Pattern::Ignore, |_, part| self.case(*part, values)),
            "dotted_name" if inner.len() == 1 => self.binding(node),
            "dotted_name" => {
                values.push(self.path(&inner));
                Pattern::Ignore
            }
            "as_pattern" => {
                let before = inner.first().map(|p| self.case(*p, values)).unwrap_or_default();
                match (inner.last(), before) {
                    (Some(name), Pattern::Ignore) if inner.len() > 1 => self.binding(*name),
                    (_, before) => before,
                }
            }
            "string"
            | "concatenated_string"
            | "integer"
            | "float"
            | "true"
            | "false"
            | "none"
            | "case_pattern"
            | "complex_pattern" => {
                values.push(self.expression(node));
                Pattern::Ignore
            }
            _ => self.case_shape(node, &inner, values),
        }
    }

    fn case_shape(&mut self, node: Node<'_>, inner: &[Node<'_>], values: &mut Vec<Expression>) -> Pattern {
        values.push(make(Kind::Unknown, node));
        let ignored = &mut Vec::new();
        match node.kind() {
            "list_pattern" | "tuple_pattern" => Pattern::Items(inner.iter().map(|p| self.case(*p, ignored)).collect()),
            "class_pattern" => {
                let name = inner.first().map(|n| self.source(*n).to_owned()).unwrap_or_default();
                Pattern::Wrapped(name, inner.iter().skip(1).map(|p| self.case(*p, ignored)).collect())
            }
            "dict_pattern" => {
                let keys = fields(node, "key");
                let entries = keys.iter().zip(fields(node, "value"));
                Pattern::Fields(
                    entries
                        .map(|(key, value)| {
                            let key = self.expression(*key).text().unwrap_or_default().to_owned();
                            (key, self.case(value, ignored))
                        })
                        .collect(),
                )
            }
            "keyword_pattern" => inner.last().map(|p| self.case(*p, ignored)).unwrap_or_default(),
            "splat_pattern" => inner.first().map(|p| Pattern::Rest(Box::new(self.binding(*p)))).unwrap_or_default(),
            _ => Pattern::Ignore,
        }
    }

    /// `a.b.c` of names.
    fn path(&self, names: &[Node<'_>]) -> Expression {
        let mut names = names.iter();
        let Some(first) = names.next() else { return Expression::default() };
        let mut path = make(Kind::Name(self.source(*first).to_owned()), *first);
        for name in names {
            let end = name.end_byte();
            let start = path.span.start;
            let member = Text { value: self.source(*name).to_owned(), span: span(*name) };
            path = make(Kind::Member(Box::new(path), member), *name);
            (path.span.start, path.span.end) = (start, end);
        }
        path
    }
}
