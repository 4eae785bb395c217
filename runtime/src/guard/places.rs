//! Places for running calls, and the queue in front of them: one turn for each client that waits.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use mcpsec_policy::model::Limits;
use tokio::sync::oneshot;

/// How many calls run and wait now, for metrics and probes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Load {
    /// Calls that have a place.
    pub running: usize,
    /// Calls that wait for one.
    pub waiting: usize,
}

/// Why there is not even a place to wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Full {
    /// Too many calls wait.
    Queue,
    /// Too many of this client do.
    Client,
}

/// All places of a server.
pub(crate) struct Places {
    most: usize,
    most_waiting: usize,
    client: Share,
    /// Names become numbers under a key that nobody knows, so that no string is kept for a call.
    key: RandomState,
    state: Mutex<State>,
}

/// What one client may have.
#[derive(Clone, Copy)]
struct Share {
    running: usize,
    waiting: usize,
}

#[derive(Default)]
struct State {
    load: Load,
    /// Clients with a call that runs or waits.
    clients: HashMap<u64, Client>,
    /// Clients with a call that waits, in the order of their turns.
    turns: VecDeque<u64>,
    tickets: u64,
}

#[derive(Default)]
struct Client {
    running: usize,
    most: usize,
    waiting: VecDeque<(u64, oneshot::Sender<Place>)>,
}

/// The right to run one call; ends on drop.
pub(crate) struct Place {
    places: Arc<Places>,
    client: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        Places::leave(&self.places, self.client);
    }
}

/// One call that waits; leaves the queue on drop.
pub(crate) struct Waiting {
    places: Arc<Places>,
    client: u64,
    ticket: u64,
    receiver: oneshot::Receiver<Place>,
}

impl Waiting {
    /// Waits; `None` where another client's call took this one's place in the queue.
    pub(crate) async fn place(mut self) -> Option<Place> {
        (&mut self.receiver).await.ok()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.places.lock().forget(self.client, self.ticket);
    }
}

impl Places {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            most: limits.concurrency.max(1),
            most_waiting: limits.queue,
            client: Share { running: limits.client_concurrency(), waiting: limits.client_queue() },
            key: RandomState::new(),
            state: Mutex::default(),
        }
    }

    /// How many calls run and wait now.
    pub(crate) fn load(&self) -> Load {
        self.lock().load
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, or one in the queue. A client that is `alone` may have all of them.
    pub(crate) fn enter(all: &Arc<Self>, client: &str, alone: bool) -> Result<Result<Place, Waiting>, Full> {
        let number = all.key.hash_one(client);
        let share = match alone {
            true => Share { running: all.most, waiting: all.most_waiting },
            false => all.client,
        };
        let mut state = all.lock();
        let known = state.clients.entry(number).or_default();
        known.most = share.running;
        let (running, own) = (known.running, known.waiting.len());
        // Where a place is free, every client that waits has its share already: see `State::next`.
        if running < share.running && state.load.running < all.most {
            state.run(number);
            return Ok(Ok(Place { places: Arc::clone(all), client: number }));
        }
        let full = if share.waiting <= own {
            Some(Full::Client)
        } else if all.most_waiting <= state.load.waiting && !state.make_room(own) {
            Some(Full::Queue)
        } else {
            None
        };
        if let Some(full) = full {
            state.tidy(number);
            return Err(full);
        }
        let (ticket, receiver) = state.queue(number);
        Ok(Err(Waiting { places: Arc::clone(all), client: number, ticket, receiver }))
    }

    fn leave(all: &Arc<Self>, client: u64) {
        let mut granted = Vec::new();
        {
            let mut state = all.lock();
            state.load.running -= 1;
            if let Some(known) = state.clients.get_mut(&client) {
                known.running -= 1;
            }
            while state.load.running < all.most {
                let Some(next) = state.next() else { break };
                granted.push(next);
            }
            state.tidy(client);
        }
        for (client, sender) in granted {
            // Where nobody waits any more the place comes back, and is dropped here, outside of the lock.
            drop(sender.send(Place { places: Arc::clone(all), client }));
        }
    }
}

impl State {
    fn run(&mut self, client: u64) {
        self.load.running += 1;
        self.clients.entry(client).or_default().running += 1;
    }

    fn queue(&mut self, client: u64) -> (u64, oneshot::Receiver<Place>) {
        let (sender, receiver) = oneshot::channel();
        let ticket = self.tickets;
        self.tickets += 1;
        self.load.waiting += 1;
        let known = self.clients.entry(client).or_default();
        if known.waiting.is_empty() {
            self.turns.push_back(client);
        }
        known.waiting.push_back((ticket, sender));
        (ticket, receiver)
    }

