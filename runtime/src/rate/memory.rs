//! Counts in this process.
//!
//! The tables are bounded. A caller that has been idle for the longest period is forgotten, which changes nothing: its
//! limits are whole again by then. When a table is full, the least recently seen caller is forgotten early and finds
//! whole limits when it comes back, so it may do up to one burst more. To reset its own limits that way, somebody needs
//! as many other **proven** identities as the table has places, and a call with each: subjects come from proofs that
//! the operator trusts, never from what a request claims.
//!
//! It does **not** share counts between processes, nor keep them when this one ends.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use futures::future::BoxFuture;
use mcpsec_policy::model::Per;
use moka::{policy::EvictionPolicy, sync::Cache};

use super::{
    Chosen, Excess, Limits, RateStore, Standing, Taken, Who,
    cell::{Cell, Measure, nanoseconds},
};

/// The counts of each caller, each tenant, and all together.
pub(crate) struct Memory {
    limits: Arc<Limits>,
    measures: Vec<Measure>,
    clients: Table,
    tenants: Table,
    server: Arc<[Cell]>,
    /// Names become numbers under a key that nobody knows: no string is kept, and nobody can find two that collide.
    key: RandomState,
    start: (Instant, u64),
}

/// Cells by the number of their owner.
struct Table {
    measures: Vec<Measure>,
    owners: Cache<u64, Arc<[Cell]>>,
}

impl Table {
    fn new(measures: Vec<Measure>, owners: usize) -> Self {
        let longest = measures.iter().map(Measure::memory).max().unwrap_or(Duration::from_secs(1));
        let owners = Cache::builder()
            // The default policy would not let newcomers in while old entries are used more: each call of a newcomer
            // would then find whole limits.
            .eviction_policy(EvictionPolicy::lru())
            .max_capacity(u64::try_from(owners.max(1)).unwrap_or(u64::MAX))
            // The cache does not take more than a thousand years.
            .time_to_idle(longest.min(Duration::from_secs(86_400 * 366 * 100)))
            .build();
        Self { measures, owners }
    }

    fn cells(&self, owner: u64) -> Arc<[Cell]> {
        match self.owners.get(&owner) {
            Some(cells) => cells,
            None => self.owners.get_with(owner, || self.measures.iter().map(Cell::new).collect()),
        }
    }
}

impl Memory {
    /// Tables for at most `owners` callers and as many tenants, of which each has one `share`th of its limits.
    pub(crate) fn new(limits: Arc<Limits>, owners: usize, share: u32) -> Self {
        let measures: Vec<_> = limits.all.iter().map(|limit| Measure::new(limit.rate, limit.window, share)).collect();
        let of = |per: Per| -> Vec<Measure> {
            limits.all.iter().zip(&measures).filter(|(limit, _)| limit.per == per).map(|(_, it)| *it).collect()
        };
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (clients, tenants) = (Table::new(of(Per::Client), owners), Table::new(of(Per::Tenant), owners));
        let server = of(Per::Server).iter().map(Cell::new).collect();
        let start = (Instant::now(), nanoseconds(since));
        Self { limits, measures, clients, tenants, server, key: RandomState::new(), start }
    }

    /// Now, in nanoseconds since 1970; never goes back, whatever the system's clock does.
    fn now(&self) -> u64 {
        self.start.1.saturating_add(nanoseconds(self.start.0.elapsed()))
    }

    /// Takes now.
    pub(super) fn take_here(&self, who: Who<'_>, chosen: &Chosen) -> Taken {
        self.take_at(who, chosen, self.now())
    }

    fn take_at(&self, who: Who<'_>, chosen: &Chosen, now: u64) -> Taken {
        let own = self.clients.cells(self.key.hash_one(who.client));
        let mut tightest: Option<Standing> = None;
        for (done, number) in chosen.iter().enumerate() {
            match self.with(who, &own, number, |cell, measure| cell.take(measure, now)) {
                Ok((left, reset)) => {
                    let standing = Standing { limit: number, left, reset: Duration::from_nanos(reset) };
                    if self.limits.all[number].is_own() && tightest.is_none_or(|known| left < known.left) {
                        tightest = Some(standing);
                    }
                }
                Err(wait) => {
                    for number in chosen.iter().take(done) {
                        self.with(who, &own, number, |cell, measure| cell.give_back(measure, now));
                    }
                    return Err(Excess { limit: number, wait: Duration::from_nanos(wait) });
                }
            }
        }
        // There is always one: that of the method.
        Ok(tightest.unwrap_or(Standing { limit: 0, left: 0, reset: Duration::ZERO }))
    }

