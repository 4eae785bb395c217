//! One client over a pair of byte streams, one JSON-RPC message per line.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use rmcp::{ServerHandler, ServiceExt as _, service::ServerInitializeError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::{
    frame::Broken,
    lines::{Limits, Lines},
};
use crate::{audit::Record, caller::Connection, runtime::Runtime, serve::ServeError};

/// Hardens `handler` and serves it over a pair of byte streams with one JSON-RPC message per line, as stdio does, until
/// `input` ends or `shutdown` is cancelled. Calls that run then get `limits.drain` to finish.
///
/// The caller is the subject `local`: whoever can write to `input` is trusted as far as the access rules trust `local`.
///
/// # Errors
///
/// When the other side does not speak MCP.
pub async fn serve_streams<H, R, W>(
    runtime: Arc<Runtime>,
    handler: H,
    input: R,
    output: W,
    shutdown: CancellationToken,
) -> Result<(), ServeError>
where
    H: ServerHandler,
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    converse(runtime, handler, (input, output), Connection::local(), None, shutdown).await
}

/// The same for any connection. A client that says nothing for as long as `patience` before the handshake is cut off.
pub(crate) async fn converse<H, R, W>(
    runtime: Arc<Runtime>,
    handler: H,
    (input, output): (R, W),
    connection: Connection,
    patience: Option<Duration>,
    shutdown: CancellationToken,
) -> Result<(), ServeError>
where
    H: ServerHandler,
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let policy = runtime.policy();
    let limits = Limits {
        line: policy.limits.body.as_usize(),
        depth: policy.limits.depth,
        // All that can run, wait or listen, and some that are being refused.
        in_flight: policy.limits.concurrency.saturating_mul(2).saturating_add(policy.limits.queue).saturating_add(64),
        drain: policy.limits.drain,
    };
    // Not a child of `shutdown`: what runs then gets its time to finish.
    let stop = CancellationToken::new();
    let (records, whose) = (Arc::clone(&runtime), connection.clone());
    let on_broken = Box::new(move |broken: &Broken| record(&records, &whose, broken));
    let transport = Lines::new(input, output, limits, connection, (shutdown, stop.clone()), on_broken);
    let handshake = runtime.harden(handler).serve_with_ct(transport, stop);
    let begun = match patience {
        None => handshake.await,
        Some(patience) => match tokio::time::timeout(patience, handshake).await {
            Ok(begun) => begun,
            Err(_) => return Err(ServeError::Protocol("the client did not begin in time".to_owned())),
        },
    };
    let running = match begun {
        Ok(running) => running,
        // The client left before it said anything, or we were asked to stop: nothing went wrong.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => return Ok(()),
        Err(ServerInitializeError::InitializeFailed(error)) => {
            return Err(ServeError::Protocol(format!("the handshake failed with error {}", error.code.0)));
        }
        // The other texts print whole messages.
        Err(_) => return Err(ServeError::Protocol("the client did not begin with a handshake".to_owned())),
    };
    running.waiting().await.map(drop).map_err(|error| ServeError::Protocol(error.to_string()))
}

/// A line that never became a call leaves a trace, too.
fn record(runtime: &Runtime, connection: &Connection, broken: &Broken) {
    tracing::warn!(reason = broken.reason, "a message was refused");
    let Some(entry) = runtime.audit().entry() else { return };
    entry.write(Record {
        time: SystemTime::now(),
        request_id: crate::guard::new_request_id(),
        client: connection.caller.0.subject.clone(),
        transport: connection.transport,
        method: "unreadable".into(),
        target: None,
        verdict: "refused",
        reason: broken.reason.clone().into(),
        duration: Duration::ZERO,
    });
}
