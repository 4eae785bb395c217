//! Packages, imports, types, functions and methods.

use tree_sitter::Node;

use super::{Lowering, children, listed, span, text};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{
    Expression, Field, Function, FunctionId, Import, Kind, Parameter, Pattern, Span, Statement, Text, Type,
};

impl<'t> Lowering<'t> {
    /// A declaration of the top level, or a type, variable or constant of any level; whether it was one.
    pub(super) fn declaration(&mut self, node: Node<'t>, body: &mut Vec<Statement>) -> bool {
        match node.kind() {
            "package_clause" => {
                self.module.package = children(node).first().map(|&n| self.source(n).to_owned()).unwrap_or_default();
            }
            "import_declaration" => {
                for child in children(node) {
                    let specs = if child.kind() == "import_spec_list" { children(child) } else { vec![child] };
                    specs.into_iter().for_each(|spec| self.import(spec));
                }
            }
            "type_declaration" => children(node).into_iter().for_each(|spec| self.type_spec(spec)),
            "function_declaration" => {
                let name = node.field("name").map(|name| self.source(name).to_owned());
                self.function(node, name, None);
            }
            "method_declaration" => self.method(node),
            "var_declaration" | "const_declaration" => {
                for child in children(node) {
                    let specs = if child.kind() == "var_spec_list" { children(child) } else { vec![child] };
                    specs.into_iter().for_each(|spec| self.variable(spec, body));
                }
            }
            _ => return false,
        }
        true
    }

    fn import(&mut self, spec: Node<'t>) {
        let Some(path) = spec.field("path") else { return };
        let module = text::decode(self.source(path));
        let local = match spec.field("name").map(|name| self.source(name)) {
            Some(".") => "*".to_owned(),
            Some("_") => String::new(),
            Some(name) => name.to_owned(),
            None => package_name(&module).to_owned(),
        };
        self.module.imports.push(Import { local, module, name: None, span: span(spec) });
    }

    fn type_spec(&mut self, spec: Node<'t>) {
        let (Some(name), Some(inner)) = (spec.field("name"), spec.field("type")) else {
            return;
        };
        let documentation = self.documentation(spec).or_else(|| spec.parent().and_then(|p| self.documentation(p)));
        let id = self.class(self.source(name));
        let (mut bases, mut fields) = (Vec::new(), Vec::new());
        match inner.kind() {
            "struct_type" => self.fields(inner, &mut bases, &mut fields),
            "interface_type" => {}
            _ => bases.push(self.type_of(inner)),
        }
        let class = &mut self.module.classes[id];
        class.bases = bases;
        class.fields = fields;
        class.documentation = documentation;
        class.span = span(spec);
    }

    fn fields(&mut self, structure: Node<'t>, bases: &mut Vec<Type>, fields: &mut Vec<Field>) {
        for declaration in children(structure).into_iter().flat_map(children) {
            let Some(inner) = declaration.field("type") else { continue };
            let annotation = self.type_of(inner);
            let tag = declaration
                .field("tag")
                .map(|tag| Expression { kind: Kind::Text(text::decode(self.source(tag))), span: span(tag) });
            let mut cursor = declaration.walk();
            let names: Vec<String> =
                declaration.children_by_field_name("name", &mut cursor).map(|n| self.source(n).to_owned()).collect();
            let is_embedded = names.is_empty();
            let names = if is_embedded {
                bases.push(annotation.clone());
                vec![annotation.name.rsplit('.').next().unwrap_or_default().to_owned()]
            } else {
                names
            };
            for name in names {
                fields.push(Field {
                    name,
                    annotation: Some(annotation.clone()),
                    attributes: tag.iter().cloned().collect(),
                    documentation: self.documentation(declaration),
                    span: span(declaration),
                    ..Field::default()
                });
            }
        }
    }

    fn method(&mut self, node: Node<'t>) {
        let receiver = node.field("receiver").map(|list| self.parameters(list)).unwrap_or_default();
        let class = receiver.first().and_then(|r| r.annotation.as_ref()).map(|a| a.name.clone()).unwrap_or_default();
        let id = self.class(&class);
        let name = node.field("name").map(|name| self.source(name).to_owned());
        let function = self.function(node, name, Some(receiver));
        self.module.functions[function].class = Some(id);
        self.module.classes[id].methods.push(function);
    }

    pub(super) fn function(
        &mut self,
        node: Node<'t>,
        name: Option<String>,
        receiver: Option<Vec<Parameter>>,
    ) -> FunctionId {
        let id = self.module.functions.len();
        let outer = self.function;
        let mut parameters = receiver.unwrap_or_default();
        parameters.extend(node.field("parameters").map(|p| self.parameters(p)).unwrap_or_default());
        let is_test = self.module.functions[outer].is_test
            || parameters.iter().filter_map(|p| p.annotation.as_ref()).any(|a| a.name.starts_with("testing."));
        let name_span = node.field("name").map(span);
        self.module.functions.push(Function {
            name,
            parent: Some(outer),
            parameters,
            documentation: self.documentation(node),
            is_test,
            span: span(node),
            name_span: name_span.unwrap_or(Span::new(node.start_byte(), node.start_byte())),
            ..Function::default()
        });
        self.function = id;
        let result = node.field("result").map(|result| self.type_of(result));
        let mut body = Vec::new();
        if let Some(block) = node.field("body") {
            self.deeper(|lowering| lowering.statements(block, &mut body));
        }
        self.function = outer;
        let function = &mut self.module.functions[id];
        function.result = result;
        function.body = body;
        id
    }

