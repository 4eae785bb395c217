//! Writes to standard output in servers that speak over it.

use super::{attribute, calls, files, path, word};
use crate::project::{
    facts::{Facts, Moment, StdoutWrite, moments::Moments},
    language::Language,
    program::{At, Program, Site},
    syntax::{Kind, Span},
};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let sites = calls(program);
    let anchors = anchors(program, &sites, facts);
    if anchors.is_empty() {
        return;
    }
    let moments = Moments::new(program, Language::Rust, &anchors, &handlers(program));
    for site in &sites {
        // Cargo reads what a build script prints.
        if program.unit(site.at).path.rsplit('/').next() == Some("build.rs") {
            continue;
        }
        let Some((call, logs)) = write(program, *site, &sites) else { continue };
        let by_hand = facts.servers.iter().any(|server| {
            server.kind == crate::project::facts::json_rpc::KIND && server.place.path == program.unit(site.at).path
        });
        if by_hand && !is_prose(*site) {
            continue;
        }
        let moment = moments.of(site.at, site.span);
        // What is logged is logged while serving, wherever the subscriber is set up.
        let moment = if logs && moment == Moment::Starting { Moment::Serving } else { moment };
        facts.stdout_writes.push(StdoutWrite { place: program.place(site.at.file, site.span), call, moment });
    }
}

/// The calls that put a server on standard input and output, and those that wait for its end.
fn anchors<'a>(program: &Program<'a>, sites: &[Site<'a>], facts: &Facts) -> Vec<(At, Span)> {
    let mut anchors: Vec<(At, Span)> = Vec::new();
    for site in sites {
        if facts.stdio.contains(&program.place(site.at.file, site.span)) {
            anchors.push((site.at, site.span));
        }
    }
    let waits = sites.iter().filter(|site| word(site.call) == "waiting");
    let waits: Vec<(At, Span)> =
        waits.filter(|wait| anchors.iter().any(|(at, _)| *at == wait.at)).map(|wait| (wait.at, wait.span)).collect();
    anchors.extend(waits);
    anchors
}

/// Tools, prompts, and the methods of the handler.
fn handlers(program: &Program<'_>) -> Vec<At> {
    let mut handlers = Vec::new();
    for file in files(program, false) {
        let module = program.units()[file].module;
        for class in &module.classes {
            let serves = class.bases.iter().any(|base| base.name.rsplit("::").next() == Some("ServerHandler"));
            for &id in &class.methods {
                let function = &module.functions[id];
                let marked = ["tool", "prompt"].iter().any(|name| attribute(&function.attributes, name).is_some());
                let of_trait = serves
                    && matches!(
                        function.name.as_deref(),
                        Some(
                            "call_tool"
                                | "list_tools"
                                | "read_resource"
                                | "list_resources"
                                | "get_prompt"
                                | "list_prompts"
                                | "complete"
                                | "initialize"
                                | "on_initialized"
                                | "ping"
                        )
                    );
                if marked || of_trait {
                    handlers.push(At { file, function: id });
                }
            }
        }
    }
    handlers
}

/// What a call is called, where it writes to standard output, and whether it sets up logging.
fn write<'a>(program: &Program<'a>, site: Site<'a>, all: &[Site<'a>]) -> Option<(String, bool)> {
    let name = word(site.call);
    match name {
        "println!" | "print!" => return Some((name.to_owned(), false)),
        "writeln!" | "write!" => {
            let (at, target) = program.origin(site.at, site.call.positional(0)?);
            let symbol = program.symbol(at, target)?;
            return symbol.starts_with("std.io.stdout()").then(|| (name.to_owned(), false));
        }
        _ => {}
    }
    let function = path(program, site.at, &site.call.function);
    let logs = matches!(
        function.as_str(),
        "tracing_subscriber.fmt"
            | "tracing_subscriber.fmt.layer"
            | "tracing_subscriber.fmt.init"
            | "tracing_subscriber.fmt.Layer.new"
    );
    if !logs || named(program, site, all) {
        return None;
    }
    Some((program.source(site.at.file, site.call.function.span).to_owned(), true))
}

/// Whether the chain around a subscriber, or the name that it is bound to, says where it writes.
fn named<'a>(program: &Program<'a>, site: Site<'a>, all: &[Site<'a>]) -> bool {
    let around = all.iter().any(|other| {
        other.at == site.at
            && matches!(word(other.call), "with_writer" | "map_writer" | "with_test_writer")
            && matches!(&other.call.function.kind, Kind::Member(object, _) if object.span.contains(site.span))
    });
    around || {
        let body = program.source(site.at.file, program.function_at(site.at).span);
        let bound = body.contains("with_writer");
        let direct = all.iter().any(|other| {
            other.at == site.at
                && matches!(word(other.call), "init" | "try_init" | "finish")
                && matches!(&other.call.function.kind, Kind::Member(object, _) if object.span.contains(site.span))
        });
        bound && !direct
    }
}

/// A literal text, in a server that writes its own frames.
fn is_prose<'a>(site: Site<'a>) -> bool {
    matches!(site.call.positional(0).map(|first| &first.kind), Some(Kind::Text(text)) if !text.is_empty())
        && matches!(word(site.call), "println!" | "print!")
}
