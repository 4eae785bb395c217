//! `human`: a header, a line for each group of rules, the findings with their code, and what was not looked at.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{Presentation, Report, frame::Frames};
use crate::{doctor::Reported, finding::Severity, rules::Rule};

pub(super) fn write(report: &Report<'_>, presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    header(report, out)?;
    groups(report, out)?;
    let frames = Frames::new(report, presentation.colors);
    // The gravest first: what is read first should be mended first.
    let mut shown: Vec<&Reported> =
        report.outcome.findings.iter().filter(|it| presentation.suppressed || it.suppression.is_none()).collect();
    shown.sort_by_key(|it| std::cmp::Reverse((it.suppression.is_none(), it.finding.severity)));
    for reported in shown {
        writeln!(out, "\n{}", frames.render(reported))?;
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

/// What was checked.
fn header(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let facts = &report.project.facts;
    let mut parts = vec![format!("mcpsec {}", env!("CARGO_PKG_VERSION"))];
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for server in &facts.servers {
        let version = server.sdk_version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
        *kinds.entry(format!("{} with {}{version}", server.language.name(), server.sdk)).or_default() += 1;
    }
    parts.extend(kinds.iter().map(|(kind, count)| format!("{} in {kind}", counted(*count, "server"))));
    let mut transports = Vec::new();
    if !facts.stdio.is_empty() {
        transports.push("stdio");
    }
    if !facts.endpoints.is_empty() {
        transports.push("network");
    }
    if !transports.is_empty() {
        parts.push(transports.join(" + "));
    }
    let tools: usize = facts.servers.iter().map(|server| server.tools.len()).sum();
    if tools > 0 {
        parts.push(counted(tools, "tool"));
    }
    parts.push(counted(report.project.files.len(), "file"));
    writeln!(out, "{}\n", clean(&parts.join(" · ")))
}

/// A line for each group: the worst that was found, or why there is nothing to find.
fn groups(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    let mut groups: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in &outcome.rules {
        groups.entry(rule.group).or_default().push(rule);
    }
    let width = groups.keys().map(|group| group.len()).max().unwrap_or_default();
    for (group, rules) in groups {
        let of_group = |id: &str| rules.iter().any(|rule| rule.id == id);
        let found = outcome.findings.iter().filter(|it| it.suppression.is_none() && of_group(it.finding.rule));
        let counts = severities(found);
        let excused: Vec<&str> =
            outcome.not_applicable.iter().filter(|(rule, _)| of_group(rule.id)).map(|(_, reason)| *reason).collect();
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
fn footer(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    let counts = severities(outcome.findings.iter().filter(|it| it.suppression.is_none()));
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let mut parts = vec![match total {
        0 => "no findings".to_owned(),
        _ => format!("{}: {}", counted(total, "finding"), list(&counts)),
    }];
    let suppressed = outcome.findings.iter().filter(|it| it.suppression.is_some()).count();
    if suppressed > 0 {
        parts.push(format!("{suppressed} suppressed (--show-suppressed)"));
    }
    if outcome.hidden > 0 {
        parts.push(format!("{} not shown (--min-confidence low, --min-severity info)", outcome.hidden));
    }
    if !outcome.not_applicable.is_empty() {
        parts.push(format!("{} not applicable", counted(outcome.not_applicable.len(), "rule")));
    }
    writeln!(out, "{}", parts.join(" · "))?;
    for server in report.project.facts.servers.iter().filter(|server| !server.incomplete.is_empty()) {
        let line = report.region(&server.place).start.line;
        let reasons = server.incomplete.join("; ");
        writeln!(out, "not decided: {}", clean(&format!("{}:{line}: {reasons}", server.place.path)))?;
    }
    for missing in &outcome.incomplete {
        let path = missing.path.as_deref().map(|path| format!("{path}: ")).unwrap_or_default();
        writeln!(out, "not checked: {}", clean(&format!("{path}{}", missing.message)))?;
    }
    let apart = report.project.files.iter().filter(|file| file.is_apart()).count();
    if apart > 0 {
        let sources = counted(apart, "source");
        writeln!(out, "read as text and not parsed: {sources} that no server needs (--show-files)")?;
    }
    let skipped = report.project.skipped.iter().filter(|skipped| !skipped.incomplete).count();
    if skipped > 0 {
        let noun = if skipped == 1 { "file or folder" } else { "files or folders" };
        writeln!(out, "left out on purpose: {skipped} {noun} (--show-files)")?;
    }
    Ok(())
}

fn statistics(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nrules:")?;
    for rule in &report.outcome.rules {
        let count = report.outcome.findings.iter().filter(|it| it.finding.rule == rule.id).count();
        let excuse = report.outcome.not_applicable.iter().find(|(it, _)| it.id == rule.id);
        let excuse = excuse.map(|(_, reason)| format!("  not applicable: {reason}")).unwrap_or_default();
        writeln!(out, "  {count:>4}  {}{excuse}", rule.id)?;
    }
    Ok(())
}

fn files(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nread:")?;
    for file in &report.project.files {
        let language = file.language.map(|language| format!("  {}", language.name())).unwrap_or_default();
        let apart = if file.is_apart() { ", not parsed: no server needs it" } else { "" };
        writeln!(out, "  {}{language}{apart}", clean(&file.path))?;
    }
    if !report.project.skipped.is_empty() {
        writeln!(out, "\nnot read:")?;
    }
    for skipped in &report.project.skipped {
        writeln!(out, "  {}", clean(&format!("{}  {}", skipped.path, skipped.explanation())))?;
    }
    Ok(())
}

/// How many findings there are of each severity, the gravest first.
fn severities<'a>(findings: impl Iterator<Item = &'a Reported>) -> Vec<(Severity, usize)> {
    let mut counts: BTreeMap<Severity, usize> = BTreeMap::new();
    findings.for_each(|it| *counts.entry(it.finding.severity).or_default() += 1);
    counts.into_iter().rev().collect()
}

fn list(counts: &[(Severity, usize)]) -> String {
    let parts: Vec<String> = counts.iter().map(|(severity, count)| format!("{count} {}", severity.name())).collect();
    parts.join(", ")
}

/// `1 file`, `2 files`
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A text that was found in a project, fit for a terminal: control characters cannot move the cursor.
fn clean(text: &str) -> String {
    annotate_snippets::normalize_untrusted_str(text)
}
