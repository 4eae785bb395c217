//! One limit as arithmetic: what was used, and how long until there is more.
//!
//! - A *bucket* is one atomic number. The generic cell rate algorithm keeps the time at which the bucket would be empty
//!   again; a call moves it by one interval (period / count) and is refused where that would put it more than a period
//!   ahead.
//! - A *fixed* window is a number of a period and a count.
//! - A *sliding* window counts in sixteenths of its period, and looks at seventeen of them: the sixteen that a whole
//!   period may reach into, and the one that it began in. So no period has more calls than the limit, wherever it begins;
//!   a call comes back up to one sixteenth of the period later than a list of all moments would let it.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mcpsec_policy::{Rate, model::Window};

/// Parts of a sliding window.
pub(super) const PARTS: u64 = 16;
/// Those, and the one that a window begins in.
const SLOTS: usize = 17;

/// A limit in numbers. Times are nanoseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    pub(super) window: Window,
    pub(super) count: u32,
    pub(super) period: u64,
    /// Of a bucket: between two calls.
    pub(super) interval: u64,
    /// Of a sliding window: one slot.
    pub(super) slot: u64,
}

impl Measure {
    /// One `share`th of `rate`. Where that is less than one call a period, it is one call in a longer one.
    pub(super) fn new(rate: Rate, window: Window, share: u32) -> Self {
        let (share, whole) = (share.max(1), rate.count.get());
        let count = (whole / share).max(1);
        let mut period = nanoseconds(rate.period);
        if whole < share {
            period = period.saturating_mul(u64::from(share)).div_ceil(u64::from(whole));
        }
        // Beyond this no sum of two fits.
        let period = period.clamp(1, u64::MAX / 8);
        let (interval, slot) = ((period / u64::from(count)).max(1), period.div_ceil(PARTS));
        Self { window, count, period, interval, slot }
    }

    /// After this time without a call nothing of a cell matters any more.
    pub(super) fn memory(&self) -> Duration {
        Duration::from_nanos(self.period.saturating_add(self.slot))
    }
}

pub(super) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX / 8)
}

/// What is left after a call, and in how many nanoseconds everything is there again.
pub(super) type Left = (u32, u64);

/// What was used of one limit by one caller.
pub(super) enum Cell {
    Bucket(AtomicU64),
    /// Number of the period, and calls in it.
    Fixed(Mutex<(u64, u32)>),
    /// Made with the first call: most methods are never called by most callers.
    Sliding(Mutex<Option<Box<Slots>>>),
}

impl Cell {
    pub(super) fn new(measure: &Measure) -> Self {
        match measure.window {
            Window::Bucket => Self::Bucket(AtomicU64::new(0)),
            Window::Fixed => Self::Fixed(Mutex::default()),
            Window::Sliding => Self::Sliding(Mutex::default()),
        }
    }

    /// Takes one, or says in how many nanoseconds there is one.
    pub(super) fn take(&self, measure: &Measure, now: u64) -> Result<Left, u64> {
        match self {
            Self::Bucket(bucket) => take_from_bucket(bucket, measure, now),
            Self::Fixed(state) => {
                let mut state = lock(state);
                let period = now / measure.period;
                if state.0 < period {
                    *state = (period, 0);
                }
                let reset = (state.0 + 1).saturating_mul(measure.period).saturating_sub(now);
                if measure.count <= state.1 {
                    return Err(reset.max(1));
                }
                state.1 += 1;
                Ok((measure.count - state.1, reset))
            }
            Self::Sliding(state) => lock(state).get_or_insert_default().take(measure, now),
        }
    }

    /// Gives back what [`Cell::take`] took at `now`.
    pub(super) fn give_back(&self, measure: &Measure, now: u64) {
        match self {
            Self::Bucket(bucket) => {
                bucket.fetch_sub(measure.interval, Ordering::Relaxed);
            }
            Self::Fixed(state) => {
                let mut state = lock(state);
                if state.0 == now / measure.period {
                    state.1 = state.1.saturating_sub(1);
                }
            }
            Self::Sliding(state) => {
                if let Some(slots) = lock(state).as_mut() {
                    slots.give_back(now / measure.slot);
                }
            }
        }
    }
}

/// A panic while it is held leaves whole numbers behind.
fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take_from_bucket(bucket: &AtomicU64, measure: &Measure, now: u64) -> Result<Left, u64> {
    let mut empty_at = bucket.load(Ordering::Relaxed);
    loop {
        let after = empty_at.max(now).saturating_add(measure.interval);
        let ahead = after - now;
        if measure.period < ahead {
            return Err(ahead - measure.period);
        }
        match bucket.compare_exchange_weak(empty_at, after, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => {
                let left = (measure.period - ahead) / measure.interval;
                return Ok((u32::try_from(left).unwrap_or(u32::MAX).min(measure.count), ahead));
            }
            Err(current) => empty_at = current,
        }
    }
}

