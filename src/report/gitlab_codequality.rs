//! `gitlab-codequality`: GitLab's report on code quality, which merge requests show in every edition.
//!
//! The format is a list of findings and has no room for anything else; that a project was not checked becomes one of them.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{
    Format, Presentation, Report,
    content::{Finding, Location},
    paths::Base,
};
use crate::finding::Severity;

pub(super) const FORMAT: Format =
    Format { name: "gitlab-codequality", about: "GitLab's report on code quality, in any edition", write };

fn write(reports: &[&Report], presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    let mut issues: Vec<Value> = Vec::new();
    for report in reports {
        let base = Base::of(report, presentation.several);
        issues.extend(report.incomplete.iter().filter(|_| report.is_unread()).map(|it| unread(&it.message, &base)));
        let findings = report.findings.iter().filter(|it| presentation.suppressed || it.counts());
        issues.extend(findings.map(|finding| issue(finding, &base)));
    }
    serde_json::to_writer(&mut *out, &issues)?;
    out.write_all(b"\n")
}

/// What is said of a project of which there is nothing to say.
fn unread(reason: &str, base: &Base) -> Value {
    let message = format!("not checked: {reason}");
    json!({
        "type": "issue",
        "description": message,
        "categories": ["Security"],
        "check_name": "scan-incomplete",
        "fingerprint": base.name("scan-incomplete"),
        "severity": "blocker",
        "location": { "path": base.path("."), "lines": { "begin": 1, "end": 1 } },
    })
}

fn issue(finding: &Finding, base: &Base) -> Value {
    let Location { file, line, end_line, .. } = &finding.location;
    let path = base.path(file);
    json!({
        "type": "issue",
        "description": finding.message,
        "content": { "body": finding.attack },
        "categories": ["Security"],
        "check_name": finding.rule,
        "fingerprint": base.name(&finding.identity),
        "severity": match finding.severity {
            Severity::Critical => "blocker",
            Severity::High => "critical",
            Severity::Medium => "major",
            Severity::Low => "minor",
            Severity::Info => "info",
        },
        "location": { "path": path, "lines": { "begin": line, "end": end_line } },
    })
}
