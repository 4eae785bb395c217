//! Classes, interfaces and object types.

use tree_sitter::Node;

use super::{
    Lowering, children,
    functions::{Role, child_is_property},
    has_token, span,
};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Class, ClassId, Expression, Field, Kind, Type};

impl<'t> Lowering<'t> {
    /// A class declaration or expression. Gives its name: `name` where it has none of its own.
    pub(super) fn class(&mut self, node: Node<'t>, attributes: Vec<Expression>, name: Option<&str>) -> String {
        let own = node.field("name").map(|name| self.source(name));
        let name = own.or(name).unwrap_or_default().to_owned();
        let bases = self.bases(node);
        let mut attributes = attributes;
        attributes.extend(self.decorators(node));
        let id = self.module.classes.len();
        let documentation = self.documentation(node);
        self.module.classes.push(Class {
            name: name.clone(),
            bases,
            attributes,
            documentation,
            span: span(node),
            ..Class::default()
        });
        if let Some(body) = node.field("body") {
            self.deeper(|lowering| lowering.members(id, body));
        }
        name
    }

    fn bases(&mut self, node: Node<'t>) -> Vec<Type> {
        let Some(heritage) = self.heritage(node) else { return Vec::new() };
        let mut bases = Vec::new();
        for child in children(heritage) {
            match child.kind() {
                "extends_clause" => {
                    let list = child.field("type_arguments").map(children).unwrap_or_default();
                    let arguments: Vec<Type> = list.into_iter().map(|argument| self.type_of(argument)).collect();
                    let base = child.field("value").map(|value| self.base(value));
                    bases.extend(base.map(|base| Type { arguments, ..base }));
                }
                "implements_clause" => bases.extend(children(child).into_iter().map(|base| self.type_of(base))),
                _ => bases.push(self.base(child)),
            }
        }
        bases
    }

    /// A base class: an expression, read as a type's name.
    fn base(&self, node: Node<'_>) -> Type {
        let text = self.source(node).to_owned();
        Type { name: text.clone(), text, arguments: Vec::new(), span: span(node) }
    }

    fn members(&mut self, id: ClassId, body: Node<'t>) {
        let mut attributes = Vec::new();
        for member in children(body) {
            if member.kind() == "decorator" {
                attributes.extend(children(member).first().map(|&inner| self.expression(inner)));
                continue;
            }
            let mut attributes = std::mem::take(&mut attributes);
            attributes.extend(self.decorators(member));
            match member.kind() {
                "method_definition" | "class_static_block" => self.method(id, member, attributes),
                "public_field_definition" | "field_definition" => self.class_field(id, member, attributes),
                _ => {}
            }
        }
    }

    fn method(&mut self, id: ClassId, node: Node<'t>, attributes: Vec<Expression>) {
        let name = node.field("name").map_or("static".to_owned(), |name| self.key(name).value);
        if name == "constructor" {
            self.parameter_properties(id, node);
        }
        let function = self.declare(node, Role { name: Some(name), class: Some(id), attributes });
        self.module.classes[id].methods.push(function);
    }

    /// Fields that a constructor declares among its parameters.
    fn parameter_properties(&mut self, id: ClassId, node: Node<'t>) {
        let list = node.field("parameters").map(children).unwrap_or_default();
        for parameter in list.into_iter().filter(|&parameter| child_is_property(parameter)) {
            let Some(name) = parameter.field("pattern") else { continue };
            let name = self.source(name).to_owned();
            let annotation = self.annotation(parameter.field("type"));
            self.module.classes[id].fields.push(Field { name, annotation, span: span(parameter), ..Field::default() });
        }
    }

    fn class_field(&mut self, id: ClassId, node: Node<'t>, attributes: Vec<Expression>) {
        let key = node.field("name").or(node.field("property"));
        let Some(key) = key else { return };
        let name = self.key(key).value;
        let annotation = self.annotation(node.field("type"));
        let value = node.field("value").map(|value| match value.kind() {
            // A closure in a field is a method that knows its `this`.
            "arrow_function" | "function_expression" => {
                let role = Role { name: Some(name.clone()), class: Some(id), attributes: Vec::new() };
                let function = self.declare(value, role);
                self.module.classes[id].methods.push(function);
                Expression { kind: Kind::Function(function), span: span(value) }
            }
            _ => self.expression(value),
        });
        let field = Field { name, annotation, value, attributes, documentation: None, span: span(node) };
        self.module.classes[id].fields.push(field);
    }

    /// An interface or an object type with a name.
    pub(super) fn interface(&mut self, node: Node<'t>) -> Option<String> {
        let name = self.source(node.field("name")?).to_owned();
        let body = node.field("body").or(node.field("value"))?;
        if !matches!(body.kind(), "interface_body" | "object_type") {
            return None;
        }
        let mut bases = Vec::new();
        for clause in children(node).into_iter().filter(|child| child.kind() == "extends_type_clause") {
            bases.extend(children(clause).into_iter().map(|base| self.type_of(base)));
        }
        let mut fields = Vec::new();
        for member in children(body) {
            let Some(key) = member.field("name").filter(|_| member.kind() == "property_signature") else {
                continue;
            };
            let name = self.key(key).value;
            let annotation = self.annotation(member.field("type"));
            fields.push(Field { name, annotation, span: span(member), ..Field::default() });
        }
        let documentation = self.documentation(node);
        let class = Class { name: name.clone(), bases, fields, documentation, span: span(node), ..Class::default() };
        self.module.classes.push(class);
        Some(name)
    }

    /// An enumeration as a record of constants.
    pub(super) fn enumeration(&mut self, node: Node<'t>) -> Option<(String, Expression)> {
        use crate::project::syntax::{Entry, Record};
        let name = self.source(node.field("name")?).to_owned();
        let body = node.field("body")?;
        let mut entries = Vec::new();
        for member in children(body) {
            let (key, value) = match member.kind() {
                "enum_assignment" => (member.field("name"), member.field("value")),
                _ => (Some(member), None),
            };
            let value = value.map(|value| self.expression(value)).unwrap_or_default();
            entries.extend(key.map(|key| Entry::Field(self.key(key), value)));
        }
        let record = Kind::Record(Record { name: None, entries });
        Some((name, Expression { kind: record, span: span(body) }))
    }

    /// Whether a declaration only exists for the type checker.
    pub(super) fn is_ambient(&self, node: Node<'_>) -> bool {
        has_token(node, "declare")
    }
}
