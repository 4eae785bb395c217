//! Functions, types, `impl` blocks, modules and constants.

use tree_sitter::Node;

use super::{Lowering, parts, statements::Tail};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{
    Class, ClassId, Expression, Field, Function, FunctionId, Kind, Pattern, Span, Statement, Text, Type,
};

/// Attributes and documentation that stand before an item.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    pub(super) attributes: Vec<Expression>,
    pub(super) documentation: Option<Text>,
    start: Option<usize>,
}

impl Lowering<'_> {
    /// Takes an attribute or a comment into `ahead`; false for anything else.
    pub(super) fn ahead(&mut self, node: Node<'_>, ahead: &mut Ahead) -> bool {
        match node.kind() {
            "attribute_item" => {
                ahead.start.get_or_insert(self.span(node).start);
                let attribute = parts(node).into_iter().find(|part| part.kind() == "attribute");
                if let Some(attribute) = attribute.and_then(|attribute| self.attribute(attribute)) {
                    match &attribute.kind {
                        Kind::Assign(target, text) if target.name() == Some("doc") => {
                            let value = text.text().unwrap_or_default().to_owned();
                            extend(&mut ahead.documentation, &value, text.span);
                        }
                        _ => ahead.attributes.push(attribute),
                    }
                }
                true
            }
            "line_comment" | "block_comment" => {
                if node.field("outer").is_some() {
                    let span = self.span(node);
                    ahead.start.get_or_insert(span.start);
                    let text = node.field("doc").map_or("", |doc| self.source(doc));
                    extend(&mut ahead.documentation, &clean(text), span);
                }
                true
            }
            "inner_attribute_item" | "visibility_modifier" => true,
            _ => false,
        }
    }

    pub(super) fn item(&mut self, node: Node<'_>, ahead: Ahead, out: &mut Vec<Statement>) {
        let only_tests = ahead.attributes.iter().any(marks_tests);
        let outer = self.in_test;
        self.in_test |= only_tests;
        match node.kind() {
            "use_declaration" => self.uses(node),
            "extern_crate_declaration" => self.extern_crate(node),
            "mod_item" => self.inline_module(node, out),
            "foreign_mod_item" => {}
            "function_item" | "function_signature_item" => self.function(node, ahead, None),
            "impl_item" => self.implementation(node, ahead, out),
            "trait_item" => self.declared_trait(node, ahead, out),
            "struct_item" | "enum_item" | "union_item" => self.class(node, ahead),
            "const_item" | "static_item" => {
                let name = node.field("name");
                let pattern = name.map(|n| Pattern::Name(self.source(n).to_owned(), self.span(n)));
                let annotation = node.field("type").map(|t| self.type_of(t));
                let value = node.field("value").map(|value| self.expression(value));
                let pattern = pattern.unwrap_or_default();
                out.push(Statement::Let { pattern, annotation, value, span: self.span(node) });
            }
            _ => {}
        }
        self.in_test = outer;
    }

    fn inline_module(&mut self, node: Node<'_>, out: &mut Vec<Statement>) {
        let name = node.field("name").map_or("", |name| self.source(name));
        match node.field("body") {
            Some(body) => {
                self.modules += 1;
                out.extend(self.block(body, Tail::Value));
                self.modules -= 1;
            }
            None => self.file_module(node, name),
        }
    }

    fn function(&mut self, node: Node<'_>, ahead: Ahead, class: Option<ClassId>) {
        let own = self.span(node);
        let name = node.field("name");
        let function = Function {
            name: name.map(|n| self.source(n).trim_start_matches("r#").to_owned()),
            class,
            parent: Some(self.function),
            parameters: self.parameters(node.field("parameters")),
            is_test: self.in_test || ahead.attributes.iter().any(is_test),
            attributes: ahead.attributes,
            result: node.field("return_type").map(|t| self.type_of(t)),
            documentation: ahead.documentation,
            span: Span::new(ahead.start.unwrap_or(own.start), own.end),
            name_span: name.map_or(own, |n| self.span(n)),
            body: Vec::new(),
        };
        let id = self.module.functions.len();
        self.module.functions.push(function);
        if let Some(class) = class {
            self.module.classes[class].methods.push(id);
        }
        if let Some(body) = node.field("body") {
            self.inside(id, |l| l.block(body, Tail::Return));
        }
    }

    pub(super) fn closure(&mut self, node: Node<'_>) -> Kind {
        let span = self.span(node);
        let function = Function {
            parent: Some(self.function),
            parameters: self.parameters(node.field("parameters")),
            result: node.field("return_type").map(|t| self.type_of(t)),
            is_test: self.in_test,
            span,
            name_span: span,
            ..Function::default()
        };
        let id = self.module.functions.len();
        self.module.functions.push(function);
        self.inside(id, |l| {
            let mut body = Vec::new();
            if let Some(inner) = node.field("body") {
                match inner.kind() {
                    "block" => body = l.block(inner, Tail::Return),
                    _ => l.tail(inner, Tail::Return, &mut body),
                }
            }
            body
        });
        Kind::Function(id)
    }

    /// Lowers the body of the function `id`.
    fn inside(&mut self, id: FunctionId, body: impl FnOnce(&mut Self) -> Vec<Statement>) {
        let outer = (self.function, self.in_test);
        (self.function, self.in_test) = (id, self.module.functions[id].is_test);
        let statements = body(self);
        self.module.functions[id].body = statements;
        (self.function, self.in_test) = outer;
    }

    /// The class of a name in this file; a new one where there is none yet.
    fn named_class(&mut self, name: &str, span: Span) -> ClassId {
        if let Some(known) = self.module.classes.iter().position(|class| class.name == name) {
            return known;
        }
        self.module.classes.push(Class { name: name.to_owned(), span, ..Class::default() });
        self.module.classes.len() - 1
    }

    fn class(&mut self, node: Node<'_>, ahead: Ahead) {
        let own = self.span(node);
        let name = node.field("name").map_or("", |name| self.source(name));
        let fields = node.field("body").map(|body| self.fields_of(body)).unwrap_or_default();
        let id = self.named_class(name, own);
        let class = &mut self.module.classes[id];
        class.span = Span::new(ahead.start.unwrap_or(own.start), own.end);
        class.attributes.extend(ahead.attributes);
        class.documentation = ahead.documentation;
        class.fields.extend(fields);
    }

    /// Fields, or variants, or the types of a tuple by their number.
    fn fields_of(&mut self, body: Node<'_>) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut ahead = Ahead::default();
        let children: Vec<_> = body.named_children(&mut body.walk()).collect();
        for child in children {
            if self.ahead(child, &mut ahead) {
                continue;
            }
            let Ahead { attributes, documentation, .. } = std::mem::take(&mut ahead);
            let name = child.field("name");
            let annotation = match child.kind() {
                "field_declaration" => child.field("type").map(|t| self.type_of(t)),
                "enum_variant" => None,
                _ => Some(self.type_of(child)),
            };
            fields.push(Field {
                name: name.map_or_else(|| fields.len().to_string(), |name| self.source(name).to_owned()),
                annotation,
                value: child.field("value").map(|value| self.expression(value)),
                attributes,
                documentation,
                span: self.span(child),
            });
        }
        fields
    }

    fn implementation(&mut self, node: Node<'_>, ahead: Ahead, out: &mut Vec<Statement>) {
        let target = node.field("type").map(|t| self.type_of(t)).unwrap_or_default();
        let name = target.name.rsplit("::").next().unwrap_or_default();
        let base = node.field("trait").map(|t| self.type_of(t));
        let id = self.named_class(name, self.span(node));
        self.module.classes[id].bases.extend(base);
        self.module.classes[id].attributes.extend(ahead.attributes);
        if let Some(body) = node.field("body") {
            self.members(id, body, out);
        }
    }

    fn declared_trait(&mut self, node: Node<'_>, ahead: Ahead, out: &mut Vec<Statement>) {
        let name = node.field("name").map_or("", |name| self.source(name));
        let id = self.named_class(name, self.span(node));
        let bases: Vec<Type> = node.field("bounds").map(|b| self.types(b)).unwrap_or_default();
        let class = &mut self.module.classes[id];
        class.bases.extend(bases);
        class.attributes.extend(ahead.attributes);
        class.documentation = ahead.documentation;
        if let Some(body) = node.field("body") {
            self.members(id, body, out);
        }
    }

    /// Methods and constants of an `impl` block or trait. A macro in it stays a statement of the file.
    fn members(&mut self, class: ClassId, body: Node<'_>, out: &mut Vec<Statement>) {
        let mut ahead = Ahead::default();
        let children: Vec<_> = body.named_children(&mut body.walk()).collect();
        for child in children {
            if self.ahead(child, &mut ahead) {
                continue;
            }
            let ahead = std::mem::take(&mut ahead);
            match child.kind() {
                "function_item" | "function_signature_item" => {
                    self.deeper(|l| l.function(child, ahead, Some(class)));
                }
                "const_item" => {
                    let field = Field {
                        name: child.field("name").map_or("", |n| self.source(n)).to_owned(),
                        annotation: child.field("type").map(|t| self.type_of(t)),
                        value: child.field("value").map(|value| self.expression(value)),
                        attributes: ahead.attributes,
                        documentation: ahead.documentation,
                        span: self.span(child),
                    };
                    self.module.classes[class].fields.push(field);
                }
                "macro_invocation" => out.push(Statement::Expression(self.expression(child))),
                _ => {}
            }
        }
    }
}

