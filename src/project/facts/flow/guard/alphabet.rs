//! Which characters a pattern lets through, and for which sinks that makes a text harmless.

use super::super::mask::Mask;

/// A set of ASCII characters; the last bit stands for everything beyond.
type Set = u128;

const BEYOND: Set = 1 << 127;
const EVERY: Set = !0;

/// What a text that passed a pattern can be made of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Alphabet {
    chars: Set,
    /// What it can begin with.
    first: Set,
    /// Fixed text at the beginning.
    prefix: String,
}

const fn set(text: &str) -> Set {
    let bytes = text.as_bytes();
    let (mut chars, mut index) = (0, 0);
    while index < bytes.len() {
        chars |= if bytes[index] < 127 { 1 << bytes[index] } else { BEYOND };
        index += 1;
    }
    chars
}

const fn range(from: u8, to: u8) -> Set {
    let (mut chars, mut c) = (0, from);
    while c <= to && c < 127 {
        chars |= 1 << c;
        c += 1;
    }
    chars
}

const DIGITS: Set = range(b'0', b'9');
const LETTERS: Set = range(b'a', b'z') | range(b'A', b'Z');
const WORD: Set = DIGITS | LETTERS | set("_");
const BLANKS: Set = set(" \t\r\n");

impl Alphabet {
    /// Letters and digits.
    pub(super) fn plain() -> Self {
        Self::of(DIGITS | LETTERS)
    }

    /// With further characters.
    pub(super) fn with(self, more: &str) -> Self {
        Self::of(self.chars | set(more))
    }

    fn of(chars: Set) -> Self {
        Self { chars, first: chars, prefix: String::new() }
    }

    /// What is left of any text once `removed` characters are gone and `inserted` came instead.
    pub(super) fn without(removed: &str, inserted: &str) -> Self {
        Self::of(!set(removed) | set(inserted))
    }

    /// What passes a pattern that must match the whole text: it is anchored, or `whole` says so.
    pub(super) fn matched(pattern: &str, whole: bool) -> Option<Self> {
        let start = pattern.strip_prefix('^').or_else(|| pattern.strip_prefix("\\A"));
        let body = if whole { Some(start.unwrap_or(pattern)) } else { start }?;
        let end = ["$", "\\z", "\\Z"].iter().find_map(|end| body.strip_suffix(end));
        let open_end = body.strip_suffix(".*").is_some();
        match if whole { Some(end.unwrap_or(body)) } else { end } {
            Some(body) => Parser::new(body).alphabet(),
            // Anchored at its beginning only: what follows is anything, the beginning is known.
            None => {
                let parsed = Parser::new(if open_end { body.trim_end_matches(".*") } else { body }).alphabet()?;
                (!parsed.prefix.is_empty()).then_some(Self { chars: EVERY, ..parsed })
            }
        }
    }

    /// What is left once a text does not contain what an unanchored class of characters matches: `[;&|]`.
    pub(super) fn lacking(pattern: &str, inserted: &str) -> Option<Self> {
        let body = pattern.strip_suffix(['+', '*']).unwrap_or(pattern);
        let mut parser = Parser::new(body);
        let removed = if body.starts_with('[') { parser.class()? } else { parser.atom()?.0 };
        (parser.at == parser.chars.len()).then(|| Self::of(!removed | set(inserted)))
    }

    /// The sinks for which such a text is harmless.
    pub(super) fn harmless(&self) -> Mask {
        let without = |chars: &str| self.chars & set(chars) == 0;
        let only = |chars: Set| self.chars & !chars == 0;
        let mut mask = Mask::NONE;
        let mut when = |holds: bool, gained: Mask| {
            if holds {
                mask |= gained;
            }
        };
        let site = self.prefix.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        when(without(";|&`<>$()\"'\\ \n\r"), Mask::SHELL);
        when(self.first & set("-") == 0, Mask::ARGUMENT);
        when(only(WORD | set(".")) || only(DIGITS | BLANKS | set("+-*/().,%<>=!")), Mask::CODE);
        when(without(" \t\n'\"`;()\\/*=#") && self.chars & BEYOND == 0, Mask::SQL);
        when(without("/"), Mask::FILE);
        when(site || without("/:@.?#\\"), Mask::HOST);
        when(without("/:@.?#\\"), Mask::REDIRECT);
        when(site || without("/?#%"), Mask::ENDPOINT);
        when(self.prefix.starts_with("http") || without(":"), Mask::SCHEME);
        when(without("*+{"), Mask::REGEX);
        when(only(WORD | BEYOND | set(" -.:/,@")), Mask::TEXT);
        mask
    }
}

