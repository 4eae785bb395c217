//! Bounds how many calls run and how many wait.
//!
//! rmcp starts one task for each request. Without a bound, whoever sends fastest decides how much memory and how many
//! connections to a database the server uses. So many calls run, so many wait for at most so long, and the next one is
//! told when to try again.
//!
//! It does **not** divide the places fairly between clients: the rates do that. A ping needs no place, so that a busy
//! server is not taken for a dead one, and neither do the standard notifications: one that takes a call back must not
//! wait behind it. A subscription would hold its place for hours; instead each client may have as
//! many of them as there are places.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use mcpsec_policy::Policy;
use tokio::sync::{Semaphore, TryAcquireError};

use super::{Call, Guard, Kind, Next, Outcome, Refusal};

/// The places.
pub(crate) struct Admission {
    running: Semaphore,
    waiting: Semaphore,
    patience: Duration,
    listeners: Arc<Listeners>,
}

impl Admission {
    pub(crate) fn new(policy: &Policy) -> Self {
        let limits = &policy.limits;
        Self {
            running: Semaphore::new(limits.concurrency.clamp(1, Semaphore::MAX_PERMITS)),
            waiting: Semaphore::new(limits.queue.min(Semaphore::MAX_PERMITS)),
            patience: limits.queue_wait,
            listeners: Arc::new(Listeners { most: limits.concurrency, now: Mutex::default() }),
        }
    }

    /// A place among the running calls, at once or after a wait.
    async fn admit(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Refusal> {
        match self.running.try_acquire() {
            Ok(place) => return Ok(place),
            Err(TryAcquireError::Closed) => return Err(Refusal::internal("the places were closed")),
            Err(TryAcquireError::NoPermits) => {}
        }
        let Ok(_in_line) = self.waiting.try_acquire() else {
            return Err(Refusal::busy("the server is busy and its queue is full", self.patience));
        };
        match tokio::time::timeout(self.patience, self.running.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) => Err(Refusal::internal("the places were closed")),
            Err(_) => Err(Refusal::busy("the server is busy and the wait for a place took too long", self.patience)),
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
                let _place = self.admit().await?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(concurrency: usize, queue: usize) -> Admission {
        let mut policy = Policy::default();
        policy.limits.concurrency = concurrency;
        policy.limits.queue = queue;
        policy.limits.queue_wait = Duration::from_millis(50);
        Admission::new(&policy)
    }

    #[tokio::test]
    async fn the_call_after_the_last_place_waits_and_the_one_after_the_queue_is_refused() {
        let admission = admission(1, 1);
        let running = admission.admit().await.unwrap();
        let waiting = admission.admit();
        let mut waiting = std::pin::pin!(waiting);
        assert!(futures::poll!(&mut waiting).is_pending());
        let refused = admission.admit().await.unwrap_err();
        assert_eq!(refused.retry_after, Some(Duration::from_millis(50)));
        drop(running);
        assert!(waiting.await.is_ok());
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let admission = admission(1, 1);
        let _running = admission.admit().await.unwrap();
        assert!(admission.admit().await.unwrap_err().reason.contains("took too long"));
        assert_eq!(admission.waiting.available_permits(), 1);
    }

    #[test]
    fn subscriptions_are_counted_for_each_client_and_forgotten_at_the_end() {
        let listeners = Arc::new(Listeners { most: 1, now: Mutex::default() });
        let first = Listeners::join(&listeners, "a").ok().unwrap();
        assert!(Listeners::join(&listeners, "a").is_err());
        assert!(Listeners::join(&listeners, "b").is_ok());
        drop(first);
        assert!(listeners.now.lock().unwrap().is_empty());
    }
}
