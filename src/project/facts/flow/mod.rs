//! Flows: from what a caller controls to what must not receive it unguarded.
//!
//! [`source`] says where callers' input enters, [`sink`] where it does harm, [`guard`] what makes it harmless for which
//! sink; [`engine`], [`value`] and [`call`] follow it in between, through functions and files. It does not follow
//! values through collections that one function fills and another empties, nor through fields of long-lived objects.

use std::collections::BTreeMap;

use self::{
    engine::{Engine, Hit},
    mask::Mask,
    source::Entry,
    taint::Taint,
};
use super::{Facts, Flow, Hop, Sink, UrlPart, Weakness};
use crate::{
    finding::Confidence,
    project::{
        program::{At, Program},
        syntax::{Call, Expression},
    },
};

pub(super) mod archive;
mod binding;
mod call;
mod closure;
mod comprehension;
mod derived;
mod dispatch;
mod engine;
mod environment;
mod guard;
pub(super) mod held;
mod mask;
mod redirects;
mod schema;
mod shape;
mod sink;
mod source;
mod statement;
mod taint;
#[cfg(test)]
mod tests;
mod value;
mod words;

/// Words of parameters and tools whose purpose is to run a command.
const COMMAND_WORDS: &[&str] =
    &["command", "cmd", "commands", "script", "shell", "exec", "execute", "bash", "terminal", "run", "powershell"];

/// The functions that callers reach first, with the tool that each is where that is known.
pub(super) fn handlers(program: &Program<'_>) -> Vec<(At, Option<String>)> {
    source::all(program).into_iter().map(|entry| (entry.at, entry.tool)).collect()
}

/// The addresses that a call requests, as they are written.
pub(super) fn requested<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Vec<&'a Expression> {
    taken(program, at, call, Sink::Url)
}

/// The paths that a call writes to, as they are written.
pub(super) fn written<'a>(program: &Program<'a>, at: At, call: &'a Call) -> Vec<&'a Expression> {
    taken(program, at, call, Sink::PathWrite)
}

fn taken<'a>(program: &Program<'a>, at: At, call: &'a Call, sink: Sink) -> Vec<&'a Expression> {
    let parsed = sink::parsed(program, at, call).into_iter().filter(|parsed| parsed.sink == sink);
    parsed.flat_map(|parsed| parsed.inputs).collect()
}

/// Words of those whose purpose is to run code.
const CODE_WORDS: &[&str] = &["code", "script", "python", "javascript", "js", "program", "snippet", "source", "run"];

/// Words of those whose purpose is to run a query.
const QUERY_WORDS: &[&str] = &["sql", "query", "statement", "cypher", "queries"];

/// Adds every flow of the program.
pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let engine = Engine::new(program);
    let mut flows: BTreeMap<(String, usize, usize, Sink, String), Flow> = BTreeMap::new();
    for entry in source::entries(program) {
        let summary = engine.analyse(entry.at, &entry.parameters, None, 0);
        for flow in summary.hits.iter().filter_map(|hit| told(program, &entry, hit)) {
            let key = (flow.place.path.clone(), flow.place.start, flow.place.end, flow.sink, flow.parameter.clone());
            let rank = |flow: &Flow| (flow.confidence, flow.weakness.is_none());
            let better = flows.get(&key).is_none_or(|known| rank(known) < rank(&flow));
            if better {
                flows.insert(key, flow);
            }
        }
    }
    facts.flows.extend(flows.into_values());
}

