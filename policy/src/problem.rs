//! What is wrong with a policy or a key file: where, what, and what to do.

use std::{fmt, ops::Range};

/// One thing that is wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Problem {
    /// The file as it was named to us, or `environment`.
    pub file: String,
    /// Where in the file; `None` for an environment variable and for a file that cannot be read.
    pub place: Option<Place>,
    /// Lowercase, names the thing in backticks, no final period, never a secret.
    pub message: String,
    /// What to do about it, a sentence each.
    pub help: Vec<String>,
}

/// Where a problem is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Byte range in the file.
    pub span: Range<usize>,
    /// The offending text: the part of `span` that is on its first line. Empty where `source` is.
    pub text: String,
    /// The whole line. Empty if it holds what looks like a secret, or is too long to show.
    pub source: String,
}

/// Starts of the lines of a text, so that a place is found without counting from the top each time.
#[derive(Debug)]
pub(crate) struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let after_breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Self { starts: std::iter::once(0).chain(after_breaks).collect() }
    }

    /// The line, from 1, that has the byte `at`.
    pub(crate) fn number(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).max(1)
    }

    /// Byte range of a line, with its break.
    fn range(&self, number: usize, text: &str) -> Range<usize> {
        self.starts[number - 1]..self.starts.get(number).copied().unwrap_or(text.len())
    }
}

/// Longer lines are not shown: nobody wrote them to be read.
const LONGEST_LINE: usize = 400;

impl Place {
    /// The place of the bytes `span` in `text`. A span outside of the text is moved inside.
    pub(crate) fn of(text: &str, lines: &Lines, span: Range<usize>) -> Self {
        let start = boundary(text, span.start);
        let end = boundary(text, span.end.max(start));
        let line = lines.number(start);
        let range = lines.range(line, text);
        let source = text[range.clone()].trim_end_matches(['\n', '\r']);
        let line_end = range.start + source.len();
        let shown = source.len() <= LONGEST_LINE
            && matches!(mcpsec_screen::secrets::redact(source), std::borrow::Cow::Borrowed(_));
        let offending = text.get(start..end.min(line_end)).unwrap_or_default();
        Self {
            line,
            column: text[range.start..start].chars().count() + 1,
            span: start..end,
            text: if shown { offending.to_owned() } else { String::new() },
            source: if shown { source.to_owned() } else { String::new() },
        }
    }
}

fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(place) = &self.place {
            write!(f, ":{}:{}", place.line, place.column)?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(place) = self.place.as_ref().filter(|place| !place.source.trim().is_empty()) {
            let number = place.line.to_string();
            let margin = " ".repeat(number.len());
            // Tabs and hidden characters would put the carets in the wrong place, or worse.
            let source = mcpsec_screen::hidden::neutralize(&place.source).replace('\t', " ");
            let carets = "^".repeat(place.text.chars().count().max(1));
            write!(f, "\n {margin} |\n {number} | {source}\n {margin} | {}{carets}", " ".repeat(place.column - 1))?;
        }
        for help in &self.help {
            write!(f, "\n   = help: {help}")?;
        }
        Ok(())
    }
}

/// A policy that cannot be enforced as it is written: everything that is wrong with it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyError {
    problems: Vec<Problem>,
}

impl PolicyError {
    /// `None` if there is no problem. Orders the problems by file and position; those without a position come last.
    pub(crate) fn of(mut problems: Vec<Problem>) -> Option<Self> {
        problems.sort_by_key(|problem| {
            let place = problem.place.as_ref();
            (place.is_none(), problem.file.clone(), place.map_or(0, |place| place.span.start))
        });
        if problems.is_empty() { None } else { Some(Self { problems }) }
    }

    /// Everything that is wrong, at least one thing.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}
