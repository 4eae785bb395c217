//! Functions and classes.

use tree_sitter::Node;

use super::{Lowering, parts, span, strings};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Class, Expression, Field, Function, FunctionId, Kind, Span, Statement, Text};

impl Lowering<'_> {
    /// A function or class with its decorators.
    pub(super) fn decorated(&mut self, node: Node<'_>, out: &mut Vec<Statement>) {
        let decorators = parts(node).into_iter().filter(|part| part.kind() == "decorator");
        let attributes = decorators.filter_map(|d| parts(d).first().copied()).map(|e| self.expression(e)).collect();
        match node.field("definition") {
            Some(definition) if definition.kind() == "class_definition" => {
                self.class(definition, span(node), attributes, out);
            }
            Some(definition) => self.function(definition, span(node), attributes),
            None => {}
        }
    }

    pub(super) fn function(&mut self, node: Node<'_>, whole: Span, attributes: Vec<Expression>) {
        let name = node.field("name");
        let text = name.map(|n| self.source(n).to_owned()).unwrap_or_default();
        let is_test = self.in_test || self.tests_classes || (text.starts_with("test_") && allows_test(&attributes));
        let function = Function {
            class: self.class,
            parameters: self.parameters(node.field("parameters")),
            attributes,
            result: node.field("return_type").map(|t| self.annotation(t)),
            is_test,
            span: whole,
            name_span: name.map_or(whole, span),
            name: Some(text),
            ..Function::default()
        };
        let Some(body) = node.field("body") else {
            self.add(function);
            return;
        };
        let documentation = self.docstring(body);
        let id = self.add(Function { documentation, ..function });
        self.inside(id, |l| l.block(body));
    }

    pub(super) fn lambda(&mut self, node: Node<'_>) -> Kind {
        let parameters = self.parameters(node.field("parameters"));
        let whole = span(node);
        let is_test = self.in_test;
        let id = self.add(Function { parameters, is_test, span: whole, name_span: whole, ..Function::default() });
        self.inside(id, |l| {
            let value = node.field("body").map(|body| l.expression(body));
            vec![Statement::Return(value, whole)]
        });
        Kind::Function(id)
    }

    fn add(&mut self, mut function: Function) -> FunctionId {
        let id = self.module.functions.len();
        function.parent = Some(self.function);
        if let Some(class) = function.class {
            self.module.classes[class].methods.push(id);
        }
        self.module.functions.push(function);
        id
    }

    /// Lowers the body of the function `id`.
    fn inside(&mut self, id: FunctionId, body: impl FnOnce(&mut Self) -> Vec<Statement>) {
        let outer = (self.function, self.class, self.in_test, self.tests_classes);
        (self.function, self.class, self.tests_classes) = (id, None, false);
        self.in_test = self.module.functions[id].is_test;
        let statements = body(self);
        self.module.functions[id].body = statements;
        (self.function, self.class, self.in_test, self.tests_classes) = outer;
    }

    /// A class. What its body does beside declaring is added to `out`: it runs where the class stands.
    pub(super) fn class(&mut self, node: Node<'_>, whole: Span, attributes: Vec<Expression>, out: &mut Vec<Statement>) {
        let name = node.field("name").map(|n| self.source(n).to_owned()).unwrap_or_default();
        let superclasses = node.field("superclasses").map(parts).unwrap_or_default();
        let bases = superclasses.iter().filter(|base| base.kind() != "keyword_argument");
        let bases = bases.map(|base| self.annotation(*base)).collect();
        let body = node.field("body");
        let documentation = body.and_then(|body| self.docstring(body));
        let id = self.module.classes.len();
        let class = Class { name, bases, attributes, documentation, span: whole, ..Class::default() };
        let tests = self.is_tests(&class, body);
        self.module.classes.push(class);
        let outer = (self.class.replace(id), self.tests_classes);
        self.tests_classes = tests;
        let mut rest = Vec::new();
        for statement in body.map(parts).unwrap_or_default() {
            match self.field(statement) {
                Some(field) => self.module.classes[id].fields.push(field),
                None => self.statement(statement, &mut rest),
            }
        }
        (self.class, self.tests_classes) = outer;
        rest.retain(|statement| !matches!(statement, Statement::Expression(e) if e.text().is_some()));
        if !rest.is_empty() {
            out.push(Statement::Block(rest));
        }
    }

    /// `name: type = value` in a class.
    fn field(&mut self, statement: Node<'_>) -> Option<Field> {
        let assignment = parts(statement).first().copied().filter(|a| a.kind() == "assignment")?;
        let left = assignment.field("left").filter(|l| l.kind() == "identifier")?;
        let right = assignment.field("right");
        if right.is_some_and(|right| right.kind() == "assignment") {
            return None;
        }
        Some(Field {
            name: self.source(left).to_owned(),
            annotation: assignment.field("type").map(|t| self.annotation(t)),
            value: right.map(|right| self.expression(right)),
            span: span(statement),
            ..Field::default()
        })
    }

    /// A collection of tests: pytest's `Test..` with test methods, or unittest's `TestCase`.
    fn is_tests(&self, class: &Class, body: Option<Node<'_>>) -> bool {
        if class.bases.iter().any(|base| base.name.ends_with("TestCase")) {
            return true;
        }
        let methods = body.map(parts).unwrap_or_default();
        class.name.starts_with("Test")
            && methods.iter().any(|method| {
                let definition = method.field("definition").unwrap_or(*method);
                let name = definition.field("name");
                definition.kind() == "function_definition" && name.is_some_and(|n| self.source(n).starts_with("test"))
            })
    }

    /// The docstring of a body, without its indentation.
    pub(super) fn docstring(&self, body: Node<'_>) -> Option<Text> {
        let first = parts(body).into_iter().next().filter(|first| first.kind() == "expression_statement")?;
        let inner = parts(first);
        let [literal] = inner.as_slice() else { return None };
        let value = match literal.kind() {
            "string" => strings::plain(self.text, *literal)?,
            "concatenated_string" => {
                parts(*literal).iter().map(|part| strings::plain(self.text, *part)).collect::<Option<String>>()?
            }
            _ => return None,
        };
        Some(Text { value: strings::dedent(&value), span: span(*literal) })
    }
}

/// A function named like a test is none when something registers it: a tool may well be called `test_connection`.
fn allows_test(attributes: &[Expression]) -> bool {
    const REGISTERS: [&str; 12] = [
        "tool",
        "prompt",
        "resource",
        "call_tool",
        "route",
        "custom_route",
        "get",
        "post",
        "put",
        "command",
        "task",
        "callback",
    ];
    !attributes.iter().any(|attribute| {
        let function = attribute.call().map_or(attribute, |call| &call.function);
        match &function.kind {
            Kind::Member(_, name) => REGISTERS.contains(&name.value.as_str()),
            Kind::Name(name) => REGISTERS.contains(&name.as_str()),
            _ => false,
        }
    })
}
