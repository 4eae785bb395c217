//! Characters in a file that people do not see, and whether they stand there to be looked up.

use std::collections::BTreeMap;

use mcpsec_screen::hidden::{self, Hidden};

use super::File;
use crate::finding::Place;

/// A run of hidden characters of one class.
#[derive(Clone, Debug)]
pub struct HiddenRun {
    /// What they are, such as `bidirectional override`.
    pub class: &'static str,
    /// Where.
    pub place: Place,
    /// The first of them.
    pub first: char,
    /// How many.
    pub count: usize,
    /// It is an entry of a table or a class of a pattern: code that looks for such characters, not a text that holds them.
    pub looked_up: bool,
}

impl HiddenRun {
    /// A run of `text`, at a place of its own.
    pub fn of(hidden: &Hidden, text: &str, place: Place) -> Self {
        Self {
            class: hidden.class,
            place,
            first: hidden.first,
            count: text[hidden.range.clone()].chars().count(),
            looked_up: is_looked_up(text, hidden),
        }
    }

    /// The run in words: `zero-width character that nobody sees: U+200B and 2 more`.
    pub fn describe(&self) -> String {
        let more = if self.count > 1 { format!(" and {} more", self.count - 1) } else { String::new() };
        format!("{} that nobody sees: U+{:04X}{more}", self.class, u32::from(self.first))
    }
}

/// What deceives in a file, by class, in order. Private-use characters are icons, control characters are seldom more than
/// an accident of an editor: they are left out.
pub fn in_file(file: &File) -> BTreeMap<&'static str, Vec<HiddenRun>> {
    let mut classes: BTreeMap<&'static str, Vec<HiddenRun>> = BTreeMap::new();
    for hidden in hidden::find(&file.text).into_iter().filter(deceives) {
        let place = Place::new(&file.path, hidden.range.start, hidden.range.end);
        classes.entry(hidden.class).or_default().push(HiddenRun::of(&hidden, &file.text, place));
    }
    classes
}

/// What deceives in a text that was decoded: a value of a configuration, the description of a tool.
pub fn in_value(text: &str, place: &Place) -> Option<HiddenRun> {
    hidden::find(text).iter().find(|hidden| deceives(hidden)).map(|hidden| HiddenRun::of(hidden, text, place.clone()))
}

fn deceives(hidden: &Hidden) -> bool {
    !matches!(
        hidden.class,
        "private-use character"
            | "control character"
            | "C1 control character"
            | "noncharacter"
            | "line separator"
            | "format character"
            | "blank character"
    )
}

/// Between `*` and `/`, where it keeps a comment from ending; alone between quotes; or among nothing but characters and escapes between square brackets.
fn is_looked_up(text: &str, hidden: &Hidden) -> bool {
    let line_start = text[..hidden.range.start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[hidden.range.end..].find('\n').map_or(text.len(), |at| hidden.range.end + at);
    let (before, after) = (&text[line_start..hidden.range.start], &text[hidden.range.end..line_end]);
    // A table lists each character once; a hidden sentence repeats them.
    let listed: Vec<char> = text[hidden.range.clone()].chars().collect();
    let distinct = listed.iter().enumerate().all(|(index, letter)| !listed[..index].contains(letter));
    let quote = before.chars().next_back().filter(|quote| matches!(quote, '"' | '\'' | '`'));
    if distinct && listed.len() <= 12 && quote.is_some() && after.chars().next() == quote {
        return true;
    }
    let ends =
        matches!((before.chars().next_back(), after.chars().next()), (Some('*'), Some('/')) | (Some('/'), Some('*')));
    if ends && listed.len() == 1 {
        return true;
    }
    let Some(open) = before.rfind('[') else { return false };
    let Some(close) = after.find(']') else { return false };
    let inside = format!("{}{}", &before[open + 1..], &after[..close]);
    is_character_class(&inside)
}

/// Nothing but hidden characters, ranges and escapes: no word could be read in it.
fn is_character_class(inside: &str) -> bool {
    let mut letters = inside.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\\' {
            while letters
                .peek()
                .is_some_and(|next| next.is_ascii_hexdigit() || matches!(next, 'u' | 'x' | 'U' | '{' | '}' | 's'))
            {
                letters.next();
            }
        } else if letter.is_ascii_alphanumeric() {
            return false;
        }
    }
    true
}
