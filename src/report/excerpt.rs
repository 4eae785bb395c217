//! The lines of source that a finding shows, and what is marked in them.

use mcpsec_screen::secrets;
use serde::Serialize;

use crate::{
    finding::{Finding, Place},
    lines::{Lines, floor},
};

/// Lines kept above and below a marked one.
const CONTEXT: usize = 2;

/// A line around is kept up to this many bytes.
const LINE: usize = 240;

/// A marked line is kept up to this many bytes; what is marked behind them is only named.
const MARKED_LINE: usize = 16 * 1024;

/// Places of a finding in one file, with the lines around them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Excerpt {
    /// Relative to the project's folder.
    pub(super) file: String,
    /// First line that is marked; nothing where the file was not read.
    pub(super) line: Option<usize>,
    /// In order; empty where there is nothing to show, as of the file as a whole.
    pub(super) lines: Vec<Line>,
    /// In the order of the story.
    pub(super) marks: Vec<Mark>,
}

/// A line of source, without its line break.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) text: String,
}

/// Something in a line; of what spans lines, the part in the first.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Mark {
    /// The line's number.
    pub(super) line: usize,
    /// Byte in the line.
    pub(super) start: usize,
    /// One past the last byte.
    pub(super) end: usize,
    /// What is said of it.
    pub(super) label: String,
    /// It is the finding's own place.
    pub(super) primary: bool,
}

/// A place, what is said of it, and whether it is the finding's own.
type Told<'p> = (&'p Place, String, bool);

/// The code of a finding, a part for each file in the order of the story. `source` knows the texts, without secrets;
/// `said` takes secrets out of messages.
pub(super) fn of<'a>(
    finding: &Finding,
    source: impl Fn(&str) -> Option<(&'a str, &'a Lines<'a>)>,
    said: impl Fn(&str) -> String,
) -> Vec<Excerpt> {
    let steps = finding.is_flow();
    let mut files: Vec<(&str, Vec<Told<'_>>)> = vec![(&finding.place.path, Vec::new())];
    let related = finding.related.iter().enumerate().map(|(index, related)| {
        let number = if steps { format!("{}. ", index + 1) } else { String::new() };
        (&related.place, format!("{number}{}", said(&related.message)), false)
    });
    for mark in std::iter::once((&finding.place, String::new(), true)).chain(related) {
        match files.iter_mut().find(|(path, _)| *path == mark.0.path) {
            Some((_, marks)) => marks.push(mark),
            None => files.push((&mark.0.path, vec![mark])),
        }
    }
    files.into_iter().map(|(path, marks)| excerpt(said(path), source(path), marks)).collect()
}

fn excerpt(file: String, source: Option<(&str, &Lines<'_>)>, places: Vec<Told<'_>>) -> Excerpt {
    let Some((text, lines)) = source else { return Excerpt { file, line: None, lines: Vec::new(), marks: Vec::new() } };
    let first = places.iter().map(|(place, ..)| lines.number(place.start)).min();
    // What is said of a file as a whole needs no picture of its first line.
    if places.iter().all(|(place, ..)| place.start == 0 && place.end == 0) {
        return Excerpt { file, line: first, lines: Vec::new(), marks: Vec::new() };
    }
    let mut seen = std::collections::BTreeSet::new();
    let marks: Vec<Mark> = places
        .into_iter()
        .filter(|(place, label, primary)| seen.insert((place.start, place.end, label.clone(), *primary)))
        .map(|(place, label, primary)| {
            let number = lines.number(place.start);
            let range = lines.range(number);
            let start = floor(text, place.start).min(range.end);
            let end = floor(text, place.end).clamp(start, range.end);
            Mark { line: number, start: start - range.start, end: end - range.start, label, primary }
        })
        .collect();
    Excerpt { file, line: first, lines: around(lines, &marks), marks: marks.into_iter().filter(fits).collect() }
}

fn fits(mark: &Mark) -> bool {
    mark.end <= MARKED_LINE
}

/// The marked lines and some around them.
fn around(lines: &Lines<'_>, marks: &[Mark]) -> Vec<Line> {
    let marked: std::collections::BTreeSet<usize> = marks.iter().filter(|mark| fits(mark)).map(|it| it.line).collect();
    let wanted: std::collections::BTreeSet<usize> = marked
        .iter()
        .flat_map(|line| line.saturating_sub(CONTEXT).max(1)..=(line + CONTEXT).min(lines.count()))
        .collect();
    let line = |number: usize| {
        let text = lines.line(number);
        let marked = marked.contains(&number);
        let most = if marked { MARKED_LINE } else { LINE };
        let text = if text.len() > most { format!("{}…", &text[..floor(text, most)]) } else { text.to_owned() };
        // A line that nobody points at is shown for its shape: what might be a secret need not be in it.
        let text = if marked { text } else { secrets::redact(&text).into_owned() };
        // Some terminals obey these; a dot takes as many bytes.
        let text = text.replace(|character| matches!(character, '\u{80}'..='\u{9f}'), "·");
        Line { number, text }
    };
    wanted.into_iter().map(line).collect()
}
