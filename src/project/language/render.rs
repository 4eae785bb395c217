//! Lowered code as compact text, for tests.

use crate::project::syntax::{Argument, Class, Entry, Expression, Kind, Match, Module, Part, Pattern, Statement, Type};

/// Compares every line of a module's rendering. The top level comes as `f0() {..}`.
#[track_caller]
pub(super) fn compare(lowered: &Module, expected: &str) {
    let rendered = module(lowered);
    let lines =
        |text: &str| text.lines().map(|line| line.trim().to_owned()).filter(|l| !l.is_empty()).collect::<Vec<_>>();
    assert_eq!(lines(&rendered), lines(expected), "\n{rendered}\n");
    assert!(lowered.errors.is_empty(), "{:?}", lowered.errors);
}

/// A module: imports, exports, classes, functions with their bodies, one per line.
pub(super) fn module(module: &Module) -> String {
    let mut lines = Vec::new();
    for import in &module.imports {
        let name = import.name.as_deref().unwrap_or("*");
        lines.push(format!("import {} = {}#{name}", import.local, import.module));
    }
    for export in &module.exports {
        let from = export.from.as_deref().map(|from| format!(" from {from}")).unwrap_or_default();
        lines.push(format!("export {} = {}{from}", export.name, export.local));
    }
    lines.extend(module.classes.iter().map(|class| self::class(module, class)));
    for (id, function) in module.functions.iter().enumerate() {
        let mut line = format!("f{id}");
        if let Some(name) = &function.name {
            line += &format!(" {name}");
        }
        if let Some(class) = function.class {
            line += &format!(" of {}", module.classes[class].name);
        }
        if function.is_test {
            line += " test";
        }
        line += &function.attributes.iter().map(|a| format!(" @{}", expression(a))).collect::<String>();
        let parameters = function.parameters.iter().map(|parameter| {
            let rest = if parameter.rest { "..." } else { "" };
            let default = parameter.default.as_ref().map(|d| format!(" = {}", expression(d))).unwrap_or_default();
            format!("{rest}{}{}{default}", pattern(&parameter.pattern), annotation(parameter.annotation.as_ref()))
        });
        line += &format!("({})", list(parameters));
        line += &annotation(function.result.as_ref());
        lines.push(format!("{line} {{{}}}", statements(&function.body)));
    }
    lines.join("\n")
}

fn class(module: &Module, class: &Class) -> String {
    let bases = list(class.bases.iter().map(type_of));
    let fields = list(class.fields.iter().map(|field| {
        let value = field.value.as_ref().map(|value| format!(" = {}", expression(value))).unwrap_or_default();
        let attributes: String = field.attributes.iter().map(|a| format!("@{} ", expression(a))).collect();
        format!("{attributes}{}{}{value}", field.name, annotation(field.annotation.as_ref()))
    }));
    let methods = list(class.methods.iter().map(|&id| module.functions[id].name.clone().unwrap_or_default()));
    let attributes: String = class.attributes.iter().map(|a| format!("@{} ", expression(a))).collect();
    format!("{attributes}class {}({bases}) {{{fields}}} [{methods}]", class.name)
}

