//! One JSON-RPC message per line, over any pair of byte streams.
//!
//! What rmcp's own line transport lets through, drops in silence or leaves to the handler is decided here:
//!
//! - a line over the limit, nested too deep, not JSON, not a message, or a batch gets an error answer;
//! - a request with an id that is still being answered gets an error answer; rmcp would lose the first answer;
//! - before the handshake only requests count, since rmcp ends the connection over anything else;
//! - at the end of input the calls that run get time to finish, then they are cancelled.
//!
//! It does **not** limit how fast lines come; the rate guard does. A client that writes without reading is stopped by
//! the pipe: nothing more is read while too many answers cannot be written. rmcp alone would keep them all.

use std::{
    collections::HashMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rmcp::{
    RoleServer,
    model::{
        ClientJsonRpcMessage, ClientNotification, ClientRequest, GetExtensions as _, GetMeta as _, JsonRpcMessage,
        ProtocolVersion, RequestId,
    },
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::Transport,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::frame::{self, Broken};
use crate::caller::Connection;

/// Lines that wait to be written.
const WRITE_AHEAD: usize = 64;
/// Bytes gathered into one write.
const BATCH: usize = 64 * 1024;

/// What a connection may do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Longest line, in bytes.
    pub line: usize,
    /// Deepest nesting.
    pub depth: usize,
    /// Requests without a written answer. At so many nothing more is read.
    pub in_flight: usize,
    /// How long running calls may go on after the end of input.
    pub drain: Duration,
}

/// Called with each line that is refused.
pub(crate) type OnBroken = Box<dyn FnMut(&Broken) + Send>;

/// A connection. See the module.
pub(crate) struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    /// The rest of the current line is dropped: it was too long.
    discarding: bool,
    limits: Limits,
    output: Option<mpsc::Sender<Vec<u8>>>,
    writer: Option<JoinHandle<io::Result<()>>>,
    /// An answer of our own that has yet to find a place in `output`. Here rather than in a local variable, because
    /// rmcp drops the future of `receive` whenever something else happens.
    pending: Option<Vec<u8>>,
    in_flight: Arc<InFlight>,
    /// Whose messages these are.
    connection: Connection,
    /// rmcp has seen the first request that it starts its loop with.
    started: bool,
    /// When the time of the running calls is over; set at the end of input.
    drain_until: Option<Instant>,
    /// Asks to stop reading.
    shutdown: CancellationToken,
    /// Cancels the calls that still run.
    stop: CancellationToken,
    on_broken: OnBroken,
}

impl<R: AsyncRead + Send + Unpin> Lines<R> {
    /// Reads from `input`, writes to `output` in a task of its own.
    pub(crate) fn new<W>(
        input: R,
        output: W,
        limits: Limits,
        connection: Connection,
        (shutdown, stop): (CancellationToken, CancellationToken),
        on_broken: OnBroken,
    ) -> Self
    where
        W: AsyncWrite + Send + Unpin + 'static,
    {
        let (lines, queue) = mpsc::channel(WRITE_AHEAD);
        let gone = stop.clone();
        let writer = tokio::spawn(async move {
            let written = write_lines(output, queue).await;
            if written.is_err() {
                // Nobody reads our answers any more.
                gone.cancel();
            }
            written
        });
        Self {
            input: BufReader::with_capacity(BATCH, input),
            line: Vec::new(),
            discarding: false,
            limits,
            output: Some(lines),
            writer: Some(writer),
            pending: None,
            in_flight: Arc::new(InFlight::default()),
            connection,
            started: false,
            drain_until: None,
            shutdown,
            stop,
            on_broken,
        }
    }

    fn refuse(&mut self, broken: &Broken) {
        (self.on_broken)(broken);
        if !broken.silent {
            self.pending = Some(broken.answer());
        }
    }

