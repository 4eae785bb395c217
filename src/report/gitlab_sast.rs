//! `gitlab-sast`: GitLab's security report, schema 15, for its vulnerability report and the security widget.
//!
//! The schema demands times; they are the first second of 1970, so that the same project gives the same bytes.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{
    Format, Presentation, Report,
    content::{Finding, Location},
    paths::Base,
};
use crate::{finding::Severity, rules::rule};

pub(super) const FORMAT: Format =
    Format { name: "gitlab-sast", about: "GitLab's security report, schema 15, for its vulnerability report", write };

/// Every GitLab from 15 on knows it.
const VERSION: &str = "15.0.4";

const TIME: &str = "1970-01-01T00:00:00";

/// GitLab reads this much of a name, and of a solution.
const NAME: usize = 255;
const SOLUTION: usize = 7000;

fn write(reports: &[&Report], presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    let several = presentation.several;
    let mut vulnerabilities: Vec<Value> = Vec::new();
    let mut messages: Vec<Value> = Vec::new();
    for report in reports {
        let base = Base::of(report, several);
        let findings = report.findings.iter().filter(|it| presentation.suppressed || it.counts());
        vulnerabilities.extend(findings.map(|finding| vulnerability(finding, &base)));
        messages.extend(coverage(report, several));
    }
    let program = json!({
        "id": "mcpsec",
        "name": "mcpsec",
        "url": env!("CARGO_PKG_REPOSITORY"),
        "version": env!("CARGO_PKG_VERSION"),
        "vendor": { "name": "mcpsec" },
    });
    let document = json!({
        "version": VERSION,
        "scan": {
            "analyzer": program,
            "scanner": program,
            "type": "sast",
            "start_time": TIME,
            "end_time": TIME,
            // GitLab refuses the findings of a failed scan; what was not checked is in the messages.
            "status": "success",
            "messages": messages,
        },
        "vulnerabilities": vulnerabilities,
    });
    serde_json::to_writer(&mut *out, &document)?;
    out.write_all(b"\n")
}

/// What was looked at, and what was not.
fn coverage(report: &Report, several: bool) -> Vec<Value> {
    let name = if several { format!("{}: ", report.name) } else { String::new() };
    let summary = json!({ "level": "info", "value": format!("{name}{}", report.coverage_line()) });
    let incomplete = report.incomplete.iter().map(|it| {
        let file = it.file.as_deref().map(|file| format!("{file}: ")).unwrap_or_default();
        let level = if report.is_unread() { "fatal" } else { "warn" };
        json!({ "level": level, "value": format!("{name}not checked: {file}{}", it.message) })
    });
    std::iter::once(summary).chain(incomplete).collect()
}

fn vulnerability(finding: &Finding, base: &Base) -> Value {
    let Location { file, line, end_line, .. } = &finding.location;
    let path = base.path(file);
    let title = rule(finding.rule).map_or(finding.rule, |rule| rule.title);
    let mut vulnerability = json!({
        "id": base.name(&finding.identity),
        "name": shorten(title, NAME),
        "description": format!("{}.\n\nAttack: {}", finding.message, finding.attack),
        "severity": match finding.severity {
            Severity::Critical => "Critical",
            Severity::High => "High",
            Severity::Medium => "Medium",
            Severity::Low => "Low",
            Severity::Info => "Info",
        },
        "identifiers": identifiers(finding.rule),
        "location": { "file": path, "start_line": line, "end_line": end_line },
        "details": details(finding, base),
    });
    if let Some(fix) = &finding.fix {
        vulnerability["solution"] = json!(shorten(&fix.title, SOLUTION));
    }
    vulnerability
}

fn shorten(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// The rule, and the weaknesses that it refers to.
fn identifiers(id: &str) -> Vec<Value> {
    let page = format!("{}/blob/main/docs/rules/{id}.md", env!("CARGO_PKG_REPOSITORY"));
    let own = json!({ "type": "mcpsec_rule", "name": id, "value": id, "url": page });
    let references = rule(id).map_or(&[][..], |rule| rule.references);
    let weaknesses = references.iter().filter_map(|reference| {
        let number = reference.strip_prefix("CWE-")?;
        let url = format!("https://cwe.mitre.org/data/definitions/{number}.html");
        Some(json!({ "type": "cwe", "name": reference, "value": number, "url": url }))
    });
    std::iter::once(own).chain(weaknesses).collect()
}

/// How sure it is, and the way that leads there.
fn details(finding: &Finding, base: &Base) -> Value {
    let mut details = Map::new();
    let confidence = json!({ "name": "Confidence", "type": "text", "value": finding.confidence.name() });
    details.insert("confidence".to_owned(), confidence);
    if !finding.related.is_empty() {
        let steps = finding.related.iter().map(|step| {
            let place = format!("{}:{}", base.path(&step.location.file), step.location.line);
            json!({ "type": "text", "value": format!("{place}: {}", step.message) })
        });
        let name = if finding.flow { "Flow" } else { "See also" };
        let steps = json!({ "name": name, "type": "list", "items": steps.collect::<Vec<_>>() });
        details.insert("steps".to_owned(), steps);
    }
    Value::Object(details)
}
