//! Sessions for clients of 2025-11-25 and earlier: few, and each with one owner.
//!
//! The SDK's sessions belong to whoever knows their id, and anybody can open as many as fit into memory. Here a session
//! id is worth something only in the hands of the subject that opened it, as if it did not exist for others (S6), and
//! `server.max_sessions` bounds how many there are. Two requests with the same id at once in one session are refused,
//! because the SDK would answer only one of them (T16).
//!
//! A session never authenticates: each request still shows its credential. Clients of 2026-07-28 have no sessions.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::Stream;
use http::{HeaderMap, Response};
use mcpsec_policy::model;
use rmcp::{
    model::{ClientJsonRpcMessage, ServerJsonRpcMessage},
    transport::streamable_http_server::session::{
        ServerSseMessage, SessionId, SessionManager,
        local::{LocalSessionManager, LocalSessionManagerError},
    },
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    envelope::Envelope,
    refusal::{Body, Refusal},
};

const SESSION_HEADER: &str = "mcp-session-id";
/// The SDK ends a session after five minutes without traffic, so a place is likely to be free after one.
const RETRY: Duration = Duration::from_secs(60);

/// The sessions of one server.
pub(crate) struct Sessions {
    local: LocalSessionManager,
    bounded: bool,
    places: Arc<Semaphore>,
    open: Arc<Open>,
}

#[derive(Default)]
struct Open(Mutex<HashMap<SessionId, Session>>);

struct Session {
    subject: String,
    running: HashSet<String>,
    _place: OwnedSemaphorePermit,
}

impl Open {
    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Session>> {
        // A panic while the map is held leaves it whole: every use is a single operation.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a request does with sessions.
pub(crate) enum Seat {
    /// Nothing.
    Standing,
    /// It may open one, and holds the place for it.
    New(OwnedSemaphorePermit),
    /// It runs in one.
    Taken(Running),
}

/// A request that runs in a session, until its answer ends.
pub(crate) struct Running {
    open: Arc<Open>,
    session: SessionId,
    id: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(session) = self.open.lock().get_mut(&self.session) {
            session.running.remove(&self.id);
        }
    }
}

impl Sessions {
    pub(crate) fn new(server: &model::Server) -> Self {
        Self {
            local: LocalSessionManager::default(),
            bounded: server.sessions == model::Sessions::Bounded,
            places: Arc::new(Semaphore::new(server.max_sessions.min(Semaphore::MAX_PERMITS))),
            open: Arc::default(),
        }
    }

    /// Whether there are sessions at all.
    pub(crate) fn exist(&self) -> bool {
        self.bounded
    }

    /// Lets a request of `subject` into its session, or reserves a place for a new one.
    pub(crate) fn admit(&self, headers: &HeaderMap, envelope: &Envelope, subject: &str) -> Result<Seat, Refusal> {
        if !self.bounded {
            return Ok(Seat::Standing);
        }
        let mut named = headers.get_all(SESSION_HEADER).iter();
        match (named.next(), named.next()) {
            (None, _) if envelope.method.as_deref() == Some("initialize") => self.reserve(),
            (None, _) => Ok(Seat::Standing),
            (Some(id), None) => self.enter(id.to_str().unwrap_or_default(), envelope, subject),
            (Some(_), Some(_)) => Err(Refusal::malformed("more than one `Mcp-Session-Id` header")),
        }
    }

    fn reserve(&self) -> Result<Seat, Refusal> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map(Seat::New).map_err(|_| Refusal::busy("no session is free: see `server.max_sessions`", RETRY))
    }

    fn enter(&self, id: &str, envelope: &Envelope, subject: &str) -> Result<Seat, Refusal> {
        let mut open = self.open.lock();
        // The SDK answers for an id that was never given out; for the caller both look the same.
        let Some(session) = open.get_mut(id) else { return Ok(Seat::Standing) };
        if session.subject != subject {
            return Err(Refusal::not_found("session not found"));
        }
        let Some(request) = envelope.request_id() else { return Ok(Seat::Standing) };
        let request = request.to_string();
        if !session.running.insert(request.clone()) {
            return Err(Refusal::malformed("a request with this id is still running in this session"));
        }
        Ok(Seat::Taken(Running { open: Arc::clone(&self.open), session: id.into(), id: request }))
    }

    /// Gives a session that was opened to its owner.
    pub(crate) async fn settle(&self, place: OwnedSemaphorePermit, response: &Response<Body>, subject: &str) {
        let Some(id) = response.headers().get(SESSION_HEADER).and_then(|id| id.to_str().ok()) else { return };
        let id: SessionId = id.into();
        let session = Session { subject: subject.to_owned(), running: HashSet::new(), _place: place };
        self.open.lock().insert(Arc::clone(&id), session);
        // It may have ended before it was written down, and then nobody else would strike it out.
        if !self.local.has_session(&id).await.unwrap_or(false) {
            self.open.lock().remove(&id);
        }
    }
}

impl SessionManager for Sessions {
    type Error = LocalSessionManagerError;
    type Transport = <LocalSessionManager as SessionManager>::Transport;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), Self::Error> {
        self.local.create_session().await
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, Self::Error> {
        self.local.initialize_session(id, message).await
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, Self::Error> {
        self.local.has_session(id).await
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), Self::Error> {
        let closed = self.local.close_session(id).await;
        self.open.lock().remove(id);
        closed
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.local.create_stream(id, message).await
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), Self::Error> {
        self.local.accept_message(id, message).await
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.local.create_standalone_stream(id).await
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, Self::Error> {
        self.local.resume(id, last_event_id).await
    }
}