    /// `a, b int, c ...string`: one parameter per name.
    fn parameters(&mut self, list: Node<'t>) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for declaration in children(list) {
            let annotation = declaration.field("type").map(|inner| self.type_of(inner));
            let rest = declaration.kind() == "variadic_parameter_declaration";
            let mut cursor = declaration.walk();
            let mut patterns: Vec<Pattern> =
                declaration.children_by_field_name("name", &mut cursor).map(|name| self.bound(name)).collect();
            if patterns.is_empty() {
                patterns.push(Pattern::Ignore);
            }
            parameters.extend(patterns.into_iter().map(|pattern| {
                let span = span(declaration);
                Parameter { pattern, annotation: annotation.clone(), default: None, rest, span }
            }));
        }
        parameters
    }

    /// What a name on the left of a declaration binds.
    pub(super) fn bound(&self, node: Node<'_>) -> Pattern {
        match self.source(node) {
            "_" => Pattern::Ignore,
            name => Pattern::Name(name.to_owned(), span(node)),
        }
    }

    fn variable(&mut self, spec: Node<'t>, body: &mut Vec<Statement>) {
        let annotation = spec.field("type").map(|inner| self.type_of(inner));
        let mut cursor = spec.walk();
        let names = spec.children_by_field_name("name", &mut cursor).filter(|name| name.is_named());
        let patterns = names.map(|name| self.bound(name)).collect();
        let values = listed(spec.field("value")).into_iter().map(|v| self.expression(v)).collect();
        bind(patterns, annotation.as_ref(), values, span(spec), body);
    }

    pub(super) fn type_of(&mut self, node: Node<'t>) -> Type {
        let text = self.source(node).to_owned();
        let mut lowered = self.deeper(|lowering| lowering.type_parts(node));
        lowered.text = text;
        lowered.span = span(node);
        lowered
    }

    fn type_parts(&mut self, node: Node<'t>) -> Type {
        let field = |name: &'static str| node.field(name);
        let mut of = |name: &str, parts: Vec<Node<'t>>| {
            let arguments = parts.into_iter().map(|part| self.type_of(part)).collect();
            Type { name: name.to_owned(), arguments, ..Type::default() }
        };
        match node.kind() {
            "pointer_type" | "parenthesized_type" | "type_elem" | "negated_type" => {
                children(node).first().map(|&inner| self.type_of(inner)).unwrap_or_default()
            }
            "slice_type" | "array_type" | "implicit_length_array_type" => {
                of("[]", field("element").into_iter().collect())
            }
            "map_type" => of("map", field("key").into_iter().chain(field("value")).collect()),
            "channel_type" => of("chan", field("value").into_iter().collect()),
            "generic_type" => {
                let arguments = field("type_arguments").map(children).unwrap_or_default();
                let mut generic = of("", arguments);
                generic.name = field("type").map(|inner| self.source(inner).to_owned()).unwrap_or_default();
                generic
            }
            "parameter_list" => {
                let parameters = self.parameters(node);
                let mut arguments: Vec<Type> = parameters.into_iter().filter_map(|p| p.annotation).collect();
                match arguments.len() {
                    1 => arguments.remove(0),
                    _ => Type { arguments, ..Type::default() },
                }
            }
            "function_type" => of("func", Vec::new()),
            "struct_type" => of("struct", Vec::new()),
            "interface_type" => of("any", Vec::new()),
            _ => Type { name: self.source(node).to_owned(), ..Type::default() },
        }
    }

    /// The `//` comments on the lines right before a declaration.
    fn documentation(&self, node: Node<'_>) -> Option<Text> {
        let comments = &self.module.comments;
        let mut index = comments.partition_point(|comment| comment.end <= node.start_byte());
        let end = comments.get(index.checked_sub(1)?)?.end;
        let mut start = node.start_byte();
        let mut lines = Vec::new();
        while let Some(comment) = index.checked_sub(1).and_then(|before| comments.get(before)) {
            let gap = self.text.get(comment.end..start)?;
            if !gap.trim().is_empty() || gap.matches('\n').count() != 1 {
                break;
            }
            lines.push(self.text.get(comment.start..comment.end)?.trim_start_matches('/').trim());
            start = comment.start;
            index -= 1;
        }
        lines.reverse();
        (!lines.is_empty()).then(|| Text { value: lines.join("\n"), span: Span::new(start, end) })
    }
}

/// Declares names: pairwise, or all of them from one value with several results.
pub(super) fn bind(
    patterns: Vec<Pattern>,
    annotation: Option<&Type>,
    values: Vec<Expression>,
    span: Span,
    body: &mut Vec<Statement>,
) {
    let declare = |pattern: Pattern, value: Option<Expression>| Statement::Let {
        pattern,
        annotation: annotation.cloned(),
        value,
        span,
    };
    match (patterns.len(), values.len()) {
        (_, 0) => body.extend(patterns.into_iter().map(|pattern| declare(pattern, None))),
        (names, 1) if names > 1 => body.push(declare(Pattern::Items(patterns), values.into_iter().next())),
        _ => body.extend(patterns.into_iter().zip(values).map(|(pattern, value)| declare(pattern, Some(value)))),
    }
}

/// The name that a package most likely has: the last part of its path, without version and `go-`.
fn package_name(module: &str) -> &str {
    let is_version = |part: &str| part.strip_prefix('v').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    let part = module.rsplit('/').find(|part| !is_version(part)).unwrap_or(module);
    let part = match part.rsplit_once('.') {
        Some((name, version)) if is_version(version) => name,
        _ => part,
    };
    part.strip_prefix("go-").or(part.strip_suffix("-go")).or(part.strip_suffix(".go")).unwrap_or(part)
}
