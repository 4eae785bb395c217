//! What the design names and this build does not enforce: an error, because a policy that reads as protection and is none is
//! the worst outcome.

use crate::read::{Reader, Section};

/// Sections of later versions.
const SECTIONS: [&str; 4] = ["telemetry", "detect", "servers", "plugins"];

/// Reports the sections of `root` that are not enforced.
pub(crate) fn sections(reader: &mut Reader<'_>, root: &mut Section<'_>) {
    for name in SECTIONS {
        // The section is no suggestion for a slip, so it is not noted as known unless it is there.
        if let Some(span) = root.key_span(name) {
            let _ = root.get(name);
            let problem = reader.problem(span, format!("[{name}] is not enforced by this build"));
            problem.help.push("remove the section: what it says would protect nothing".to_owned());
        }
    }
}
