//! A finding with its code: the frame, the hops that lead there, why it matters, what to change.

use std::{collections::BTreeMap, ops::Range};

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet, normalize_untrusted_str as clean,
};

use super::{Report, redact};
use crate::{
    doctor::Reported,
    finding::{Place, Severity},
    lines::{Lines, floor},
};

/// Longest line of source that is shown; of longer ones, the part around the place.
const WIDTH: usize = 120;

/// A place to draw, with what is said of it.
type Mark<'p> = (AnnotationKind, &'p Place, String);

/// Draws findings.
pub(super) struct Frames<'a> {
    report: &'a Report<'a>,
    lines: BTreeMap<&'a str, Lines<'a>>,
    renderer: Renderer,
}

impl<'a> Frames<'a> {
    pub(super) fn new(report: &'a Report<'a>, colors: bool) -> Self {
        let renderer = if colors { Renderer::styled() } else { Renderer::plain() };
        let lines = report.texts.iter().map(|(path, text)| (*path, Lines::new(text))).collect();
        Self { report, lines, renderer: renderer.term_width(WIDTH) }
    }

    /// The whole finding, without a final line break.
    pub(super) fn render(&self, reported: &Reported) -> String {
        let finding = &reported.finding;
        let level = match finding.severity {
            Severity::Critical | Severity::High => Level::ERROR,
            Severity::Medium => Level::WARNING,
            Severity::Low | Severity::Info => Level::INFO,
        };
        let title = level.with_name(finding.severity.name()).primary_title(redact::words(&finding.message));
        let mut group = self.sources(Group::with_title(title.id(finding.rule)), reported);
        let note = |name: &'static str, text: String| Level::NOTE.with_name(name).message(clean(&redact::words(&text)));
        group = group.element(note("why", finding.attack.clone()));
        if finding.confidence != crate::finding::Confidence::High {
            group = group.element(note("confidence", finding.confidence.name().to_owned()));
        }
        if let Some(fix) = &finding.fix {
            group = group.element(Level::HELP.message(clean(&redact::words(&fix.title))));
        }
        match &reported.suppression {
            Some(suppression) => {
                let until = suppression.expires.map(|day| format!(" until {day}")).unwrap_or_default();
                group = group.element(note("suppressed", format!("{}{until}", suppression.reason)));
            }
            // What the doctor says of suppressions is mended, not suppressed.
            None if finding.rule.starts_with("suppression-") => {}
            None => group = group.element(note("suppress", suppression_line(&finding.place.path, finding.rule))),
        }
        self.renderer.render(&[group])
    }

    /// The finding's place and its further places: one snippet per file, in the order of the story.
    fn sources(&self, mut group: Group<'a>, reported: &Reported) -> Group<'a> {
        let finding = &reported.finding;
        let steps = finding.is_flow();
        let mut marks = vec![(AnnotationKind::Primary, &finding.place, String::new())];
        marks.extend(finding.related.iter().enumerate().map(|(index, related)| {
            let number = if steps { format!("{}. ", index + 1) } else { String::new() };
            (AnnotationKind::Context, &related.place, format!("{number}{}", redact::words(&related.message)))
        }));
        let mut files: Vec<(&str, Vec<Mark<'_>>)> = Vec::new();
        for mark in marks {
            match files.iter_mut().find(|(path, _)| *path == mark.1.path) {
                Some((_, places)) => places.push(mark),
                None => files.push((&mark.1.path, vec![mark])),
            }
        }
        for (path, places) in files {
            group = match self.lines.get_key_value(path) {
                Some((path, lines)) => self.snippet(group, path, lines, &places),
                None => group.element(Origin::path(path.to_owned())),
            };
        }
        group
    }

    fn snippet(&self, group: Group<'a>, path: &'a str, lines: &Lines<'a>, places: &[Mark<'_>]) -> Group<'a> {
        let text = self.report.texts[path].as_str();
        let first_line = places.iter().map(|(_, place, _)| lines.number(place.start)).min().unwrap_or(1);
        let last_line = places.iter().map(|(_, place, _)| lines.number(place.start)).max().unwrap_or(1);
        let window = lines.range(first_line).start..lines.range(last_line).end;
        // What is said of a file as a whole needs no picture of its first line.
        let whole = places.iter().all(|(_, place, _)| place.start == 0 && place.end == 0);
        if whole || window.is_empty() {
            return group.element(Origin::path(path).line(first_line));
        }
        let annotations =
            places.iter().map(|(kind, place, label)| annotation(*kind, text, lines, place, label, &window));
        let snippet = Snippet::source(&text[window.clone()]).path(path).line_start(first_line);
        group.element(snippet.annotations(annotations.collect::<Vec<_>>()))
    }
}

