//! Go: functions that take a request of mcp-go or of the official SDK.

use super::{super::taint::Taint, Entry, NAMED, none, record};
use crate::project::program::{At, Program};

/// Types whose value is what a caller sent.
const REQUESTS: &[&str] =
    &["CallToolRequest", "ReadResourceRequest", "GetPromptRequest", "CompleteRequest", "CallToolParamsFor"];

pub(super) fn add(program: &Program<'_>, file: usize, entries: &mut Vec<Entry>) {
    let module = program.units()[file].module;
    for (function, definition) in module.functions.iter().enumerate() {
        let at = At { file, function };
        let mut parameters = none(definition);
        for (position, parameter) in definition.parameters.iter().enumerate() {
            let Some(annotation) = &parameter.annotation else { continue };
            if REQUESTS.iter().any(|request| annotation.text.contains(&format!("mcp.{request}"))) {
                parameters[position] = record();
                // The official SDK hands the decoded arguments over behind the request.
                if let Some((slot, typed)) =
                    parameters.get_mut(position + 1).zip(definition.parameters.get(position + 1))
                {
                    let class = typed.annotation.as_ref().and_then(|annotation| program.class_of(at, annotation));
                    *slot = Some(Taint { class, record: true, ..Taint::default() });
                }
                break;
            }
        }
        if parameters.iter().any(Option::is_some) {
            let place = program.place(file, definition.name_span);
            let resource = definition
                .parameters
                .iter()
                .any(|p| p.annotation.as_ref().is_some_and(|a| a.text.contains("ReadResource")));
            let tool = definition.name.clone();
            entries.push(Entry { at, parameters, tool, place, confidence: NAMED, resource });
        }
    }
}
