//! Characters that people do not see and models read.
//!
//! What a person reviews in a tool description and what a model reads can differ: tag characters carry whole hidden
//! sentences, direction overrides reorder what is shown, escape sequences erase it on a terminal. [`find`] names such
//! characters, [`neutralize`] makes them visible.
//!
//! Not reported, because writing needs them: line feed, carriage return and tab; a byte order mark at the start;
//! joiners inside emoji and between letters of scripts that join; one variation selector after a character that has
//! variants; direction marks beside right-to-left letters; the three flags that are spelt with tag characters.
//!
//! It does **not** judge confusable letters (a Cyrillic `а` in a Latin word), nor text that is hidden by colour or size.

use std::{borrow::Cow, fmt::Write as _, ops::Range};

mod classes;
mod context;
mod escape;

/// One hidden character, or a run of one class.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hidden {
    /// What it is, such as `bidirectional override`, `tag character`.
    pub class: &'static str,
    /// Byte range in the text.
    pub range: Range<usize>,
    /// The first code point.
    pub first: char,
}

/// Hidden characters in `text`, in order of position. Neighbours of one class are one entry.
pub fn find(text: &str) -> Vec<Hidden> {
    let mut found: Vec<Hidden> = Vec::new();
    let mut previous = None;
    let mut at = 0;
    loop {
        // Nearly all of a text: nothing is looked for among these, whatever stands around them.
        let plain = text.as_bytes()[at..].iter().take_while(|byte| is_plain(**byte)).count();
        if plain > 0 {
            at += plain;
            previous = Some(char::from(text.as_bytes()[at - 1]));
        }
        let Some(first) = text[at..].chars().next() else { return found };
        let (class, end) = step(text, at, first, previous);
        if let Some(class) = class {
            match found.last_mut() {
                Some(last) if last.class == class && last.range.end == at => last.range.end = end,
                _ => found.push(Hidden { class, range: at..end, first }),
            }
        }
        // What was reported is no context that could excuse the next one.
        previous = if class.is_none() { text[at..end].chars().next_back() } else { None };
        at = end;
    }
}

/// Printable ASCII, and what breaks and indents lines.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')
}

/// The class of what starts at `at`, if that is hidden and not needed there, and where it ends.
fn step(text: &str, at: usize, first: char, previous: Option<char>) -> (Option<&'static str>, usize) {
    if let Some(end) = escape::sequence(text, at) {
        return (Some(escape::CLASS), end);
    }
    if let Some(end) = context::flag(text, at, previous) {
        return (None, end);
    }
    let class = classes::of(first).filter(|class| !context::needed(class, text, at, previous));
    (class, at + first.len_utf8())
}

/// `text` with every hidden character replaced by a visible mark such as `[U+202E]`, a run by one mark that counts it.
/// Terminal escape sequences are replaced as a whole. Text without any is returned as it is.
pub fn neutralize(text: &str) -> Cow<'_, str> {
    // The common case: printable ASCII has nothing to look for.
    if text.bytes().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let found = find(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    let mut copied = 0;
    for hidden in found {
        clean.push_str(&text[copied..hidden.range.start]);
        clean.push_str(&mark(&hidden, text));
        copied = hidden.range.end;
    }
    clean.push_str(&text[copied..]);
    Cow::Owned(clean)
}

/// How a hidden character is shown: `[U+202E]`, or `[U+E0041 and 12 more]` for a run.
pub fn mark(hidden: &Hidden, text: &str) -> String {
    let count = text.get(hidden.range.clone()).map_or(1, |run| run.chars().count());
    let mut mark = format!("[U+{:04X}", u32::from(hidden.first));
    if count > 1 {
        write!(mark, " and {} more", count - 1).expect("writing to a string cannot fail");
    }
    mark.push(']');
    mark
}

#[cfg(test)]
mod tests;
