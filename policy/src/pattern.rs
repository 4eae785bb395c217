//! Patterns of access rules: `*` stands for any characters but `/`, `**` for any characters.
//!
//! Own code instead of a glob crate, because a pattern here means names and addresses, not files: no classes, no braces, no
//! leading-dot rules, and work bounded by pattern times text.

use std::borrow::Cow;

/// Longer patterns are refused when the policy is loaded.
pub(crate) const LONGEST_PATTERN: usize = 512;
/// Longer targets match no pattern that has a wildcard.
const LONGEST_TARGET: usize = 8 * 1024;

/// Whether the whole of `text` is what `pattern` describes.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    if !pattern.contains('*') {
        return pattern == text;
    }
    pattern.len() <= LONGEST_PATTERN && text.len() <= LONGEST_TARGET && wild(pattern.as_bytes(), text.as_bytes())
}

/// Like [`matches`], for a target that may be an address: one that climbs with `..`, in any spelling, is not inside of
/// anything that a wildcard describes.
pub(crate) fn matches_target(pattern: &str, target: &str) -> bool {
    matches(pattern, target) && (!pattern.contains('*') || !climbs(target))
}

/// Like [`matches()`], for a target that must not get away: one that climbs, that is too long to be looked at, or that
/// fits once its percent signs and capitals are out of the way, counts as described.
pub(crate) fn may_match_target(pattern: &str, target: &str) -> bool {
    if matches(pattern, target) {
        return true;
    }
    let once = decode(target.as_bytes());
    let twice = decode(&once);
    let pattern = pattern.to_ascii_lowercase();
    let fits = |text: &[u8]| {
        let text = text.to_ascii_lowercase();
        if pattern.contains('*') { wild(pattern.as_bytes(), &text) } else { pattern.as_bytes() == text }
    };
    (pattern.contains('*') && (LONGEST_TARGET < target.len() || climbs(target)))
        || fits(target.as_bytes())
        || fits(&once)
        || fits(&twice)
}

/// A place to come back to: the pattern after a star, and where in the text that star ends for now.
#[derive(Clone, Copy)]
struct Retry {
    pattern: usize,
    text: usize,
}

fn wild(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // The last star of each kind is enough: an earlier one could only take what a later one can.
    let (mut within, mut across): (Option<Retry>, Option<Retry>) = (None, None);
    loop {
        if pattern[p..].starts_with(b"**") {
            p += 2;
            across = Some(Retry { pattern: p, text: t });
            within = None;
        } else if pattern.get(p) == Some(&b'*') {
            p += 1;
            within = Some(Retry { pattern: p, text: t });
        } else if p < pattern.len() && pattern.get(p) == text.get(t) {
            (p, t) = (p + 1, t + 1);
        } else if p == pattern.len() && t == text.len() {
            return true;
        } else if let Some(retry) = within.filter(|it| text.get(it.text).is_some_and(|byte| *byte != b'/')) {
            (p, t) = (retry.pattern, retry.text + 1);
            within = Some(Retry { pattern: p, text: t });
        } else if let Some(retry) = across.filter(|it| it.text < text.len()) {
            (p, t) = (retry.pattern, retry.text + 1);
            across = Some(Retry { pattern: p, text: t });
            within = None;
        } else {
            return false;
        }
    }
}

/// Whether a part between slashes (of either kind, percent-encoded or not, even twice) is `..`.
fn climbs(target: &str) -> bool {
    let once = decode(target.as_bytes());
    let twice = decode(&once);
    [target.as_bytes(), &once, &twice]
        .iter()
        .any(|text| text.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b".."))
}

fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                at += 3;
            }
            _ => {
                decoded.push(*byte);
                at += 1;
            }
        }
    }
    Cow::Owned(decoded)
}

#[cfg(test)]
mod tests {
    use super::{climbs, matches};

    #[test]
    fn stars_stop_at_slashes_and_double_stars_do_not() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("a", "a", true),
            ("*", "", true),
            ("*", "abc", true),
            ("*", "a/b", false),
            ("**", "a/b/c", true),
            ("a*c", "abbbc", true),
            ("a*c", "ac", true),
            ("a*c", "ab/c", false),
            ("*a*b", "xxaxxabb", true),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/b/b/c", false),
            ("a/**/c", "a/b/b/c", true),
            ("**/*.txt", "a/b/c.txt", true),
            ("**/*.txt", "a/b/c.txt/d", false),
            ("**a*b", "x/a/ab", true),
            ("*.txt", ".txt", true),
            ("ä*", "äö", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern:?} {text:?}");
        }
    }

    #[test]
    fn the_matcher_agrees_with_a_naive_one() {
        fn naive(pattern: &[u8], text: &[u8]) -> bool {
            match pattern {
                [] => text.is_empty(),
                [b'*', b'*', rest @ ..] => (0..=text.len()).any(|at| naive(rest, &text[at..])),
                [b'*', rest @ ..] => {
                    (0..=text.len()).take_while(|at| !text[..*at].contains(&b'/')).any(|at| naive(rest, &text[at..]))
                }
                [first, rest @ ..] => text.first() == Some(first) && naive(rest, &text[1..]),
            }
        }
        let mut state = 1_u32;
        let mut draw = |choices: &str, length: usize| -> String {
            (0..length)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    char::from(choices.as_bytes()[(state >> 16) as usize % choices.len()])
                })
                .collect()
        };
        for round in 0..50_000 {
            let (pattern, text) = (draw("*ab/*", round % 7), draw("ab/", round % 9));
            let expected = naive(pattern.as_bytes(), text.as_bytes());
            assert_eq!(matches(&pattern, &text), expected, "{pattern:?} {text:?}");
        }
    }

    #[test]
    fn a_hostile_pattern_ends_soon() {
        assert!(!matches(&"*a".repeat(250), &("a".repeat(8_000) + "b")));
    }

    #[test]
    fn climbing_is_seen_in_every_spelling() {
        for text in ["..", "a/..", "a/../b", "a\\..\\b", "a/%2e%2e/b", "a/.%2E/b", "a/%252e%252e/b", "a%2f..%2fb"] {
            assert!(climbs(text), "{text}");
        }
        for text in ["a..b", "...", "a/.b", "%zz", "%", "a/b"] {
            assert!(!climbs(text), "{text}");
        }
    }
}
