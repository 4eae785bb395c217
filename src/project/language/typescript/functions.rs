//! Functions, methods and closures.

use tree_sitter::Node;

use super::{Lowering, children, patterns::Fallback, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{
    ClassId, Expression, Function, FunctionId, Kind, Parameter, Pattern, Span, Statement, Text,
};

/// What a function is, beside its node.
#[derive(Default)]
pub(super) struct Role {
    pub(super) name: Option<String>,
    pub(super) class: Option<ClassId>,
    pub(super) attributes: Vec<Expression>,
}

impl<'t> Lowering<'t> {
    /// A function that has no name of its own in the scope around it.
    pub(super) fn closure(&mut self, node: Node<'t>) -> FunctionId {
        self.declare(node, Role::default())
    }

    /// A function declaration: bound by its name in the function around it.
    pub(super) fn declaration(&mut self, node: Node<'t>) -> Option<String> {
        let name = node.field("name").map(|name| self.source(name).to_owned());
        self.declare(node, Role { name: name.clone(), ..Role::default() });
        name
    }

    pub(super) fn declare(&mut self, node: Node<'t>, role: Role) -> FunctionId {
        let id = self.module.functions.len();
        let outer = self.function;
        let parent = self.module.functions.get(outer);
        let is_test = self.own.in_test || parent.is_some_and(|parent| parent.is_test);
        let name_span = node.field("name").map_or(Span::new(node.start_byte(), node.start_byte()), span);
        self.module.functions.push(Function {
            name: role.name,
            class: role.class,
            parent: Some(outer),
            attributes: role.attributes,
            documentation: self.documentation(node),
            is_test,
            span: span(node),
            name_span,
            ..Function::default()
        });
        self.function = id;
        let in_test = std::mem::take(&mut self.own.in_test);
        let mut body = Vec::new();
        let parameters = self.parameters(node, &mut body);
        self.function_body(node, &mut body);
        let result = self.annotation(node.field("return_type"));
        self.own.in_test = in_test;
        self.function = outer;
        let function = &mut self.module.functions[id];
        function.parameters = parameters;
        function.body = body;
        function.result = result;
        id
    }

    fn function_body(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let Some(inner) = node.field("body") else { return };
        if inner.kind() == "statement_block" {
            self.deeper(|lowering| lowering.statements(inner, body));
        } else {
            let value = self.expression(inner);
            body.push(Statement::Return(Some(value), span(inner)));
        }
    }

    /// The parameters. Defaults inside their patterns and parameter properties (`private x`) go into the body.
    fn parameters(&mut self, node: Node<'t>, body: &mut Vec<Statement>) -> Vec<Parameter> {
        if let Some(single) = node.field("parameter") {
            let (pattern, _) = self.pattern(single);
            return vec![Parameter { pattern, span: span(single), ..Parameter::default() }];
        }
        let list = node.field("parameters").map(children).unwrap_or_default();
        let mut parameters = Vec::new();
        for child in list {
            let is_property = child_is_property(child);
            let (parameter, fallbacks) = self.parameter(child);
            if matches!(&parameter.pattern, Pattern::Name(name, _) if name == "this") {
                continue;
            }
            if let (true, Pattern::Name(name, at)) = (is_property, &parameter.pattern) {
                let place = |kind| Box::new(Expression { kind, span: *at });
                let key = Text { value: name.clone(), span: *at };
                let target = Kind::Member(place(Kind::Name("this".to_owned())), key);
                let assignment = Kind::Assign(place(target), place(Kind::Name(name.clone())));
                body.push(Statement::Expression(Expression { kind: assignment, span: parameter.span }));
            }
            self.fallbacks(fallbacks, None, body);
            parameters.push(parameter);
        }
        parameters
    }

    fn parameter(&mut self, node: Node<'t>) -> (Parameter, Vec<Fallback>) {
        let (bound, default) = match node.kind() {
            "required_parameter" | "optional_parameter" => (node.field("pattern"), node.field("value")),
            "assignment_pattern" => (node.field("left"), node.field("right")),
            _ => (Some(node), None),
        };
        let (mut pattern, fallbacks) = bound.map(|bound| self.pattern(bound)).unwrap_or_default();
        let mut rest = false;
        if let Pattern::Rest(inner) = pattern {
            rest = true;
            pattern = *inner;
        }
        let annotation = self.annotation(node.field("type"));
        let default = default.map(|default| self.expression(default));
        (Parameter { pattern, annotation, default, rest, span: span(node) }, fallbacks)
    }

    /// The `/** .. */` comment right before a declaration, or before the statement that it begins.
    pub(super) fn documentation(&self, node: Node<'_>) -> Option<Text> {
        let before = self.text.get(..node.start_byte())?.trim_end();
        // `export`, `async` and their like stand between the comment and the node.
        let before = ["default", "async", "export", "abstract", "declare", "static", "public"]
            .iter()
            .fold(before, |text, word| text.strip_suffix(word).map_or(text, str::trim_end));
        let index = self.module.comments.binary_search_by(|comment| comment.end.cmp(&before.len())).ok()?;
        let comment = self.module.comments[index];
        let raw = self.text.get(comment.start..comment.end)?;
        let inner = raw.strip_prefix("/**")?.strip_suffix("*/")?;
        let lines = inner.lines().map(|line| line.trim().trim_start_matches('*').trim());
        let value = lines.collect::<Vec<_>>().join("\n").trim().to_owned();
        Some(Text { value, span: comment })
    }
}

/// Whether a constructor's parameter is also a field.
pub(super) fn child_is_property(node: Node<'_>) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor)
        .any(|child| matches!(child.kind(), "accessibility_modifier" | "override_modifier" | "readonly"))
}
