//! `junit`: a suite per project and a case per rule, so that green rules are visible. Read by Jenkins, GitLab and others.
//!
//! A case fails where its rule found something that fails the run; what is below the gate is output of its case. A rule
//! that did not apply is skipped, and what was not checked is a case of its own.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::{Format, Presentation, Report, content::Finding, counted, line, paths::Base};
use crate::{doctor::Verdict, rules::Rule};

pub(super) const FORMAT: Format =
    Format { name: "junit", about: "A case per rule, for Jenkins and other readers of JUnit's XML", write };

/// The numbers of a suite.
#[derive(Clone, Copy, Default)]
struct Numbers {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

fn write(reports: &[&Report], presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    let suites: Vec<(String, Numbers)> = reports.iter().map(|report| suite(report, presentation)).collect();
    let sum = |number: fn(&Numbers) -> usize| suites.iter().map(|(_, numbers)| number(numbers)).sum::<usize>();
    writeln!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mcpsec\" tests=\"{}\" failures=\"{}\" errors=\"{}\" \
         skipped=\"{}\">",
        sum(|it| it.tests),
        sum(|it| it.failures),
        sum(|it| it.errors),
        sum(|it| it.skipped)
    )?;
    for (text, _) in &suites {
        out.write_all(text.as_bytes())?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(report: &Report, presentation: Presentation) -> (String, Numbers) {
    let several = presentation.several;
    let base = Base::of(report, several);
    let mut numbers = Numbers::default();
    let mut cases = String::new();
    for rule in &report.rules {
        let found: Vec<&Finding> = report.findings.iter().filter(|it| it.rule == rule.id).collect();
        cases += &case(report, rule, &found, &base, presentation, &mut numbers);
    }
    cases += &completeness(report, &base, &mut numbers);
    let name = if several { format!("mcpsec {}", report.name) } else { "mcpsec".to_owned() };
    let Numbers { tests, failures, errors, skipped } = numbers;
    let mut text = format!(
        "<testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">\n",
        attribute(&name)
    );
    text += "<properties>\n";
    let exit = report.verdict.code().to_string();
    let (found, covered) = (report.found(), report.coverage_line());
    for (name, value) in
        [("version", env!("CARGO_PKG_VERSION")), ("exit_code", &exit), ("found", &found), ("coverage", &covered)]
    {
        text += &format!("<property name=\"mcpsec.{name}\" value=\"{}\"/>\n", attribute(value));
    }
    text += "</properties>\n";
    (format!("{text}{cases}</testsuite>\n"), numbers)
}

fn case(
    report: &Report,
    rule: &Rule,
    found: &[&Finding],
    base: &Base,
    presentation: Presentation,
    numbers: &mut Numbers,
) -> String {
    numbers.tests += 1;
    let mut text = format!("<testcase classname=\"mcpsec.{}\" name=\"{}\"", rule.group, rule.id);
    if let Some(excuse) = report.not_applicable.iter().find(|it| it.rule == rule.id) {
        numbers.skipped += 1;
        return text + &format!("><skipped message=\"{}\"/></testcase>\n", attribute(excuse.reason));
    }
    let failing: Vec<&Finding> = found.iter().copied().filter(|it| it.failing && it.counts()).collect();
    let shown = |it: &&Finding| !it.failing && it.counts() || !it.counts() && presentation.suppressed;
    let others: Vec<&Finding> = found.iter().copied().filter(shown).collect();
    if failing.is_empty() && others.is_empty() {
        return text + "/>\n";
    }
    text.push('>');
    if !failing.is_empty() {
        numbers.failures += 1;
        let message = format!("{}: {}", rule.title, counted(failing.len(), "finding"));
        let gravest = failing.iter().map(|it| it.severity).max().unwrap_or(rule.severity);
        // Writing to a string cannot fail.
        let _ = write!(text, "<failure type=\"{}\" message=\"{}\">", gravest.name(), attribute(&message));
        text += &escape(&lines(&failing, base));
        text += "</failure>";
    }
    if !others.is_empty() {
        let _ = write!(text, "<system-out>{}</system-out>", escape(&lines(&others, base)));
    }
    text + "</testcase>\n"
}

/// Whether everything was checked.
fn completeness(report: &Report, base: &Base, numbers: &mut Numbers) -> String {
    numbers.tests += 1;
    let begin = "<testcase classname=\"mcpsec.doctor\" name=\"everything-was-checked\"";
    if report.incomplete.is_empty() {
        return format!("{begin}/>\n");
    }
    let missing = report.incomplete.iter().map(|it| {
        let path = it.file.as_deref().map(|path| format!("{}: ", base.path(path))).unwrap_or_default();
        line(&format!("{path}{}", it.message)) + "\n"
    });
    let missing = escape(&missing.collect::<String>());
    if report.is_unread() || matches!(report.verdict, Verdict::Incomplete | Verdict::Findings) {
        numbers.errors += 1;
        let message = format!(
            "{} not checked",
            counted(report.incomplete.len(), if report.is_unread() { "project" } else { "file" })
        );
        return format!("{begin}><error message=\"{message}\">{missing}</error></testcase>\n");
    }
    // Somebody accepted it.
    format!("{begin}><system-out>{missing}</system-out></testcase>\n")
}

/// A paragraph for each finding.
fn lines(findings: &[&Finding], base: &Base) -> String {
    let lines = findings.iter().map(|finding| {
        let fix = finding.fix.as_ref().map(|fix| format!("\n  fix: {}", line(&fix.title))).unwrap_or_default();
        let reason = finding.suppressed.as_ref().map(|it| format!(": {}", line(&it.reason))).unwrap_or_default();
        let excuse = finding.excuse().map(|excuse| format!("\n  {excuse}{reason}"));
        format!(
            "{}:{}:{}: {}: {}\n  why: {}{fix}{}\n",
            line(&base.path(&finding.location.file)),
            finding.location.line,
            finding.location.column,
            finding.severity.name(),
            line(&finding.message),
            finding.attack,
            excuse.unwrap_or_default()
        )
    });
    lines.collect()
}

/// Text for an attribute, where line breaks are blanks unless they are written as numbers.
fn attribute(text: &str) -> String {
    escape(text).replace('\n', "&#10;").replace('\t', "&#9;")
}

/// Text for XML 1.0, which has no way to write most control characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' | '\t' => escaped.push(character),
            _ if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_can_be_told_in_xml() {
        let hostile = "a\0\u{1b}[2J\u{ffff}\u{9b}<b c=\"d\">&'\n\t]]>é";
        let text = format!("<x a=\"{}\">{}</x>", attribute(hostile), escape(hostile));
        let document = roxmltree::Document::parse(&text).expect("it is XML");
        let read = document.root_element();
        assert_eq!(read.text(), read.attribute("a"));
        assert_eq!(read.text(), Some("a\u{fffd}\u{fffd}[2J\u{fffd}\u{fffd}<b c=\"d\">&'\n\t]]>é"));
    }
}
