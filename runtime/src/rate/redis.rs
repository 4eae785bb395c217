//! Counts in a Redis or Valkey that all replicas share.
//!
//! One call is one round trip: a script, run by the server as a whole and by its clock, takes one from each limit of the
//! call, or none from any. A name in the store is the prefix of the policy and a digest: the store never learns who calls
//! what. What nobody uses expires with its period.
//!
//! A store must not decide whether a server works. A call waits for `rate.store_wait` and no longer; then, and until the
//! store answers again, each replica counts for itself and allows its share of every limit (one of `rate.replicas`, and
//! never more than half). While the store is there each replica counts its own calls beside it, so that a caller who has
//! used up its rate does not find a fresh one when the store goes away. Never is a call let through uncounted.
//!
//! It does **not** know clusters and sentinels, and speaks no TLS: `rediss://` is refused at start.

use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use mcpsec_policy::{
    Policy,
    model::{Per, StoreUrl, Window},
};
use redis::{AsyncConnectionConfig, Client, RedisError, Script, aio::MultiplexedConnection};
use sha2::{Digest, Sha256};
use tokio::{
    sync::{Notify, watch},
    time,
};

use super::{Chosen, Excess, Limits, RateStore, Standing, StoreState, Taken, Who, memory::Memory};
use crate::{audit::Audit, serve::ServeError};

/// Longest time that a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(1);
/// Between two tries to reach a store that is away.
const PAUSE: Duration = Duration::from_millis(200);

/// The store, and what counts while it is away.
pub(crate) struct Redis {
    limits: Arc<Limits>,
    /// By limit: its part of a name, and its kind, count and period in microseconds.
    terms: Vec<Terms>,
    local: Memory,
    prefix: String,
    wait: Duration,
    link: Arc<Link>,
}

struct Terms {
    name: String,
    kind: &'static str,
    count: u32,
    period: u64,
}

/// The connection, kept by a task of its own.
struct Link {
    client: Client,
    script: Script,
    state: watch::Sender<State>,
    /// Asks the task for another connection.
    lost: Arc<Notify>,
    outages: AtomicU64,
    judged_locally: AtomicU64,
    audit: Arc<Audit>,
}

#[derive(Clone)]
enum State {
    /// Nobody has asked yet.
    Idle,
    /// The first connection is being made.
    Starting,
    /// The connection, and how many there were.
    Up(MultiplexedConnection, u64),
    Away(u64),
}

impl Redis {
    /// Makes the store ready. It is asked when the first call comes.
    ///
    /// # Errors
    ///
    /// When the address is none, or asks for what this build cannot do.
    pub(crate) fn new(
        policy: &Policy,
        limits: Arc<Limits>,
        url: &StoreUrl,
        audit: Arc<Audit>,
    ) -> Result<Self, ServeError> {
        let rates = &policy.rate;
        if url.is_encrypted() {
            let message = "`rate.store`: this build speaks no TLS with the store; use `redis://` on a network that \
                           nobody else can reach, or a proxy on this machine that encrypts";
            return Err(ServeError::Configuration(message.to_owned()));
        }
        // What the library says may quote the address, and with it a password.
        let client = Client::open(url.expose())
            .map_err(|_| ServeError::Configuration(format!("`rate.store`: `{url}` is no address of a Redis")))?;
        let share = u32::try_from(rates.replicas.unwrap_or(1)).unwrap_or(u32::MAX).max(2);
        let terms = limits.all.iter().map(|limit| Terms {
            // Replicas with another policy count for themselves.
            name: format!("{}\0{}\0{:?}", limit.name, limit.rate, limit.window),
            kind: match limit.window {
                Window::Bucket => "b",
                Window::Fixed => "f",
                Window::Sliding => "s",
            },
            count: limit.rate.count.get(),
            period: u64::try_from(limit.rate.period.as_micros()).unwrap_or(u64::MAX).clamp(1, 1 << 50),
        });
        let link = Link {
            client,
            script: Script::new(include_str!("take.lua")),
            state: watch::Sender::new(State::Idle),
            lost: Arc::default(),
            outages: AtomicU64::new(0),
            judged_locally: AtomicU64::new(0),
            audit,
        };
        Ok(Self {
            terms: terms.collect(),
            local: Memory::new(Arc::clone(&limits), rates.max_clients, share),
            limits,
            prefix: rates.store_prefix.clone(),
            wait: rates.store_wait,
            link: Arc::new(link),
        })
    }

