//! Python: `@mcp.tool` and its like, `add_tool`, and `types.Tool(..)` in what a low-level server lists.

use super::{
    OfferKind, Shape,
    draft::{Draft, Given},
};
use crate::project::{
    program::{At, Program, Site, Thing},
    syntax::{Call, Expression, Kind},
};

pub(super) fn add<'a>(program: &Program<'a>, file: usize, drafts: &mut Vec<Draft<'a>>) {
    let module = program.units()[file].module;
    for (function, definition) in module.functions.iter().enumerate() {
        let at = At { file, function: definition.parent.unwrap_or(0) };
        for attribute in &definition.attributes {
            let call = attribute.call();
            let target = call.map_or(attribute, |call| &call.function);
            let Kind::Member(object, word) = &target.kind else { continue };
            let Some(kind) = kind(&word.value).filter(|_| is_server(program, at, object)) else { continue };
            let mut draft = Draft::of_function(program, kind, file, function);
            draft.receiver = Some((at, object));
            draft.shapes.push(Shape::Parameters(At { file, function }));
            if let Some(call) = call {
                keywords(program, at, call, &mut draft);
                if kind != OfferKind::Resource
                    && let Some(first) = call.positional(0)
                {
                    draft.name = Some(Given::Written(at, first));
                }
            }
            drafts.push(draft);
        }
    }
    for site in program.calls_in(file) {
        drafts.extend(called(program, site));
    }
}

fn kind(word: &str) -> Option<OfferKind> {
    Some(match word {
        "tool" => OfferKind::Tool,
        "prompt" => OfferKind::Prompt,
        "resource" => OfferKind::Resource,
        _ => return None,
    })
}

/// Whether an object is a server of MCP: not an agent of another library that also has tools.
fn is_server<'a>(program: &Program<'a>, at: At, object: &'a Expression) -> bool {
    match program.thing(at, object) {
        Some(Thing::External(path)) => {
            let path = path.to_lowercase();
            path.contains("mcp") && !path.contains("client")
        }
        Some(Thing::Instance(file, class)) => {
            let bases = &program.units()[file].module.classes[class].bases;
            bases.iter().any(|base| base.name.to_lowercase().contains("mcp")) || bases.is_empty()
        }
        Some(_) => false,
        None => {
            let word = match &object.kind {
                Kind::Name(name) => name.as_str(),
                Kind::Member(_, name) => &name.value,
                _ => "",
            };
            let named = ["mcp", "server"].iter().any(|part| word.to_lowercase().contains(part));
            named && program.closure(at.file).into_iter().any(|file| imports_sdk(program, file))
        }
    }
}

fn imports_sdk(program: &Program<'_>, file: usize) -> bool {
    let mut modules = program.units()[file].module.imports.iter();
    modules.any(|import| matches!(import.module.split('.').next(), Some("mcp" | "fastmcp" | "fastapi_mcp")))
}

/// `name=`, `title=`, `description=`, `annotations=`
fn keywords<'a>(program: &Program<'a>, at: At, call: &'a Call, draft: &mut Draft<'a>) {
    let given = |key: &str| {
        call.keyword(key).filter(|value| !matches!(value.kind, Kind::Null)).map(|value| Given::Written(at, value))
    };
    draft.name = given("name").or(draft.name.take());
    draft.title = given("title");
    draft.description = given("description").or(draft.description.take());
    draft.versioned = given("version").is_some();
    draft.annotations.extend(call.keyword("annotations").map(|value| (at, value)));
    let unpacked = call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_)));
    if unpacked && draft.description.is_none() {
        draft.description = Some(Given::Unknown(program.place(at.file, draft.span)));
    }
}

/// `mcp.add_tool(f, ..)`, `mcp.tool(..)(f)`, `Tool.from_function(f)`, `types.Tool(..)`
fn called<'a>(program: &Program<'a>, site: Site<'a>) -> Option<Draft<'a>> {
    let Site { at, call, span } = site;
    if let Kind::Member(object, word) = &call.function.kind {
        if word.value == "Tool" {
            return listed(program, site);
        }
        let adds = matches!(word.value.as_str(), "add_tool" | "tool") && is_server(program, at, object);
        if adds {
            let function = call.positional(0).or_else(|| call.keyword("fn"))?;
            let function = program.function(at, function)?;
            return Some(of_function(program, site, call, function, Some(object)));
        }
        return None;
    }
    if let Some(inner) = call.function.call()
        && let Kind::Member(object, word) = &inner.function.kind
        && word.value == "tool"
        && is_server(program, at, object)
    {
        let function = program.function(at, call.positional(0)?)?;
        let mut draft = of_function(program, site, inner, function, Some(object));
        draft.span = span;
        return Some(draft);
    }
    if call.function.name() == Some("Tool") { listed(program, site) } else { None }
}

fn of_function<'a>(
    program: &Program<'a>,
    site: Site<'a>,
    given: &'a Call,
    function: At,
    receiver: Option<&'a Expression>,
) -> Draft<'a> {
    let mut draft = Draft::of_function(program, OfferKind::Tool, function.file, function.function);
    draft.shapes.push(Shape::Parameters(function));
    // The registration decides where and when, the function what.
    (draft.at, draft.span) = (site.at, site.span);
    draft.receiver = receiver.map(|receiver| (site.at, receiver));
    keywords(program, site.at, given, &mut draft);
    draft
}

/// `types.Tool(name=.., description=.., inputSchema=..)`
fn listed<'a>(program: &Program<'a>, site: Site<'a>) -> Option<Draft<'a>> {
    let Site { at, call, span } = site;
    let path = program.symbol(at, &call.function)?;
    if !path.starts_with("mcp.") {
        return None;
    }
    let name = call.keyword("name")?;
    let mut draft = Draft::new(OfferKind::Tool, at, span);
    draft.name = Some(Given::Written(at, name));
    keywords(program, at, call, &mut draft);
    let schema = call.keyword("inputSchema").or_else(|| call.keyword("input_schema"));
    draft.shapes.push(schema.map_or(Shape::Unknown, |schema| Shape::Written(at, schema)));
    draft.listed = true;
    Some(draft)
}
