//! `sarif`: SARIF 2.1.0, complete for GitHub code scanning and for editors.
//!
//! Paths are relative and columns count code points. Every rule that ran is described, suppressed findings stay, with
//! their justification, and what was not checked is a notification of the invocation.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::{Map, Value, json};

use super::{Region, Report, fingerprint, page, redact};
use crate::{
    doctor::{Reported, Verdict},
    finding::{Finding, Fix, Place, Related, Safety, Severity},
    rules::Rule,
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// GitHub reads this much of a description.
const DESCRIPTION: usize = 1024;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    let fingerprints: BTreeMap<&str, Vec<String>> =
        report.texts.iter().map(|(path, text)| (*path, fingerprint::lines(text))).collect();
    let indices: BTreeMap<&str, usize> =
        outcome.rules.iter().enumerate().map(|(index, rule)| (rule.id, index)).collect();
    let results = outcome.findings.iter().map(|it| result(report, it, &indices, &fingerprints));
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "mcpsec",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": outcome.rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "automationDetails": { "id": "mcpsec/" },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "PROJECT": { "description": { "text": "The folder that was checked." } } },
            "invocations": [invocation(report)],
            "results": results.collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

fn descriptor(rule: &Rule) -> Value {
    let page = page::rule(rule);
    let mut tags = vec!["security".to_owned(), "mcp".to_owned(), rule.group.to_owned()];
    for reference in rule.references {
        match reference.strip_prefix("CWE-") {
            Some(number) => tags.push(format!("external/cwe/cwe-{number}")),
            None => tags.push((*reference).to_owned()),
        }
    }
    let mut properties =
        json!({ "tags": tags, "precision": rule.confidence.name(), "mcpsec/severity": rule.severity.name() });
    if let Some(score) = score(rule.severity) {
        properties["security-severity"] = json!(score);
    }
    json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": { "text": shorten(rule.title) },
        "fullDescription": { "text": shorten(&first_paragraph(rule)) },
        "help": { "text": shorten(rule.docs.trim()), "markdown": page },
        "helpUri": format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), rule.id),
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": properties,
    })
}

fn first_paragraph(rule: &Rule) -> String {
    let paragraph = rule.docs.trim().split("\n\n").next().unwrap_or_default();
    if paragraph.is_empty() { rule.title.to_owned() } else { paragraph.replace('\n', " ") }
}

/// At most as much as GitHub reads, and never nothing.
fn shorten(text: &str) -> String {
    if text.chars().count() <= DESCRIPTION {
        return text.to_owned();
    }
    text.chars().take(DESCRIPTION - 1).chain(['…']).collect()
}

fn invocation(report: &Report<'_>) -> Value {
    let outcome = report.outcome;
    let notifications: Vec<Value> = outcome
        .incomplete
        .iter()
        .map(|it| {
            let mut notification = json!({ "level": "error", "message": { "text": redact::words(&it.message) } });
            if let Some(path) = &it.path {
                notification["locations"] = json!([{ "physicalLocation": { "artifactLocation": artifact(path) } }]);
            }
            notification
        })
        .collect();
    let rules: Vec<Value> = outcome
        .not_applicable
        .iter()
        .map(|(rule, reason)| {
            json!({
                "level": "note",
                "message": { "text": format!("not applicable: {reason}") },
                "associatedRule": { "id": rule.id },
            })
        })
        .collect();
    json!({
        // Findings are success; what was not checked is not.
        "executionSuccessful": !matches!(outcome.verdict, Verdict::Incomplete | Verdict::Internal),
        "exitCode": outcome.verdict.code(),
        "toolExecutionNotifications": notifications,
        "toolConfigurationNotifications": rules,
    })
}

