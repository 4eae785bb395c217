//! Standard input and output.

use std::sync::Arc;

use rmcp::{ServerHandler, ServiceExt};
use tokio_util::sync::CancellationToken;

use crate::{runtime::Runtime, serve::ServeError};

/// Serves the process that started this one, until it closes our standard input or `shutdown` is cancelled.
pub(crate) async fn serve<H, F>(runtime: Arc<Runtime>, make: F, shutdown: CancellationToken) -> Result<(), ServeError>
where
    H: ServerHandler,
    F: Fn() -> H + Clone + Send + Sync + 'static,
{
    let service = runtime.harden(make());
    let running = service
        .serve_with_ct(rmcp::transport::io::stdio_pipes(), shutdown)
        .await
        .map_err(|error| ServeError::Protocol(error.to_string()))?;
    running.waiting().await.map(drop).map_err(|error| ServeError::Protocol(error.to_string()))
}