/// Reads a pattern, taking more to match than does.
struct Parser<'p> {
    chars: Vec<char>,
    at: usize,
    text: &'p str,
}

impl<'p> Parser<'p> {
    fn new(text: &'p str) -> Self {
        Self { chars: text.chars().collect(), at: 0, text }
    }

    /// The whole pattern; nothing where an alternative escapes the anchors.
    fn alphabet(mut self) -> Option<Alphabet> {
        let (chars, first) = self.sequence(0)?;
        let special = |c: char| "\\[](){}.*+?|^$".contains(c);
        let mut prefix: String = String::new();
        let mut rest = self.text.chars().peekable();
        while let Some(c) = rest.next() {
            let next = match c {
                '\\' => match rest.next() {
                    Some(escaped) if !escaped.is_alphanumeric() => escaped,
                    _ => break,
                },
                c if special(c) => break,
                c => c,
            };
            if rest.peek() == Some(&'?') && next == 's' {
                rest.next();
                continue;
            }
            if matches!(rest.peek(), Some('*' | '?' | '{')) {
                break;
            }
            prefix.push(next);
        }
        (self.at == self.chars.len()).then_some(Alphabet { chars, first, prefix })
    }

    /// Everything up to the end or the closing bracket: all characters, and those that may come first.
    fn sequence(&mut self, depth: usize) -> Option<(Set, Set)> {
        if depth > 16 {
            return None;
        }
        let (mut all, mut first, mut open) = (0, 0, true);
        while let Some(&c) = self.chars.get(self.at) {
            let (chars, begins) = match c {
                ')' => break,
                '|' if depth == 0 => return None,
                '|' => {
                    self.at += 1;
                    open = true;
                    continue;
                }
                '(' => self.group(depth)?,
                '^' | '$' => return None,
                _ => self.atom()?,
            };
            all |= chars;
            if open {
                first |= begins;
            }
            open &= self.optional();
        }
        Some((all, first))
    }

    fn group(&mut self, depth: usize) -> Option<(Set, Set)> {
        self.at += 1;
        if self.chars.get(self.at) == Some(&'?') {
            match self.chars.get(self.at + 1) {
                Some(':') => self.at += 2,
                // What looks ahead only narrows: taking it for a part lets more through.
                Some('!' | '=') => {
                    let mut open = 1;
                    while open > 0 {
                        self.at += 1;
                        match self.chars.get(self.at)? {
                            '\\' => self.at += 1,
                            '(' => open += 1,
                            ')' => open -= 1,
                            _ => {}
                        }
                    }
                    self.at += 1;
                    // Consumes nothing: what follows may begin the text.
                    self.chars.get(self.at)?;
                    self.look_ahead();
                    return Some((0, 0));
                }
                _ => return None,
            }
        }
        let inner = self.sequence(depth + 1)?;
        (self.chars.get(self.at) == Some(&')')).then(|| self.at += 1)?;
        Some(inner)
    }

    /// Marks what was just read as something that may be left out.
    fn look_ahead(&mut self) {
        self.chars.insert(self.at, '?');
    }

    /// Reads what follows an atom: whether it may occur no time at all.
    fn optional(&mut self) -> bool {
        let optional = match self.chars.get(self.at) {
            Some('*' | '?') => true,
            Some('{') => matches!(self.chars.get(self.at + 1), Some('0' | ',')),
            Some('+') => false,
            _ => return false,
        };
        if self.chars.get(self.at) == Some(&'{') {
            while self.chars.get(self.at).is_some_and(|&c| c != '}') {
                self.at += 1;
            }
        }
        self.at += 1;
        if matches!(self.chars.get(self.at), Some('?' | '+')) {
            self.at += 1;
        }
        optional
    }

