//! Standard input and output of a child process.
//!
//! The caller is the process that started this one: the subject `local`. Nothing but MCP is written to standard output;
//! log and audit go to standard error.

use std::{sync::Arc, time::SystemTime};

use rmcp::{ServerHandler, ServiceExt as _, service::ServerInitializeError};
use tokio_util::sync::CancellationToken;

use super::{
    frame::Broken,
    lines::{Limits, Lines},
    stdin,
};
use crate::{audit::Record, runtime::Runtime, serve::ServeError};

/// Serves the process that started this one, until it closes our standard input or `shutdown` is cancelled.
pub(crate) async fn serve<H, F>(runtime: Arc<Runtime>, make: F, shutdown: CancellationToken) -> Result<(), ServeError>
where
    H: ServerHandler,
    F: Fn() -> H + Clone + Send + Sync + 'static,
{
    let (input, output) = stdin::streams()
        .map_err(|source| ServeError::Io { context: "cannot read standard input".to_owned(), source })?;
    serve_streams(runtime, make(), input, output, shutdown).await
}

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
    R: tokio::io::AsyncRead + Send + Unpin + 'static,
    W: tokio::io::AsyncWrite + Send + Unpin + 'static,
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
    let records = Arc::clone(&runtime);
    let on_broken = Box::new(move |broken: &Broken| record(&records, broken));
    let transport = Lines::new(input, output, limits, (shutdown, stop.clone()), on_broken);
    let running = match runtime.harden(handler).serve_with_ct(transport, stop).await {
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
fn record(runtime: &Runtime, broken: &Broken) {
    tracing::warn!(reason = broken.reason, "a message was refused");
    let Some(entry) = runtime.audit().entry() else { return };
    entry.write(Record {
        time: SystemTime::now(),
        request_id: crate::guard::new_request_id(),
        client: "local".to_owned(),
        transport: "stdio",
        method: "unreadable".into(),
        target: None,
        verdict: "refused",
        reason: broken.reason.clone().into(),
        duration: std::time::Duration::ZERO,
    });
}
