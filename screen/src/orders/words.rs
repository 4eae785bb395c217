//! Texts as sentences of words.

use std::ops::Range;

/// A word in lower case, without the punctuation around it.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) lower: String,
    pub(super) range: Range<usize>,
    /// It stands in quotes or backticks.
    pub(super) quoted: bool,
    /// A comma or colon follows.
    pub(super) pause: bool,
}

impl Word {
    /// Whether it is one of some words.
    pub(super) fn is(&self, words: &[&str]) -> bool {
        words.contains(&self.lower.as_str())
    }
}

const AROUND: &[char] = &[
    ',', ';', '(', ')', '"', '\'', '`', '*', '“', '”', '‘', '’', '[', ']', '{', '}', '.', ':', '!', '?', '…', '-', '—',
];
const QUOTES: &[char] = &['"', '\'', '`', '“', '‘'];

/// The sentences of a text. They end at marks that blanks follow, at empty lines, and before items of a list.
pub(super) fn sentences(text: &str) -> Vec<Vec<Word>> {
    let mut sentences = vec![Vec::new()];
    let mut line_break = 0;
    let mut start = None;
    let ends = text.char_indices().chain(std::iter::once((text.len(), ' ')));
    for (at, c) in ends {
        if !c.is_whitespace() {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            let raw = &text[from..at];
            let item = line_break == 1 && matches!(raw, "-" | "*" | "•");
            if (line_break > 1 || item) && sentences.last().is_some_and(|last| !last.is_empty()) {
                sentences.push(Vec::new());
            }
            line_break = 0;
            if let (Some(word), Some(sentence)) = (word(raw, from), sentences.last_mut()) {
                sentence.push(word);
            }
            let bare = raw.trim_end_matches(['"', '\'', '`', ')', '”', '*', '_']);
            if bare.ends_with(['.', '!', '?', ';']) && !matches!(bare, "e.g." | "i.e." | "etc." | "vs.") {
                sentences.push(Vec::new());
            }
        }
        line_break += usize::from(c == '\n');
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

fn word(raw: &str, from: usize) -> Option<Word> {
    // Dots at the beginning belong to names of files: `.env`.
    let left = raw.trim_start_matches(|c| AROUND.contains(&c) && c != '.');
    let core = left.trim_end_matches(AROUND);
    let start = from + (raw.len() - left.len());
    if core.is_empty() {
        return None;
    }
    let after = &raw[raw.len() - left.len() + core.len()..];
    let lower = core.to_lowercase().replace('’', "'");
    Some(Word {
        lower,
        range: start..start + core.len(),
        quoted: raw.starts_with(QUOTES),
        pause: after.contains([',', ':']),
    })
}
