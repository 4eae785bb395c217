//! Suppressions in the checked files: `mcpsec: ignore[rule-id] expires=2027-03-31 -- reason`.
//!
//! A comment at the end of a line covers that line; a comment alone covers the next line that is not itself one;
//! `ignore-file` covers the file. A reason is required. What cannot be read, names no rule, is expired or covers
//! nothing is itself a finding: a suppression never works or fails in silence. `[[doctor.ignore]]` in the policy file does
//! the same for files by their paths.

use std::{collections::BTreeSet, ops::Range, sync::LazyLock};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use mcpsec_policy::model::Ignored;
use regex::Regex;

use super::{Date, Reported, select, settings, unused};
use crate::{
    finding::{Confidence, Finding, Fix, Place, Severity},
    lines::Lines,
    project::{File, Project},
    rules::Rule,
};

/// Why a finding does not count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Suppression {
    /// Where it is said.
    pub place: Place,
    /// The words of whoever wrote it.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
}

/// A suppression as written.
#[derive(Clone, Debug)]
struct Directive {
    place: Place,
    scope: Scope,
    /// Ids and groups.
    rules: Vec<String>,
    reason: String,
    expires: Option<Date>,
}

/// What a suppression covers.
#[derive(Clone, Debug)]
enum Scope {
    /// The file that it stands in, or one line of it.
    Own(Option<usize>),
    /// Files by their paths, as the policy file says; all where it names none.
    Files(GlobSet),
}

/// What a comment that addresses us turned out to be.
enum Reading {
    Directive(Directive),
    Problem(Place, String),
}

/// Applies the suppressions of a project, and adds findings about the suppressions themselves.
pub(super) fn apply(project: &Project, findings: Vec<Finding>, ran: &[&Rule], today: Date) -> Vec<Reported> {
    let (mut directives, mut problems) = (Vec::new(), Vec::new());
    for reading in project.files.iter().flat_map(readings).chain(configured(project)) {
        match reading {
            Reading::Problem(place, message) => problems.push(invalid(place, message)),
            Reading::Directive(directive) => {
                problems.extend(unknown_rules(&directive));
                match directive.expires.filter(|day| *day < today) {
                    Some(day) => problems.push(invalid(directive.place, format!("the suppression expired on {day}"))),
                    None => directives.push(directive),
                }
            }
        }
    }
    let mut used: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut reported: Vec<Reported> = findings
        .into_iter()
        .map(|finding| {
            let suppression = cover(project, &finding, &directives, &mut used);
            Reported { finding, suppression, failing: false }
        })
        .collect();
    problems.extend(unused(project, &directives, &used, ran));
    let about_us = |finding: &Finding| ran.iter().any(|rule| rule.id == finding.rule);
    let problems = problems.into_iter().filter(about_us);
    reported.extend(problems.map(|finding| Reported { finding, suppression: None, failing: false }));
    reported.sort_by(|a, b| (&a.finding.place, a.finding.rule).cmp(&(&b.finding.place, b.finding.rule)));
    reported
}

/// The suppression that covers a finding; every one that does is marked as used.
fn cover(
    project: &Project,
    finding: &Finding,
    directives: &[Directive],
    used: &mut BTreeSet<(usize, usize)>,
) -> Option<Suppression> {
    let group = crate::rules::rule(finding.rule).map_or("", |rule| rule.group);
    let mut line = None;
    let mut found = None;
    for (index, directive) in directives.iter().enumerate().filter(|(_, it)| it.concerns(&finding.place.path)) {
        let Some(position) = directive.rules.iter().position(|name| name == finding.rule || name == group) else {
            continue;
        };
        let here = *line.get_or_insert_with(|| {
            project.file(&finding.place.path).map_or(1, |file| Lines::new(&file.text).number(finding.place.start))
        });
        if !matches!(directive.scope, Scope::Own(Some(covered)) if covered != here) {
            used.insert((index, position));
            let Directive { place, reason, expires, .. } = directive.clone();
            found = found.or(Some(Suppression { place, reason, expires }));
        }
    }
    found
}

impl Directive {
    fn concerns(&self, path: &str) -> bool {
        match &self.scope {
            Scope::Own(_) => self.place.path == path,
            Scope::Files(globs) => globs.is_empty() || globs.is_match(path),
        }
    }
}

