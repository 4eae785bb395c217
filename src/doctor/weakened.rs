//! What is laxer in one revision than in another: the doctor's settings, the baseline, the suppressions.
//!
//! A change that adds a weakness can hide it by the same change. So a comparison of two revisions says what hides more
//! than before.

use std::collections::{BTreeMap, BTreeSet};

use mcpsec_policy::model::Doctor;

use super::{Baseline, settings, suppress};
use crate::{
    finding::{Confidence, Finding, Fix, Place, Severity},
    project::Project,
};

/// One revision, as far as it decides what counts.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The files.
    pub project: &'a Project,
    /// `[doctor]`.
    pub settings: &'a Doctor,
    /// The baseline, where there is one.
    pub baseline: Option<&'a Baseline>,
}

/// What `after` hides and `before` did not.
pub fn between(before: Side<'_>, after: Side<'_>) -> Vec<Finding> {
    let mut findings = in_settings(before.settings, after);
    findings.extend(in_baseline(before.baseline, after.baseline));
    findings.extend(in_suppressions(before.project, after.project));
    findings
}

/// The settings that hold while two revisions are compared: the stricter of both, so that a change cannot lower the gate
/// that it is held against.
pub fn stricter(before: &Doctor, after: &Doctor) -> Doctor {
    let both = |a: &[String], b: &[String]| a.iter().filter(|name| b.contains(name)).cloned().collect();
    let severity = after.severity.iter().map(|(rule, now)| {
        let least = before.severity.get(rule).filter(|then| rank(then) > rank(now)).unwrap_or(now);
        (rule.clone(), least.clone())
    });
    Doctor {
        fail_on: if rank(&before.fail_on) < rank(&after.fail_on) { &before.fail_on } else { &after.fail_on }.clone(),
        ignore: both(&after.ignore, &before.ignore),
        behind_gateway: before.behind_gateway && after.behind_gateway,
        severity: severity.collect(),
        ..after.clone()
    }
}

/// Severities by weight; `never` is above all of them.
fn rank(severity: &str) -> usize {
    ["info", "low", "medium", "high", "critical"].iter().position(|name| *name == severity).unwrap_or(5)
}

fn in_settings(before: &Doctor, after: Side<'_>) -> Vec<Finding> {
    let text = after.project.file("mcpsec.toml").map_or("", |file| &file.text);
    let places = settings::places(text);
    let now = after.settings;
    let finding = |key: &str, message: String| {
        let range = places.get(key).cloned().unwrap_or(0..0);
        weaker(Place::new("mcpsec.toml", range.start, range.end), Severity::Medium, message)
    };
    let mut findings = Vec::new();
    if rank(&now.fail_on) > rank(&before.fail_on) {
        findings.push(finding("fail_on", format!("`fail_on` was `{}`, and is `{}`", before.fail_on, now.fail_on)));
    }
    for (key, then, now) in [("ignore", &before.ignore, &now.ignore), ("exclude", &before.exclude, &now.exclude)] {
        let added: Vec<String> = now.iter().filter(|it| !then.contains(it)).map(|it| format!("`{it}`")).collect();
        if !added.is_empty() {
            findings.push(finding(key, format!("`{key}` has {} in addition", added.join(", "))));
        }
    }
    if now.behind_gateway && !before.behind_gateway {
        findings.push(finding("behind_gateway", "`behind_gateway` is set, and was not".to_owned()));
    }
    for (rule, severity) in &now.severity {
        let own = || crate::rules::rule(rule).map_or("medium", |rule| rule.severity.name());
        let then = before.severity.get(rule).map_or_else(own, String::as_str);
        if rank(severity) < rank(then) {
            findings.push(finding("severity", format!("`{rule}` was {then}, and is {severity}")));
        }
    }
    findings.extend(in_options(before, now).map(|message| finding("rules", message)));
    findings
}

/// What single rules are told in addition: each option makes a rule say less.
fn in_options<'a>(before: &'a Doctor, now: &'a Doctor) -> impl Iterator<Item = String> + 'a {
    let options = now.rules.iter().flat_map(|(rule, options)| options.iter().map(move |it| (rule, it)));
    options.filter_map(|(rule, (key, texts))| {
        let then = before.rules.get(rule).and_then(|options| options.get(key));
        let added = texts.iter().filter(|text| then.is_none_or(|then| !then.contains(text)));
        let added: Vec<String> = added.map(|text| format!("`{text}`")).collect();
        (!added.is_empty()).then(|| format!("`{key}` of `{rule}` has {} in addition", added.join(", ")))
    })
}

fn in_baseline(before: Option<&Baseline>, after: Option<&Baseline>) -> Option<Finding> {
    let after = after?;
    let then = |identity| before.is_some_and(|before| before.entries.contains_key(identity));
    let added: Vec<_> = after.entries.iter().filter(|(identity, _)| !then(*identity)).collect();
    let (_, first) = added.first()?;
    // A repository that takes a baseline up does so once, with everything that is there.
    let severity = if before.is_some() { Severity::Medium } else { Severity::Low };
    let count = added.len();
    let lines = if count == 1 {
        "1 finding more is accepted".to_owned()
    } else {
        format!("{count} findings more are accepted")
    };
    Some(weaker(Place::new(&after.path, first.start, first.end), severity, lines))
}

fn in_suppressions(before: &Project, after: &Project) -> Vec<Finding> {
    let mut then: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (place, text) in suppressions(before) {
        *then.entry((place.path, text)).or_default() += 1;
    }
    let mut findings = Vec::new();
    for (place, text) in suppressions(after) {
        if let Some(left) = then.get_mut(&(place.path.clone(), text)).filter(|left| **left > 0) {
            *left -= 1;
            continue;
        }
        findings.push(weaker(place, Severity::Low, "this suppression was not there before".to_owned()));
    }
    findings
}

/// Every comment that addresses the doctor, with its text.
fn suppressions(project: &Project) -> Vec<(Place, String)> {
    let places = project.files.iter().flat_map(suppress::places);
    let texts = places.filter_map(|place| {
        let text = project.file(&place.path)?.text.get(place.start..place.end)?.to_owned();
        Some((place, text))
    });
    let unique: BTreeSet<_> = texts.collect();
    unique.into_iter().collect()
}

fn weaker(place: Place, severity: Severity, message: String) -> Finding {
    Finding {
        rule: "configuration-weakened",
        severity,
        confidence: Confidence::High,
        place,
        message,
        attack: "who wants a weakness merged silences the check by the same change".to_owned(),
        related: Vec::new(),
        fix: Some(Fix::advice("take it back, or have it reviewed on its own")),
    }
}
