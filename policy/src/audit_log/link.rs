//! One line and its place in the chain.

use std::{fmt, io::Write as _, str::FromStr};

use sha2::{Digest as _, Sha256};

/// What stands before the sequence number.
const BEGIN: &[u8] = b"{\"seq\":";
/// Between the sequence number and the hash of the line before.
const PREVIOUS: &[u8] = b",\"prev\":\"";
/// Between the covered bytes and their hash.
const HASH: &[u8] = b",\"hash\":\"";
/// What ends a line.
const END: &[u8] = b"\"}";
/// Hexadecimal digits of a hash.
const DIGITS: usize = 64;

/// SHA-256 of the covered bytes of a line.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What the first line of a log names as the line before it.
    pub const NONE: Self = Self([0; 32]);

    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    fn push(self, out: &mut Vec<u8>) {
        for byte in self.0 {
            for digit in [byte >> 4, byte & 15] {
                out.push(b"0123456789abcdef"[usize::from(digit)]);
            }
        }
    }

    fn parse(digits: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        if digits.len() != DIGITS {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text.as_bytes()).ok_or_else(|| format!("a hash has {DIGITS} digits from 0 to 9 and a to f"))
    }
}

/// What a line says of its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Link {
    /// From 1, one more with each line.
    pub sequence: u64,
    /// Hash of the line before; [`Hash::NONE`] in the first.
    pub previous: Hash,
    /// Its own hash, as it is written.
    pub hash: Hash,
    /// Whether `hash` is what the line's bytes give.
    pub intact: bool,
}

impl Link {
    /// Reads a line without its newline. `None` if it has not the form that [`Chain::append`] writes; whether the fields
    /// between are JSON is not looked at.
    pub fn parse(line: &[u8]) -> Option<Self> {
        let rest = line.strip_prefix(BEGIN)?;
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, rest) = rest.split_at(length);
        if number.first()? == &b'0' {
            return None;
        }
        let sequence = std::str::from_utf8(number).ok()?.parse().ok()?;
        let previous = Hash::parse(rest.strip_prefix(PREVIOUS)?.get(..DIGITS)?)?;
        let covered = line.len().checked_sub(HASH.len() + DIGITS + END.len())?;
        // The two hashes must not share their bytes.
        if covered <= BEGIN.len() + length + PREVIOUS.len() + DIGITS {
            return None;
        }
        let (body, tail) = line.split_at(covered);
        let hash = Hash::parse(tail.strip_prefix(HASH)?.strip_suffix(END)?)?;
        Some(Self { sequence, previous, hash, intact: Hash::of(body) == hash })
    }
}

/// The end of a log, to which lines are added.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Chain {
    last: u64,
    head: Hash,
}

impl Default for Chain {
    fn default() -> Self {
        Self { last: 0, head: Hash::NONE }
    }
}

impl Chain {
    /// The chain that ends with `link`.
    pub fn after(link: &Link) -> Self {
        Self { last: link.sequence, head: link.hash }
    }

    /// Sequence number of the last line; 0 before the first.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Hash of the last line.
    pub fn head(&self) -> Hash {
        self.head
    }

    /// Adds a line to `out`, with its newline. `render` writes its fields as one JSON object.
    pub fn append(&mut self, out: &mut Vec<u8>, render: impl FnOnce(&mut Vec<u8>)) {
        let start = out.len();
        self.last += 1;
        out.extend_from_slice(BEGIN);
        // Writing to a Vec does not fail.
        let _ = write!(out, "{}", self.last);
        out.extend_from_slice(PREVIOUS);
        self.head.push(out);
        out.push(b'"');
        let object = out.len();
        render(out);
        // The object's braces become part of the line's: `{"seq":…` + `,"time":…`.
        if object + 2 < out.len() && out.ends_with(b"}") {
            out[object] = b',';
            out.pop();
        } else {
            out.truncate(object);
        }
        self.head = Hash::of(&out[start..]);
        out.extend_from_slice(HASH);
        self.head.push(out);
        out.extend_from_slice(END);
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::{Chain, Hash, Link};

    fn lines(count: usize) -> (Vec<Vec<u8>>, Chain) {
        let (mut chain, mut out) = (Chain::default(), Vec::new());
        for n in 0..count {
            chain.append(&mut out, |out| out.extend_from_slice(format!("{{\"n\":{n}}}").as_bytes()));
        }
        (out.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).filter(|line| !line.is_empty()).collect(), chain)
    }

    #[test]
    fn each_line_names_the_one_before() {
        let (lines, chain) = lines(3);
        let links: Vec<Link> = lines.iter().map(|line| Link::parse(line).expect("a link")).collect();
        assert_eq!(links.iter().map(|link| link.sequence).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(links[0].previous, Hash::NONE);
        assert_eq!(links[1].previous, links[0].hash);
        assert_eq!(links[2].hash, chain.head());
        assert!(links.iter().all(|link| link.intact));
        assert_eq!(Chain::after(&links[2]), chain);
        let text = String::from_utf8(lines[1].clone()).expect("text");
        assert!(text.starts_with(&format!("{{\"seq\":2,\"prev\":\"{}\",\"n\":1,\"hash\":\"", links[0].hash)), "{text}");
    }

    #[test]
    fn any_changed_byte_is_no_link_or_no_longer_intact() {
        let (lines, _) = lines(2);
        let line = &lines[1];
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut changed = line.clone();
                changed[at] ^= 1 << bit;
                assert!(Link::parse(&changed).is_none_or(|link| !link.intact), "byte {at}, bit {bit}");
            }
            assert!(Link::parse(&line[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn odd_lines_are_no_links() {
        let hash = "0".repeat(64);
        for line in [
            String::new(),
            "{}".to_owned(),
            format!("{{\"seq\":1,\"prev\":\"{hash}\"}}"),
            format!("{{\"seq\":01,\"prev\":\"{hash}\",\"hash\":\"{hash}\"}}"),
            format!("{{\"seq\":99999999999999999999,\"prev\":\"{hash}\",\"hash\":\"{hash}\"}}"),
            format!("{{\"seq\":1,\"prev\":\"{}\",\"hash\":\"{hash}\"}}", "A".repeat(64)),
        ] {
            assert_eq!(Link::parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_record_without_fields_is_still_a_link() {
        let (mut chain, mut out) = (Chain::default(), Vec::new());
        chain.append(&mut out, |out| out.extend_from_slice(b"{}"));
        chain.append(&mut out, |_| {});
        for line in out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            assert!(Link::parse(line).expect("a link").intact);
        }
    }
}