    /// Runs `act` on the cell of a limit.
    fn with<T>(&self, who: Who<'_>, own: &[Cell], number: usize, act: impl FnOnce(&Cell, &Measure) -> T) -> T {
        let (limit, measure) = (&self.limits.all[number], &self.measures[number]);
        match limit.per {
            Per::Client => act(&own[limit.place], measure),
            Per::Tenant => act(&self.tenants.cells(self.key.hash_one(who.tenant))[limit.place], measure),
            Per::Server => act(&self.server[limit.place], measure),
        }
    }
}

impl RateStore for Memory {
    fn take_now(&self, who: Who<'_>, chosen: &Chosen) -> Option<Taken> {
        Some(self.take_here(who, chosen))
    }

    fn take<'a>(&'a self, who: Who<'a>, chosen: &'a Chosen) -> BoxFuture<'a, Taken> {
        Box::pin(std::future::ready(self.take_here(who, chosen)))
    }
}

#[cfg(test)]
mod tests {
    use mcpsec_policy::{
        Policy, Rate,
        model::{RateRule, Tool},
    };

    use super::*;
    use crate::guard::{Kind, testing::facts};

    const NOW: u64 = 1_700_000_000_000_000_000;

    fn who(name: &str) -> Who<'_> {
        Who { client: name, tenant: "acme" }
    }

    fn memory(change: impl FnOnce(&mut Policy)) -> Memory {
        let mut policy = Policy::default();
        policy.rate.default = Rate::per_minute(1_000);
        change(&mut policy);
        Memory::new(Arc::new(Limits::new(&policy)), 4, 1)
    }

    fn call(memory: &Memory, client: &str, tool: &str) -> Taken {
        let chosen = memory.limits.of(&facts(Kind::CallTool, Some(tool)), || true);
        memory.take_at(who(client), &chosen, NOW)
    }

    #[test]
    fn callers_share_only_what_a_rule_says() {
        let rule = |matching: &str, per| RateRule {
            matching: matching.to_owned(),
            limit: Rate::per_minute(1),
            per,
            window: None,
        };
        let memory = memory(|policy| {
            policy.rate.rules = vec![
                rule("tools/call:own", Per::Client),
                rule("tools/call:tenants", Per::Tenant),
                rule("tools/call:all", Per::Server),
            ];
        });
        for (tool, second_client) in [("own", true), ("tenants", false), ("all", false)] {
            assert!(call(&memory, "a", tool).is_ok(), "{tool}");
            assert!(call(&memory, "a", tool).is_err(), "{tool}");
            assert_eq!(call(&memory, "b", tool).is_ok(), second_client, "{tool}");
        }
        let chosen = memory.limits.of(&facts(Kind::CallTool, Some("tenants")), || true);
        assert!(memory.take_at(Who { client: "c", tenant: "other" }, &chosen, NOW).is_ok());
    }

    #[test]
    fn a_refused_call_takes_from_no_limit() {
        let memory = memory(|policy| {
            policy.rate.default = Rate::per_minute(3);
            policy.tools.insert("mail".to_owned(), Tool { rate: Some(Rate::per_minute(1)), ..Tool::default() });
        });
        assert!(call(&memory, "a", "mail").is_ok());
        for _ in 0..10 {
            assert!(call(&memory, "a", "mail").is_err());
        }
        assert_eq!(call(&memory, "a", "add").map(|standing| standing.left), Ok(1));
    }

    #[test]
    fn more_clients_than_places_do_not_grow_the_table() {
        let memory = memory(|_| ());
        for client in 0..1_000 {
            let _ = call(&memory, &client.to_string(), "x");
        }
        memory.clients.owners.run_pending_tasks();
        assert!(memory.clients.owners.entry_count() <= 4, "{}", memory.clients.owners.entry_count());
    }

    #[test]
    fn a_newcomer_is_remembered_even_when_the_table_is_full_of_busy_clients() {
        let memory = memory(|policy| policy.rate.default = Rate::per_minute(1));
        for _ in 0..50 {
            for client in ["a", "b", "c", "d"] {
                let _ = call(&memory, client, "x");
            }
        }
        assert!(call(&memory, "new", "x").is_ok());
        memory.clients.owners.run_pending_tasks();
        assert!(call(&memory, "new", "x").is_err());
    }
}
