//! Terminal escape sequences, as a whole: `ESC [ 31 m`, `ESC ] 8 ; ; url ESC \`, the one-byte forms of C1.

/// What a sequence is called.
pub(super) const CLASS: &str = "terminal escape sequence";

/// A sequence that is longer than this is no sequence: what follows the introducer is text.
const LONGEST: usize = 256;

/// Where the escape sequence that starts at `at` ends; `None` if none starts there.
pub(super) fn sequence(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let (kind, body) = match rest.chars().next()? {
        '\x1B' => match rest.as_bytes().get(1) {
            Some(b'[') => (Kind::Control, at + 2),
            Some(b']' | b'P' | b'X' | b'^' | b'_') => (Kind::Text, at + 2),
            Some(b' '..=b'~') => return Some(at + 2),
            _ => return Some(at + 1),
        },
        '\u{9B}' => (Kind::Control, at + 2),
        '\u{90}' | '\u{98}' | '\u{9D}'..='\u{9F}' => (Kind::Text, at + 2),
        _ => return None,
    };
    Some(kind.end(text, body))
}

enum Kind {
    /// Parameters, then one final byte.
    Control,
    /// Any text up to BEL or the string terminator.
    Text,
}

impl Kind {
    /// The end of the sequence whose introducer ends at `body`; right there, if the sequence is never finished.
    fn end(&self, text: &str, body: usize) -> usize {
        for (offset, c) in text[body..].char_indices().take(LONGEST) {
            let next = body + offset + c.len_utf8();
            match self {
                Self::Control if matches!(c, '@'..='~') => return next,
                Self::Control if matches!(c, ' '..='?') => {}
                Self::Control => return body,
                Self::Text if matches!(c, '\x07' | '\u{9C}') => return next,
                Self::Text if c == '\x1B' && text[next..].starts_with('\\') => return next + 1,
                Self::Text if matches!(c, '\n' | '\x1B') => return body,
                Self::Text => {}
            }
        }
        body
    }
}