/// The last name of an attribute's path.
fn last_name(attribute: &Expression) -> &str {
    let path = attribute.call().map_or(attribute, |call| &call.function);
    match &path.kind {
        Kind::Name(name) => name,
        Kind::Member(_, name) => &name.value,
        _ => "",
    }
}

/// `#[test]`, `#[tokio::test]`, `#[rstest]` and their like.
fn is_test(attribute: &Expression) -> bool {
    matches!(last_name(attribute), "test" | "rstest" | "test_case" | "quickcheck" | "wasm_bindgen_test")
}

/// `#[cfg(test)]`, also in `all(..)`.
fn marks_tests(attribute: &Expression) -> bool {
    last_name(attribute) == "cfg" && attribute.call().is_some_and(|call| call.positional(0).is_some_and(needs_test))
}

fn needs_test(condition: &Expression) -> bool {
    match condition.call() {
        Some(call) => {
            call.function.name() == Some("all") && call.arguments.iter().any(|argument| needs_test(&argument.value))
        }
        None => condition.name() == Some("test"),
    }
}

/// A documentation comment without its markers and the blank after them.
fn clean(text: &str) -> String {
    let lines = text.trim_end_matches('\n').lines().map(|line| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let bare = line.trim_start();
        let line = bare.strip_prefix("* ").or(bare.strip_prefix('*').filter(|rest| rest.is_empty())).unwrap_or(line);
        line.strip_prefix(' ').unwrap_or(line).trim_end()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn extend(documentation: &mut Option<Text>, line: &str, span: Span) {
    match documentation {
        Some(text) => {
            text.value.push('\n');
            text.value.push_str(line);
            text.span.end = span.end;
        }
        None => *documentation = Some(Text { value: line.to_owned(), span }),
    }
}
