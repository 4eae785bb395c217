//! Counts refusals of callers who are not known, and writes the sums from time to time.
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

    /// The sums, which start anew. `None` if nobody was refused.
    pub(crate) fn take(&self) -> Option<BTreeMap<u16, u64>> {
        let sums = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        (!sums.is_empty()).then_some(sums)
    }
}
