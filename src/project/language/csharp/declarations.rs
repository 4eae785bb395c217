//! Namespaces, usings, types and their members.

use tree_sitter::Node;

use super::{Lowering, children, first_of, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{
    Argument, Call, Class, ClassId, Expression, Field, Function, FunctionId, Import, Kind, Parameter, Pattern, Span,
    Statement, Text, Type,
};

/// Attributes of test methods.
const TESTS: &[&str] = &["Fact", "Theory", "Test", "TestCase", "TestMethod", "DataTestMethod"];

impl<'t> Lowering<'t> {
    /// A using, a namespace or a type; whether it was one.
    pub(super) fn declaration(&mut self, node: Node<'t>, body: &mut Vec<Statement>) -> bool {
        match node.kind() {
            "using_directive" => self.using(node),
            "namespace_declaration" | "file_scoped_namespace_declaration" => {
                let name = node.field("name").map(|name| self.source(name).to_owned());
                if self.module.package.is_empty() {
                    self.module.package = name.unwrap_or_default();
                }
                if let Some(inner) = node.field("body") {
                    self.statements(inner, body);
                } else {
                    let inner = children(node).into_iter().filter(|child| !child.kind().ends_with("name"));
                    inner.filter(|child| child.kind() != "identifier").for_each(|child| self.statement(child, body));
                }
            }
            "class_declaration"
            | "interface_declaration"
            | "struct_declaration"
            | "record_declaration"
            | "enum_declaration" => {
                self.class(node);
            }
            // Of a fragment without a class.
            "method_declaration" => {
                self.method(node, None);
            }
            "local_function_statement" => {
                let name = node.field("name").map(|name| self.source(name).to_owned());
                let result = node.field("type").map(|result| self.type_of(result));
                let attributes = self.attributes(node);
                let is_test = self.module.functions[self.function].is_test;
                let function = Function { name, result, attributes, is_test, ..Function::default() };
                self.function(node, function);
            }
            "preproc_if" | "preproc_elif" | "preproc_else" => {
                let condition = node.field("condition");
                let inner = children(node).into_iter().filter(|child| Some(*child) != condition);
                inner.for_each(|child| self.statement(child, body));
            }
            "extern_alias_directive" | "global_attribute" | "delegate_declaration" => {}
            kind if kind.starts_with("preproc_") => {}
            _ => return false,
        }
        true
    }

    /// `using A.B;`, `using static A.B.C;`, `using X = A.B.C;`
    fn using(&mut self, node: Node<'t>) {
        let alias = node.field("name");
        let named = children(node).into_iter().rfind(|child| Some(*child) != alias);
        let Some(path) = named.map(|path| self.source(path).trim_start_matches("global::").to_owned()) else { return };
        let span = span(node);
        self.module.imports.push(match alias {
            Some(alias) => {
                let (module, name) = path.rsplit_once('.').unwrap_or(("", &path));
                let local = self.source(alias).to_owned();
                Import { local, module: module.to_owned(), name: Some(name.to_owned()), span }
            }
            None => Import { local: "*".to_owned(), module: path, name: None, span },
        });
    }

    fn class(&mut self, node: Node<'t>) -> ClassId {
        let name = node.field("name").map(|name| self.source(name).to_owned()).unwrap_or_default();
        let listed = first_of(node, &["base_list"]).map(children).unwrap_or_default();
        let bases = listed.into_iter().filter(|base| base.kind() != "argument_list");
        let bases = bases.map(|base| base.field("type").filter(|_| base.kind().starts_with("primary")).unwrap_or(base));
        let bases = bases.map(|base| self.type_of(base)).collect();
        let id = self.module.classes.len();
        let attributes = self.attributes(node);
        let documentation = self.documentation(node);
        self.module.classes.push(Class {
            name,
            bases,
            attributes,
            documentation,
            span: span(node),
            ..Class::default()
        });
        if let Some(list) = first_of(node, &["parameter_list"]) {
            self.primary(id, list);
        }
        if let Some(body) = node.field("body") {
            self.deeper(|lowering| lowering.members(id, body));
        }
        id
    }

    /// The parameters in the head of a class or record, as fields.
    fn primary(&mut self, id: ClassId, list: Node<'t>) {
        for parameter in children(list).into_iter().filter(|part| part.kind() == "parameter") {
            let Some(name) = parameter.field("name") else { continue };
            let annotation = parameter.field("type").map(|inner| self.type_of(inner));
            let attributes = self.attributes(parameter);
            let name = self.source(name).to_owned();
            let field = Field { name, annotation, attributes, span: span(parameter), ..Field::default() };
            self.module.classes[id].fields.push(field);
        }
    }

    fn members(&mut self, id: ClassId, body: Node<'t>) {
        for member in children(body) {
            match member.kind() {
                "method_declaration"
                | "constructor_declaration"
                | "destructor_declaration"
                | "operator_declaration"
                | "conversion_operator_declaration" => {
                    let function = self.method(member, Some(id));
                    self.module.classes[id].methods.push(function);
                }
                "field_declaration" | "event_field_declaration" => self.field_of(id, member),
                "property_declaration" | "indexer_declaration" => self.property(id, member),
                "enum_member_declaration" => {
                    let Some(name) = member.field("name") else { continue };
                    let name = self.source(name).to_owned();
                    let value = member.field("value").map(|value| self.expression(value));
                    let field = Field { name, value, span: span(member), ..Field::default() };
                    self.module.classes[id].fields.push(field);
                }
                "preproc_if" | "preproc_elif" | "preproc_else" | "ERROR" => {
                    self.deeper(|lowering| lowering.members(id, member));
                }
                _ => {
                    self.deeper(|lowering| lowering.declaration(member, &mut Vec::new()));
                }
            }
        }
    }

    fn field_of(&mut self, id: ClassId, node: Node<'t>) {
        let Some(declaration) = first_of(node, &["variable_declaration"]) else { return };
        let annotation = declaration.field("type").map(|inner| self.type_of(inner));
        let attributes = self.attributes(node);
        let documentation = self.documentation(node);
        for declarator in children(declaration).into_iter().filter(|part| part.kind() == "variable_declarator") {
            let Some(name) = declarator.field("name") else { continue };
            let name = self.source(name).to_owned();
            let value = self.initial(declarator);
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

    /// A property is a field; accessors with bodies are methods called `get_Name`.
    fn property(&mut self, id: ClassId, node: Node<'t>) {
        let name = node.field("name").map_or("this", |name| self.source(name)).to_owned();
        let annotation = node.field("type").map(|inner| self.type_of(inner));
        let attributes = self.attributes(node);
        let documentation = self.documentation(node);
        let value = node.field("value").map(|value| match value.kind() {
            "arrow_expression_clause" => {
                children(value).first().map(|&inner| self.expression(inner)).unwrap_or_default()
            }
            _ => self.expression(value),
        });
        for accessor in node.field("accessors").map(children).unwrap_or_default() {
            if accessor.field("body").is_some() {
                let kind = accessor.field("name").map_or("get", |name| self.source(name));
                let function = Function {
                    name: Some(format!("{kind}_{name}")),
                    class: Some(id),
                    result: annotation.clone().filter(|_| kind == "get"),
                    ..Function::default()
                };
                let function = self.function(accessor, function);
                self.module.classes[id].methods.push(function);
            }
        }
        let field = Field { name, annotation, value, attributes, documentation, span: span(node) };
        self.module.classes[id].fields.push(field);
    }

    /// A method or constructor; the constructor is called so.
    fn method(&mut self, node: Node<'t>, class: Option<ClassId>) -> FunctionId {
        let name = match node.kind() {
            "constructor_declaration" => Some("constructor".to_owned()),
            _ => node.field("name").map(|name| self.source(name).to_owned()),
        };
        let attributes = self.attributes(node);
        let is_test = attributes.iter().any(|attribute| {
            let name = attribute.call().map_or(attribute, |call| &call.function);
            name.name().is_some_and(|name| TESTS.contains(&name))
        });
        let result = node.field("returns").map(|result| self.type_of(result));
        let documentation = self.documentation(node);
        let is_test = is_test || self.module.functions[self.function].is_test;
        let function = Function { name, class, attributes, result, documentation, is_test, ..Function::default() };
        self.function(node, function)
    }

    /// Adds a function with the parameters and the body of `node`.
    pub(super) fn function(&mut self, node: Node<'t>, function: Function) -> FunctionId {
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
        let block = node.field("body").or_else(|| first_of(node, &["block"]));
        let mut body = Vec::new();
        self.deeper(|lowering| lowering.body(block, &mut body));
        self.function = outer;
        let function = &mut self.module.functions[id];
        function.parameters = parameters;
        function.body = body;
        id
    }

    /// A block, `=> value`, or the value of a lambda.
    fn body(&mut self, node: Option<Node<'t>>, body: &mut Vec<Statement>) {
        let Some(node) = node else { return };
        let value = match node.kind() {
            "block" => return self.statements(node, body),
            "arrow_expression_clause" => children(node).first().copied(),
            _ => Some(node),
        };
        if let Some(value) = value.map(|value| self.expression(value)) {
            let at = value.span;
            body.push(Statement::Return(Some(value), at));
        }
    }

    /// `(string a, int b = 1, params string[] c)`, `(a, b)`, `a`
    pub(super) fn parameters(&mut self, list: Node<'t>) -> Vec<Parameter> {
        let plain = |lowering: &Self, name: Node<'t>| Parameter {
            pattern: lowering.bound(name),
            span: span(name),
            ..Parameter::default()
        };
        if list.kind() == "implicit_parameter" {
            return vec![plain(self, list)];
        }
        let mut parameters = Vec::new();
        // `params` is written into the list itself.
        if let Some(name) = list.field("name") {
            let annotation = list.field("type").map(|inner| self.type_of(inner));
            parameters.push(Parameter { annotation, rest: true, ..plain(self, name) });
        }
        let mut found = Vec::new();
        for part in children(list).into_iter().filter(|part| part.kind() == "parameter") {
            let annotation = part.field("type").map(|inner| self.type_of(inner));
            let (name, of) = (part.field("name"), part.field("type"));
            let skipped = ["modifier", "attribute_list"];
            let mut rest = children(part).into_iter().filter(|inner| Some(*inner) != name && Some(*inner) != of);
            let default = rest.find(|inner| !skipped.contains(&inner.kind()) && !inner.kind().starts_with("preproc"));
            let default = default.map(|default| self.expression(default));
            let pattern = name.map(|name| self.bound(name)).unwrap_or_default();
            found.push(Parameter { pattern, annotation, default, rest: false, span: span(part) });
        }
        found.append(&mut parameters);
        found
    }

    /// What a name binds.
    pub(super) fn bound(&self, node: Node<'_>) -> Pattern {
        match self.source(node) {
            "_" => Pattern::Ignore,
            name => Pattern::Name(name.trim_start_matches('@').to_owned(), span(node)),
        }
    }

    /// The attributes of a declaration: names, or calls with keywords; without `Attribute` at the end.
    pub(super) fn attributes(&mut self, node: Node<'t>) -> Vec<Expression> {
        let lists = children(node).into_iter().filter(|child| child.kind() == "attribute_list");
        let found = lists.flat_map(children).filter(|child| child.kind() == "attribute");
        found.map(|attribute| self.attribute(attribute)).collect()
    }

    fn attribute(&mut self, node: Node<'t>) -> Expression {
        let mut function = node.field("name").map(|name| self.expression(name)).unwrap_or_default();
        let short =
            |name: &str| name.strip_suffix("Attribute").filter(|rest| !rest.is_empty()).unwrap_or(name).to_owned();
        match &mut function.kind {
            Kind::Name(name) => *name = short(name),
            Kind::Member(_, name) => name.value = short(&name.value),
            _ => {}
        }
        let Some(list) = first_of(node, &["attribute_argument_list"]) else { return function };
        let mut arguments = Vec::new();
        for part in children(list).into_iter().filter(|part| part.kind() == "attribute_argument") {
            let key = part.field("name");
            let name = key.map(|key| self.source(key).to_owned());
            let value = children(part).into_iter().rfind(|inner| Some(*inner) != key);
            let value = value.map(|value| self.expression(value)).unwrap_or_default();
            // `Name = value` is lowered as an assignment by the grammar.
            arguments.push(match value.kind {
                Kind::Assign(target, inner) if name.is_none() && target.name().is_some() => {
                    Argument { name: target.name().map(str::to_owned), value: *inner }
                }
                kind => Argument { name, value: Expression { kind, span: value.span } },
            });
        }
        let call = Call { function, arguments, ..Call::default() };
        Expression { kind: Kind::Call(Box::new(call)), span: span(node) }
    }

    /// The `///` lines right before a declaration, without their tags.
    fn documentation(&self, node: Node<'_>) -> Option<Text> {
        let comments = &self.module.comments;
        let mut index = comments.partition_point(|comment| comment.end <= node.start_byte());
        let end = comments.get(index.checked_sub(1)?)?.end;
        let mut start = node.start_byte();
        let mut lines = Vec::new();
        while let Some(comment) = index.checked_sub(1).and_then(|before| comments.get(before)) {
            let text = self.text.get(comment.start..comment.end)?;
            let apart = self.text.get(comment.end..start).is_none_or(|gap| !gap.trim().is_empty());
            let Some(line) = text.strip_prefix("///").filter(|_| !apart) else { break };
            lines.push(line.trim());
            start = comment.start;
            index -= 1;
        }
        lines.reverse();
        let tag = |line: &&str| !(line.starts_with('<') && line.ends_with('>') && !line[1..].contains('<'));
        let value = lines.iter().filter(|line| tag(line)).copied().collect::<Vec<_>>().join("\n");
        (!lines.is_empty()).then(|| Text { value, span: Span::new(start, end) })
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
            "generic_name" => {
                let mut generic = Type::default();
                for part in children(node) {
                    if part.kind() == "type_argument_list" {
                        generic.arguments = children(part).into_iter().map(|argument| self.type_of(argument)).collect();
                    } else {
                        generic.name = self.source(part).to_owned();
                    }
                }
                // A result that is waited for is what comes.
                if matches!(generic.name.as_str(), "Task" | "ValueTask") && generic.arguments.len() == 1 {
                    return generic.arguments.remove(0);
                }
                generic
            }
            "array_type" => {
                let element = node.field("type").map(|element| self.type_of(element));
                Type { name: "[]".to_owned(), arguments: element.into_iter().collect(), ..Type::default() }
            }
            "nullable_type" | "ref_type" | "scoped_type" | "pointer_type" => {
                node.field("type").map(|inner| self.type_of(inner)).unwrap_or_default()
            }
            "implicit_type" => Type::default(),
            _ => Type { name: self.source(node).trim_start_matches("global::").to_owned(), ..Type::default() },
        }
    }
}