    /// What holds while the store is away.
    fn judge_locally(&self, who: Who<'_>, chosen: &Chosen) -> Taken {
        self.link.judged_locally.fetch_add(1, Ordering::Relaxed);
        self.local.take_here(who, chosen)
    }

    async fn ask(&self, who: Who<'_>, chosen: &Chosen) -> Taken {
        let waited = time::timeout(self.wait, async {
            let (mut connection, number) = self.link.connection().await?;
            Some((self.run(&mut connection, who, chosen).await, number))
        });
        let answer = match waited.await {
            Ok(Some((Ok(answer), _))) => self.read(chosen, &answer),
            Ok(Some((Err(error), number))) => {
                self.link.replace(number, why(&error));
                None
            }
            Ok(None) => None,
            Err(_) => {
                self.link.lose_in_time();
                None
            }
        };
        match answer {
            Some(taken) => {
                if taken.is_ok() {
                    // So that this caller's share is used up when the store goes away.
                    let _ = self.local.take_here(who, chosen);
                }
                taken
            }
            None => self.judge_locally(who, chosen),
        }
    }

    async fn run(
        &self,
        connection: &mut MultiplexedConnection,
        who: Who<'_>,
        chosen: &Chosen,
    ) -> Result<Vec<i64>, RedisError> {
        let mut call = self.link.script.prepare_invoke();
        for number in chosen.iter() {
            let terms = &self.terms[number];
            call.key(self.name(who, self.limits.all[number].per, terms));
            call.arg(terms.kind).arg(terms.count).arg(terms.period);
        }
        call.invoke_async(connection).await
    }

    /// As a limit of an owner is called in the store.
    fn name(&self, who: Who<'_>, per: Per, terms: &Terms) -> String {
        let (kind, owner) = match per {
            Per::Client => ("c", who.client),
            Per::Tenant => ("t", who.tenant),
            Per::Server => ("a", ""),
        };
        let mut digest = Sha256::new();
        for part in [kind, "\0", owner, "\0", &terms.name] {
            digest.update(part.as_bytes());
        }
        let mut name = format!("{}:rate:", self.prefix);
        for byte in &digest.finalize()[..16] {
            name.push_str(&format!("{byte:02x}"));
        }
        name
    }

    /// What the script answered; `None` where it answered something else.
    fn read(&self, chosen: &Chosen, answer: &[i64]) -> Option<Taken> {
        let micros = |value: &i64| Duration::from_micros(u64::try_from(*value).unwrap_or(0));
        match answer {
            [0, at, wait] => {
                let limit = chosen.iter().nth(usize::try_from(at - 1).ok()?)?;
                Some(Err(Excess { limit, wait: micros(wait) }))
            }
            [1, rest @ ..] if rest.len() == 2 * chosen.iter().count() => {
                let own = chosen.iter().zip(rest.chunks_exact(2)).filter(|(limit, _)| self.limits.all[*limit].is_own());
                let standings = own.map(|(limit, state)| Standing {
                    limit,
                    left: u32::try_from(state[0]).unwrap_or(0),
                    reset: micros(&state[1]),
                });
                standings.min_by_key(|standing| standing.left).map(Ok)
            }
            _ => None,
        }
    }
}

impl RateStore for Redis {
    fn take_now(&self, who: Who<'_>, chosen: &Chosen) -> Option<Taken> {
        let away = matches!(*self.link.state.borrow(), State::Away(_));
        away.then(|| self.judge_locally(who, chosen))
    }