fn result(
    report: &Report<'_>,
    reported: &Reported,
    indices: &BTreeMap<&str, usize>,
    fingerprints: &BTreeMap<&str, Vec<String>>,
) -> Value {
    let finding = &reported.finding;
    let mut result = Map::new();
    result.insert("ruleId".to_owned(), json!(finding.rule));
    if let Some(index) = indices.get(finding.rule) {
        result.insert("ruleIndex".to_owned(), json!(index));
    }
    result.insert("level".to_owned(), json!(level(finding.severity)));
    result.insert("message".to_owned(), json!({ "text": text(finding) }));
    result.insert("locations".to_owned(), json!([{ "physicalLocation": physical(report, &finding.place) }]));
    let line = report.region(&finding.place).start.line;
    if let Some(hash) = fingerprints.get(finding.place.path.as_str()).and_then(|lines| lines.get(line - 1)) {
        result.insert("partialFingerprints".to_owned(), json!({ "primaryLocationLineHash": hash }));
    }
    if !finding.related.is_empty() {
        let related: Vec<Value> = finding.related.iter().enumerate().map(|(id, it)| location(report, it, id)).collect();
        result.insert("relatedLocations".to_owned(), json!(related));
    }
    if finding.is_flow() {
        result.insert("codeFlows".to_owned(), json!([flow(report, finding)]));
    }
    let mut properties = json!({
        "mcpsec/severity": finding.severity.name(),
        "mcpsec/confidence": finding.confidence.name(),
        "mcpsec/attack": redact::words(&finding.attack),
    });
    if let Some(fix) = &finding.fix {
        match fixes(report, fix) {
            Some(fixes) if fix.safety == Safety::Safe => drop(result.insert("fixes".to_owned(), fixes)),
            Some(fixes) => properties["mcpsec/unsafeFixes"] = fixes,
            None => {}
        }
        properties["mcpsec/fix"] = json!(redact::words(&fix.title));
    }
    result.insert("properties".to_owned(), properties);
    let suppressions = reported.suppression.iter().map(|it| {
        json!({
            "kind": "inSource",
            "status": "accepted",
            "justification": redact::words(&it.reason),
            "location": { "physicalLocation": physical(report, &it.place) },
        })
    });
    // An empty list says that nothing is suppressed; no list, that nobody looked.
    result.insert("suppressions".to_owned(), json!(suppressions.collect::<Vec<_>>()));
    Value::Object(result)
}

/// The message with its story: viewers show little else.
fn text(finding: &Finding) -> String {
    let fix = finding.fix.as_ref().map(|fix| format!(" Fix: {}.", fix.title)).unwrap_or_default();
    redact::words(&format!("{}. Attack: {}.{fix}", finding.message, finding.attack.trim_end_matches('.')))
}

fn location(report: &Report<'_>, related: &Related, id: usize) -> Value {
    json!({
        "id": id,
        "message": { "text": redact::words(&related.message) },
        "physicalLocation": physical(report, &related.place),
    })
}

fn flow(report: &Report<'_>, finding: &Finding) -> Value {
    let steps = finding.related.iter().map(|related| {
        json!({ "location": {
            "message": { "text": redact::words(&related.message) },
            "physicalLocation": physical(report, &related.place),
        }})
    });
    json!({ "threadFlows": [{ "locations": steps.collect::<Vec<_>>() }] })
}

/// The edits of a fix by file; nothing where it is only advice.
fn fixes(report: &Report<'_>, fix: &Fix) -> Option<Value> {
    let mut changes: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        changes.entry(&edit.place.path).or_default().push(json!({
            "deletedRegion": region(report.region(&edit.place)),
            "insertedContent": { "text": redact::words(&edit.replacement) },
        }));
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(path, replacements)| json!({ "artifactLocation": artifact(path), "replacements": replacements }))
        .collect();
    (!changes.is_empty())
        .then(|| json!([{ "description": { "text": redact::words(&fix.title) }, "artifactChanges": changes }]))
}

fn physical(report: &Report<'_>, place: &Place) -> Value {
    json!({ "artifactLocation": artifact(&place.path), "region": region(report.region(place)) })
}

fn region(region: Region) -> Value {
    let Region { start, end } = region;
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

fn artifact(path: &str) -> Value {
    json!({ "uri": uri(path), "uriBaseId": "PROJECT" })
}

/// A relative reference: what may not stand in one is percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' | b'+' | b',' => {
                uri.push(char::from(byte));
            }
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn score(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.5"),
        Severity::Info => None,
    }
}