    /// Reads up to the end of a line into `self.line`. Dropping the future loses nothing.
    async fn read_line(&mut self) -> Read {
        loop {
            let available = tokio::select! {
                biased;
                () = self.shutdown.cancelled() => return Read::End,
                () = self.stop.cancelled() => return Read::End,
                available = self.input.fill_buf() => available,
            };
            let available = match available {
                Ok([]) | Err(_) => return Read::End,
                Ok(available) => available,
            };
            let newline = available.iter().position(|byte| *byte == b'\n');
            let taken = newline.map_or(available.len(), |at| at + 1);
            let text = newline.map_or(available, |at| &available[..at]);
            let too_long = !self.discarding && self.limits.line < self.line.len() + text.len();
            if !self.discarding {
                let room = self.limits.line - self.line.len();
                self.line.extend_from_slice(&text[..text.len().min(room)]);
            }
            self.input.consume(taken);
            let was_discarding = self.discarding;
            self.discarding = newline.is_none() && (self.discarding || too_long);
            if too_long {
                return Read::TooLong;
            }
            if newline.is_some() && !was_discarding {
                return Read::Line;
            }
        }
    }

    /// The message in `self.line`, if it is one and is to be handed on.
    fn judge_line(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let line = std::mem::take(&mut self.line);
        let text = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line).trim_ascii();
        let message = if text.is_empty() { Ok(None) } else { self.parse(text).map(Some) };
        let message = message.and_then(|message| message.map_or(Ok(None), |message| self.accept(message)));
        self.line = line;
        self.line.clear();
        match message {
            Ok(message) => message,
            Err(broken) => {
                self.refuse(&broken);
                None
            }
        }
    }

    fn parse(&self, text: &[u8]) -> Result<ClientJsonRpcMessage, Broken> {
        frame::judge(text, self.limits.depth)?;
        serde_json::from_slice(text).map_err(|error| match serde_json::from_slice::<serde::de::IgnoredAny>(text) {
            // Well-formed JSON of a wrong shape: the untagged message type says nothing useful about it.
            Ok(_) => Broken::not_a_message(text),
            Err(_) => frame::explain(text, &error),
        })
    }

    /// Whether a message is handed on, now.
    fn accept(&mut self, mut message: ClientJsonRpcMessage) -> Result<Option<ClientJsonRpcMessage>, Broken> {
        match &mut message {
            JsonRpcMessage::Request(request) => {
                let lasting = matches!(request.request, ClientRequest::SubscriptionsListenRequest(_));
                let ticket = InFlight::begin(&self.in_flight, request.id.clone(), lasting)
                    .ok_or_else(|| Broken::duplicate(request.id.clone()))?;
                self.started |= starts_the_loop(&request.request);
                request.request.extensions_mut().insert(ticket);
                request.request.extensions_mut().insert(self.connection.clone());
            }
            _ if !self.started => {
                tracing::debug!("a message before the handshake was ignored");
                return Ok(None);
            }
            JsonRpcMessage::Notification(notification) => {
                notification.notification.extensions_mut().insert(self.connection.clone());
                if let ClientNotification::CancelledNotification(cancelled) = &notification.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.in_flight.cancel(id);
                }
            }
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {}
        }
        Ok(Some(message))
    }

    /// Waits for the running calls, then ends those that do not end.
    async fn drain(&mut self) {
        let until = *self.drain_until.get_or_insert_with(|| Instant::now() + self.limits.drain);
        // Nobody waits for the end of a subscription, or of what was cancelled.
        let idle = self.in_flight.settled(|requests| requests.values().all(|state| state.lasting || state.cancelled));
        tokio::select! {
            () = idle => {}
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep_until(until) => tracing::warn!("calls that did not end in time were cancelled"),
        }
        self.stop.cancel();
    }
}

enum Read {
    Line,
    TooLong,
    End,
}

impl<R: AsyncRead + Send + Unpin> Transport<RoleServer> for Lines<R> {
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        let line = serde_json::to_vec(&message).map(|mut line| {
            line.push(b'\n');
            line
        });
        let answered = match message {
            JsonRpcMessage::Response(response) => Some(response.id),
            JsonRpcMessage::Error(error) => error.id,
            JsonRpcMessage::Request(_) | JsonRpcMessage::Notification(_) => None,
        };
        let output = self.output.clone();
        let in_flight = Arc::clone(&self.in_flight);
        async move {
            let closed = || io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads the answers");
            output.ok_or_else(closed)?.send(line?).await.map_err(|_| closed())?;
            if let Some(id) = answered {
                in_flight.answered(&id);
            }
            Ok(())
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            if self.pending.is_some() {
                let place = self.output.as_ref()?.reserve().await.ok()?;
                if let Some(answer) = self.pending.take() {
                    place.send(answer);
                }
            }
            if self.drain_until.is_some() {
                self.drain().await;
                return None;
            }
            tokio::select! {
                () = self.in_flight.settled(|requests| requests.len() < self.limits.in_flight) => {}
                () = self.stop.cancelled() => return None,
            }
            match self.read_line().await {
                Read::Line => {
                    if let Some(message) = self.judge_line() {
                        return Some(message);
                    }
                }
                Read::TooLong => {
                    let start = std::mem::take(&mut self.line);
                    self.refuse(&Broken::too_long(self.limits.line, &start));
                }
                Read::End => self.drain_until = Some(Instant::now() + self.limits.drain),
            }
        }
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        self.output = None;
        let Some(writer) = self.writer.take() else { return Ok(()) };
        // A client that has stopped reading must not keep us.
        match tokio::time::timeout(self.limits.drain, writer).await {
            Ok(Ok(written)) => written,
            Ok(Err(error)) => Err(io::Error::other(error)),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answers")),
        }
    }
}