/// The entries of `[[doctor.ignore]]`.
fn configured(project: &Project) -> Vec<Reading> {
    let Some(file) = project.file("mcpsec.toml") else { return Vec::new() };
    let entries = settings::ignored(&file.text).into_iter();
    entries.map(|(entry, span)| configured_one(entry, Place::new(&file.path, span.start, span.end))).collect()
}

fn configured_one(entry: Ignored, place: Place) -> Reading {
    let mut globs = GlobSetBuilder::new();
    for path in &entry.paths {
        match GlobBuilder::new(path).literal_separator(true).build() {
            Ok(glob) => drop(globs.add(glob)),
            Err(error) => return Reading::Problem(place, format!("`{path}` is no pattern of paths: {}", error.kind())),
        }
    }
    let Ok(globs) = globs.build() else { return Reading::Problem(place, "these paths are too many".to_owned()) };
    if entry.reason.trim().is_empty() {
        return Reading::Problem(place, "this suppression gives no reason".to_owned());
    }
    let expires = entry.until.as_deref().map(Date::parse);
    if expires == Some(None) {
        return Reading::Problem(place, "`until` is not written as 2027-03-31".to_owned());
    }
    let (rules, expires) = (vec![entry.rule], expires.flatten());
    Reading::Directive(Directive { place, scope: Scope::Files(globs), rules, reason: entry.reason, expires })
}

fn unknown_rules(directive: &Directive) -> Vec<Finding> {
    let unknown = directive.rules.iter().filter(|name| !select::known(name));
    unknown
        .map(|name| {
            let hint = select::closest(name).map(|known| format!(", did you mean `{known}`?")).unwrap_or_default();
            invalid(directive.place.clone(), format!("there is no rule `{name}`{hint}"))
        })
        .collect()
}

/// Names that covered nothing although their rules ran.
fn unused(project: &Project, directives: &[Directive], used: &BTreeSet<(usize, usize)>, ran: &[&Rule]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, directive) in directives.iter().enumerate() {
        let idle = |position: usize, name: &str| {
            ran.iter().any(|rule| rule.id == name || rule.group == name) && !used.contains(&(index, position))
        };
        let alone = directive.rules.iter().enumerate().all(|(position, name)| idle(position, name));
        for (position, name) in directive.rules.iter().enumerate() {
            if idle(position, name) {
                let message = format!("`{name}` reports nothing here that this suppression covers");
                let fix = match directive.scope {
                    Scope::Own(_) => unused::fix(project, &directive.place, position, alone),
                    Scope::Files(_) => Fix::advice("remove the entry of `[[doctor.ignore]]`"),
                };
                findings.push(Finding {
                    rule: "suppression-unused",
                    fix: Some(fix),
                    ..invalid(directive.place.clone(), message)
                });
            }
        }
    }
    findings
}

fn invalid(place: Place, message: String) -> Finding {
    Finding {
        rule: "suppression-invalid",
        severity: Severity::Low,
        confidence: Confidence::High,
        place,
        message,
        attack: "a suppression that does not do what it says hides what a reader believes to be known".to_owned(),
        related: Vec::new(),
        fix: Some(Fix::advice(
            "write `mcpsec: ignore[rule-id] -- reason`, with `expires=2027-03-31` before the dashes",
        )),
    }
}

/// Where a file has suppressions, right or wrong ones.
pub(super) fn places(file: &File) -> Vec<Place> {
    let places = readings(file).into_iter().map(|reading| match reading {
        Reading::Directive(directive) => directive.place,
        Reading::Problem(place, _) => place,
    });
    let entries = if file.path == "mcpsec.toml" { settings::ignored(&file.text) } else { Vec::new() };
    places.chain(entries.into_iter().map(|(_, span)| Place::new(&file.path, span.start, span.end))).collect()
}

/// Every comment of a file that addresses us.
fn readings(file: &File) -> Vec<Reading> {
    // Nearly all files have none, and this is a fast search.
    if !file.text.contains("mcpsec") {
        return Vec::new();
    }
    let lines = Lines::new(&file.text);
    let comments = comments(file);
    let own: BTreeSet<usize> =
        comments.iter().filter(|range| alone(file, &lines, range)).map(|range| lines.number(range.start)).collect();
    let read = comments.iter().filter_map(|range| read(file, range.clone(), &lines, &own));
    read.collect()
}

/// Whether nothing but a comment's marker stands before it in its line.
fn alone(file: &File, lines: &Lines<'_>, range: &Range<usize>) -> bool {
    let start = lines.range(lines.number(range.start)).start;
    file.text[start..range.start].chars().all(|character| character.is_whitespace() || "/#*!<->".contains(character))
}

