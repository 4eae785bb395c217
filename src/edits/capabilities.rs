//! What a server announces.

use super::Source;
use crate::{
    finding::Edit,
    project::{
        Language, Project,
        facts::{Capability, Declared, Registered, Server},
        syntax::{Expression, Kind, Span},
    },
};

/// Takes back what nobody serves.
pub(crate) fn retract(project: &Project, server: &Server, declared: &Declared) -> Option<Vec<Edit>> {
    let source = Source::of(project, &declared.place)?;
    let span = Span::new(declared.place.start, declared.place.end);
    match server.language {
        Language::TypeScript => source.without(&declared.place),
        Language::Rust => {
            // The refinements of a capability exist only beside it.
            let refined = format!(".enable_{}", declared.capability.name().trim_end_matches('s'));
            let refines = |rest: &str| rest.starts_with("_") || rest.starts_with("s_");
            let refined = source.text.split(refined.as_str()).skip(1).any(refines);
            if refined { None } else { source.without_call(span) }
        }
        // What goes must not be the only use of an import.
        Language::Go | Language::Python => {
            let last = source.module.imports.iter().any(|import| source.is_last_use(import, span));
            if last { None } else { source.without(&declared.place) }
        }
        Language::Java | Language::CSharp => None,
    }
}

/// Announces a capability where the server is made.
pub(crate) fn declare(project: &Project, server: &Server, registered: &Registered) -> Option<Vec<Edit>> {
    if !server.incomplete.is_empty() {
        return None;
    }
    let source = Source::of(project, &server.place)?;
    match server.language {
        Language::TypeScript => typescript(source, server, registered.capability),
        Language::Rust => rust(source, registered.capability),
        Language::Go if server.sdk == "github.com/mark3labs/mcp-go" => option(project, source, server, registered),
        Language::Go | Language::Python => by_hand(source, server, registered.capability),
        Language::Java | Language::CSharp => None,
    }
}

fn typescript(source: Source<'_>, server: &Server, capability: Capability) -> Option<Vec<Edit>> {
    let (whole, call) = source.call(&server.place)?;
    let entry = format!("{}: {{}}", capability.name());
    match call.arguments.as_slice() {
        [_] => source.argument(whole, call, &format!("{{ capabilities: {{ {entry} }} }}")),
        [_, options] => match options.value.record()?.get("capabilities") {
            Some(capabilities) => source.entry_of(capabilities, &entry),
            None => source.entry_of(&options.value, &format!("capabilities: {{ {entry} }}")),
        },
        _ => None,
    }
}

/// One more call in the only chain of the file that makes capabilities.
fn rust(source: Source<'_>, capability: Capability) -> Option<Vec<Edit>> {
    let builder = only(source, &mut |expression| {
        let made =
            expression.call().is_some_and(|call| source.source(call.function.span) == "ServerCapabilities::builder");
        made.then_some(expression.span)
    })?;
    let rest = source.text.get(builder.end..)?;
    let space = &rest[..rest.len() - rest.trim_start().len()];
    // A chain with a line for each call goes on so.
    let space = if space.contains('\n') && rest.trim_start().starts_with('.') { space } else { "" };
    Some(vec![source.insert(builder.end, format!("{space}.enable_{}()", capability.name()))])
}

/// An option of mcp-go.
fn option(project: &Project, source: Source<'_>, server: &Server, registered: &Registered) -> Option<Vec<Edit>> {
    let (whole, call) = source.call(&server.place)?;
    let package = source.source(call.function.span).strip_suffix(".NewMCPServer")?;
    let option = match registered.capability {
        // The option that completes stands in the list of options, wherever that is.
        Capability::Completions => {
            let source = Source::of(project, &registered.place)?;
            let start = registered.place.start;
            let own = source.text.get(source.line_start(start)..start)?.trim().is_empty();
            let space = if own { format!("\n{}", source.indentation(start)) } else { " ".to_owned() };
            return Some(vec![source.insert(start, format!("{package}.WithCompletions(),{space}"))]);
        }
        Capability::Resources => "WithResourceCapabilities(false, false)",
        Capability::Prompts => "WithPromptCapabilities(false)",
        _ => return None,
    };
    let spread = call.arguments.iter().any(|argument| matches!(argument.value.kind, Kind::Spread(_)));
    if spread { None } else { source.argument(whole, call, &format!("{package}.{option}")) }
}

/// One more entry in the answer to `initialize`, which such a server writes itself.
fn by_hand(source: Source<'_>, server: &Server, capability: Capability) -> Option<Vec<Edit>> {
    // What is listed and cannot be used had better stay unseen.
    let mut own = server.registered.iter().filter(|registered| registered.capability == capability);
    own.any(|registered| registered.method.is_some_and(|method| !method.ends_with("/list"))).then_some(())?;
    let answer = source.expression(&server.place)?.record()?;
    let capabilities = answer.get("capabilities")?;
    let (whole, record) = (capabilities.span, capabilities.record()?);
    let name = format!("{0}{1}{0}", source.quote(), capability.name());
    let kind = source.source(whole).split_once('{')?.0;
    let entry = match Language::of(source.path)? {
        Language::Python if kind.is_empty() => format!("{name}: {{}}"),
        Language::Go if kind == "map[string]any" => format!("\"{}\": map[string]any{{}}", capability.name()),
        _ => return None,
    };
    let mut edits = source.entry(whole, record, &entry)?;
    if record.entries.is_empty() {
        // Neither language has a space inside of braces.
        edits.iter_mut().for_each(|edit| edit.replacement = edit.replacement.trim().to_owned());
    }
    Some(edits)
}

/// What is found once in a file; nothing where it is found more often.
fn only<'p>(source: Source<'p>, find: &mut dyn FnMut(&'p Expression) -> Option<Span>) -> Option<Span> {
    let mut found = Vec::new();
    source.module.expressions(&mut |_, expression| found.extend(find(expression)));
    match found.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}