/// Writes lines as they come, several at once when they come fast.
async fn write_lines<W: AsyncWrite + Unpin>(mut output: W, mut lines: mpsc::Receiver<Vec<u8>>) -> io::Result<()> {
    while let Some(mut batch) = lines.recv().await {
        while batch.len() < BATCH {
            match lines.try_recv() {
                Ok(line) => batch.extend_from_slice(&line),
                Err(_) => break,
            }
        }
        output.write_all(&batch).await?;
        output.flush().await?;
    }
    output.shutdown().await
}

/// Whether rmcp enters its loop with this request: the old handshake, or a request that brings all it needs. Until then
/// it ends the connection over anything that is not a request.
fn starts_the_loop(request: &ClientRequest) -> bool {
    match request {
        ClientRequest::InitializeRequest(_) => true,
        ClientRequest::DiscoverRequest(_) | ClientRequest::PingRequest(_) => false,
        request => request.get_meta().missing_required_keys(&ProtocolVersion::V_2026_07_28).is_empty(),
    }
}

/// Requests that have no answer yet.
#[derive(Default)]
struct InFlight {
    requests: Mutex<HashMap<RequestId, State>>,
    changed: Notify,
}

#[derive(Clone, Copy, Default)]
struct State {
    /// A subscription: nobody waits for its end.
    lasting: bool,
    /// The client took it back, so that rmcp sends no answer.
    cancelled: bool,
    /// The handler is done with it.
    done: bool,
}

/// Travels in the request's extensions; its drop says that nobody works on the request any more.
#[derive(Clone)]
struct Ticket {
    _end: Arc<End>,
}

struct End {
    id: RequestId,
    all: Arc<InFlight>,
}

impl InFlight {
    /// Notes a request. `None` where its id is taken.
    fn begin(all: &Arc<Self>, id: RequestId, lasting: bool) -> Option<Ticket> {
        let mut requests = all.lock();
        if requests.contains_key(&id) {
            return None;
        }
        requests.insert(id.clone(), State { lasting, ..State::default() });
        Some(Ticket { _end: Arc::new(End { id, all: Arc::clone(all) }) })
    }

    fn answered(&self, id: &RequestId) {
        self.lock().remove(id);
        self.changed.notify_waiters();
    }

    fn cancel(&self, id: &RequestId) {
        self.update(id, |state| state.cancelled = true);
    }

    fn done(&self, id: &RequestId) {
        self.update(id, |state| state.done = true);
    }

    /// Changes a state; a request that is both cancelled and done gets no answer and is forgotten.
    fn update(&self, id: &RequestId, change: impl FnOnce(&mut State)) {
        let mut requests = self.lock();
        let Some(state) = requests.get_mut(id) else { return };
        change(state);
        if state.cancelled && state.done {
            requests.remove(id);
            self.changed.notify_waiters();
        }
    }

    /// Waits until the requests without an answer are as `enough` wants them.
    fn settled(
        self: &Arc<Self>,
        enough: impl Fn(&HashMap<RequestId, State>) -> bool + Send,
    ) -> impl Future<Output = ()> + Send {
        let all = Arc::clone(self);
        async move {
            loop {
                let changed = all.changed.notified();
                let mut changed = std::pin::pin!(changed);
                // Register before looking, or a change in between goes unseen.
                changed.as_mut().enable();
                if enough(&all.lock()) {
                    return;
                }
                changed.await;
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<RequestId, State>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.all.done(&self.id);
    }
}
