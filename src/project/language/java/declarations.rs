//! Packages, imports, types, methods and fields.

use tree_sitter::Node;

use super::{Lowering, children, fields, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{
    Argument, Call, Class, ClassId, Expression, Field, Function, FunctionId, Import, Kind, Parameter, Pattern, Span,
    Statement, Text, Type,
};

/// Annotations of test methods.
const TESTS: &[&str] = &["Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate"];

impl<'t> Lowering<'t> {
    /// A package, an import, a type or a method; whether it was one.
    pub(super) fn declaration(&mut self, node: Node<'t>) -> bool {
        match node.kind() {
            "package_declaration" => {
                let name = children(node).into_iter().find(|part| part.kind().ends_with("identifier"));
                self.module.package = name.map(|name| self.source(name).to_owned()).unwrap_or_default();
            }
            "import_declaration" => self.import(node),
            "class_declaration"
            | "interface_declaration"
            | "enum_declaration"
            | "record_declaration"
            | "annotation_type_declaration" => {
                self.class(node);
            }
            // Of a program without a class.
            "method_declaration" => {
                self.method(node, None);
            }
            "module_declaration" => {}
            _ => return false,
        }
        true
    }

    fn import(&mut self, node: Node<'t>) {
        let parts = children(node);
        let Some(path) = parts.first().map(|&path| self.source(path)) else { return };
        let all = parts.iter().any(|part| part.kind() == "asterisk");
        let (module, name) = if all { (path, "*") } else { path.rsplit_once('.').unwrap_or(("", path)) };
        self.module.imports.push(Import {
            local: name.to_owned(),
            module: module.to_owned(),
            name: (!all).then(|| name.to_owned()),
            span: span(node),
        });
    }

    fn class(&mut self, node: Node<'t>) -> ClassId {
        let name = node.field("name").map(|name| self.source(name).to_owned()).unwrap_or_default();
        let heads = ["superclass", "super_interfaces", "extends_interfaces"];
        let mut bases = Vec::new();
        for head in children(node).into_iter().filter(|child| heads.contains(&child.kind())) {
            for part in children(head) {
                let listed = if part.kind() == "type_list" { children(part) } else { vec![part] };
                bases.extend(listed.into_iter().map(|base| self.type_of(base)));
            }
        }
        let id = self.module.classes.len();
        let attributes = self.annotations(node);
        let documentation = self.documentation(node);
        self.module.classes.push(Class {
            name,
            bases,
            attributes,
            documentation,
            span: span(node),
            ..Class::default()
        });
        if let Some(components) = node.field("parameters") {
            self.components(id, components);
        }
        if let Some(body) = node.field("body") {
            self.deeper(|lowering| lowering.members(id, body));
        }
        id
    }

    /// The class of `new Base() { .. }`.
    pub(super) fn anonymous(&mut self, base: Type, body: Node<'t>) {
        let id = self.module.classes.len();
        self.module.classes.push(Class { bases: vec![base], span: span(body), ..Class::default() });
        self.deeper(|lowering| lowering.members(id, body));
    }

    /// The fields that a record declares in its head.
    fn components(&mut self, id: ClassId, list: Node<'t>) {
        for component in children(list) {
            let Some(name) = component.field("name") else { continue };
            let annotation = component.field("type").map(|inner| self.type_of(inner));
            let attributes = self.annotations(component);
            let name = self.source(name).to_owned();
            self.module.classes[id].fields.push(Field {
                name,
                annotation,
                attributes,
                span: span(component),
                ..Field::default()
            });
        }
    }

    fn members(&mut self, id: ClassId, body: Node<'t>) {
        for member in children(body) {
            match member.kind() {
                "method_declaration"
                | "constructor_declaration"
                | "compact_constructor_declaration"
                | "static_initializer"
                | "block" => {
                    let function = self.method(member, Some(id));
                    self.module.classes[id].methods.push(function);
                }
                "field_declaration" | "constant_declaration" => self.field_of(id, member),
                "enum_constant" => self.constant(id, member),
                "enum_body_declarations" | "ERROR" => self.deeper(|lowering| lowering.members(id, member)),
                _ => {
                    self.deeper(|lowering| lowering.declaration(member));
                }
            }
        }
    }

    fn field_of(&mut self, id: ClassId, node: Node<'t>) {
        let annotation = node.field("type").map(|inner| self.type_of(inner));
        let attributes = self.annotations(node);
        let documentation = self.documentation(node);
        for declarator in fields(node, "declarator") {
            let Some(name) = declarator.field("name") else { continue };
            let name = self.source(name).to_owned();
            let value = declarator.field("value").map(|value| self.expression(value));
            self.module.classes[id].fields.push(Field {
                name,
                annotation: annotation.clone(),
                value,
                attributes: attributes.clone(),
                documentation: documentation.clone(),
                span: span(node),
            });
        }
    }

    fn constant(&mut self, id: ClassId, node: Node<'t>) {
        let Some(name) = node.field("name") else { return };
        let arguments = node.field("arguments").map(children).unwrap_or_default();
        let arguments = arguments.into_iter().map(|argument| self.expression(argument)).collect();
        let value = Some(super::other(arguments, span(node)));
        let field = Field { name: self.source(name).to_owned(), value, span: span(node), ..Field::default() };
        self.module.classes[id].fields.push(field);
        if let Some(body) = node.field("body") {
            self.anonymous(Type::default(), body);
        }
    }

    /// A method, constructor or initializer; the constructor is called so.
    fn method(&mut self, node: Node<'t>, class: Option<ClassId>) -> FunctionId {
        let name = match node.kind() {
            "method_declaration" => node.field("name").map(|name| self.source(name).to_owned()),
            "constructor_declaration" | "compact_constructor_declaration" => Some("constructor".to_owned()),
            _ => Some("static".to_owned()),
        };
        let attributes = self.annotations(node);
        let is_test = attributes.iter().any(|attribute| {
            let name = attribute.call().map_or(attribute, |call| &call.function);
            name.name().is_some_and(|name| TESTS.contains(&name))
        });
        let result = node.field("type").map(|result| self.type_of(result));
        let function = Function {
            name,
            class,
            attributes,
            result,
            documentation: self.documentation(node),
            is_test: is_test || self.module.functions[self.function].is_test,
            ..Function::default()
        };
        let block = if matches!(node.kind(), "static_initializer" | "block") {
            children(node).first().copied().filter(|inner| inner.kind() == "block").or(Some(node))
        } else {
            node.field("body")
        };
        self.function(node, function, |lowering, body| {
            if let Some(block) = block {
                lowering.statements(block, body);
            }
        })
    }

    /// Adds a function with the parameters of `node` and the body that `lower` gives.
    pub(super) fn function(
        &mut self,
        node: Node<'t>,
        function: Function,
        lower: impl FnOnce(&mut Self, &mut Vec<Statement>),
    ) -> FunctionId {
        let id = self.module.functions.len();
        let outer = self.function;
        let name_span = node.field("name").map(span);
        self.module.functions.push(Function {
            parent: Some(outer),
            span: span(node),
            name_span: name_span.unwrap_or(Span::new(node.start_byte(), node.start_byte())),
            ..function
        });
        self.function = id;
        let parameters = node.field("parameters").map(|list| self.parameters(list)).unwrap_or_default();
        let mut body = Vec::new();
        self.deeper(|lowering| lower(lowering, &mut body));
        self.function = outer;
        let function = &mut self.module.functions[id];
        function.parameters = parameters;
        function.body = body;
        id
    }

    /// `(String a, int... b)`, `(a, b)`, `a`
    fn parameters(&mut self, list: Node<'t>) -> Vec<Parameter> {
        let plain = |lowering: &Self, name: Node<'t>| Parameter {
            pattern: Pattern::Name(lowering.source(name).to_owned(), span(name)),
            span: span(name),
            ..Parameter::default()
        };
        if list.kind() == "identifier" {
            return vec![plain(self, list)];
        }
        let mut parameters = Vec::new();
        for part in children(list) {
            match part.kind() {
                "identifier" => parameters.push(plain(self, part)),
                "formal_parameter" | "spread_parameter" => {
                    let inner = children(part);
                    let declarator = inner.iter().copied().find(|inner| inner.kind() == "variable_declarator");
                    let named = declarator.unwrap_or(part).field("name");
                    let of = part.field("type");
                    let of = of.or_else(|| inner.into_iter().find(|inner| is_type(inner.kind())));
                    parameters.push(Parameter {
                        pattern: named.map(|name| self.bound(name)).unwrap_or_default(),
                        annotation: of.map(|of| self.type_of(of)).filter(|of| of.name != "var"),
                        default: None,
                        rest: part.kind() == "spread_parameter",
                        span: span(part),
                    });
                }
                _ => {}
            }
        }
        parameters
    }

    /// The annotations of a declaration: names, or calls with keywords.
    pub(super) fn annotations(&mut self, node: Node<'t>) -> Vec<Expression> {
        let mut found = Vec::new();
        for child in children(node) {
            let listed = if child.kind() == "modifiers" { children(child) } else { vec![child] };
            for annotation in listed.into_iter().filter(|one| one.kind().ends_with("annotation")) {
                found.push(self.annotation(annotation));
            }
        }
        found
    }

    pub(super) fn annotation(&mut self, node: Node<'t>) -> Expression {
        let function = node.field("name").map(|name| self.expression(name)).unwrap_or_default();
        let Some(list) = node.field("arguments") else { return function };
        let mut arguments = Vec::new();
        for part in children(list) {
            let (name, value) = match part.kind() {
                "element_value_pair" => {
                    let key = part.field("key").map(|key| self.source(key).to_owned());
                    (key, part.field("value"))
                }
                _ => (None, Some(part)),
            };
            let value = value.map(|value| self.expression(value)).unwrap_or_default();
            arguments.push(Argument { name, value });
        }
        let call = Call { function, arguments, ..Call::default() };
        Expression { kind: Kind::Call(Box::new(call)), span: span(node) }
    }

    /// The `/** .. */` right before a declaration.
    fn documentation(&self, node: Node<'_>) -> Option<Text> {
        let index = self.module.comments.partition_point(|comment| comment.end <= node.start_byte());
        let comment = *self.module.comments.get(index.checked_sub(1)?)?;
        let text = self.text.get(comment.start..comment.end)?.strip_prefix("/**")?;
        if !self.text.get(comment.end..node.start_byte())?.trim().is_empty() {
            return None;
        }
        let lines =
            text.strip_suffix("*/").unwrap_or(text).lines().map(|line| line.trim().trim_start_matches('*').trim());
        let value = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        Some(Text { value, span: comment })
    }

    pub(super) fn type_of(&mut self, node: Node<'t>) -> Type {
        let text = self.source(node).to_owned();
        let mut lowered = self.deeper(|lowering| lowering.type_parts(node));
        lowered.text = text;
        lowered.span = span(node);
        lowered
    }

    fn type_parts(&mut self, node: Node<'t>) -> Type {
        match node.kind() {
            "generic_type" => {
                let mut generic = Type::default();
                for part in children(node) {
                    if part.kind() == "type_arguments" {
                        generic.arguments = children(part).into_iter().map(|argument| self.type_of(argument)).collect();
                    } else {
                        generic.name = self.source(part).to_owned();
                    }
                }
                generic
            }
            "array_type" => {
                let element = node.field("element").map(|element| self.type_of(element));
                Type { name: "[]".to_owned(), arguments: element.into_iter().collect(), ..Type::default() }
            }
            "annotated_type" | "wildcard" | "catch_type" => children(node)
                .into_iter()
                .find(|part| is_type(part.kind()))
                .map(|inner| self.type_of(inner))
                .unwrap_or_default(),
            _ => Type { name: self.source(node).to_owned(), ..Type::default() },
        }
    }

    /// An annotation's `{a, b}`, or an array's.
    pub(super) fn items(&mut self, node: Node<'t>) -> Kind {
        Kind::List(children(node).into_iter().map(|item| self.expression(item)).collect())
    }
}

pub(super) fn is_type(kind: &str) -> bool {
    kind.ends_with("type") || kind.ends_with("type_identifier")
}
