//! Answers: what a handler gives back becomes a part of what models, clients and their logs keep.

use super::Held;
use crate::project::{
    facts::{
        Sink,
        flow::{
            engine::{Hit, Run},
            environment::Environment,
            sink,
            taint::Taint,
        },
    },
    syntax::{Expression, Kind, Span},
};

/// Fields of a record that is an answer of MCP.
const FIELDS: &[&str] = &["content", "contents", "messages", "structuredContent"];

/// What makes an answer of a text.
pub(super) const RESULTS: &[&str] = &[
    "CallToolResult",
    "ToolResult",
    "GetPromptResult",
    "ReadResourceResult",
    "TextContent",
    "TextResourceContents",
    "Content",
    "NewToolResultText",
    "NewToolResultJSON",
    "NewToolResultStructured",
    "NewToolResultStructuredOnly",
    "NewTextContent",
    "success",
    "structured",
];

impl<'a> Run<'_, '_, 'a> {
    /// Notes what a returned value gives away, and takes it out of what is returned: it was told.
    pub(in crate::project::facts::flow) fn answered(
        &mut self,
        value: &'a Expression,
        taint: Option<Taint>,
        environment: &Environment,
    ) -> Option<Taint> {
        let taint = taint?;
        let handler = self.engine.is_handler(self.at);
        if !handler && !is_answer(value) {
            return Some(taint);
        }
        let mut leaves = Vec::new();
        leaves_of(&taint, &mut leaves, 6);
        // A helper that makes an answer of what it is handed is not where the secret was given away.
        leaves.retain(|leaf| leaf.held.has(Held::SECRET.with(Held::TOKEN)) && (handler || leaf.from.is_empty()));
        if leaves.is_empty() {
            return Some(taint);
        }
        let hop = self.hop(value.span, "becomes a part of the answer".to_owned());
        let path = self.program().units()[self.at.file].path;
        // Of an answer over many lines, the one that reads the secret.
        let inside = |leaf: &Taint| {
            let read = leaf.hops.iter().find(|hop| {
                hop.place.path == path && value.span.start <= hop.place.start && hop.place.end <= value.span.end
            });
            read.map_or(value.span, |hop| Span { start: hop.place.start, end: hop.place.end })
        };
        let hits = leaves.into_iter().map(|leaf| Hit {
            sink: Sink::Answer,
            file: self.at.file,
            span: inside(&leaf),
            call: String::new(),
            taint: leaf.hop(hop.clone()),
            tool: environment.tool.clone(),
            extra: sink::Extra { known: handler, ..sink::Extra::default() },
        });
        let hits: Vec<Hit> = hits.collect();
        self.add_hits(hits);
        None
    }
}

/// Every value in a record.
pub(super) fn leaves_of(taint: &Taint, found: &mut Vec<Taint>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &taint.fields {
        Some(fields) => {
            for inner in fields.values() {
                let hops = [inner.hops.clone(), taint.hops.clone()].concat();
                leaves_of(&Taint { hops, ..inner.clone() }, found, depth);
            }
        }
        None => found.push(taint.clone()),
    }
}

fn is_answer(value: &Expression) -> bool {
    match &value.kind {
        Kind::Record(record) => FIELDS.iter().any(|field| record.get(field).is_some()),
        Kind::List(items) => items.first().is_some_and(is_answer),
        Kind::Call(call) => match &call.function.kind {
            Kind::Name(word) if word == "Ok" => call.positional(0).is_some_and(is_answer),
            Kind::Name(word) => RESULTS.contains(&word.as_str()),
            Kind::Member(_, word) => RESULTS.contains(&word.value.as_str()),
            _ => false,
        },
        _ => false,
    }
}
