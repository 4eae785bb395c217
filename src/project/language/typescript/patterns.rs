//! What declarations bind, and types.

use tree_sitter::Node;

use super::{Lowering, children, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Expression, Kind, Pattern, Span, Statement, Text, Type};

/// A default inside a pattern: the name, what is bound to it, and the value when that is absent.
pub(super) struct Fallback {
    name: String,
    /// The keys that lead from the whole value to the name's; nothing where an array is on the way.
    keys: Option<Vec<Text>>,
    bound: Span,
    value: Expression,
}

impl<'t> Lowering<'t> {
    /// The pattern and the defaults inside it.
    pub(super) fn pattern(&mut self, node: Node<'t>) -> (Pattern, Vec<Fallback>) {
        let mut fallbacks = Vec::new();
        let pattern = self.part(node, &mut Some(Vec::new()), &mut fallbacks);
        (pattern, fallbacks)
    }

    fn part(&mut self, node: Node<'t>, keys: &mut Option<Vec<Text>>, fallbacks: &mut Vec<Fallback>) -> Pattern {
        self.deeper(|lowering| match node.kind() {
            "identifier" | "shorthand_property_identifier_pattern" | "this" => {
                Pattern::Name(lowering.source(node).to_owned(), span(node))
            }
            "object_pattern" => lowering.fields(node, keys, fallbacks),
            "array_pattern" => {
                let items = lowering.slots(node).into_iter();
                let items = items.map(|item| item.map_or(Pattern::Ignore, |i| lowering.part(i, &mut None, fallbacks)));
                Pattern::Items(items.collect())
            }
            "rest_pattern" => {
                let inner = children(node).first().map(|&inner| lowering.part(inner, &mut None, fallbacks));
                Pattern::Rest(Box::new(inner.unwrap_or_default()))
            }
            "assignment_pattern" | "object_assignment_pattern" => lowering.defaulted(node, keys, fallbacks),
            _ => Pattern::Ignore,
        })
    }

    fn fields(&mut self, node: Node<'t>, keys: &mut Option<Vec<Text>>, fallbacks: &mut Vec<Fallback>) -> Pattern {
        let mut fields = Vec::new();
        for child in children(node) {
            let (key, value) = match child.kind() {
                "pair_pattern" => (child.field("key"), child.field("value")),
                "object_assignment_pattern" => (child.field("left"), Some(child)),
                _ => (Some(child), Some(child)),
            };
            let (Some(key), Some(value)) = (key, value) else { continue };
            if child.kind() == "rest_pattern" {
                fields.push((String::new(), self.part(value, &mut None, fallbacks)));
                continue;
            }
            let key = self.key(key);
            if let Some(keys) = keys {
                keys.push(key.clone());
            }
            let pattern = self.part(value, keys, fallbacks);
            if let Some(keys) = keys {
                keys.pop();
            }
            fields.push((key.value, pattern));
        }
        Pattern::Fields(fields)
    }

    /// The items of an array pattern; holes (`[, b]`) are nothing.
    fn slots(&self, node: Node<'t>) -> Vec<Option<Node<'t>>> {
        let mut cursor = node.walk();
        let mut slots = Vec::new();
        let mut current = None;
        for child in node.children(&mut cursor) {
            match child.kind() {
                "[" | "]" => {}
                "," => slots.push(current.take()),
                _ if child.is_named() && !child.is_extra() => current = Some(child),
                _ => {}
            }
        }
        slots.extend(current.map(Some));
        slots
    }

    fn defaulted(&mut self, node: Node<'t>, keys: &mut Option<Vec<Text>>, fallbacks: &mut Vec<Fallback>) -> Pattern {
        let (Some(left), Some(right)) = (node.field("left"), node.field("right")) else {
            return Pattern::Ignore;
        };
        let pattern = self.part(left, keys, fallbacks);
        let value = self.expression(right);
        if let Pattern::Name(name, bound) = &pattern {
            fallbacks.push(Fallback { name: name.clone(), keys: keys.clone(), bound: *bound, value });
        }
        pattern
    }

    /// Defaults of a pattern as declarations that follow it: `let a = value.a ?? default`.
    pub(super) fn fallbacks(&self, fallbacks: Vec<Fallback>, value: Option<&Expression>, body: &mut Vec<Statement>) {
        for Fallback { name, keys, bound, value: default } in fallbacks {
            let span = default.span;
            let plain = value.filter(|value| matches!(value.kind, Kind::Name(_) | Kind::Member(..)));
            let from = match (plain, keys) {
                (Some(value), Some(keys)) => keys.into_iter().fold(value.clone(), |object, key| {
                    let span = key.span;
                    Expression { kind: Kind::Member(Box::new(object), key), span }
                }),
                _ => Expression { kind: Kind::Name(name.clone()), span: bound },
            };
            let kind = Kind::Binary("??".to_owned(), Box::new(from), Box::new(default));
            // The new binding begins at the default, so that the name to its left is still the old one.
            let pattern = Pattern::Name(name, span);
            body.push(Statement::Let { pattern, annotation: None, value: Some(Expression { kind, span }), span });
        }
    }

    /// The type in an annotation such as `: T`.
    pub(super) fn annotation(&mut self, node: Option<Node<'t>>) -> Option<Type> {
        let inner = children(node?).into_iter().next()?;
        Some(self.type_of(inner))
    }

    pub(super) fn type_of(&mut self, node: Node<'t>) -> Type {
        let text = self.source(node).to_owned();
        let mut lowered = self.deeper(|lowering| lowering.type_parts(node));
        lowered.text = text;
        lowered.span = span(node);
        lowered
    }

    fn type_parts(&mut self, node: Node<'t>) -> Type {
        let named = |name: &str, arguments: Vec<Type>| Type { name: name.to_owned(), arguments, ..Type::default() };
        let first = |lowering: &mut Self| children(node).first().map(|&i| lowering.type_of(i)).unwrap_or_default();
        match node.kind() {
            "generic_type" => {
                let name = node.field("name").map_or("", |name| self.source(name));
                let list = node.field("type_arguments").map(children).unwrap_or_default();
                named(name, list.into_iter().map(|argument| self.type_of(argument)).collect())
            }
            "readonly_type" | "parenthesized_type" | "optional_type" | "rest_type" => first(self),
            "array_type" => {
                let item = first(self);
                named("Array", vec![item])
            }
            "union_type" => self.union(node),
            "tuple_type" | "intersection_type" => {
                named("", children(node).into_iter().map(|member| self.type_of(member)).collect())
            }
            "object_type" | "function_type" | "constructor_type" | "conditional_type" | "template_literal_type" => {
                named("", Vec::new())
            }
            _ => named(self.source(node), Vec::new()),
        }
    }

    /// A union; with nothing but one member beside `undefined` and `null`, that member.
    fn union(&mut self, node: Node<'t>) -> Type {
        let mut members: Vec<Type> = Vec::new();
        for child in children(node) {
            let member = self.type_of(child);
            match (child.kind(), member.arguments.is_empty()) {
                ("union_type", false) => members.extend(member.arguments),
                _ if matches!(member.text.as_str(), "undefined" | "null") => {}
                _ => members.push(member),
            }
        }
        match members.len() {
            1 => members.remove(0),
            _ => Type { arguments: members, ..Type::default() },
        }
    }
}
