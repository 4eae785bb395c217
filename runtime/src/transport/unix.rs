//! One JSON-RPC message per line over a UNIX socket, for programs of the same machine (T15).
//!
//! Each connection is a client of its own, whose name is the user that the kernel vouches for: `uid:NUMBER`.

use std::{io, sync::Arc, time::Duration};

use rmcp::ServerHandler;
use tokio::{net::UnixStream, sync::Semaphore, task::JoinSet, time};
use tokio_util::sync::CancellationToken;

use super::{socket::Socket, stream};
use crate::{
    caller::{Caller, Connection},
    peer::Process,
    runtime::Runtime,
    serve::ServeError,
};

/// How long to wait when the process has no file descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` is cancelled, then lets running calls end.
pub(crate) async fn serve<H, F>(runtime: Arc<Runtime>, make: F, shutdown: CancellationToken) -> Result<(), ServeError>
where
    H: ServerHandler,
    F: Fn() -> H + Clone + Send + Sync + 'static,
{
    let policy = Arc::clone(runtime.policy());
    let Some(path) = &policy.unix.socket else {
        return Err(ServeError::Configuration("the transport `unix` needs `unix.socket`".to_owned()));
    };
    let socket = Socket::bind(path, &policy.unix).await?;
    tracing::info!(socket = %socket.path().display(), "serving MCP on a UNIX socket");
    let places = Arc::new(Semaphore::new(policy.limits.connections.min(Semaphore::MAX_PERMITS)));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = socket.accept() => match accepted {
                Ok((stream, process)) => {
                    let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                        tracing::warn!("a connection too many was closed: see `limits.connections`");
                        continue;
                    };
                    let client = converse(Arc::clone(&runtime), make(), stream, process, shutdown.clone());
                    connections.spawn(async move {
                        client.await;
                        drop(place);
                    });
                }
                Err(error) => pause(&error).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    // Each connection ends by itself within `limits.drain`.
    while connections.join_next().await.is_some() {}
    Ok(())
}

async fn converse<H: ServerHandler>(
    runtime: Arc<Runtime>,
    handler: H,
    stream: UnixStream,
    process: Process,
    shutdown: CancellationToken,
) {
    let connection = Connection { transport: "unix", caller: Caller::new(process.identity()) };
    let patience = runtime.policy().limits.header_timeout;
    let streams = stream.into_split();
    if let Err(error) = stream::converse(runtime, handler, streams, connection, Some(patience), shutdown).await {
        tracing::debug!(%error, "a connection failed");
    }
}

async fn pause(error: &io::Error) {
    tracing::warn!(%error, "cannot accept a connection");
    time::sleep(PAUSE).await;
}
