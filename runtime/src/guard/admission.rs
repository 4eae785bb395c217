//! Bounds how many calls run and how many wait, and shares the places fairly between clients.
//!
//! rmcp starts one task for each request. Without a bound, whoever sends fastest decides how much memory and how many
//! connections to a database the server uses. So many calls run, so many wait for at most so long, and the next one is
//! told when to try again.
//!
//! Without fairness the fastest client would have the places and the queue, and the others the refusals. So places that
//! become free go round: one call of each client that waits. A client runs at most `limits.client_concurrency` calls and
//! has at most `limits.client_queue` waiting; and when the queue is full, a client with fewer waiting calls takes the last
//! place of the one that has the most. The parent of a stdio server is its only client and has no bound of its own.
//!
//! It does **not** interrupt a call that runs: a place is free when its call ends. A ping needs no place, so that a busy
//! server is not taken for a dead one, and neither do the standard notifications: one that takes a call back must not
//! wait behind it. A subscription would hold its place for hours; instead each client may have as many of them as there
//! are places.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mcpsec_policy::{Policy, ProvenBy};

use super::{
    Call, Facts, Guard, Kind, Next, Outcome, Refusal,
    places::{Full, Place, Places},
};

/// The places.
pub(crate) struct Admission {
    places: Arc<Places>,
    patience: Duration,
    listeners: Arc<Listeners>,
}

impl Admission {
    pub(crate) fn new(policy: &Policy, places: Arc<Places>) -> Self {
        let limits = &policy.limits;
        let listeners = Arc::new(Listeners { most: limits.concurrency, now: Mutex::default() });
        Self { places, patience: limits.queue_wait, listeners }
    }

    /// A place among the running calls, at once or after a wait.
    async fn admit(&self, facts: &Facts) -> Result<Place, Refusal> {
        let alone = facts.caller.as_ref().is_some_and(|caller| caller.proven_by == ProvenBy::Parent);
        let busy = |reason| Refusal::busy(reason, self.patience);
        let full = |full| match full {
            Full::Queue => busy("the server is busy and its queue is full"),
            Full::Client => busy("this client has too many calls that wait for a place"),
        };
        let waiting = match Places::enter(&self.places, facts.subject(), alone).map_err(full)? {
            Ok(place) => return Ok(place),
            Err(waiting) => waiting,
        };
        match tokio::time::timeout(self.patience, waiting.place()).await {
            Ok(Some(place)) => Ok(place),
            Ok(None) => Err(busy("the server is busy and its queue is full: clients with fewer calls come first")),
            Err(_) => Err(busy("the server is busy and the wait for a place took too long")),
        }
    }
}

impl Guard for Admission {
    fn pass<'a>(&'a self, call: Box<Call>, next: Next<'a>) -> Outcome<'a> {
        match call.facts.kind {
            Kind::Ping | Kind::OnCancelled | Kind::OnProgress | Kind::OnInitialized | Kind::OnRootsListChanged => {
                next.run(call)
            }
            Kind::Listen => Box::pin(async move {
                let _listener = Listeners::join(&self.listeners, call.facts.subject())?;
                next.run(call).await
            }),
            _ => Box::pin(async move {
                let _place = self.admit(&call.facts).await?;
                next.run(call).await
            }),
        }
    }
}

/// How many subscriptions each client has. Clients without one take no room.
struct Listeners {
    most: usize,
    now: Mutex<HashMap<String, usize>>,
}

/// One subscription; ends on drop.
struct Listener {
    all: Arc<Listeners>,
    subject: String,
}

impl Listeners {
    fn join(all: &Arc<Self>, subject: &str) -> Result<Listener, Refusal> {
        let mut now = all.now.lock().unwrap_or_else(PoisonError::into_inner);
        let count = now.entry(subject.to_owned()).or_default();
        if all.most <= *count {
            return Err(Refusal::busy("this client has too many subscriptions", Duration::from_secs(60)));
        }
        *count += 1;
        Ok(Listener { all: Arc::clone(all), subject: subject.to_owned() })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut now = self.all.now.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = now.get_mut(&self.subject) {
            *count -= 1;
            if *count == 0 {
                now.remove(&self.subject);
            }
        }
    }
}
