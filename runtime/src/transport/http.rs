//! Streamable HTTP.

use std::sync::Arc;

use rmcp::ServerHandler;
use tokio_util::sync::CancellationToken;

use crate::{runtime::Runtime, serve::ServeError};

/// Serves HTTP until `shutdown` is cancelled, then drains.
pub(crate) async fn serve<H, F>(_: Arc<Runtime>, _: F, _: CancellationToken) -> Result<(), ServeError>
where
    H: ServerHandler,
    F: Fn() -> H + Clone + Send + Sync + 'static,
{
    Err(ServeError::Configuration("http transport not built".to_owned()))
}
