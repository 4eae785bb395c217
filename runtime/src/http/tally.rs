//! Counts refusals of callers who are not known, and writes the sums into the audit log from time to time.
//!
//! One line for each would let strangers fill the disk and bury what matters.

use std::{
    collections::BTreeMap,
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How often sums are written, if there is anything to write.
pub(crate) const PERIOD: Duration = Duration::from_secs(10);

/// Sums since the last line, by status.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<BTreeMap<u16, u64>>);

impl Tally {
    /// Counts one refusal.
    pub(crate) fn count(&self, status: u16) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_default() += 1;
    }

    /// The sums in words, such as `12 requests refused (401: 10, 429: 2)`; they start anew. `None` if nobody was refused.
    pub(crate) fn take(&self) -> Option<String> {
        let sums = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let all: u64 = sums.values().sum();
        let each: Vec<String> = sums.iter().map(|(status, count)| format!("{status}: {count}")).collect();
        (all > 0).then(|| format!("{all} requests refused ({})", each.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_given_once() {
        let tally = Tally::default();
        assert_eq!(tally.take(), None);
        for status in [429, 401, 401] {
            tally.count(status);
        }
        assert_eq!(tally.take().as_deref(), Some("3 requests refused (401: 2, 429: 1)"));
        assert_eq!(tally.take(), None);
    }
}
