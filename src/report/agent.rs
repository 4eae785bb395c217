//! `agent`: a line for each finding with what to change, for coding agents: little to read, and nothing to guess.
//!
//! `path:line:column severity rule message | fix: what to do | safe`, and behind that the edits, as a place and the new
//! text in JSON. What is not `safe` may change behaviour; `advice` has no edits.

use std::io::{self, Write};

use super::{
    Format, Presentation, Report,
    concise::{place, tail},
    content::{Edit, Fix, Location},
    line, paths,
};
use crate::finding::Safety;

pub(super) const FORMAT: Format =
    Format { name: "agent", about: "A line per finding with its fix, for coding agents", write };

/// Longer edits are left to `mcpsec`: the line is for reading.
const EDITS: usize = 400;

fn write(reports: &[&Report], presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        let prefix = paths::given(report, presentation.several);
        for finding in report.gravest_first(presentation.suppressed) {
            let place = place(&prefix, &finding.location);
            let message = line(&finding.message);
            write!(out, "{place} {} {} {message}", finding.severity.name(), finding.rule)?;
            if let Some(entered) = finding.related.first().filter(|_| finding.flow) {
                write!(out, " | from {}", self::place(&prefix, &entered.location))?;
            }
            if let Some(fix) = &finding.fix {
                write!(out, " | {}", told(fix, &prefix))?;
            }
            if let Some(excuse) = finding.excuse() {
                write!(out, " | {excuse}")?;
            }
            if let Some(suppression) = &finding.suppressed {
                write!(out, ": {}", line(&suppression.reason))?;
            }
            writeln!(out)?;
        }
        tail(report, &prefix, out)?;
    }
    Ok(())
}

fn told(fix: &Fix, prefix: &str) -> String {
    let safety = match fix.safety {
        _ if fix.edits.is_empty() => "advice",
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    };
    let edits: String = fix.edits.iter().map(|it| edit(it, prefix)).collect();
    let edits = if edits.len() <= EDITS { edits } else { String::new() };
    format!("fix: {} | {safety}{edits}", line(&fix.title))
}

fn edit(edit: &Edit, prefix: &str) -> String {
    let Location { end_line, end_column, .. } = edit.location;
    let text = serde_json::Value::from(edit.replacement.as_str());
    format!(" | edit {}-{end_line}:{end_column} {}", place(prefix, &edit.location), line(&text.to_string()))
}
