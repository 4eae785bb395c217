//! What the project's readme shows: fenced blocks with their place, and the words before them.

use super::Project;
use crate::finding::Place;

/// A line of a fenced block.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// As written.
    pub text: &'a str,
    /// Where.
    pub place: Place,
    /// The words before it warn of it: the block's heading, the sentence before, or its own comment.
    pub is_warned: bool,
}

const WARNINGS: &[&str] = &[
    "never",
    "do not",
    "don't",
    "avoid",
    "insecure",
    "dangerous",
    "danger",
    "warning",
    "caution",
    "wrong",
    "bad ",
    "not recommended",
    "at your own risk",
    "development only",
    "only for",
    "unsafe",
    "vulnerab",
    "attack",
    "instead of",
    "❌",
    "⚠",
];

/// Every line of every fenced block of the readme files at the top.
pub fn lines(project: &Project) -> Vec<Line<'_>> {
    let readme = |path: &str| !path.contains('/') && path.to_ascii_lowercase().starts_with("readme");
    let mut lines = Vec::new();
    for file in project.files.iter().filter(|file| readme(&file.path)) {
        let (mut offset, mut fence) = (0, None::<&str>);
        let (mut heading, mut before) = (false, false);
        for line in file.text.split_inclusive('\n') {
            let start = offset;
            offset += line.len();
            let code = line.trim();
            let mark = ["```", "~~~"].into_iter().find(|mark| code.starts_with(mark));
            match (fence, mark) {
                (None, Some(mark)) => fence = Some(mark),
                (Some(open), Some(mark)) if open == mark => (fence, before) = (None, false),
                (Some(_), _) => {
                    let indent = line.len() - line.trim_start().len();
                    let place = Place::new(&file.path, start + indent, start + line.trim_end().len());
                    lines.push(Line { text: code, place, is_warned: heading || before || warns(code) });
                }
                (None, None) if code.starts_with('#') => (heading, before) = (warns(code), false),
                (None, None) if !code.is_empty() => before = warns(code),
                (None, None) => {}
            }
        }
    }
    lines
}

fn warns(text: &str) -> bool {
    let lower = text.to_lowercase();
    WARNINGS.iter().any(|word| lower.contains(word))
}