    fn take<'a>(&'a self, who: Who<'a>, chosen: &'a Chosen) -> BoxFuture<'a, Taken> {
        if matches!(*self.link.state.borrow(), State::Idle) {
            Link::start(&self.link);
        }
        Box::pin(self.ask(who, chosen))
    }

    fn state(&self) -> Option<StoreState> {
        let link = &self.link;
        Some(StoreState {
            away: !matches!(*link.state.borrow(), State::Up(..)),
            outages: link.outages.load(Ordering::Relaxed),
            judged_locally: link.judged_locally.load(Ordering::Relaxed),
        })
    }
}

impl Link {
    /// Starts the task that keeps the connection, once.
    fn start(link: &Arc<Self>) {
        let first = link.state.send_if_modified(|state| {
            let first = matches!(state, State::Idle);
            if first {
                *state = State::Starting;
            }
            first
        });
        if first {
            tokio::spawn(keep(Arc::downgrade(link), Arc::clone(&link.lost)));
        }
    }

    /// The connection; `None` while there is none.
    async fn connection(&self) -> Option<(MultiplexedConnection, u64)> {
        let mut state = self.state.subscribe();
        let known = state.wait_for(|state| matches!(state, State::Up(..) | State::Away(_))).await.ok()?;
        match &*known {
            State::Up(connection, number) => Some((connection.clone(), *number)),
            _ => None,
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(CONNECT));
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        self.script.load_async(&mut connection).await?;
        Ok(connection)
    }

    fn come(&self, connection: MultiplexedConnection) {
        let mut back = false;
        self.state.send_modify(|state| {
            back = matches!(state, State::Away(_));
            let number = match state {
                State::Up(_, number) | State::Away(number) => *number,
                State::Idle | State::Starting => 0,
            };
            *state = State::Up(connection, number + 1);
        });
        if back {
            tracing::info!("the store of rates answers again");
            self.audit.note("rate/store", "allowed", "the store of rates answers again");
        }
    }

    /// Gives up the connection with this number, and asks for another.
    fn replace(&self, number: u64, why: &'static str) {
        if self.lose(number, why) {
            self.lost.notify_one();
        }
    }

    /// From now on the store is away. Whether that is news.
    fn lose(&self, number: u64, why: &'static str) -> bool {
        let lost = self.state.send_if_modified(|state| match state {
            State::Up(_, current) if *current == number => {
                *state = State::Away(number);
                true
            }
            State::Starting => {
                *state = State::Away(number);
                true
            }
            _ => false,
        });
        if lost {
            self.outages.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(
                why,
                "the store of rates is away: this process counts for itself, with its share of each limit"
            );
            self.audit.note("rate/store", "failed", why);
        }
        lost
    }

    fn lose_in_time(&self) {
        let number = match &*self.state.borrow() {
            State::Up(_, number) => *number,
            _ => 0,
        };
        self.replace(number, "the store of rates does not answer in time: a share of each limit holds");
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Ends the task.
        self.lost.notify_one();
    }
}

/// Connects, and again whenever the connection is lost.
async fn keep(link: Weak<Link>, lost: Arc<Notify>) {
    while let Some(strong) = link.upgrade() {
        match time::timeout(2 * CONNECT, strong.connect()).await {
            Ok(Ok(connection)) => {
                strong.come(connection);
                drop(strong);
                lost.notified().await;
            }
            Ok(Err(error)) => drop(strong.lose(0, why(&error))),
            Err(_) => drop(strong.lose(0, "the store of rates does not answer: a share of each limit holds")),
        }
        time::sleep(PAUSE).await;
    }
}

/// An error without its words: they may quote an address, and with it a password.
fn why(error: &RedisError) -> &'static str {
    match error.kind() {
        redis::ErrorKind::AuthenticationFailed => {
            "the store of rates does not accept the credentials: a share of each limit holds"
        }
        redis::ErrorKind::Server(_) => "the store of rates refuses the script: a share of each limit holds",
        _ => "the store of rates cannot be reached: a share of each limit holds",
    }
}
