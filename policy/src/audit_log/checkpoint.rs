//! What a signature in the log says.

use super::Hash;

/// The statement that a checkpoint's signature covers: the log up to here is mine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Checkpoint<'a> {
    /// The checkpoint's own sequence number.
    pub sequence: u64,
    /// Hash of the line before it, and so of all lines.
    pub previous: Hash,
    /// When it was signed, RFC 3339.
    pub time: &'a str,
    /// The promise that the next checkpoint comes after so many other lines at the most. Where it does not come, the end
    /// was replaced.
    pub within: u64,
}

impl Checkpoint<'_> {
    /// The bytes that are signed.
    pub fn message(&self) -> String {
        format!("mcpsec audit checkpoint 1\n{}\n{}\n{}\n{}\n", self.sequence, self.previous, self.time, self.within)
    }
}
