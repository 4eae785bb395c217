//! Streamable HTTP: listens, bounds connections, and stops without cutting answers off.
//!
//! What a request has to pass is in `crate::http`, what a connection has to prove in `listener`; this file only knows
//! when connections begin and end.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::ServerHandler;
use tokio::{sync::Semaphore, task::JoinSet, time};
use tokio_util::sync::CancellationToken;

use super::listener::{Arrival, Listener, Stream};
use crate::{
    http::{Front, REPORT_PERIOD},
    peer::Peer,
    runtime::Runtime,
    serve::ServeError,
};

/// Room for a request's header; a larger one is answered with 431.
const HEADER_BYTES: usize = 32 * 1024;
/// Lines of a request's header.
const HEADER_LINES: usize = 64;
/// After the answers are out: how long a connection may take to close.
const CLOSING: Duration = Duration::from_secs(1);
/// How long to wait when the process has no file descriptor left.
const PAUSE: Duration = Duration::from_millis(100);
/// Serves HTTP until `shutdown` is cancelled, then drains.
pub(crate) async fn serve<H, F>(runtime: Arc<Runtime>, make: F, shutdown: CancellationToken) -> Result<(), ServeError>
where
    H: ServerHandler,
    F: Fn() -> H + Clone + Send + Sync + 'static,
{
    HttpServer::bind(&runtime, make).await?.run(shutdown).await
}

/// A listening HTTP server, for those who need its address before it serves.
pub struct HttpServer<H: ServerHandler> {
    listener: Listener,
    front: Arc<Front<H>>,
    runtime: Arc<Runtime>,
    places: Arc<Semaphore>,
    header_timeout: Duration,
    drain: Duration,
}

impl<H: ServerHandler> HttpServer<H> {
    /// Listens on `server.listen` of the runtime's policy; port 0 takes any free port.
    ///
    /// # Errors
    ///
    /// When the policy names no method of authentication and does not say `insecure_allow_anyone`, when something in it
    /// cannot be used, and when the address is taken.
    pub async fn bind<F>(runtime: &Arc<Runtime>, make: F) -> Result<Self, ServeError>
    where
        F: Fn() -> H + Send + Sync + 'static,
    {
        let policy = runtime.policy();
        let listener = Listener::bind(policy).await?;
        let front = Arc::new(Front::new(runtime, make, listener.local_addr())?);
        if front.allows_anyone() {
            tracing::warn!("`auth.insecure_allow_anyone` is set: whoever reaches `{listener}` can call this server");
        }
        if listener.is_open_network() {
            tracing::warn!(
                "`{listener}` is reachable from other machines without TLS: set `[tls]`, or put a proxy that speaks TLS in \
                 front"
            );
        }
        let places = Arc::new(Semaphore::new(policy.limits.connections.min(Semaphore::MAX_PERMITS)));
        let (header_timeout, drain) = (policy.limits.header_timeout, policy.limits.drain);
        Ok(Self { listener, front, runtime: Arc::clone(runtime), places, header_timeout, drain })
    }

    /// The network address at which this server listens; a UNIX socket has none.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` is cancelled, then drains: new calls are refused, running ones are answered for as long
    /// as `limits.drain` says, and probes learn that the server is not ready.
    ///
    /// # Errors
    ///
    /// None at present; a connection that fails ends alone.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), ServeError> {
        tracing::info!(address = %self.listener, "serving MCP at `/mcp`");
        let mut connections = JoinSet::new();
        let closing = CancellationToken::new();
        let reporter = tokio::spawn(report(Arc::clone(&self.front)));
        self.accept_until(shutdown.cancelled(), &mut connections, &closing).await;
        tracing::info!("stopping: running calls have `limits.drain` = {:?} to end", self.drain);
        let front = Arc::clone(&self.front);
        let drained = async move { time::timeout(self.drain, front.drain()).await.is_ok() };
        if !self.accept_until(drained, &mut connections, &closing).await {
            tracing::warn!("some calls did not end in time and are cut off");
        }
        closing.cancel();
        self.front.end_streams();
        let _ = time::timeout(CLOSING, async { while connections.join_next().await.is_some() {} }).await;
        connections.shutdown().await;
        reporter.abort();
        self.front.report();
        self.runtime.audit().flush().await;
        Ok(())
    }

    /// Accepts connections until `end`.
    async fn accept_until<E: Future>(
        &self,
        end: E,
        connections: &mut JoinSet<()>,
        closing: &CancellationToken,
    ) -> E::Output {
        tokio::pin!(end);
        loop {
            tokio::select! {
                output = &mut end => return output,
                accepted = self.listener.accept() => match accepted {
                    Ok(arrival) => self.welcome(arrival, connections, closing),
                    Err(error) => pause(&error).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    fn welcome(&self, arrival: Arrival, connections: &mut JoinSet<()>, closing: &CancellationToken) {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            arrival.turn_away();
            return;
        };
        let (front, header_timeout, closing) = (Arc::clone(&self.front), self.header_timeout, closing.clone());
        connections.spawn(async move {
            // The handshake of TLS has no longer than a request's header.
            match time::timeout(header_timeout, arrival.greet()).await {
                Ok(Ok((stream, peer))) => {
                    let peer = Peer { _place: Some(Arc::new(place)), ..peer };
                    converse(front, stream, peer, header_timeout, closing).await;
                }
                Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
                Err(_) => tracing::debug!("a handshake took too long"),
            }
        });
    }
}

/// Answers the requests of one connection.
async fn converse<H: ServerHandler>(
    front: Arc<Front<H>>,
    stream: Box<dyn Stream>,
    peer: Peer,
    header_timeout: Duration,
    closing: CancellationToken,
) {
    let peer = Arc::new(peer);
    let service = service_fn(move |request| Arc::clone(&front).answer(request, Arc::clone(&peer)));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(HEADER_BYTES)
        .max_headers(HEADER_LINES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection failed");
    }
}

async fn report<H: ServerHandler>(front: Arc<Front<H>>) {
    loop {
        time::sleep(REPORT_PERIOD).await;
        front.report();
    }
}

async fn pause(error: &io::Error) {
    tracing::warn!(%error, "cannot accept a connection");
    time::sleep(PAUSE).await;
}