fn list(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn annotation(annotation: Option<&Type>) -> String {
    annotation.map(|a| format!(": {}", type_of(a))).unwrap_or_default()
}

fn type_of(t: &Type) -> String {
    if t.arguments.is_empty() {
        t.name.clone()
    } else {
        format!("{}<{}>", t.name, list(t.arguments.iter().map(type_of)))
    }
}

pub(super) fn pattern(p: &Pattern) -> String {
    match p {
        Pattern::Ignore => "_".to_owned(),
        Pattern::Name(name, _) => name.clone(),
        Pattern::Fields(fields) => format!("{{{}}}", list(fields.iter().map(|(k, p)| format!("{k}: {}", pattern(p))))),
        Pattern::Items(items) => format!("[{}]", list(items.iter().map(pattern))),
        Pattern::Rest(inner) => format!("...{}", pattern(inner)),
        Pattern::Wrapped(name, items) => format!("{name}({})", list(items.iter().map(pattern))),
    }
}

pub(super) fn statements(body: &[Statement]) -> String {
    body.iter().map(statement).collect::<Vec<_>>().join("; ")
}

fn statement(s: &Statement) -> String {
    match s {
        Statement::Let { pattern: p, annotation: a, value, .. } => {
            let value = value.as_ref().map(|v| format!(" = {}", expression(v))).unwrap_or_default();
            format!("let {}{}{value}", pattern(p), annotation(a.as_ref()))
        }
        Statement::Expression(e) => expression(e),
        Statement::Return(e, _) => format!("return {}", e.as_ref().map(expression).unwrap_or_default()),
        Statement::Raise(e, _) => format!("raise {}", e.as_ref().map(expression).unwrap_or_default()),
        Statement::Jump(_) => "jump".to_owned(),
        Statement::If { condition, then, otherwise, .. } => {
            format!("if {} {{{}}} else {{{}}}", expression(condition), statements(then), statements(otherwise))
        }
        Statement::Loop { binding, condition, body, .. } => {
            let binding = binding.as_ref().map(|(p, e)| format!(" {} in {}", pattern(p), expression(e)));
            let condition = condition.as_ref().map(|c| format!(" while {}", expression(c)));
            format!("loop{}{} {{{}}}", binding.unwrap_or_default(), condition.unwrap_or_default(), statements(body))
        }
        Statement::Match(m) => matched(m),
        Statement::Try { body, handlers, finally, .. } => {
            let handlers: String =
                handlers.iter().map(|(p, body)| format!(" catch {} {{{}}}", pattern(p), statements(body))).collect();
            format!("try {{{}}}{handlers} finally {{{}}}", statements(body), statements(finally))
        }
        Statement::Block(body) => format!("{{{}}}", statements(body)),
    }
}

fn matched(m: &Match) -> String {
    let arms = m.arms.iter().map(|arm| {
        let guard = arm.guard.as_ref().map(|g| format!(" if {}", expression(g))).unwrap_or_default();
        let values = list(arm.values.iter().map(expression));
        format!("{values}|{}{guard} => {{{}}}", pattern(&arm.pattern), statements(&arm.body))
    });
    format!("match {} {{{}}}", expression(&m.subject), list(arms))
}

pub(super) fn expression(e: &Expression) -> String {
    match &e.kind {
        Kind::Unknown => "?".to_owned(),
        Kind::Text(text) => format!("{text:?}"),
        Kind::Number(number) => number.clone(),
        Kind::Boolean(value) => value.to_string(),
        Kind::Null => "null".to_owned(),
        Kind::Name(name) => name.clone(),
        Kind::Member(object, name) => format!("{}.{}", expression(object), name.value),
        Kind::Index(object, index) => format!("{}[{}]", expression(object), expression(index)),
        Kind::Call(call) => {
            let new = if call.construction { "new " } else { "" };
            let types = if call.types.is_empty() {
                String::new()
            } else {
                format!("::<{}>", list(call.types.iter().map(type_of)))
            };
            format!("{new}{}{types}({})", expression(&call.function), list(call.arguments.iter().map(argument)))
        }
        Kind::Template(p) => format!("`{}`", parts(p)),
        Kind::Tagged(tag, p) => format!("{}`{}`", expression(tag), parts(p)),
        Kind::Binary(op, a, b) => format!("({} {op} {})", expression(a), expression(b)),
        Kind::Unary(op, a) => format!("({op} {})", expression(a)),
        Kind::Conditional(c, a, b) => format!("({} ? {} : {})", expression(c), expression(a), expression(b)),
        Kind::List(items) => format!("[{}]", list(items.iter().map(expression))),
        Kind::Record(record) => {
            let name = record.name.as_ref().map(|name| expression(name)).unwrap_or_default();
            format!("{name}{{{}}}", list(record.entries.iter().map(entry)))
        }
        Kind::Function(id) => format!("f{id}"),
        Kind::Assign(target, value) => format!("{} := {}", expression(target), expression(value)),
        Kind::Spread(inner) => format!("...{}", expression(inner)),
        Kind::Block(body) => format!("{{{}}}", statements(body)),
        Kind::Match(m) => matched(m),
        Kind::Other(parts) => format!("other({})", list(parts.iter().map(expression))),
    }
}

fn argument(argument: &Argument) -> String {
    let name = argument.name.as_ref().map(|name| format!("{name}=")).unwrap_or_default();
    format!("{name}{}", expression(&argument.value))
}

fn entry(entry: &Entry) -> String {
    match entry {
        Entry::Field(key, value) => format!("{}: {}", key.value, expression(value)),
        Entry::Computed(key, value) => format!("[{}]: {}", expression(key), expression(value)),
        Entry::Spread(value) => format!("...{}", expression(value)),
    }
}

fn parts(parts: &[Part]) -> String {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Value(value) => format!("${{{}}}", expression(value)),
        })
        .collect()
}
