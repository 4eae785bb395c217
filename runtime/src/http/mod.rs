//! What only HTTP can decide, one file per layer.
//!
//! A request passes, in this order: probes ([`health`]); [`metadata`]; the path; [`origin`] (403); its credential (`crate::auth`, 401),
//! with refusals so far counted per [`address`] by [`throttle`] (429); its [`body`] (408, 413) and [`envelope`] (400);
//! its [`session`] (404, 503). Then it is the SDK's, and behind it the pipeline's, whose refusals [`verdict`] turns into
//! a status (403, 429, 503).

mod address;
mod body;
mod challenge;
mod envelope;
mod forwarded;
mod health;
mod in_flight;
mod metadata;
mod origin;
mod refusal;
mod session;
mod tally;
mod throttle;
mod verdict;
#[cfg(feature = "websocket")]
mod websocket;

use std::{
    borrow::Cow,
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use mcpsec_policy::{Identity, Policy, model::Transport};
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{
    address::TrustedProxies,
    body::BodyLimit,
    challenge::Challenge,
    envelope::Envelope,
    in_flight::{InFlight, Keeping},
    metadata::Metadata,
    origin::Allowed,
    refusal::{Body, Refusal},
    session::{Seat, Sessions},
    tally::Tally,
    throttle::Throttle,
};
use crate::{
    Caller, Hardened, RefusalSlot, Runtime,
    audit::Record,
    auth::{self, Authenticator, Proof, Shown},
    guard::{Verdict, new_request_id},
    peer::Peer,
    serve::ServeError,
};

pub(crate) use self::tally::PERIOD as REPORT_PERIOD;

/// Where MCP is served.
const ENDPOINT: &str = "/mcp";

/// What is served under which path.
#[derive(Debug)]
struct Endpoints {
    http: bool,
    websocket: Option<String>,
}

impl Endpoints {
    /// # Errors
    ///
    /// When the policy names a transport that this build lacks.
    fn new(policy: &Policy) -> Result<Self, ServeError> {
        let serves = |transport| policy.server.transports.contains(&transport);
        let websocket = serves(Transport::Websocket).then(|| policy.websocket.path.clone());
        if websocket.is_some() && !cfg!(feature = "websocket") {
            return Err(ServeError::lacks("the transport `websocket`", "websocket"));
        }
        // Without a word about WebSocket it is HTTP that this listener is for.
        Ok(Self { http: serves(Transport::Http) || websocket.is_none(), websocket })
    }

    fn is_websocket(&self, path: &str) -> bool {
        self.websocket.as_deref() == Some(path)
    }
}

/// All layers in front of one server.
pub(crate) struct Front<H: ServerHandler> {
    service: StreamableHttpService<Hardened<H>, Sessions>,
    /// Whether `/mcp` is served, and the path of WebSockets, where they are.
    endpoints: Endpoints,
    #[cfg(feature = "websocket")]
    make: Arc<dyn Fn() -> H + Send + Sync>,
    /// Conversations that have left HTTP behind.
    sockets: TaskTracker,
    sessions: Arc<Sessions>,
    authenticator: Arc<Authenticator>,
    allowed: Allowed,
    proxies: TrustedProxies,
    throttle: Throttle,
    challenge: Challenge,
    metadata: Option<Metadata>,
    body: BodyLimit,
    depth: usize,
    in_flight: InFlight,
    tally: Tally,
    /// For the audit log.
    runtime: Arc<Runtime>,
    /// Cancelled when no new call is accepted any more.
    draining: CancellationToken,
    /// Cancelled when streams that never end by themselves have to.
    streams: CancellationToken,
}

impl<H: ServerHandler> Front<H> {
    /// The layers for a listener at `local`, or on a UNIX socket.
    ///
    /// # Errors
    ///
    /// When the policy lets nobody in, or everybody without saying so, or names something that is no address.
    pub(crate) fn new<F>(runtime: &Arc<Runtime>, make: F, local: Option<SocketAddr>) -> Result<Self, ServeError>
    where
        F: Fn() -> H + Send + Sync + 'static,
    {
        let policy = runtime.policy();
        let (server, limits) = (&policy.server, &policy.limits);
        let sessions = Arc::new(Sessions::new(server));
        let streams = CancellationToken::new();
        let body = BodyLimit { bytes: limits.body.as_usize(), time: limits.body_timeout };
        // Host, Origin and size are decided here, once; a single answer is JSON, and a stream only what needs one.
        let config = StreamableHttpServerConfig::default()
            .disable_allowed_hosts()
            .with_max_request_body_bytes(body.bytes)
            .with_legacy_session_mode(sessions.exist())
            .with_json_response(true)
            .with_cancellation_token(streams.clone());
        let maker = Arc::clone(runtime);
        let metadata = Metadata::new(policy);
        let make: Arc<dyn Fn() -> H + Send + Sync> = Arc::new(make);
        let made = Arc::clone(&make);
        let service = StreamableHttpService::new(move || Ok(maker.harden(made())), Arc::clone(&sessions), config);
        Ok(Self {
            service,
            endpoints: Endpoints::new(policy)?,
            #[cfg(feature = "websocket")]
            make,
            sockets: TaskTracker::new(),
            sessions,
            authenticator: runtime.authenticator()?,
            allowed: Allowed::new(local, policy.tls.is_on(), &server.allowed_origins, &server.allowed_hosts)?,
            proxies: TrustedProxies::new(server)?,
            throttle: Throttle::new(&policy.rate),
            challenge: Challenge::new(policy, metadata.as_ref().map(Metadata::url)),
            metadata,
            body,
            depth: limits.depth,
            in_flight: InFlight::default(),
            tally: Tally::default(),
            runtime: Arc::clone(runtime),
            draining: CancellationToken::new(),
            streams,
        })
    }

    /// Whether callers without proof are let in.
    pub(crate) fn allows_anyone(&self) -> bool {
        self.authenticator.allows_anyone()
    }

    /// Refuses new calls, and returns when the running ones are answered.
    pub(crate) async fn drain(&self) {
        self.draining.cancel();
        self.sockets.close();
        self.in_flight.idle().await;
        self.sockets.wait().await;
    }

    /// Ends sessions and streams.
    pub(crate) fn end_streams(&self) {
        self.streams.cancel();
    }

    /// Writes how many strangers were refused since the last time.
    pub(crate) fn report(&self) {
        if let Some(sums) = self.tally.take() {
            self.record("unauthenticated", sums.into(), tally::PERIOD);
        }
    }

    /// Writes what ended before there was a call.
    fn record(&self, client: &str, reason: Cow<'static, str>, duration: Duration) {
        // Nothing runs here that a full log would have to stop.
        let Some(entry) = self.runtime.audit().entry() else { return };
        entry.write(Record {
            time: SystemTime::now(),
            request_id: new_request_id(),
            client: client.to_owned(),
            transport: "http",
            method: Cow::Borrowed("http"),
            target: None,
            verdict: Verdict::Refused.as_str(),
            reason,
            duration,
        });
    }

    /// Answers one request of `peer`.
    pub(crate) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        peer: Arc<Peer>,
    ) -> Result<Response<Body>, Infallible> {
        let ready = !self.draining.is_cancelled();
        let mut response = match health::answer(request.method(), request.uri().path(), ready) {
            Some(response) => response,
            None => {
                let (head, mut body) = request.into_parts();
                let asks_first = head.headers.contains_key(header::EXPECT);
                match self.serve(head, &mut body, &peer).await {
                    Ok(response) => response,
                    Err(refusal) => {
                        if !asks_first {
                            body::discard(body).await;
                        }
                        refusal.into_response()
                    }
                }
            }
        };
        set_security_headers(response.headers_mut());
        Ok(response)
    }

    async fn serve(
        self: &Arc<Self>,
        head: Parts,
        body: &mut Incoming,
        peer: &Arc<Peer>,
    ) -> Result<Response<Body>, Refusal> {
        if self.draining.is_cancelled() {
            return Err(Refusal::draining());
        }
        if let Some(response) = self.metadata.as_ref().and_then(|it| it.answer(&head.method, head.uri.path())) {
            self.allowed.judge(&head.uri, &head.headers)?;
            return Ok(response);
        }
        let is_websocket = self.endpoints.is_websocket(head.uri.path());
        #[cfg(feature = "websocket")]
        let head = if is_websocket { websocket::with_credential(head) } else { head };
        let client = peer.address.map(|address| self.proxies.client(address, &head.headers));
        let identity = self.recognise(&head, peer).await.map_err(|refusal| {
            let refusal = match client {
                Some(client) => self.throttle.count(client, refusal),
                None => refusal,
            };
            self.tally.count(refusal.status().as_u16());
            refusal
        })?;
        let (begun, caller) = (Instant::now(), Caller::new(identity));
        let outcome = match is_websocket {
            #[cfg(feature = "websocket")]
            true => self.upgrade(head, caller.clone(), peer),
            _ => self.pass_on(head, body, &caller).await,
        };
        if let Err(refusal) = &outcome {
            self.record(&caller.0.subject, refusal.message().into(), begun.elapsed());
        }
        outcome
    }

    /// Hands a known caller's request to the SDK.
    async fn pass_on(&self, mut head: Parts, body: &mut Incoming, caller: &Caller) -> Result<Response<Body>, Refusal> {
        let body = self.body.read(&head.headers, body).await?;
        let envelope = match head.method {
            Method::POST => Envelope::read(&body, self.depth)?,
            _ => Envelope::default(),
        };
        let id = envelope.request_id();
        let seat =
            self.sessions.admit(&head.headers, &envelope, &caller.0.subject).map_err(|refusal| refusal.of(id))?;
        let slot = RefusalSlot::default();
        auth::strip_credentials(&mut head.headers);
        head.extensions.insert(caller.clone());
        head.extensions.insert(slot.clone());
        // A subscription runs until the client has enough of it; nobody waits for that.
        let endless = id.is_none() || envelope.method.as_deref() == Some("subscriptions/listen");
        let ticket = (!endless).then(|| self.in_flight.enter());
        let mut response = self.service.handle(Request::from_parts(head, Full::<Bytes>::new(body))).await;
        if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
            return Err(Refusal::internal().of(id));
        }
        let running = match seat {
            Seat::New(place) => {
                self.sessions.settle(place, &response, &caller.0.subject).await;
                None
            }
            Seat::Taken(running) => Some(running),
            Seat::Standing => None,
        };
        if id.is_some() {
            response = verdict::surface(response, &slot, &self.challenge).await;
        }
        Ok(response.map(|body| Keeping { body, _kept: (ticket, running) }.boxed()))
    }

    /// Who sent the request, or why it ends here.
    async fn recognise(&self, head: &Parts, peer: &Peer) -> Result<Identity, Refusal> {
        let path = head.uri.path();
        if !(self.endpoints.http && path == ENDPOINT || self.endpoints.is_websocket(path)) {
            return Err(Refusal::not_found("nothing is served here: see `server.transports` of the policy"));
        }
        if let Some(address) = peer.address {
            self.proxies.judge(address, &head.headers)?;
        }
        self.allowed.judge(&head.uri, &head.headers)?;
        if head.uri.query().is_some_and(auth::query_carries_credentials) {
            return Err(Refusal::malformed("credentials belong into a header: replace this one, addresses are logged"));
        }
        let shown = Shown { headers: &head.headers, peer, now: SystemTime::now() };
        match self.authenticator.prove(shown).await {
            Proof::Proven(identity) => Ok(identity),
            Proof::Absent => Err(Refusal::unauthenticated(self.challenge.missing(), "a credential is needed")),
            Proof::Refused(why) => Err(Refusal::unauthenticated(self.challenge.invalid(why), why)),
        }
    }
}

/// Headers of every answer: never guessed at, never kept.
fn set_security_headers(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
