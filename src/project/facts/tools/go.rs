//! Go: `mcp.NewTool(..)` with its options, and `mcp.Tool{..}`, with the function that they are registered with.

use super::{
    FieldType, Input, InputField, OfferKind, Said, Shape,
    draft::{Draft, Given},
    types,
    typescript::written,
};
use crate::project::{
    program::{At, Program, Site},
    syntax::{Call, Expression, Kind, Record},
};

const MCP_GO: &str = "github.com/mark3labs/mcp-go";
const GO_SDK: &str = "github.com/modelcontextprotocol/go-sdk";

pub(super) fn add<'a>(program: &Program<'a>, file: usize, drafts: &mut Vec<Draft<'a>>) {
    let imports = &program.units()[file].module.imports;
    if !imports.iter().any(|import| import.module.starts_with(MCP_GO) || import.module.starts_with(GO_SDK)) {
        return;
    }
    let calls: Vec<Site<'a>> = program.calls_in(file).collect();
    let mut found = Vec::new();
    for site in &calls {
        found.extend(made(program, *site));
    }
    program.units()[file].expressions(&mut |function, expression| {
        if let Kind::Record(record) = &expression.kind {
            found.extend(literal(program, At { file, function }, expression, record));
        }
    });
    for site in &calls {
        registered(program, *site, &mut found);
    }
    drafts.append(&mut found);
}

fn is_sdk(symbol: &str) -> bool {
    symbol.starts_with(MCP_GO) || symbol.starts_with(GO_SDK)
}

/// `mcp.NewTool("name", mcp.WithDescription(".."), mcp.WithString("city", ..))`
fn made<'a>(program: &Program<'a>, site: Site<'a>) -> Option<Draft<'a>> {
    let Site { at, call, span } = site;
    let kind = match written(call) {
        "NewTool" => OfferKind::Tool,
        "NewPrompt" => OfferKind::Prompt,
        "NewResource" | "NewResourceTemplate" => OfferKind::Resource,
        _ => return None,
    };
    if !is_sdk(&program.symbol(at, &call.function)?) {
        return None;
    }
    let mut draft = Draft::new(kind, at, span);
    let name = if kind == OfferKind::Resource { call.positional(1) } else { call.positional(0) };
    draft.name = Some(Given::Written(at, name?));
    let mut input = Input { complete: true, ..Input::default() };
    for argument in call.arguments.iter().skip(1) {
        match argument.value.call() {
            Some(option) => self::option(program, at, option, &mut draft, &mut input),
            None if matches!(argument.value.kind, Kind::Text(_)) => {}
            None => {
                input.complete = false;
                if draft.description.is_none() {
                    draft.description = Some(Given::Unknown(program.place(at.file, argument.value.span)));
                }
            }
        }
    }
    draft.shapes.push(Shape::Read(input));
    Some(draft)
}

fn option<'a>(program: &Program<'a>, at: At, option: &'a Call, draft: &mut Draft<'a>, input: &mut Input) {
    let word = written(option);
    match word {
        "WithDescription" | "WithPromptDescription" | "WithResourceDescription" | "WithTemplateDescription" => {
            draft.description = option.positional(0).map(|text| Given::Written(at, text));
        }
        "WithTitleAnnotation" => draft.title = option.positional(0).map(|text| Given::Written(at, text)),
        "WithReadOnlyHintAnnotation"
        | "WithDestructiveHintAnnotation"
        | "WithIdempotentHintAnnotation"
        | "WithOpenWorldHintAnnotation" => draft.annotations.extend(whole(program, at, option)),
        "WithToolAnnotation" => draft.annotations.extend(option.positional(0).map(|value| (at, value))),
        "WithString" | "WithNumber" | "WithBoolean" | "WithObject" | "WithArray" | "WithInteger" | "WithAny"
        | "WithArgument" => parameter(program, at, word, option, input),
        "WithInputSchema" => {
            let class = option.types.first().and_then(|inner| program.class_of(at, inner));
            draft.shapes.push(class.map_or(Shape::Unknown, |(file, class)| Shape::Class(file, class)));
        }
        _ => {}
    }
}

/// The expression that a call is: hints are read from it.
fn whole<'a>(program: &Program<'a>, at: At, wanted: &'a Call) -> Option<(At, &'a Expression)> {
    let mut found = None;
    program.function_at(at).expressions(&mut |expression| {
        if expression.call().is_some_and(|call| std::ptr::eq(call, wanted)) {
            found = Some((at, expression));
        }
    });
    found
}

