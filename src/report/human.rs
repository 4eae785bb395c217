//! `human`: a header, a line for each group of rules, the findings with their code, and what was not looked at.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{
    Format, Presentation, Report,
    content::{Summary, severities},
    counted,
    frame::Frames,
    line, paths,
};
use crate::{finding::Severity, rules::Rule};

pub(super) const FORMAT: Format = Format { name: "human", about: "Code frames for people", write };

fn write(reports: &[&Report], presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    if let ([report], false) = (reports, presentation.several) {
        return project(report, String::new(), presentation, out);
    }
    table(reports, out)?;
    for report in reports {
        writeln!(out, "\n{}\n", line(&format!("== {}", report.name)))?;
        project(report, paths::given(report, true), presentation, out)?;
    }
    Ok(())
}

/// A line for each project, the worst first.
fn table(reports: &[&Report], out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<String> = reports.iter().map(|report| line(&report.name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or_default().max("project".len());
    writeln!(
        out,
        "mcpsec {} · {}\n\n{:width$}  critical  high  medium  low  info  result",
        env!("CARGO_PKG_VERSION"),
        counted(reports.len(), "project"),
        "project"
    )?;
    for (report, name) in reports.iter().zip(names) {
        if report.is_unread() {
            writeln!(
                out,
                "{name:width$}  {:>8}  {:>4}  {:>6}  {:>3}  {:>4}  {}",
                "-",
                "-",
                "-",
                "-",
                "-",
                report.result()
            )?;
            continue;
        }
        let Summary { critical, high, medium, low, info, .. } = report.summary();
        let result = report.result();
        writeln!(out, "{name:width$}  {critical:>8}  {high:>4}  {medium:>6}  {low:>3}  {info:>4}  {result}")?;
    }
    Ok(())
}

fn project(report: &Report, prefix: String, presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    if report.is_unread() {
        return not_checked(report, out);
    }
    let header = format!("mcpsec {} · {}", env!("CARGO_PKG_VERSION"), report.looked_at().join(" · "));
    writeln!(out, "{}\n", line(&header))?;
    groups(report, out)?;
    let frames = Frames::new(prefix, presentation.colors);
    for finding in report.gravest_first(presentation.suppressed) {
        writeln!(out, "\n{}", frames.render(finding))?;
    }
    writeln!(out)?;
    footer(report, out)?;
    if presentation.statistics {
        statistics(report, out)?;
    }
    if presentation.files {
        files(report, out)?;
    }
    Ok(())
}

/// A line for each group: the worst that was found, or why there is nothing to find.
fn groups(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut groups: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in &report.rules {
        groups.entry(rule.group).or_default().push(rule);
    }
    let width = groups.keys().map(|group| group.len()).max().unwrap_or_default();
    for (group, rules) in groups {
        let of_group = |id: &str| rules.iter().any(|rule| rule.id == id);
        let counts = severities(report.counted().filter(|it| of_group(it.rule)));
        let excused: Vec<&str> =
            report.not_applicable.iter().filter(|it| of_group(it.rule)).map(|it| it.reason).collect();
        let (mark, text) = if !counts.is_empty() {
            let grave = counts.iter().any(|(severity, _)| *severity >= Severity::High);
            (if grave { "✗" } else { "!" }, list(&counts))
        } else if excused.len() == rules.len() {
            ("·", format!("not applicable: {}", excused[0]))
        } else {
            ("✓", counted(rules.len() - excused.len(), "rule"))
        };
        writeln!(out, "[{mark}] {group:width$}  {text}")?;
    }
    Ok(())
}

/// What the numbers are, and what was not looked at.
fn footer(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut parts = vec![report.found()];
    let suppressed = report.findings.iter().filter(|it| it.suppressed.is_some()).count();
    if suppressed > 0 {
        parts.push(format!("{suppressed} suppressed (--show-suppressed)"));
    }
    if report.known.baseline > 0 {
        parts.push(format!("{} accepted by the baseline (--no-baseline)", report.known.baseline));
    }
    if report.known.before > 0 {
        parts.push(format!("{} there before", report.known.before));
    }
    if report.hidden > 0 {
        parts.push(format!("{} not shown (--min-confidence low, --min-severity info)", report.hidden));
    }
    if !report.not_applicable.is_empty() {
        parts.push(format!("{} not applicable", counted(report.not_applicable.len(), "rule")));
    }
    writeln!(out, "{}", parts.join(" · "))?;
    for server in report.servers.iter().filter(|server| !server.incomplete.is_empty()) {
        let (place, reasons) = (&server.location, server.incomplete.join("; "));
        writeln!(out, "not decided: {}", line(&format!("{}:{}: {reasons}", place.file, place.line)))?;
    }
    not_checked(report, out)?;
    if report.coverage.apart > 0 {
        let sources = counted(report.coverage.apart, "source");
        writeln!(out, "read as text and not parsed: {sources} that no server needs (--show-files)")?;
    }
    let skipped = report.skipped.iter().filter(|skipped| !skipped.incomplete).count();
    if skipped > 0 {
        let noun = if skipped == 1 { "file or folder" } else { "files or folders" };
        writeln!(out, "left out on purpose: {skipped} {noun} (--show-files)")?;
    }
    Ok(())
}

fn not_checked(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for missing in &report.incomplete {
        let path = missing.file.as_deref().map(|path| format!("{path}: ")).unwrap_or_default();
        writeln!(out, "not checked: {}", line(&format!("{path}{}", missing.message)))?;
    }
    Ok(())
}

fn statistics(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nrules:")?;
    for rule in &report.rules {
        let count = report.findings.iter().filter(|it| it.rule == rule.id).count();
        let excuse = report.not_applicable.iter().find(|it| it.rule == rule.id);
        let excuse = excuse.map(|it| format!("  not applicable: {}", it.reason)).unwrap_or_default();
        writeln!(out, "  {count:>4}  {}{excuse}", rule.id)?;
    }
    Ok(())
}

fn files(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nread:")?;
    for (path, language, apart) in &report.coverage.listing {
        let language = language.map(|language| format!("  {language}")).unwrap_or_default();
        let apart = if *apart { ", not parsed: no server needs it" } else { "" };
        writeln!(out, "  {}{language}{apart}", line(path))?;
    }
    if !report.skipped.is_empty() {
        writeln!(out, "\nnot read:")?;
    }
    for skipped in &report.skipped {
        writeln!(out, "  {}", line(&format!("{}  {}", skipped.file, skipped.reason)))?;
    }
    Ok(())
}

impl Report {
    /// `3 findings: 1 high, 2 medium`
    pub(super) fn found(&self) -> String {
        let counts = self.severities();
        match counts.iter().map(|(_, count)| count).sum() {
            0 if self.is_unread() => "not checked".to_owned(),
            0 => "no findings".to_owned(),
            total => format!("{}: {}", counted(total, "finding"), list(&counts)),
        }
    }
}

fn list(counts: &[(Severity, usize)]) -> String {
    let parts: Vec<String> = counts.iter().map(|(severity, count)| format!("{count} {}", severity.name())).collect();
    parts.join(", ")
}
