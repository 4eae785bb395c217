//! Standard input and output of a child process.
//!
//! The caller is the process that started this one: the subject `local`. Nothing but MCP is written to standard output;
//! log and audit go to standard error.

use std::sync::Arc;

use rmcp::ServerHandler;
use tokio_util::sync::CancellationToken;

use super::{stdin, stream::serve_streams};
use crate::{runtime::Runtime, serve::ServeError};

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