    /// The call whose turn it is, of a client that has not its share yet. It runs from now on.
    fn next(&mut self) -> Option<(u64, oneshot::Sender<Place>)> {
        let at = self.turns.iter().position(|client| {
            self.clients.get(client).is_some_and(|known| known.running < known.most && !known.waiting.is_empty())
        })?;
        let client = self.turns.remove(at)?;
        let known = self.clients.get_mut(&client)?;
        let (_, sender) = known.waiting.pop_front()?;
        if !known.waiting.is_empty() {
            self.turns.push_back(client);
        }
        self.load.waiting -= 1;
        self.run(client);
        Some((client, sender))
    }

    /// Takes the last place in the queue from the client with the most, if it has at least two more than `own`.
    fn make_room(&mut self, own: usize) -> bool {
        let greedy = self.turns.iter().max_by_key(|client| self.clients.get(client).map_or(0, |it| it.waiting.len()));
        let Some(known) = greedy.copied().and_then(|client| self.clients.get_mut(&client)) else { return false };
        if known.waiting.len() < own + 2 {
            return false;
        }
        // Its sender is dropped, and that tells it.
        let gone = known.waiting.pop_back().is_some();
        self.load.waiting -= usize::from(gone);
        gone
    }

    /// Takes a call out of the queue, if it is still in there.
    fn forget(&mut self, client: u64, ticket: u64) {
        let Some(known) = self.clients.get_mut(&client) else { return };
        let before = known.waiting.len();
        known.waiting.retain(|(number, _)| *number != ticket);
        self.load.waiting -= before - known.waiting.len();
        if known.waiting.is_empty() {
            self.turns.retain(|turn| *turn != client);
        }
        self.tidy(client);
    }

    /// Forgets a client that neither runs nor waits.
    fn tidy(&mut self, client: u64) {
        if self.clients.get(&client).is_some_and(|known| known.running == 0 && known.waiting.is_empty()) {
            self.clients.remove(&client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(concurrency: usize, queue: usize) -> Arc<Places> {
        let limits = Limits {
            concurrency,
            queue,
            client_concurrency: Some(concurrency),
            client_queue: Some(queue),
            ..Limits::default()
        };
        Arc::new(Places::new(&limits))
    }

    fn run(places: &Arc<Places>, client: &str) -> Place {
        Places::enter(places, client, false).expect("room").unwrap_or_else(|_| panic!("{client} has to wait"))
    }

    fn wait(places: &Arc<Places>, client: &str) -> Waiting {
        match Places::enter(places, client, false).expect("room") {
            Ok(_) => panic!("{client} runs"),
            Err(waiting) => waiting,
        }
    }

    #[tokio::test]
    async fn places_go_round_the_clients_that_wait() {
        let places = places(1, 10);
        let running = run(&places, "a");
        let (a1, a2, b1) = (wait(&places, "a"), wait(&places, "a"), wait(&places, "b"));
        drop(running);
        let first = a1.place().await.expect("its turn");
        assert_eq!(places.load(), Load { running: 1, waiting: 2 });
        drop(first);
        drop(b1.place().await.expect("b's turn comes before a's second"));
        drop(a2.place().await.expect("its turn"));
        assert_eq!(places.load(), Load::default());
        assert!(places.lock().clients.is_empty() && places.lock().turns.is_empty());
    }

    #[tokio::test]
    async fn a_full_queue_gives_way_to_who_has_less() {
        let places = places(1, 3);
        let running = run(&places, "a");
        let (a1, a2, a3) = (wait(&places, "a"), wait(&places, "a"), wait(&places, "a"));
        assert!(matches!(Places::enter(&places, "a", false), Err(Full::Client)));
        let b1 = wait(&places, "b");
        assert!(a3.place().await.is_none(), "its place was given away");
        assert!(matches!(Places::enter(&places, "b", false), Err(Full::Queue)), "b has as many as it can take");
        drop((running, a1, a2));
        assert!(b1.place().await.is_some());
        assert_eq!(places.load(), Load::default());
    }

    #[tokio::test]
    async fn a_client_does_not_get_more_than_its_share_and_others_pass_it() {
        let limits = Limits { concurrency: 4, client_concurrency: Some(2), ..Limits::default() };
        let places = Arc::new(Places::new(&limits));
        let (one, _two) = (run(&places, "a"), run(&places, "a"));
        let third = wait(&places, "a");
        let _other = run(&places, "b");
        let _parent = Places::enter(&places, "local", true).expect("room").unwrap_or_else(|_| panic!("it waits"));
        drop(one);
        assert!(third.place().await.is_some());
    }

    #[tokio::test]
    async fn who_leaves_the_queue_leaves_nothing_behind() {
        let places = places(1, 5);
        let running = run(&places, "a");
        drop((wait(&places, "b"), wait(&places, "c")));
        assert_eq!(places.load(), Load { running: 1, waiting: 0 });
        let last = wait(&places, "d");
        drop(running);
        // The place was given to it, but it is gone before it looks.
        drop(last);
        assert_eq!(places.load(), Load::default());
        assert!(places.lock().clients.is_empty());
    }
}