/// `mcp.WithString("city", mcp.Required(), mcp.Description(".."))`
fn parameter<'a>(program: &Program<'a>, at: At, word: &str, call: &'a Call, input: &mut Input) {
    let Some(first) = call.positional(0) else { return };
    let Some(name) = program.text(at, first) else {
        input.complete = false;
        return;
    };
    let mut kind = types::of_word(&word.trim_start_matches("With").to_lowercase());
    let mut description = None;
    for option in call.arguments.iter().skip(1).filter_map(|argument| argument.value.call()) {
        match written(option) {
            "Description" | "ArgumentDescription" => description = option.positional(0),
            "Enum" => kind = FieldType::Choice,
            _ => {}
        }
    }
    let said = |value: &'a Expression| {
        Some(Said { text: program.text(at, value)?, place: program.place(at.file, value.span) })
    };
    input.fields.push(InputField {
        name,
        place: program.place(at.file, first.span),
        description: description.and_then(said),
        kind,
        header: None,
        uncertain: false,
        secret_format: false,
        decides: false,
    });
}

/// `mcp.Tool{ Name: .., Description: .., InputSchema: .., Annotations: .. }`
fn literal<'a>(program: &Program<'a>, at: At, expression: &'a Expression, record: &'a Record) -> Option<Draft<'a>> {
    let symbol = program.symbol(at, record.name.as_deref()?)?;
    if !is_sdk(&symbol) {
        return None;
    }
    let kind = match symbol.rsplit('.').next()? {
        "Tool" => OfferKind::Tool,
        "Prompt" => OfferKind::Prompt,
        "Resource" | "ResourceTemplate" => OfferKind::Resource,
        _ => return None,
    };
    let mut draft = Draft::new(kind, at, expression.span);
    draft.name = Some(Given::Written(at, record.get("Name")?));
    draft.title = record.get("Title").map(|value| Given::Written(at, value));
    draft.description = record.get("Description").map(|value| Given::Written(at, value));
    draft.annotations.extend(record.get("Annotations").map(|value| (at, value)));
    if let Some(hints) = record.get("Annotations").and_then(Expression::record)
        && let Some(title) = hints.get("Title")
    {
        draft.title = draft.title.or(Some(Given::Written(at, title)));
    }
    draft.shapes.extend(record.get("InputSchema").map(|schema| Shape::Written(at, schema)));
    Some(draft)
}

/// Gives a tool the function that it is registered with, and the server that it is registered on.
fn registered<'a>(program: &Program<'a>, site: Site<'a>, found: &mut [Draft<'a>]) {
    let Site { at, call, .. } = site;
    let handler = call.arguments.iter().rev().find_map(|argument| match &argument.value.kind {
        Kind::Function(_) | Kind::Name(_) | Kind::Member(..) => program.function(at, &argument.value),
        // `srv.AddTool(tool, handler(client))`: what the function gives back handles.
        Kind::Call(inner) => {
            let maker = program.function(at, &inner.function)?;
            program.results(maker).into_iter().find_map(|value| match &value.kind {
                Kind::Function(function) => Some(At { file: maker.file, function: *function }),
                _ => None,
            })
        }
        _ => None,
    });
    let generic =
        written(call) == "AddTool" && program.symbol(at, &call.function).is_some_and(|s| s.starts_with(GO_SDK));
    let receiver = match &call.function.kind {
        Kind::Member(..) if generic && call.arguments.len() == 3 => call.positional(0),
        Kind::Member(object, _) => Some(&**object),
        _ => None,
    };
    for argument in &call.arguments {
        if !matches!(argument.value.kind, Kind::Call(_) | Kind::Record(_) | Kind::Name(_) | Kind::Unary(..)) {
            continue;
        }
        for (owner, origin) in program.origins(at, &argument.value) {
            let same = |draft: &&mut Draft<'a>| draft.at.file == owner.file && draft.span == origin.span;
            let Some(draft) = found.iter_mut().find(same) else { continue };
            draft.handler = draft.handler.or(handler);
            if written(call).starts_with("Add") || written(call).starts_with("Set") {
                draft.receiver = draft.receiver.or(receiver.map(|receiver| (at, receiver)));
            }
            if draft.shapes.is_empty()
                && let Some(handler) = handler
            {
                draft.shapes.push(typed(program, handler));
            }
        }
    }
}

/// The struct that the official SDK decodes the arguments into: the last parameter of the handler.
fn typed<'a>(program: &Program<'a>, handler: At) -> Shape<'a> {
    let parameters = &program.function_at(handler).parameters;
    let last = parameters.last().and_then(|parameter| parameter.annotation.as_ref());
    match last.and_then(|annotation| program.class_of(handler, annotation)) {
        Some((file, class)) => Shape::Class(file, class),
        None => Shape::Unknown,
    }
}
