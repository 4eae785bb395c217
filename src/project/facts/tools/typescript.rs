//! TypeScript and JavaScript: registrations on servers, and records that look like entries of a `tools/list` answer.

use super::{
    OfferKind, Shape,
    draft::{Draft, Given},
};
use crate::project::{
    program::{At, Program, Site},
    syntax::{Call, Expression, Kind, Record},
};

/// Fields of a tool's record that hold its function.
const HANDLERS: &[&str] = &["handler", "execute", "run", "callback", "cb", "invoke", "load"];
/// Fields of a tool's record that hold its schema.
const SCHEMAS: &[&str] = &["inputSchema", "input_schema", "paramsSchema", "argsSchema", "parameters"];

pub(super) fn add<'a>(program: &Program<'a>, file: usize, drafts: &mut Vec<Draft<'a>>) {
    let calls: Vec<Site<'a>> = program.calls_in(file).filter(|site| registers(written(site.call)).is_some()).collect();
    let near = !calls.is_empty() && near_sdk(program, file);
    for site in calls.into_iter().filter(|_| near) {
        let Some(kind) = registers(written(site.call)) else { continue };
        drafts.extend(registration(program, site, kind));
    }
    let mut records = Vec::new();
    program.units()[file].expressions(&mut |function, expression| {
        if let Kind::Record(record) = &expression.kind {
            records.push((At { file, function }, expression, record));
        }
    });
    for (at, expression, record) in records {
        drafts.extend(object(program, at, expression, record));
    }
    classes(program, file, drafts);
}

/// The last name of what a call calls, as it is written.
pub(in super::super) fn written(call: &Call) -> &str {
    match &call.function.kind {
        Kind::Name(name) => name,
        Kind::Member(_, name) => &name.value,
        _ => "",
    }
}

fn registers(method: &str) -> Option<OfferKind> {
    Some(match method {
        "registerTool" | "tool" | "addTool" | "registerAppTool" => OfferKind::Tool,
        "registerPrompt" | "prompt" | "addPrompt" => OfferKind::Prompt,
        "registerResource" | "resource" | "addResource" | "addResourceTemplate" => OfferKind::Resource,
        _ => return None,
    })
}

/// An MCP SDK is imported by the file or by one that belongs to it.
fn near_sdk(program: &Program<'_>, file: usize) -> bool {
    let near = program.closure(file);
    near.into_iter().flat_map(|file| &program.units()[file].module.imports).any(|import| {
        let module = import.module.as_str();
        module.contains("modelcontextprotocol") || module.contains("mcp")
    })
}

fn registration<'a>(program: &Program<'a>, site: Site<'a>, kind: OfferKind) -> Option<Draft<'a>> {
    let Site { at, call, span } = site;
    let (receiver, arguments) = match &call.function.kind {
        Kind::Member(object, _) => (&**object, &call.arguments[..]),
        // `registerAppTool(server, name, config, handler)`
        // Not `registerTool(name, config, handler)`, which is the project's own.
        Kind::Name(name) if name.starts_with("register") && call.arguments.len() > 3 => {
            (call.positional(0)?, call.arguments.get(1..)?)
        }
        _ => return None,
    };
    if excluded(program, at, receiver) {
        return None;
    }
    let mut draft = Draft::new(kind, at, span);
    draft.receiver = Some((at, receiver));
    if let [only] = arguments {
        let (owner, value) = program.value(at, &only.value);
        let record = value.record()?;
        let named = ["name", "uri", "uriTemplate"].iter().any(|key| record.get(key).is_some());
        let handled = HANDLERS.iter().any(|key| record.get(key).is_some());
        fill(program, owner, record, &mut draft);
        return (named && handled).then_some(draft);
    }
    let handler = arguments.iter().rev().find_map(|argument| handed(program, at, &argument.value))?;
    let (first, middle) = (&arguments.first()?.value, arguments.get(1..arguments.len().saturating_sub(1))?);
    // `.tool(..)` is a common word: only a name makes it a registration.
    if !written(call).starts_with("register") && program.text(at, first).is_none() {
        return None;
    }
    draft.name = Some(Given::Written(at, first));
    draft.handler = Some(handler);
    middles(program, at, middle, &mut draft);
    // A configuration that is handed on says what it says.
    let handed_on = middle.first().is_some_and(|config| program.value(at, &config.value).1.record().is_none());
    if written(call) == "registerTool" && draft.description.is_none() && handed_on {
        draft.description = Some(Given::Unknown(program.place(at.file, draft.span)));
    }
    if kind == OfferKind::Tool && draft.shapes.is_empty() {
        // A tool without a schema takes nothing.
        draft.shapes.push(Shape::Read(super::Input { complete: true, ..super::Input::default() }));
    }
    Some(draft)
}

/// Between the name and the handler: a description, a schema, annotations, or one record with all of them.
fn middles<'a>(program: &Program<'a>, at: At, middle: &'a [crate::project::syntax::Argument], draft: &mut Draft<'a>) {
    for (position, argument) in middle.iter().enumerate() {
        let (owner, value) = program.value(at, &argument.value);
        match &value.kind {
            Kind::Record(record) if is_config(record) => fill(program, owner, record, draft),
            Kind::Record(record) if draft.kind == OfferKind::Tool => {
                if draft.shapes.is_empty() && !is_hints(record) {
                    draft.shapes.push(Shape::Written(owner, value));
                } else {
                    draft.annotations.push((owner, value));
                }
            }
            Kind::Record(_) => {}
            Kind::Text(_) | Kind::Template(_) | Kind::Binary(..) if draft.kind != OfferKind::Resource => {
                draft.description = draft.description.take().or(Some(Given::Written(at, &argument.value)));
            }
            _ if draft.kind == OfferKind::Resource => {}
            // `tool(name, description, schema, handler)`: what is no text and no record stands for one of them.
            _ if position == 0 && middle.len() > 1 => draft.description = Some(Given::Written(at, &argument.value)),
            _ => draft.shapes.push(Shape::Written(at, &argument.value)),
        }
    }
}

