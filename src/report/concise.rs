//! `concise`: a line for each finding, as compilers write them, and one about what was looked at.

use std::io::{self, Write};

use super::{Format, Presentation, Report, content::Location, line, paths};
use crate::finding::Severity;

pub(super) const FORMAT: Format =
    Format { name: "concise", about: "A line per finding, for terminals and editors", write };

fn write(reports: &[&Report], presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        let prefix = paths::given(report, presentation.several);
        for finding in report.findings.iter().filter(|it| presentation.suppressed || it.counts()) {
            let place = place(&prefix, &finding.location);
            let severity = colored(finding.severity, presentation.colors);
            let excuse = finding.excuse().map(|excuse| format!(" ({excuse})")).unwrap_or_default();
            writeln!(out, "{place}: {severity}[{}] {}{excuse}", finding.rule, line(&finding.message))?;
        }
        tail(report, &prefix, out)?;
    }
    Ok(())
}

/// What was not checked, and what was.
pub(super) fn tail(report: &Report, prefix: &str, out: &mut dyn Write) -> io::Result<()> {
    for missing in &report.incomplete {
        let path = missing.file.as_deref().map(|path| format!("{prefix}{path}: ")).unwrap_or_default();
        writeln!(out, "# not checked: {}", line(&format!("{path}{}", missing.message)))?;
    }
    let name = if prefix.is_empty() { String::new() } else { format!("{}: ", report.name) };
    writeln!(out, "# {}", line(&format!("{name}{} · {}", report.found(), report.coverage_line())))
}

/// `path:line:column`, as terminals and editors make links of.
pub(super) fn place(prefix: &str, place: &Location) -> String {
    line(&format!("{prefix}{}:{}:{}", place.file, place.line, place.column))
}

fn colored(severity: Severity, colors: bool) -> String {
    let code = match severity {
        Severity::Critical | Severity::High => "1;31",
        Severity::Medium => "1;33",
        Severity::Low | Severity::Info => "1;34",
    };
    if colors { format!("\u{1b}[{code}m{}\u{1b}[0m", severity.name()) } else { severity.name().to_owned() }
}
