//! `sarif`: SARIF 2.1.0, complete for GitHub code scanning and for editors.
//!
//! Paths are relative and columns count code points. Every rule that ran is described (of several
//! projects, every one that found something), suppressed findings stay, with
//! their justification, and what was not checked is a notification of the invocation. Of several projects each is a run.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::{Map, Value, json};

use super::{
    Format, Presentation, Report,
    content::{Finding, Fix, Location, Related},
    page,
    paths::Base,
};
use crate::{
    doctor::Verdict,
    finding::{Safety, Severity},
    rules::Rule,
};

pub(super) const FORMAT: Format = Format { name: "sarif", about: "SARIF 2.1.0, for code scanning and editors", write };

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// GitHub reads this much of a description.
const DESCRIPTION: usize = 1024;

fn write(reports: &[&Report], how: Presentation, out: &mut dyn Write) -> io::Result<()> {
    // One run after the other: all of them at once would be more than all that is known of the projects.
    write!(out, "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[")?;
    for (index, report) in reports.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        serde_json::to_writer(&mut *out, &run(report, how.several))?;
    }
    out.write_all(b"]}\n")
}

fn run(report: &Report, several: bool) -> Value {
    let base = Base::of(report, several);
    // Each run has its own descriptions: hundreds of runs with all of them would be hundreds of megabytes.
    let found = |rule: &&&'static Rule| !several || report.findings.iter().any(|it| it.rule == rule.id);
    let rules: Vec<&Rule> = report.rules.iter().filter(found).copied().collect();
    let indices: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(index, rule)| (rule.id, index)).collect();
    let results = report.findings.iter().map(|it| result(&base, it, &indices, report.known.compared));
    // GitHub takes what stands before the last slash for the category: runs of one file must differ in it.
    let category = if several { format!("mcpsec/{}/", report.name.trim_matches('/')) } else { "mcpsec/".to_owned() };
    json!({
        "tool": { "driver": {
            "name": "mcpsec",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": rules.into_iter().map(descriptor).collect::<Vec<_>>(),
        }},
        "automationDetails": { "id": category },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            BASE: { "description": { "text": "The repository's folder, or the checked one outside of a repository." } },
        },
        "invocations": [invocation(report, &base)],
        "results": results.collect::<Vec<_>>(),
    })
}

/// What paths are relative to.
const BASE: &str = "%SRCROOT%";

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

fn invocation(report: &Report, base: &Base) -> Value {
    let incomplete = report.incomplete.iter().map(|it| {
        let mut notification = json!({ "level": "error", "message": { "text": it.message } });
        if let Some(path) = &it.file {
            notification["locations"] = json!([{ "physicalLocation": { "artifactLocation": artifact(base, path) } }]);
        }
        notification
    });
    let skipped = report.skipped.iter().filter(|it| !it.incomplete).map(|it| {
        json!({
            "level": "note",
            "message": { "text": format!("not read: {}", it.reason) },
            "locations": [{ "physicalLocation": { "artifactLocation": artifact(base, &it.file) } }],
        })
    });
    let rules = report.not_applicable.iter().map(|it| {
        json!({
            "level": "note",
            "message": { "text": format!("not applicable: {}", it.reason) },
            "associatedRule": { "id": it.rule },
        })
    });
    json!({
        // Findings are success; what was not checked is not.
        "executionSuccessful": report.verdict != Verdict::Incomplete && !report.is_unread(),
        "exitCode": report.verdict.code(),
        "toolExecutionNotifications": incomplete.chain(skipped).collect::<Vec<_>>(),
        "toolConfigurationNotifications": rules.collect::<Vec<_>>(),
        "properties": { "mcpsec/coverage": report.coverage_line(), "mcpsec/summary": report.summary() },
    })
}