/// `{ title, description, inputSchema, annotations }`
fn is_config(record: &Record) -> bool {
    let has = |key: &str| record.get(key).is_some_and(|value| !is_validator(value));
    has("inputSchema") || has("argsSchema") || has("description") || has("title") || has("annotations")
}

fn is_hints(record: &Record) -> bool {
    ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"].iter().any(|key| record.get(key).is_some())
}

/// A parameter may be called `title`: its value is then a call such as `z.string()`.
fn is_validator(value: &Expression) -> bool {
    let mut next = value;
    while let Some(call) = next.call() {
        let Kind::Member(object, _) = &call.function.kind else { break };
        next = object;
    }
    value.call().is_some() && matches!(next.name(), Some("z" | "zod" | "v" | "Type" | "t"))
}

/// What a record says of its offer.
fn fill<'a>(program: &Program<'a>, at: At, record: &'a Record, draft: &mut Draft<'a>) {
    let given = |key: &str| record.get(key).map(|value| Given::Written(at, value));
    draft.name = draft.name.take().or_else(|| given("name"));
    draft.title = draft.title.take().or_else(|| given("title"));
    draft.description = draft.description.take().or_else(|| given("description"));
    draft.annotations.extend(record.get("annotations").map(|value| (at, value)));
    draft.shapes.extend(SCHEMAS.iter().find_map(|key| record.get(key)).map(|value| Shape::Written(at, value)));
    let handler = HANDLERS.iter().find_map(|key| record.get(key));
    draft.handler = draft.handler.or_else(|| handler.and_then(|handler| handed(program, at, handler)));
    let spread = record.entries.iter().any(|entry| matches!(entry, crate::project::syntax::Entry::Spread(_)));
    if spread && draft.description.is_none() {
        let place = program.place(at.file, draft.span);
        // What is spread may describe it: an empty text that is not constant.
        draft.description = Some(Given::Unknown(place));
    }
}

/// The function that is handed over, also through one wrapper.
fn handed<'a>(program: &Program<'a>, at: At, value: &'a Expression) -> Option<At> {
    match &value.kind {
        Kind::Call(call) => call.arguments.iter().rev().find_map(|argument| match &argument.value.kind {
            Kind::Function(_) | Kind::Name(_) | Kind::Member(..) => program.function(at, &argument.value),
            _ => None,
        }),
        _ => program.function(at, value),
    }
}

/// Resolved to a library that has nothing to do with MCP.
fn excluded<'a>(program: &Program<'a>, at: At, receiver: &'a Expression) -> bool {
    program.symbol(at, receiver).is_some_and(|symbol| {
        let own = symbol.starts_with("@/") || !symbol.contains(['/', '.', '(']);
        let lower = symbol.to_lowercase();
        !own && !lower.contains("mcp") && !lower.contains("modelcontextprotocol") || lower.contains("client")
    })
}

/// `{ name, description, inputSchema }`
fn object<'a>(program: &Program<'a>, at: At, expression: &'a Expression, record: &'a Record) -> Option<Draft<'a>> {
    let schema = record.get("inputSchema").or_else(|| record.get("input_schema"))?;
    let name = record.get("name").filter(|name| !is_validator(name) && name.record().is_none())?;
    if matches!(name.kind, Kind::Null | Kind::Boolean(_)) || matches!(schema.kind, Kind::Null) {
        return None;
    }
    let mut draft = Draft::new(OfferKind::Tool, at, expression.span);
    // A name for people, beside the one that calls use: `{ method: "get_balance", name: "Get balance" }`.
    let spoken = program.text(at, name).is_some_and(|name| name.contains(' '));
    if let Some(used) = spoken.then(|| identifier(program, at, record)).flatten() {
        draft.name = Some(Given::Written(at, used));
    }
    fill(program, at, record, &mut draft);
    draft.listed = draft.handler.is_none();
    Some(draft)
}

/// The field of a tool's record that calls use where `name` is for people.
fn identifier<'a>(program: &Program<'a>, at: At, record: &'a Record) -> Option<&'a Expression> {
    let fields = ["method", "id", "key", "slug", "identifier", "toolName", "tool_name"];
    fields.iter().filter_map(|key| record.get(key)).find(|value| {
        program.text(at, value).is_some_and(|text| !text.is_empty() && !text.contains(char::is_whitespace))
    })
}

/// `class X extends MCPTool { name = ".."; description = ".."; schema = {..} }`
fn classes<'a>(program: &Program<'a>, file: usize, drafts: &mut Vec<Draft<'a>>) {
    let module = program.units()[file].module;
    for class in module.classes.iter().filter(|class| class.bases.iter().any(|base| base.name == "MCPTool")) {
        let at = At { file, function: 0 };
        let field = |name: &str| class.fields.iter().find(|field| field.name == name)?.value.as_ref();
        let Some(name) = field("name") else { continue };
        let mut draft = Draft::new(OfferKind::Tool, at, name.span);
        draft.name = Some(Given::Written(at, name));
        draft.description = field("description").map(|value| Given::Written(at, value));
        draft.annotations.extend(field("annotations").map(|value| (at, value)));
        // Fields of this framework's schema are records of their own kind.
        draft.shapes.push(Shape::Unknown);
        let execute = class.methods.iter().find(|&&id| module.functions[id].name.as_deref() == Some("execute"));
        draft.handler = execute.map(|&function| At { file, function });
        drafts.push(draft);
    }
}