/// A ring of counts.
#[derive(Default)]
pub(super) struct Slots {
    /// Number of the newest slot.
    newest: u64,
    counts: [u32; SLOTS],
}

impl Slots {
    fn at(number: u64) -> usize {
        usize::try_from(number % SLOTS as u64).unwrap_or(0)
    }

    fn take(&mut self, measure: &Measure, now: u64) -> Result<Left, u64> {
        let number = (now / measure.slot).max(self.newest);
        for passed in (self.newest + 1..=number).rev().take(SLOTS) {
            self.counts[Self::at(passed)] = 0;
        }
        self.newest = number;
        let used: u32 = self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count));
        let leaves = |slot: u64| (slot + SLOTS as u64).saturating_mul(measure.slot).saturating_sub(now).max(1);
        if used < measure.count {
            self.counts[Self::at(number)] += 1;
            return Ok((measure.count - used - 1, leaves(number)));
        }
        // Room comes when the oldest slot that holds a call is over.
        let oldest = number.saturating_sub(SLOTS as u64 - 1);
        let first = (oldest..=number).find(|slot| self.counts[Self::at(*slot)] != 0);
        Err(leaves(first.unwrap_or(number)))
    }

    fn give_back(&mut self, number: u64) {
        if self.newest < number + SLOTS as u64 {
            let count = &mut self.counts[Self::at(number)];
            *count = count.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;
    /// A moment within a minute.
    const NOW: u64 = 1_000_000 * 60 * SECOND;

    fn minute(window: Window, count: u32) -> (Cell, Measure) {
        let measure = Measure::new(Rate::per_minute(count), window, 1);
        (Cell::new(&measure), measure)
    }

    #[test]
    fn a_burst_passes_and_then_calls_come_at_the_rate() {
        let (cell, measure) = minute(Window::Bucket, 6);
        for left in (0..6).rev() {
            assert_eq!(cell.take(&measure, NOW).map(|left| left.0), Ok(left));
        }
        assert_eq!(cell.take(&measure, NOW), Err(10 * SECOND));
        assert_eq!(cell.take(&measure, NOW + 9 * SECOND), Err(SECOND));
        assert!(cell.take(&measure, NOW + 10 * SECOND).is_ok());
        assert!(cell.take(&measure, NOW + 10 * SECOND).is_err());
    }

    #[test]
    fn a_fixed_window_begins_with_the_whole_count() {
        let (cell, measure) = minute(Window::Fixed, 2);
        assert_eq!(cell.take(&measure, NOW + 50 * SECOND), Ok((1, 10 * SECOND)));
        assert_eq!(cell.take(&measure, NOW + 50 * SECOND), Ok((0, 10 * SECOND)));
        assert_eq!(cell.take(&measure, NOW + 59 * SECOND), Err(SECOND));
        assert!(cell.take(&measure, NOW + 60 * SECOND).is_ok());
    }

    #[test]
    fn no_window_that_slides_has_more_than_the_count_and_room_comes_when_it_was_said() {
        let (cell, measure) = minute(Window::Sliding, 10);
        let (mut passed, mut state, mut now) = (Vec::new(), 7_u64, NOW);
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            now += (state >> 33) % (4 * SECOND);
            match cell.take(&measure, now) {
                Ok(_) => passed.push(now),
                Err(wait) => {
                    assert!(wait <= measure.memory().as_nanos() as u64, "{wait}");
                    now += wait;
                    assert!(cell.take(&measure, now).is_ok(), "the wait was too short");
                    passed.push(now);
                }
            }
        }
        for window in passed.windows(11) {
            assert!(60 * SECOND <= window[10] - window[0], "11 calls in {} ns", window[10] - window[0]);
        }
        assert!(passed.len() > 5_000, "{} passed", passed.len());
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        for window in [Window::Bucket, Window::Fixed, Window::Sliding] {
            let (cell, measure) = minute(window, 1);
            for _ in 0..5 {
                assert!(cell.take(&measure, NOW).is_ok(), "{window:?}");
                assert!(cell.take(&measure, NOW).is_err(), "{window:?}");
                cell.give_back(&measure, NOW);
            }
        }
    }

    #[test]
    fn shares_never_add_up_to_more_than_the_limit() {
        for (count, share) in [(100, 3), (7, 2), (1, 2), (2, 3), (5, 100), (1, 1)] {
            let measure = Measure::new(Rate::per_minute(count), Window::Bucket, share);
            let together = u128::from(measure.count) * u128::from(share) * u128::from(60 * SECOND);
            assert!(together <= u128::from(count) * u128::from(measure.period), "{count} in {share}");
        }
    }
}
