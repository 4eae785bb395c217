//! `json`: everything, for programs. The format is described in `docs/json.md`, which changes with [`VERSION`].

use std::io::{self, Write};

use serde::Serialize;

use super::{Region, Report, redact};
use crate::{
    doctor::{Reported, Suppression},
    finding::{Confidence, Edit, Fix, Place, Safety, Severity},
    project::facts::Server,
};

/// Grows when a field changes its meaning or goes; new fields do not count.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document {
    version: u32,
    tool: Tool,
    exit_code: u8,
    summary: Summary,
    servers: Vec<ServerEntry>,
    findings: Vec<FindingEntry>,
    not_applicable: Vec<NotApplicable>,
    incomplete: Vec<IncompleteEntry>,
    skipped: Vec<SkippedEntry>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    parsed: usize,
    rules: usize,
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
    suppressed: usize,
    hidden: usize,
}

#[derive(Serialize)]
struct ServerEntry {
    #[serde(flatten)]
    location: Location,
    language: &'static str,
    sdk: String,
    sdk_version: Option<String>,
    kind: String,
    name: Option<String>,
    tools: Vec<Option<String>>,
    incomplete: Vec<String>,
}

#[derive(Serialize)]
struct FindingEntry {
    rule: &'static str,
    severity: Severity,
    confidence: Confidence,
    message: String,
    attack: String,
    #[serde(flatten)]
    location: Location,
    related: Vec<RelatedEntry>,
    fix: Option<FixEntry>,
    suppressed: Option<SuppressionEntry>,
}

#[derive(Serialize)]
struct Location {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct RelatedEntry {
    message: String,
    #[serde(flatten)]
    location: Location,
}

#[derive(Serialize)]
struct FixEntry {
    title: String,
    safety: Safety,
    edits: Vec<EditEntry>,
}

#[derive(Serialize)]
struct EditEntry {
    #[serde(flatten)]
    location: Location,
    replacement: String,
}

#[derive(Serialize)]
struct SuppressionEntry {
    reason: String,
    expires: Option<String>,
    #[serde(flatten)]
    location: Location,
}

#[derive(Serialize)]
struct NotApplicable {
    rule: &'static str,
    reason: &'static str,
}

#[derive(Serialize)]
struct IncompleteEntry {
    file: Option<String>,
    message: String,
}

#[derive(Serialize)]
struct SkippedEntry {
    file: String,
    reason: String,
    incomplete: bool,
}

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    let not_applicable = outcome.not_applicable.iter().map(|(rule, reason)| NotApplicable { rule: rule.id, reason });
    let incomplete =
        outcome.incomplete.iter().map(|it| IncompleteEntry { file: it.path.clone(), message: it.message.clone() });
    let skipped = report.project.skipped.iter().map(|it| SkippedEntry {
        file: it.path.clone(),
        reason: it.explanation(),
        incomplete: it.incomplete,
    });
    let document = Document {
        version: VERSION,
        tool: Tool { name: "mcpsec", version: env!("CARGO_PKG_VERSION") },
        exit_code: outcome.verdict.code(),
        summary: summary(report),
        servers: report.project.facts.servers.iter().map(|it| server(report, it)).collect(),
        findings: outcome.findings.iter().map(|it| finding(report, it)).collect(),
        not_applicable: not_applicable.collect(),
        incomplete: incomplete.collect(),
        skipped: skipped.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn summary(report: &Report<'_>) -> Summary {
    let findings = &report.outcome.findings;
    let count =
        |severity| findings.iter().filter(|it| it.suppression.is_none() && it.finding.severity == severity).count();
    Summary {
        files: report.project.files.len(),
        parsed: report.project.files.iter().filter(|file| file.module.is_some()).count(),
        rules: report.outcome.rules.len(),
        critical: count(Severity::Critical),
        high: count(Severity::High),
        medium: count(Severity::Medium),
        low: count(Severity::Low),
        info: count(Severity::Info),
        suppressed: findings.iter().filter(|it| it.suppression.is_some()).count(),
        hidden: report.outcome.hidden,
    }
}

fn server(report: &Report<'_>, server: &Server) -> ServerEntry {
    ServerEntry {
        location: location(report, &server.place),
        language: server.language.name(),
        sdk: server.sdk.clone(),
        sdk_version: server.sdk_version.clone(),
        kind: server.kind.clone(),
        name: server.name.clone(),
        tools: server.tools.iter().map(|tool| tool.name.clone()).collect(),
        incomplete: server.incomplete.clone(),
    }
}

fn finding(report: &Report<'_>, reported: &Reported) -> FindingEntry {
    let finding = &reported.finding;
    let related = finding.related.iter();
    FindingEntry {
        rule: finding.rule,
        severity: finding.severity,
        confidence: finding.confidence,
        message: redact::words(&finding.message),
        attack: redact::words(&finding.attack),
        location: location(report, &finding.place),
        related: related
            .map(|it| RelatedEntry { message: redact::words(&it.message), location: location(report, &it.place) })
            .collect(),
        fix: finding.fix.as_ref().map(|it| fix(report, it)),
        suppressed: reported.suppression.as_ref().map(|it| suppression(report, it)),
    }
}

fn fix(report: &Report<'_>, fix: &Fix) -> FixEntry {
    let edit = |edit: &Edit| EditEntry {
        location: location(report, &edit.place),
        replacement: redact::words(&edit.replacement),
    };
    FixEntry { title: redact::words(&fix.title), safety: fix.safety, edits: fix.edits.iter().map(edit).collect() }
}

fn suppression(report: &Report<'_>, suppression: &Suppression) -> SuppressionEntry {
    SuppressionEntry {
        reason: redact::words(&suppression.reason),
        expires: suppression.expires.map(|day| day.to_string()),
        location: location(report, &suppression.place),
    }
}

fn location(report: &Report<'_>, place: &Place) -> Location {
    let Region { start, end } = report.region(place);
    Location {
        file: place.path.clone(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
