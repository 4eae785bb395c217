//! Where a hidden character is part of ordinary writing.

use super::classes::{MARK, SELECTOR, ZERO_WIDTH};

/// The only flags that are spelt with tag characters: England, Scotland, Wales.
const TAG_FLAGS: [&str; 3] = ["gbeng", "gbsct", "gbwls"];

/// Where the tags of a flag end, if `at` stands between a black flag and such tags.
pub(super) fn flag(text: &str, at: usize, previous: Option<char>) -> Option<usize> {
    if previous != Some('\u{1F3F4}') {
        return None;
    }
    TAG_FLAGS.iter().find_map(|letters| {
        let tags: String =
            letters.bytes().filter_map(|b| char::from_u32(0xE0000 + u32::from(b))).chain(['\u{E007F}']).collect();
        text[at..].starts_with(&tags).then_some(at + tags.len())
    })
}

/// Whether the character at `at`, of `class`, is needed by the writing around it.
pub(super) fn needed(class: &str, text: &str, at: usize, previous: Option<char>) -> bool {
    let mut rest = text[at..].chars();
    let this = rest.next();
    let next = rest.next();
    match (class, this) {
        (ZERO_WIDTH, Some('\u{FEFF}')) => at == 0,
        (ZERO_WIDTH, Some('\u{200D}')) => {
            previous.is_some_and(ends_emoji) && next.is_some_and(emoji)
                || previous.is_some_and(joining) && next.is_some_and(joining)
        }
        (ZERO_WIDTH, Some('\u{200C}')) => previous.is_some_and(joining) && next.is_some_and(joining),
        (MARK, _) => previous.is_some_and(right_to_left) || next.is_some_and(right_to_left),
        (SELECTOR, Some(this)) => {
            previous.is_some_and(|base| has_variant(base, this)) && !next.is_some_and(is_selector)
        }
        _ => false,
    }
}

/// Letters of scripts in which joiners and non-joiners change the shape of a word.
fn joining(c: char) -> bool {
    matches!(
        c,
        '\u{0600}'..='\u{08FF}'         // Arabic, Syriac, N'Ko and their extensions
        | '\u{0900}'..='\u{0DFF}'       // the scripts of India and Sri Lanka
        | '\u{0F00}'..='\u{109F}'       // Tibetan, Myanmar
        | '\u{1780}'..='\u{17B3}' | '\u{17B6}'..='\u{17FF}' // Khmer
        | '\u{1800}'..='\u{180A}' | '\u{1810}'..='\u{18AF}' // Mongolian
        | '\u{A840}'..='\u{A8DF}'       // Phags-pa, Saurashtra
        | '\u{FB50}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' // Arabic forms
        | '\u{11000}'..='\u{11FFF}' // Brahmi and its descendants
    ) && c != '\u{061C}'
}

fn right_to_left(c: char) -> bool {
    matches!(
        c,
        '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}'
    ) && c != '\u{061C}'
}

/// Symbols that are drawn as pictures, alone or with a variation selector.
fn emoji(c: char) -> bool {
    matches!(
        c,
        '\u{1F000}'..='\u{1FAFF}'
        | '\u{2190}'..='\u{21FF}'
        | '\u{2300}'..='\u{27BF}'
        | '\u{2900}'..='\u{297F}'
        | '\u{2B00}'..='\u{2BFF}'
        | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}'
        | '\u{00A9}' | '\u{00AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
    )
}

fn ends_emoji(c: char) -> bool {
    emoji(c) || c == '\u{FE0F}'
}

fn is_selector(c: char) -> bool {
    super::classes::of(c) == Some(SELECTOR)
}

/// Whether `base` is a character for which `selector` chooses a shape.
fn has_variant(base: char, selector: char) -> bool {
    match selector {
        '\u{FE0E}' | '\u{FE0F}' => emoji(base) || matches!(base, '0'..='9' | '#' | '*'),
        '\u{FE00}'..='\u{FE0D}' => {
            ideograph(base)
                || matches!(base, '\u{1000}'..='\u{109F}' | '\u{2200}'..='\u{22FF}' | '\u{A840}'..='\u{A877}')
        }
        '\u{180B}'..='\u{180F}' => matches!(base, '\u{1800}'..='\u{180A}' | '\u{1810}'..='\u{18AF}'),
        _ => ideograph(base),
    }
}

fn ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}')
}