    fn atom(&mut self) -> Option<(Set, Set)> {
        let chars = match self.chars.get(self.at)? {
            '[' => return self.class().map(|chars| (chars, chars)),
            '\\' => {
                self.at += 1;
                escaped(*self.chars.get(self.at)?)
            }
            '.' => EVERY & !set("\n"),
            &c => one(c),
        };
        self.at += 1;
        Some((chars, chars))
    }

    fn class(&mut self) -> Option<Set> {
        self.at += 1;
        let negated = self.chars.get(self.at) == Some(&'^');
        self.at += usize::from(negated);
        let mut chars = 0;
        let mut begun = false;
        loop {
            let &c = self.chars.get(self.at)?;
            match c {
                ']' if begun => break,
                '\\' => {
                    self.at += 1;
                    chars |= escaped(*self.chars.get(self.at)?);
                }
                c => {
                    let ranged = self.chars.get(self.at + 1) == Some(&'-');
                    match self.chars.get(self.at + 2) {
                        Some(&to) if ranged && to != ']' => {
                            chars |= between(c, to);
                            self.at += 2;
                        }
                        _ => chars |= one(c),
                    }
                }
            }
            begun = true;
            self.at += 1;
        }
        self.at += 1;
        Some(if negated { !chars } else { chars })
    }
}

fn one(c: char) -> Set {
    if (c as u32) < 127 { 1 << (c as u32) } else { BEYOND }
}

fn between(from: char, to: char) -> Set {
    match (u8::try_from(from), u8::try_from(to)) {
        (Ok(from), Ok(to)) => range(from, to) | if to >= 127 { BEYOND } else { 0 },
        _ => range(u8::try_from(from).unwrap_or(127), 126) | BEYOND,
    }
}

fn escaped(c: char) -> Set {
    match c {
        'd' => DIGITS,
        'w' => WORD,
        's' => BLANKS,
        'n' => set("\n"),
        't' => set("\t"),
        'r' => set("\r"),
        'D' => !DIGITS,
        'W' => !WORD,
        'S' => !BLANKS,
        'b' | 'B' => 0,
        'p' | 'P' | 'x' | 'u' => EVERY,
        c => one(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, mask: Mask, expected: bool) {
        let harmless = Alphabet::matched(pattern, false).map(|alphabet| alphabet.harmless()).unwrap_or_default();
        assert_eq!(harmless.contains(mask), expected, "{pattern}");
    }

    #[test]
    fn only_anchored_patterns_without_metacharacters_guard_a_shell() {
        check("^[a-zA-Z0-9_-]+$", Mask::SHELL, true);
        check(r"^\d{1,3}(\.\d{1,3}){3}$", Mask::SHELL, true);
        check(r"^(start|stop)$", Mask::SHELL, true);
        check("[a-z]+", Mask::SHELL, false);
        check("^[a-z]+", Mask::SHELL, false);
        check("^.*$", Mask::SHELL, false);
        check("^[^;]+$", Mask::SHELL, false);
        check(r"^\S+$", Mask::SHELL, false);
        check("^[a-z; ]+$", Mask::SHELL, false);
        check("^a|b$", Mask::SHELL, false);
    }

    #[test]
    fn each_sink_has_its_own_dangers() {
        check("^[a-z0-9./-]+$", Mask::SHELL, true);
        check("^[a-z0-9./-]+$", Mask::FILE, false);
        check("^[a-z0-9.-]+$", Mask::FILE, true);
        check("^[a-z0-9-]+$", Mask::ARGUMENT, false);
        check("^[a-z0-9][a-z0-9-]*$", Mask::ARGUMENT, true);
        check("^(?!-)[a-z0-9-]+$", Mask::SHELL, true);
        check("^[0-9+*/(). -]+$", Mask::CODE, true);
        check("^[a-z ]+$", Mask::SQL, false);
        check("^https://api\\.example\\.com/.*$", Mask::HOST, true);
        check("^https://api\\.example\\.com/", Mask::HOST, true);
        check("^https?://", Mask::HOST, false);
        check("^https?://", Mask::SCHEME, true);
    }
}
