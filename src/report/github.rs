//! `github`: workflow commands of GitHub Actions, which become annotations of a run and of the lines of a pull request.
//!
//! GitHub shows some of each kind only; the gravest come first, and the log has all of them.

use std::io::{self, Write};

use super::{
    Format, Presentation, Report, clean,
    content::{Finding, Location},
    paths::Base,
};
use crate::finding::Severity;

pub(super) const FORMAT: Format =
    Format { name: "github", about: "Annotations of GitHub Actions, by workflow commands", write };

fn write(reports: &[&Report], presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    let several = presentation.several;
    for report in reports {
        let base = Base::of(report, several);
        for finding in report.gravest_first(presentation.suppressed) {
            annotation(finding, &base, out)?;
        }
        let name = if several { format!("{}: ", report.name) } else { String::new() };
        for missing in &report.incomplete {
            let file = missing.file.as_deref().map(|file| format!("file={},", property(&base.path(file))));
            let name = if report.is_unread() { &*name } else { "" };
            let level = if report.is_unread() { "error" } else { "warning" };
            let message = data(&format!("{name}{}", missing.message));
            writeln!(out, "::{level} {}title=mcpsec%3A not checked::{message}", file.unwrap_or_default())?;
        }
        let summary = format!("{name}{} · {}", report.found(), report.coverage_line());
        writeln!(out, "::notice title=mcpsec::{}", data(&summary))?;
    }
    Ok(())
}

fn annotation(finding: &Finding, base: &Base, out: &mut dyn Write) -> io::Result<()> {
    let level = match finding.severity {
        _ if !finding.counts() => "notice",
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    };
    let Location { file, line, column, end_line, end_column } = &finding.location;
    let file = property(&base.path(file));
    // Columns are only understood within one line.
    let columns = if line == end_line && column < end_column {
        format!(",col={column},endColumn={end_column}")
    } else {
        String::new()
    };
    let excuse = finding.excuse().map(|excuse| format!(", {excuse}")).unwrap_or_default();
    let title = property(&format!("{}[{}]{excuse}", finding.severity.name(), finding.rule));
    let fix = finding.fix.as_ref().map(|fix| format!("\nfix: {}", fix.title)).unwrap_or_default();
    let message = data(&format!("{}\nwhy: {}{fix}", finding.message, finding.attack));
    writeln!(out, "::{level} file={file},line={line},endLine={end_line}{columns},title={title}::{message}")
}

/// The message of a command: no line break ends it.
fn data(text: &str) -> String {
    // The runner still obeys an older form of commands, wherever in a line it stands.
    let text = text.replace("##[", "## [").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    clean(&text)
}

/// The value of a property: nothing ends it, either.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_ends_a_command_or_begins_another() {
        assert_eq!(property("a:b,c%0A\r\n::stop-commands::x"), "a%3Ab%2Cc%250A%0D%0A%3A%3Astop-commands%3A%3Ax");
        assert_eq!(data("100%\n::error::x"), "100%25%0A::error::x", "a command begins its line");
        assert_eq!(data("##[error]x"), "## [error]x");
        assert_eq!(data("\u{1b}[2J\u{9b}2J"), "␛[2J\u{fffd}2J");
    }
}