fn result(base: &Base, finding: &Finding, indices: &BTreeMap<&str, usize>, compared: bool) -> Value {
    let mut result = Map::new();
    let mut put = |key: &str, value: Value| drop(result.insert(key.to_owned(), value));
    put("ruleId", json!(finding.rule));
    if let Some(index) = indices.get(finding.rule) {
        put("ruleIndex", json!(index));
    }
    put("level", json!(level(finding.severity)));
    if compared {
        put("baselineState", json!(if finding.known.is_some() { "unchanged" } else { "new" }));
    }
    put("message", json!({ "text": text(finding) }));
    put("locations", json!([{ "physicalLocation": physical(base, &finding.location) }]));
    let mut fingerprints = json!({ "mcpsec/v1": base.name(&finding.identity) });
    if let Some(hash) = &finding.fingerprint {
        fingerprints["primaryLocationLineHash"] = json!(hash);
    }
    put("partialFingerprints", fingerprints);
    if !finding.related.is_empty() {
        let related = finding.related.iter().enumerate();
        put("relatedLocations", related.map(|(id, it)| location(base, it, id)).collect());
    }
    if finding.flow {
        put("codeFlows", json!([flow(base, finding)]));
    }
    let mut properties = json!({
        "mcpsec/severity": finding.severity.name(),
        "mcpsec/confidence": finding.confidence.name(),
        "mcpsec/attack": finding.attack,
    });
    if let Some(fix) = &finding.fix {
        match fixes(base, fix) {
            Some(fixes) if fix.safety == Safety::Safe => put("fixes", fixes),
            Some(fixes) => properties["mcpsec/unsafeFixes"] = fixes,
            None => {}
        }
        properties["mcpsec/fix"] = json!(fix.title);
    }
    put("properties", properties);
    // An empty list says that nothing is suppressed; no list, that nobody looked.
    put("suppressions", suppressions(base, finding));
    Value::Object(result)
}

fn suppressions(base: &Base, finding: &Finding) -> Value {
    let in_source = finding.suppressed.iter().map(|it| {
        json!({
            "kind": "inSource",
            "status": "accepted",
            "justification": it.reason,
            "location": { "physicalLocation": physical(base, &it.location) },
        })
    });
    let external = finding.known.filter(|known| *known == "baseline");
    let external =
        external.map(|_| json!({ "kind": "external", "status": "accepted", "justification": "in the baseline" }));
    in_source.chain(external).collect()
}

/// The message with its story: viewers show little else.
fn text(finding: &Finding) -> String {
    let fix = finding.fix.as_ref().map(|fix| format!(" Fix: {}.", fix.title)).unwrap_or_default();
    format!("{}. Attack: {}.{fix}", finding.message, finding.attack.trim_end_matches('.'))
}

fn location(base: &Base, related: &Related, id: usize) -> Value {
    json!({
        "id": id,
        "message": { "text": related.message },
        "physicalLocation": physical(base, &related.location),
    })
}

fn flow(base: &Base, finding: &Finding) -> Value {
    let steps = finding.related.iter().map(|related| {
        json!({ "location": {
            "message": { "text": related.message },
            "physicalLocation": physical(base, &related.location),
        }})
    });
    json!({ "threadFlows": [{ "locations": steps.collect::<Vec<_>>() }] })
}

/// The edits of a fix by file; nothing where it is only advice.
fn fixes(base: &Base, fix: &Fix) -> Option<Value> {
    let mut changes: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for edit in &fix.edits {
        changes.entry(&edit.location.file).or_default().push(json!({
            "deletedRegion": region(&edit.location),
            "insertedContent": { "text": edit.replacement },
        }));
    }
    let changes: Vec<Value> = changes
        .into_iter()
        .map(|(path, replacements)| json!({ "artifactLocation": artifact(base, path), "replacements": replacements }))
        .collect();
    (!changes.is_empty()).then(|| json!([{ "description": { "text": fix.title }, "artifactChanges": changes }]))
}

fn physical(base: &Base, place: &Location) -> Value {
    json!({ "artifactLocation": artifact(base, &place.file), "region": region(place) })
}

fn region(place: &Location) -> Value {
    let Location { line, column, end_line, end_column, .. } = place;
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

fn artifact(base: &Base, path: &str) -> Value {
    json!({ "uri": uri(&base.path(path)), "uriBaseId": BASE })
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