/// The texts of comments that begin with our name, as byte ranges of the file: one line each, without markers.
fn comments(file: &File) -> Vec<Range<usize>> {
    static HASH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)(?:^|\s)#+\s*(mcpsec[:-].*?)\s*$"));
    static SLASHES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)(?:^|\s)//+\s*(mcpsec[:-].*?)\s*$"));
    static MARKUP: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)<!--\s*(mcpsec[:-].*?)\s*-->"));
    static SOURCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^[\s/#*!]*(mcpsec[:-].*?)\s*(?:\*/)?\s*$"));
    if let Some(module) = &file.module {
        let spans = module.comments.iter().filter_map(|span| Some((span.start, file.text.get(span.start..span.end)?)));
        return spans.flat_map(|(start, text)| captured(&SOURCE, start, text)).collect();
    }
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let syntax = match extension {
        "json" | "jsonc" | "json5" => &SLASHES,
        // Sources that were not parsed.
        "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" | "rs" | "go" | "java" | "cs" => &SLASHES,
        "md" | "markdown" => {
            let fences = fences(&file.text);
            let mut found = captured(&MARKUP, 0, &file.text);
            found.retain(|comment| !fences.iter().any(|fence| fence.contains(&comment.start)));
            return found;
        }
        "html" | "xml" => &MARKUP,
        _ => &HASH,
    };
    captured(syntax, 0, &file.text)
}

/// The fenced blocks of a Markdown text: what stands in them is shown, not said.
fn fences(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut open, mut offset) = (Vec::new(), None, 0);
    for line in text.split_inclusive('\n') {
        let ticks: String = line.trim_start().chars().take_while(|c| matches!(c, '`' | '~')).collect();
        match &open {
            Some((start, fence)) if ticks.starts_with(fence) => {
                found.push(*start..offset);
                open = None;
            }
            None if ticks.len() >= 3 => open = Some((offset, ticks)),
            _ => {}
        }
        offset += line.len();
    }
    found.extend(open.map(|(start, _)| start..offset));
    found
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of comments are valid")
}

fn captured(pattern: &Regex, offset: usize, text: &str) -> Vec<Range<usize>> {
    let ranges = pattern.captures_iter(text).filter_map(|found| Some(found.get(1)?.range()));
    ranges.map(|range| range.start + offset..range.end + offset).collect()
}

/// Understands one comment; nothing where it is prose.
fn read(file: &File, range: Range<usize>, lines: &Lines<'_>, own: &BTreeSet<usize>) -> Option<Reading> {
    static SHAPE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^mcpsec\s*:\s*([a-z-]+)\s*(?:\[([^\]]*)\])?\s*(?:expires=(\S+))?\s*(?:--\s*(.*))?$")
    });
    let text = &file.text[range.clone()];
    let place = Place::new(&file.path, range.start, range.end);
    let rest = text.trim_start_matches("mcpsec").trim_start_matches([':', '-', ' ']);
    let meant = ["ignore", "disable", "suppress"].iter().any(|word| rest.starts_with(word)) || rest.contains('[');
    if !meant {
        return None;
    }
    let problem = |message: &str| Some(Reading::Problem(place.clone(), message.to_owned()));
    let Some(found) = SHAPE.captures(text) else { return problem("this suppression cannot be read") };
    let part = |index| found.get(index).map_or("", |part: regex::Match<'_>| part.as_str().trim());
    let number = lines.number(range.start);
    let line = match part(1) {
        "ignore-file" => None,
        // The next line that is not itself a suppression on a line of its own.
        "ignore" if own.contains(&number) => (number + 1..).find(|next| !own.contains(next)),
        "ignore" => Some(number),
        _ => return problem("a suppression is `ignore` or `ignore-file`"),
    };
    let rules: Vec<String> =
        part(2).split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    if rules.is_empty() {
        return problem("this suppression names no rule");
    }
    if part(4).is_empty() {
        return problem("this suppression gives no reason");
    }
    let expires = match part(3) {
        "" => None,
        day => match Date::parse(day) {
            Some(day) => Some(day),
            None => return problem("the day on which this suppression expires is not written as 2027-03-31"),
        },
    };
    Some(Reading::Directive(Directive { place, scope: Scope::Own(line), rules, reason: part(4).to_owned(), expires }))
}
