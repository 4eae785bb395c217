//! Rates as arithmetic: one atomic number for each client and subject of a limit.
//!
//! The generic cell rate algorithm keeps the time at which a bucket would be empty again. A call moves it by one
//! interval (period / count) and is refused where that would put it more than a period ahead.
//!
//! The table is bounded. A client that has been idle for the longest period is forgotten, which changes nothing: its
//! buckets are full again by then. When the table is full, the least recently seen client is forgotten early and finds
//! full buckets when it comes back, so it may do up to one burst more. To reset its own bucket that way, somebody needs
//! as many other **proven** identities as the table has places, and a call with each: subjects come from keys that
//! the operator made, never from what a request claims.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use mcpsec_policy::Rate;
use moka::{policy::EvictionPolicy, sync::Cache};

/// One limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    interval: u64,
    period: u64,
}

impl Limit {
    pub(crate) fn new(rate: Rate) -> Self {
        let period = nanoseconds(rate.period);
        Self { interval: (period / u64::from(rate.count.get())).max(1), period }
    }

    /// Takes one from the bucket, or says how long until there is one. `now` counts nanoseconds from any fixed start.
    fn take(self, bucket: &AtomicU64, now: u64) -> Result<(), Duration> {
        let mut empty_until = bucket.load(Ordering::Relaxed);
        loop {
            let after = empty_until.max(now).saturating_add(self.interval);
            let ahead = after - now;
            if self.period < ahead {
                return Err(Duration::from_nanos(ahead - self.period));
            }
            match bucket.compare_exchange_weak(empty_until, after, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(current) => empty_until = current,
            }
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX / 4)
}

/// The same limits for each client.
pub(crate) struct Buckets {
    limits: Vec<Limit>,
    clients: Cache<String, Arc<[AtomicU64]>>,
    start: Instant,
}

impl Buckets {
    /// A table for at most `clients` clients.
    pub(crate) fn new(limits: Vec<Limit>, clients: usize) -> Self {
        let longest = limits.iter().map(|limit| limit.period).max().unwrap_or(1);
        let clients = Cache::builder()
            // The default policy would not let newcomers in while old entries are used more: each call of a newcomer
            // would then find a full bucket.
            .eviction_policy(EvictionPolicy::lru())
            .max_capacity(u64::try_from(clients.max(1)).unwrap_or(u64::MAX))
            .time_to_idle(Duration::from_nanos(longest))
            .build();
        Self { limits, clients, start: Instant::now() }
    }

    /// Takes one from the client's bucket of the limit with this index.
    pub(crate) fn take(&self, client: &str, limit: usize) -> Result<(), Duration> {
        self.take_at(client, limit, nanoseconds(self.start.elapsed()))
    }

    fn take_at(&self, client: &str, limit: usize, now: u64) -> Result<(), Duration> {
        let buckets = match self.clients.get(client) {
            Some(buckets) => buckets,
            None => {
                let fresh = || self.limits.iter().map(|_| AtomicU64::new(0)).collect();
                self.clients.get_with(client.to_owned(), fresh)
            }
        };
        self.limits[limit].take(&buckets[limit], now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn per_minute(count: u32) -> Buckets {
        Buckets::new(vec![Limit::new(Rate::per_minute(count))], 4)
    }

    #[test]
    fn a_burst_passes_and_then_calls_come_at_the_rate() {
        let buckets = per_minute(6);
        for _ in 0..6 {
            assert_eq!(buckets.take_at("a", 0, 0), Ok(()));
        }
        assert_eq!(buckets.take_at("a", 0, 0), Err(Duration::from_secs(10)));
        assert_eq!(buckets.take_at("a", 0, 9 * SECOND), Err(Duration::from_secs(1)));
        assert_eq!(buckets.take_at("a", 0, 10 * SECOND), Ok(()));
        assert!(buckets.take_at("a", 0, 10 * SECOND).is_err());
    }

    #[test]
    fn clients_do_not_share_a_bucket() {
        let buckets = per_minute(1);
        assert_eq!(buckets.take_at("a", 0, 0), Ok(()));
        assert!(buckets.take_at("a", 0, 0).is_err());
        assert_eq!(buckets.take_at("b", 0, 0), Ok(()));
    }

    #[test]
    fn more_clients_than_places_do_not_grow_the_table() {
        let buckets = per_minute(1);
        for client in 0..1_000 {
            let _ = buckets.take_at(&client.to_string(), 0, 0);
        }
        buckets.clients.run_pending_tasks();
        assert!(buckets.clients.entry_count() <= 4, "{} clients remembered", buckets.clients.entry_count());
    }

    #[test]
    fn a_newcomer_is_remembered_even_when_the_table_is_full_of_busy_clients() {
        let buckets = per_minute(1);
        for _ in 0..50 {
            for client in ["a", "b", "c", "d"] {
                let _ = buckets.take_at(client, 0, 0);
            }
        }
        assert_eq!(buckets.take_at("new", 0, 0), Ok(()));
        buckets.clients.run_pending_tasks();
        assert!(buckets.take_at("new", 0, 0).is_err());
    }
}
