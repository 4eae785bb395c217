//! Fingerprints of lines as GitHub code scanning computes them (`primaryLocationLineHash`), so that an alert stays
//! the same when its line moves.
//!
//! A rolling hash over one hundred UTF-16 units from the beginning of the line on, blanks left out, and a count that
//! tells equal hashes apart. The values agree with those that GitHub's own uploader writes where there are none.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

const BLOCK: usize = 100;
const FACTOR: i64 = 37;
const END_OF_FILE: u16 = 65535;

/// The fingerprint of a line: its hash, and how many lines up to it have that hash.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Fingerprint {
    hash: u64,
    count: usize,
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:x}:{}", self.hash, self.count)
    }
}

/// The fingerprint of every line of a text, in order.
pub(super) fn lines(text: &str) -> Vec<Fingerprint> {
    let mut rolling = Rolling::new();
    let mut after_return = false;
    for unit in text.encode_utf16() {
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || (after_return && unit == u16::from(b'\n')) {
            after_return = false;
            continue;
        }
        after_return = unit == u16::from(b'\r');
        rolling.take(if after_return { u16::from(b'\n') } else { unit });
    }
    rolling.take(END_OF_FILE);
    rolling.flush()
}

struct Rolling {
    window: [u16; BLOCK],
    /// The line that begins at this place of the window.
    begins: [Option<usize>; BLOCK],
    index: usize,
    hash: i64,
    /// The factor of what leaves the window.
    leaving: i64,
    at_line_start: bool,
    lines: Vec<Fingerprint>,
    seen: HashMap<u64, usize>,
}

impl Rolling {
    fn new() -> Self {
        Self {
            window: [0; BLOCK],
            begins: [None; BLOCK],
            index: 0,
            hash: 0,
            leaving: (0..BLOCK).fold(1, |product: i64, _| product.wrapping_mul(FACTOR)),
            at_line_start: true,
            lines: Vec::new(),
            seen: HashMap::new(),
        }
    }

    fn take(&mut self, unit: u16) {
        self.finish_line();
        if self.at_line_start {
            self.at_line_start = false;
            self.begins[self.index] = Some(self.lines.len());
            self.lines.push(Fingerprint::default());
        }
        self.at_line_start = unit == u16::from(b'\n');
        self.update(unit);
    }

    /// Writes the hash of the line that began a whole window ago.
    fn finish_line(&mut self) {
        let Some(line) = self.begins[self.index].take() else { return };
        let hash = self.hash.cast_unsigned();
        let count = self.seen.entry(hash).and_modify(|count| *count += 1).or_insert(1);
        self.lines[line] = Fingerprint { hash, count: *count };
    }

    fn update(&mut self, unit: u16) {
        let begin = std::mem::replace(&mut self.window[self.index], unit);
        let gone = self.leaving.wrapping_mul(i64::from(begin));
        self.hash = self.hash.wrapping_mul(FACTOR).wrapping_add(i64::from(unit)).wrapping_sub(gone);
        self.index = (self.index + 1) % BLOCK;
    }

    fn flush(mut self) -> Vec<Fingerprint> {
        for _ in 0..BLOCK {
            self.finish_line();
            self.update(0);
        }
        self.lines
    }
}

/// What a report calls a finding: a digest of its name in a baseline, which outlives that its line moves. `place` tells
/// projects of one report apart.
pub(super) fn name(place: &str, identity: &str) -> String {
    let digest = Sha256::digest(format!("{place}\0{identity}"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    fn lines(text: &str) -> Vec<String> {
        super::lines(text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn hashes_are_those_of_the_uploader() {
        assert_eq!(lines(""), ["c129715d7a2bc9a3:1"]);
        let expected = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"];
        assert_eq!(lines(" a\nb\n  \t\tc\n d"), expected);
    }

    #[test]
    fn equal_lines_are_counted_and_line_breaks_of_any_kind_are_equal() {
        let text = format!("{}\n{}\n", "x".repeat(120), "x".repeat(120));
        let hashes = lines(&text);
        assert!(hashes[0].ends_with(":1") && hashes[1].ends_with(":2"), "{hashes:?}");
        assert_eq!(lines("a\r\nb\r\n"), lines("a\nb\n"));
    }
}
