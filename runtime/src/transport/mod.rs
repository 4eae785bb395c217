//! How bytes become calls, one file per transport.

#[cfg(feature = "stdio")]
mod frame;
#[cfg(feature = "http")]
pub(crate) mod http;
#[cfg(feature = "stdio")]
mod lines;
#[cfg(feature = "stdio")]
mod stdin;
#[cfg(feature = "stdio")]
pub(crate) mod stdio;

#[cfg(not(feature = "http"))]
pub(crate) mod http {
    //! Stands in where this build has no HTTP.
    pub(crate) use super::absent::serve;
}

#[cfg(not(feature = "stdio"))]
pub(crate) mod stdio {
    //! Stands in where this build has no stdio.
    pub(crate) use super::absent::serve;
}

#[cfg(not(all(feature = "http", feature = "stdio")))]
mod absent {
    use std::sync::Arc;

    use tokio_util::sync::CancellationToken;

    use crate::{runtime::Runtime, serve::ServeError};

    /// A policy that names a transport which this build lacks is an error at start.
    #[allow(clippy::extra_unused_type_parameters)] // called as the transports that are built are
    pub(crate) async fn serve<H, F>(_: Arc<Runtime>, _: F, _: CancellationToken) -> Result<(), ServeError> {
        Err(ServeError::Configuration("a transport in `server.transports` is not part of this build".to_owned()))
    }
}
