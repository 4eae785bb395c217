//! Servers that speak the protocol by hand: functions that tell `tools/call` from other methods, and those that a table
//! holds for it. Which parameter is the request is not known: all that are handed over come from the caller.

use super::{Entry, SHAPED, none, record};
use crate::project::{
    facts::json_rpc,
    program::{At, Program},
};

/// Methods that bring something that a caller chooses.
const METHODS: &[&str] = &["tools/call", "resources/read", "prompts/get", "completion/complete"];

pub(super) fn add(program: &Program<'_>, file: usize, entries: &mut Vec<Entry>) {
    let unit = &program.units()[file];
    if !METHODS.iter().any(|method| unit.text.contains(method)) || !json_rpc::answers(program, file) {
        return;
    }
    let mut found: Vec<(At, bool)> = Vec::new();
    for (function, definition) in unit.module.functions.iter().enumerate() {
        let at = At { file, function };
        json_rpc::told_apart(definition, &mut |text, _, value| {
            if !METHODS.contains(&text) {
                return;
            }
            let handler = match value {
                Some(value) => program.function(at, value),
                None => Some(at),
            };
            found.extend(handler.map(|handler| (handler, text == "resources/read")));
        });
    }
    found.sort_unstable();
    found.dedup_by_key(|(at, _)| *at);
    for (at, resource) in found {
        // What another way of registering has told already is known better.
        if entries.iter().any(|entry| entry.at == at) {
            continue;
        }
        let function = program.function_at(at);
        let mut parameters = none(function);
        let receiver = crate::project::facts::flow::engine::receiver(program, at);
        parameters.iter_mut().skip(receiver).for_each(|parameter| *parameter = record());
        let place = program.place(at.file, function.name_span);
        entries.push(Entry { at, parameters, tool: None, place, confidence: SHAPED, resource });
    }
}