/// Marks a place; of one that spans lines, the first line.
fn annotation<'a>(
    kind: AnnotationKind,
    text: &str,
    lines: &Lines<'_>,
    place: &Place,
    label: &str,
    window: &Range<usize>,
) -> Annotation<'a> {
    let start = floor(text, place.start);
    let end = floor(text, place.end).min(lines.range(lines.number(start)).end).max(start);
    let span = start.saturating_sub(window.start)..end.saturating_sub(window.start);
    let annotation = kind.span(span);
    if label.is_empty() { annotation } else { annotation.label(clean(label)) }
}

/// The line to paste above a place where the finding is right and accepted.
fn suppression_line(path: &str, rule: &str) -> String {
    let directive = format!("mcpsec: ignore[{rule}] -- REASON");
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "ts" | "tsx" | "mts" | "cts" | "js" | "jsx" | "mjs" | "cjs" | "rs" | "go" | "jsonc" => {
            format!("// {directive}")
        }
        // There are no comments in these.
        "json" | "lock" => format!("[doctor] ignore = [\"{rule}\"] in mcpsec.toml"),
        "md" => format!("<!-- {directive} -->"),
        _ => format!("# {directive}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        doctor::{Date, Options, run},
        finding::{Confidence, Finding, Related},
        project::Project,
    };

    /// The frame of a finding at `start..end` of a file.
    fn frame(text: &str, start: usize, end: usize) -> String {
        let project = Project::from_files([("a b.txt".to_owned(), text.to_owned())]);
        let mut outcome = run(&project, &Options::usual(Date::from_seconds(0)));
        let place = Place::new("a b.txt", start, end);
        let missing = Related { place: Place::new("not/there", 5, 9), message: "elsewhere".to_owned() };
        let finding = Finding {
            rule: "some-rule",
            severity: Severity::High,
            confidence: Confidence::High,
            place: place.clone(),
            message: "wrong".to_owned(),
            attack: "bad".to_owned(),
            related: vec![missing, Related { place, message: "here".to_owned() }],
            fix: None,
        };
        outcome.findings = vec![Reported { finding, suppression: None, failing: true }];
        let report = Report::new(&project, &outcome);
        Frames::new(&report, true).render(&outcome.findings[0])
    }

    #[test]
    fn no_place_is_too_strange_to_be_drawn() {
        let texts =
            ["", "\n", "\r\n\r\n", "é\u{1f9d1}\u{200d}\u{1f33e}\tx\r\ny", "\u{feff}a\0b\u{1b}[2J", &"x".repeat(5000)];
        for text in texts {
            for start in 0..=text.len().min(20) {
                for end in start..=(text.len() + 2).min(22) {
                    assert!(frame(text, start, end).contains("wrong"), "{text:?} {start}..{end}");
                }
            }
            assert!(frame(text, usize::MAX, usize::MAX).contains("wrong"), "{text:?}");
        }
    }

    #[test]
    fn a_long_line_is_cut_around_its_place() {
        let text = format!("{}HERE{}", "x".repeat(3000), "y".repeat(3000));
        let drawn = frame(&text, 3000, 3004);
        assert!(drawn.contains("HERE"), "{drawn}");
        assert!(drawn.lines().all(|line| line.chars().count() < 400), "{drawn}");
    }
}
