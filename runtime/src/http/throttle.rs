//! Counts what was refused before it was known who calls, per address.
//!
//! Only refusals count, and an address over its limit is still asked for its credential: otherwise a stranger behind the
//! same proxy, or one typing error in a loop, would lock out everybody who shares the address. Guessing gains nothing by
//! that, because a key has 128 random bits. Over the limit the answer is 429 and the connection is closed.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};
use mcpsec_policy::{Rate, model::Rates};
use moka::sync::Cache;

use super::{address, refusal::Refusal};

/// One budget of refusals for each address, in a store of bounded size.
pub(crate) struct Throttle {
    quota: Quota,
    budgets: Cache<IpAddr, Arc<DefaultDirectRateLimiter>>,
}

impl Throttle {
    pub(crate) fn new(rates: &Rates) -> Self {
        let clients = u64::try_from(rates.max_clients).unwrap_or(u64::MAX);
        // After one period a budget is full again, so that forgetting it changes nothing.
        let budgets = Cache::builder().max_capacity(clients).time_to_idle(rates.unauthenticated.period).build();
        Self { quota: quota(rates.unauthenticated), budgets }
    }

    /// Counts a refused request of `client`: `refusal` as long as the budget lasts, then 429.
    pub(crate) fn count(&self, client: IpAddr, refusal: Refusal) -> Refusal {
        let budget = self.budgets.get_with(address::counted(client), || Arc::new(RateLimiter::direct(self.quota)));
        match budget.check() {
            Ok(()) => refusal,
            Err(early) => Refusal::too_often(early.wait_time_from(DefaultClock::default().now())),
        }
    }
}

/// `count` at once, refilled evenly over the period.
fn quota(rate: Rate) -> Quota {
    let interval = (rate.period / rate.count.get()).max(Duration::from_nanos(1));
    Quota::with_period(interval).map_or(Quota::per_second(NonZeroU32::MIN), |quota| quota.allow_burst(rate.count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_per_address_and_exact() {
        let rates = Rates { unauthenticated: Rate::per_minute(2), ..Rates::default() };
        let throttle = Throttle::new(&rates);
        let count = |address: &str| {
            let address = address.parse().expect("an address");
            throttle.count(address, Refusal::unauthenticated("Bearer".to_owned(), "no")).status().as_u16()
        };
        assert_eq!([count("192.0.2.1"), count("192.0.2.1"), count("192.0.2.1")], [401, 401, 429]);
        assert_eq!(count("192.0.2.2"), 401);
    }
}
