//! Imports and exports, ES and CommonJS.

use tree_sitter::Node;

use super::{Lowering, children, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Entry, Export, Expression, Import, Kind, Pattern, Span, Statement};

impl<'t> Lowering<'t> {
    /// An import. `import type` is one, too: annotations need it.
    pub(super) fn import(&mut self, node: Node<'t>) {
        let at = span(node);
        let clause = children(node).into_iter().find(|c| matches!(c.kind(), "import_clause" | "import_require_clause"));
        let source = node.field("source").or_else(|| clause.and_then(|clause| clause.field("source")));
        let Some(source) = source else { return };
        let module = self.string(source);
        let mut add = |local: &str, name: Option<&str>| {
            let name = name.map(str::to_owned);
            self.module.imports.push(Import { local: local.to_owned(), module: module.clone(), name, span: at });
        };
        let Some(clause) = clause else { return add("", None) };
        let text = self.text;
        let source = |node: Node<'_>| text.get(node.byte_range()).unwrap_or_default();
        let required = clause.kind() == "import_require_clause";
        for child in children(clause) {
            match child.kind() {
                "identifier" => add(source(child), (!required).then_some("default")),
                "namespace_import" => {
                    if let Some(&name) = children(child).first() {
                        add(source(name), None);
                    }
                }
                "named_imports" => {
                    for specifier in children(child) {
                        let Some(name) = specifier.field("name") else { continue };
                        let local = specifier.field("alias").unwrap_or(name);
                        add(source(local), Some(source(name).trim_matches(['"', '\''])));
                    }
                }
                _ => {}
            }
        }
    }

    fn exported(&mut self, name: &str, local: &str, from: Option<&str>) {
        let export = Export { name: name.to_owned(), local: local.to_owned(), from: from.map(str::to_owned) };
        if !self.module.exports.contains(&export) {
            self.module.exports.push(export);
        }
    }

    pub(super) fn export(&mut self, node: Node<'t>, body: &mut Vec<Statement>) {
        let from = node.field("source").map(|source| self.string(source));
        if let Some(module) = &from {
            let import = Import { local: String::new(), module: module.clone(), name: None, span: span(node) };
            self.module.imports.push(import);
        }
        let is_default = super::has_token(node, "default");
        if let Some(declaration) = node.field("declaration") {
            return self.exported_declaration(node, declaration, is_default, body);
        }
        if let Some(value) = node.field("value") {
            return self.default_export(value, body);
        }
        let mut whole = true;
        for child in children(node) {
            match child.kind() {
                "export_clause" => {
                    whole = false;
                    for specifier in children(child) {
                        let Some(name) = specifier.field("name") else { continue };
                        let outside = specifier.field("alias").unwrap_or(name);
                        let (outside, name) = (self.key(outside).value, self.key(name).value);
                        self.exported(&outside, &name, from.as_deref());
                    }
                }
                "namespace_export" => {
                    whole = false;
                    let name = children(child).first().map(|&name| self.key(name).value).unwrap_or_default();
                    self.exported(&name, "*", from.as_deref());
                }
                // `export = x`
                kind if kind != "string" && from.is_none() => {
                    whole = false;
                    self.default_export(child, body);
                }
                _ => {}
            }
        }
        if let (true, Some(from)) = (whole, from) {
            self.exported("*", "*", Some(&from));
        }
    }

    fn exported_declaration(
        &mut self,
        node: Node<'t>,
        declaration: Node<'t>,
        is_default: bool,
        body: &mut Vec<Statement>,
    ) {
        let before = body.len();
        let mut names = Vec::new();
        match declaration.kind() {
            "class_declaration" | "abstract_class_declaration" => {
                let attributes = self.decorators(node);
                names.push(self.class(declaration, attributes, Some("default")));
            }
            "function_declaration" | "generator_function_declaration" => names.extend(self.declaration(declaration)),
            "interface_declaration" | "type_alias_declaration" => names.extend(self.interface(declaration)),
            _ => {
                let imports = self.module.imports.len();
                self.statement(declaration, body);
                for statement in &body[before..] {
                    if let Statement::Let { pattern, .. } = statement {
                        bound(pattern, &mut names);
                    }
                }
                names.extend(self.module.imports[imports..].iter().map(|import| import.local.clone()));
            }
        }
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            self.exported(if is_default { "default" } else { &name }, &name, None);
        }
    }

    /// `export default x`: by its name, or as a declaration called `default`.
    fn default_export(&mut self, value: Node<'t>, body: &mut Vec<Statement>) {
        if value.kind() == "class" {
            let name = self.class(value, Vec::new(), Some("default"));
            return self.exported("default", &name, None);
        }
        let expression = self.expression(value);
        let name = self.local(expression, "default", body);
        self.exported("default", &name, None);
    }

    /// A name for a value: its own, or a new declaration.
    fn local(&mut self, value: Expression, name: &str, body: &mut Vec<Statement>) -> String {
        if let Some(own) = value.name() {
            return own.to_owned();
        }
        let span = value.span;
        let pattern = Pattern::Name(name.to_owned(), Span::new(span.start, span.start));
        body.push(Statement::Let { pattern, annotation: None, value: Some(value), span });
        name.to_owned()
    }

    /// `module.exports = ..`, `exports.x = ..`, `module.exports.x = ..` as exports; whether the statement was one.
    /// What has no name gets a declaration instead of the assignment.
    pub(super) fn common_export(&mut self, statement: &Expression, body: &mut Vec<Statement>) -> bool {
        let Kind::Assign(target, value) = &statement.kind else { return false };
        if is_exports(target) {
            let mut value = (**value).clone();
            if let Kind::Record(record) = &mut value.kind {
                for entry in &mut record.entries {
                    if let Entry::Field(key, value) = entry {
                        let span = value.span;
                        let local = self.local(std::mem::take(value), &format!("exports.{}", key.value), body);
                        self.exported(&key.value, &local, None);
                        *value = Expression { kind: Kind::Name(local), span };
                    }
                }
            }
            let local = self.local(value, "module.exports", body);
            self.exported("default", &local, None);
            return true;
        }
        match &target.kind {
            Kind::Member(object, key) if is_exports(object) => {
                let local = self.local((**value).clone(), &format!("exports.{}", key.value), body);
                self.exported(&key.value, &local, None);
                true
            }
            _ => false,
        }
    }
}

fn is_exports(expression: &Expression) -> bool {
    match &expression.kind {
        Kind::Name(name) => name == "exports",
        Kind::Member(object, key) => object.name() == Some("module") && key.value == "exports",
        _ => false,
    }
}

/// The names that a pattern binds.
fn bound(pattern: &Pattern, names: &mut Vec<String>) {
    match pattern {
        Pattern::Ignore => {}
        Pattern::Name(name, _) => names.push(name.clone()),
        Pattern::Fields(fields) => fields.iter().for_each(|(_, inner)| bound(inner, names)),
        Pattern::Items(items) | Pattern::Wrapped(_, items) => items.iter().for_each(|inner| bound(inner, names)),
        Pattern::Rest(inner) => bound(inner, names),
    }
}
