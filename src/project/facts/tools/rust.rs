//! Rust: `#[tool]` and `#[prompt]` methods of rmcp, and `Tool::new(..)` in what a hand-written server lists.

use super::{
    OfferKind, Shape,
    draft::{Draft, Given},
};
use crate::project::{
    program::{At, Program, Site},
    syntax::{Expression, Function, Kind, Pattern},
};

pub(super) fn add<'a>(program: &Program<'a>, file: usize, drafts: &mut Vec<Draft<'a>>) {
    let module = program.units()[file].module;
    for (function, definition) in module.functions.iter().enumerate() {
        let at = At { file, function };
        for attribute in &definition.attributes {
            let path = attribute.call().map_or(attribute, |call| &call.function);
            let word = match &path.kind {
                Kind::Name(word) => word.as_str(),
                Kind::Member(_, word) => word.value.as_str(),
                _ => continue,
            };
            let kind = match word {
                "tool" if definition.class.is_some() && !is_router(attribute) => OfferKind::Tool,
                "prompt" if definition.class.is_some() => OfferKind::Prompt,
                _ => continue,
            };
            let mut draft = Draft::of_function(program, kind, file, function);
            given(program, at, attribute, &mut draft);
            draft.shapes.extend(shapes(program, at, definition));
            drafts.push(draft);
        }
    }
    for site in program.calls_in(file) {
        drafts.extend(made(program, site));
    }
}

/// `#[tool(tool_box)]` of early versions marks a block, `#[tool(aggr)]` a parameter.
fn is_router(attribute: &Expression) -> bool {
    attribute.call().is_some_and(|call| {
        call.arguments.iter().any(|argument| matches!(argument.value.name(), Some("tool_box" | "aggr" | "param")))
    })
}

/// `name = ".."`, `description = ".."`, `annotations(read_only_hint = true)`
fn given<'a>(program: &Program<'a>, at: At, attribute: &'a Expression, draft: &mut Draft<'a>) {
    let Some(call) = attribute.call() else { return };
    let outer = At { file: at.file, function: 0 };
    let keyword = |key: &str| call.keyword(key).map(|value| Given::Written(outer, value));
    draft.name = keyword("name").or(draft.name.take());
    draft.title = keyword("title");
    draft.description = keyword("description").or(draft.description.take());
    for argument in &call.arguments {
        let hints = argument.value.call().is_some_and(|call| call.function.name() == Some("annotations"))
            || argument.name.as_deref() == Some("annotations");
        if hints {
            draft.annotations.push((outer, &argument.value));
        }
    }
    let _ = program;
}

/// `Parameters(x): Parameters<T>`; without one the tool takes nothing.
fn shapes<'a>(program: &Program<'a>, at: At, definition: &'a Function) -> Vec<Shape<'a>> {
    let mut shapes = vec![Shape::Read(super::Input { complete: true, ..super::Input::default() })];
    for parameter in &definition.parameters {
        let wrapped = matches!(&parameter.pattern, Pattern::Wrapped(name, _) if name.ends_with("Parameters"));
        let annotation = parameter.annotation.as_ref();
        let typed = annotation.is_some_and(|a| a.name.rsplit("::").next() == Some("Parameters"));
        if wrapped || typed {
            let inner = annotation.and_then(|annotation| annotation.arguments.first());
            let class = inner.and_then(|inner| program.class_of(at, inner));
            shapes.push(class.map_or(Shape::Unknown, |(file, class)| Shape::Class(file, class)));
        }
    }
    shapes
}

/// `Tool::new("name", "description", schema)`
fn made<'a>(program: &Program<'a>, site: Site<'a>) -> Option<Draft<'a>> {
    let Kind::Member(object, word) = &site.call.function.kind else { return None };
    let last = match &object.kind {
        Kind::Name(name) => name.as_str(),
        Kind::Member(_, name) => name.value.as_str(),
        _ => return None,
    };
    if word.value != "new" || last != "Tool" || site.call.arguments.len() != 3 {
        return None;
    }
    if !program.symbol(site.at, &site.call.function)?.starts_with("rmcp.") {
        return None;
    }
    let mut draft = Draft::new(OfferKind::Tool, site.at, site.span);
    draft.name = Some(Given::Written(site.at, site.call.positional(0)?));
    draft.description = Some(Given::Written(site.at, site.call.positional(1)?));
    draft.shapes.push(Shape::Written(site.at, site.call.positional(2)?));
    draft.listed = true;
    Some(draft)
}