/// A hit as the flow that a report tells; nothing where what was proven is enough.
fn told(program: &Program<'_>, entry: &Entry, hit: &Hit) -> Option<Flow> {
    let Taint { label, embedded, lead, quoted, guessed, after_option, clean, weak, hops, .. } = &hit.taint;
    if !hit.sink.accepts(lead) {
        return None;
    }
    let part = if hit.sink == Sink::Url { sink::url_part(lead) } else { UrlPart::Host };
    let missing = match (hit.sink, part) {
        (Sink::Url, UrlPart::Host) => Mask::HOST,
        (Sink::Url, _) => Mask::ENDPOINT,
        (Sink::PathRead | Sink::PathWrite, _) => Mask::PATH,
        (sink, _) => Mask::of(sink),
    };
    let mut weakness =
        weak.as_ref().filter(|weak| weak.0.concerns(hit.sink)).map(|weak| (weak.0, weak.1.place.clone()));
    let follows = || hit.sink == Sink::Url && part == UrlPart::Host && redirects::follows(program, hit);
    if clean.contains(missing) && !clean.contains(Mask::REDIRECT) && follows() {
        weakness = Some((Weakness::Redirects, program.place(hit.file, hit.span)));
    } else if clean.contains(missing) {
        if !matches!(hit.sink, Sink::PathRead | Sink::PathWrite) || clean.contains(Mask::LINK) {
            return None;
        }
        let place = weakness.map_or_else(|| program.place(hit.file, hit.span), |(_, place)| place);
        let by_hand = weak.as_ref().is_some_and(|weak| weak.0 == Weakness::Parent);
        weakness = Some((if by_hand { Weakness::ParentOnly } else { Weakness::Links }, place));
    }
    let redirected = matches!(weakness, Some((Weakness::Addresses | Weakness::Redirects, _))) && follows();
    let tool = entry.tool.clone().or_else(|| hit.tool.clone());
    let parameter = label.clone().unwrap_or_else(|| "arguments".to_owned());
    let by_design = by_design(hit, &parameter, tool.as_deref());
    if hit.extra.container && !by_design || is_none(program, entry, hit, &parameter) {
        return None;
    }
    let first = Hop { place: entry.place.clone(), note: format!("`{parameter}` comes from the caller") };
    let hops = std::iter::once(first).chain(hops.iter().cloned()).collect();
    let guards = if *quoted {
        vec![Hop { place: program.place(hit.file, hit.span), note: "a library quoted it".to_owned() }]
    } else {
        Vec::new()
    };
    let confidence = if *guessed { entry.confidence.min(Confidence::Medium) } else { entry.confidence };
    Some(Flow {
        sink: hit.sink,
        place: program.place(hit.file, hit.span),
        call: hit.call.clone(),
        tool,
        parameter,
        hops,
        guards,
        by_design,
        confidence,
        embedded: *embedded,
        part,
        weakness,
        after_option: *after_option,
        known: hit.extra.known || hit.taint.known_program,
        credential: hit.extra.credential,
        redirected,
        filter: hit.extra.filter,
        before: lead.replace(taint::HOLE, "?"),
        resource: entry.resource,
    })
}

/// What only looks like a sink: a text that is no statement, an object whose keys are named.
fn is_none(program: &Program<'_>, entry: &Entry, hit: &Hit, parameter: &str) -> bool {
    match hit.sink {
        Sink::Sql => !hit.extra.known && !sink::database::is_statement(&hit.taint.lead),
        Sink::Options => hit.taint.label.is_none() || sink::options::is_closed(program, entry.at, parameter),
        _ => false,
    }
}

/// The purpose of the tool is to do just this.
fn by_design(hit: &Hit, parameter: &str, tool: Option<&str>) -> bool {
    let has = |text: &str, wanted: &[&str]| words(text).iter().any(|word| wanted.contains(&word.as_str()));
    let either = |wanted: &[&str]| has(parameter, wanted) || tool.is_some_and(|tool| has(tool, wanted));
    let Taint { embedded, lead, .. } = &hit.taint;
    match hit.sink {
        Sink::Shell | Sink::Program => !embedded && either(COMMAND_WORDS),
        Sink::Code => !embedded && (has(parameter, CODE_WORDS) || tool.is_some_and(|tool| has(tool, CODE_WORDS))),
        Sink::NoSql if hit.extra.filter => false,
        Sink::Sql | Sink::NoSql => {
            let around = lead.trim().to_uppercase();
            !embedded || (has(parameter, QUERY_WORDS) && (around.starts_with("EXPLAIN") || around.ends_with('(')))
        }
        _ => false,
    }
}

/// The words of a name in snake, kebab or camel case, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("never empty").extend(c.to_lowercase());
        }
        lower_before = c.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}
