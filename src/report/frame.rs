//! A finding with its code: the frame, the hops that lead there, why it matters, what to change.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{
    content::Finding,
    excerpt::{Excerpt, Mark},
    line as clean,
};
use crate::finding::{Confidence, Severity};

/// Longest line of source that is shown; of longer ones, the part around the place.
const WIDTH: usize = 120;

/// Draws findings.
pub(super) struct Frames {
    renderer: Renderer,
    /// Goes before every path.
    prefix: String,
}

impl Frames {
    pub(super) fn new(prefix: String, colors: bool) -> Self {
        let renderer = if colors { Renderer::styled() } else { Renderer::plain() };
        Self { renderer: renderer.term_width(WIDTH), prefix }
    }

    /// The whole finding, without a final line break.
    pub(super) fn render(&self, finding: &Finding) -> String {
        let level = match finding.severity {
            Severity::Critical | Severity::High => Level::ERROR,
            Severity::Medium => Level::WARNING,
            Severity::Low | Severity::Info => Level::INFO,
        };
        let title = level.with_name(finding.severity.name()).primary_title(clean(&finding.message));
        let mut group = Group::with_title(title.id(finding.rule));
        let windows: Vec<String> = finding.excerpts.iter().map(window).collect();
        for (excerpt, window) in finding.excerpts.iter().zip(&windows) {
            group = self.source(group, excerpt, window);
        }
        let note = |name: &'static str, text: &str| Level::NOTE.with_name(name).message(clean(text));
        group = group.element(note("why", &finding.attack));
        if finding.confidence != Confidence::High {
            group = group.element(note("confidence", finding.confidence.name()));
        }
        if let Some(fix) = &finding.fix {
            group = group.element(Level::HELP.message(clean(&fix.title)));
        }
        match &finding.suppressed {
            Some(suppression) => {
                let until = suppression.expires.as_ref().map(|day| format!(" until {day}")).unwrap_or_default();
                group = group.element(note("suppressed", &format!("{}{until}", suppression.reason)));
            }
            // What the doctor says of suppressions is mended, not suppressed.
            None if finding.rule.starts_with("suppression-") => {}
            None if !finding.counts() => group = group.element(note("known", finding.excuse().unwrap_or_default())),
            None => group = group.element(note("suppress", &finding.suppress)),
        }
        self.renderer.render(&[group])
    }

    /// One snippet: the places in one file.
    fn source<'a>(&self, group: Group<'a>, excerpt: &'a Excerpt, window: &'a str) -> Group<'a> {
        let path = clean(&format!("{}{}", self.prefix, excerpt.file));
        let Some(line) = excerpt.line else { return group.element(Origin::path(path)) };
        if window.is_empty() {
            return group.element(Origin::path(path).line(line));
        }
        let annotations: Vec<Annotation<'a>> =
            excerpt.marks.iter().map(|mark| annotation(mark, offset(window, mark.line - line))).collect();
        group.element(Snippet::source(window).path(path).line_start(line).annotations(annotations))
    }
}

/// The lines from the first that is marked to the last; what lies between and is not shown is empty.
fn window(excerpt: &Excerpt) -> String {
    let (Some(first), Some(last)) = (excerpt.line, excerpt.marks.iter().map(|mark| mark.line).max()) else {
        return String::new();
    };
    let mut text = String::new();
    let mut number = first;
    for line in excerpt.lines.iter().filter(|line| (first..=last).contains(&line.number)) {
        text.extend(std::iter::repeat_n('\n', line.number - number));
        text += &line.text;
        number = line.number;
    }
    text
}

/// The first byte of a line, counted from none.
fn offset(window: &str, line: usize) -> usize {
    let breaks = window.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
    std::iter::once(0).chain(breaks).nth(line).unwrap_or(window.len())
}

fn annotation<'a>(mark: &'a Mark, line: usize) -> Annotation<'a> {
    let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
    let annotation = kind.span(line + mark.start..line + mark.end);
    if mark.label.is_empty() { annotation } else { annotation.label(clean(&mark.label)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        doctor::{Date, Options, Reported, run},
        finding::{Finding, Place, Related},
        project::Project,
        report::Report,
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
        let report = Report::new("", &project, &outcome);
        Frames::new(String::new(), true).render(&report.findings[0])
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
