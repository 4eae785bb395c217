//! One line of a log as fields.

use std::{
    io::{self, BufRead, Read as _},
    time::SystemTime,
};

use mcpsec_policy::keys;
use serde::Deserialize;

/// Longer lines are not read as records.
pub const LONGEST: usize = 64 * 1024;

/// A decision, or, where it has a `kind`, something about the log itself. What a line does not say is empty.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
pub struct Entry {
    /// Place in the chain.
    pub seq: Option<u64>,
    /// `segment`, `start`, `lost`, `checkpoint` or `retention`; none for a decision.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// RFC 3339.
    pub time: String,
    /// As in the answer and in the server's log.
    pub request_id: String,
    /// Subject of the caller.
    pub client: String,
    /// `stdio` or `http`.
    pub transport: String,
    /// JSON-RPC method.
    pub method: String,
    /// Tool, prompt or resource.
    pub target: Option<String>,
    /// What became of it.
    pub verdict: String,
    /// Why, where it was not allowed.
    pub reason: String,
    /// How long it took.
    pub duration_ms: f64,
    /// Of a segment: its number.
    pub segment: Option<u64>,
    /// Of a start: the line before was torn.
    pub torn: Option<Torn>,
    /// Of losses: how many decisions have no record.
    pub count: Option<u64>,
    /// Of losses: whether the calls were `refused` or `run`.
    pub calls: Option<String>,
    /// Of a checkpoint: after how many lines the next one comes at the most.
    pub within: Option<u64>,
    /// Of a checkpoint: the key's id.
    pub key: Option<String>,
    /// Of a checkpoint: Ed25519, hexadecimal.
    pub signature: Option<String>,
    /// Of a retention: the segment that was removed.
    pub removed: Option<u64>,
}

/// An unfinished line, as the next one names it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Torn {
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

impl Entry {
    /// Reads a line. `None` if it is no JSON object with fields of the right types.
    pub fn parse(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }

    /// Whether this is a decision, and nothing about the log itself.
    pub fn is_decision(&self) -> bool {
        self.kind.is_none() && !self.verdict.is_empty()
    }

    /// When it happened, to the second.
    pub fn moment(&self) -> Option<SystemTime> {
        keys::time::parse(&self.time)
    }

    /// Milliseconds since 1970, as far as the line says.
    pub fn milliseconds(&self) -> u64 {
        let seconds = self.moment().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        let fraction = self.time.rsplit_once('.').map_or("", |(_, rest)| rest.trim_end_matches('Z'));
        let fraction = fraction.parse().unwrap_or(0).min(999);
        seconds.map_or(0, |since| since.as_secs() * 1_000 + fraction)
    }
}

/// The next line without its newline, and whether it had one; `None` at the end. Of a longer line than [`LONGEST`] only
/// the beginning is kept, which is then no record.
///
/// # Errors
///
/// When reading fails.
pub fn next_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let limit = LONGEST as u64 + 1;
    if reader.by_ref().take(limit).read_until(b'\n', line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Some(true));
    }
    if line.len() <= LONGEST {
        return Ok(Some(false));
    }
    // The rest is skipped, piece by piece.
    let mut rest = Vec::new();
    loop {
        rest.clear();
        if reader.by_ref().take(limit).read_until(b'\n', &mut rest)? == 0 {
            return Ok(Some(false));
        }
        if rest.last() == Some(&b'\n') {
            return Ok(Some(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, LONGEST, next_line};

    #[test]
    fn lines_of_any_length_are_passed_one_by_one() {
        let text = format!("a\n\n{}\nb", "x".repeat(3 * LONGEST));
        let (mut reader, mut line) = (text.as_bytes(), Vec::new());
        let mut seen = Vec::new();
        while let Some(whole) = next_line(&mut reader, &mut line).expect("readable") {
            seen.push((line.len(), whole));
        }
        assert_eq!(seen, [(1, true), (0, true), (LONGEST + 1, true), (1, false)]);
    }

    #[test]
    fn times_have_milliseconds() {
        let entry = Entry { time: "2001-09-09T01:46:40.123Z".to_owned(), ..Entry::default() };
        assert_eq!(entry.milliseconds(), 1_000_000_000_123);
        assert_eq!(
            Entry { time: "2001-09-09T01:46:40Z".to_owned(), ..entry.clone() }.milliseconds(),
            1_000_000_000_000
        );
        assert_eq!(Entry { time: "soon".to_owned(), ..entry }.milliseconds(), 0);
    }
}
