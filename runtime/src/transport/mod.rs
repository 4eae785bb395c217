//! How bytes become calls, one file per transport.

#[cfg(any(feature = "stdio", feature = "unix", feature = "websocket"))]
mod frame;
#[cfg(feature = "http")]
pub(crate) mod http;
#[cfg(any(feature = "stdio", feature = "unix", feature = "websocket"))]
mod lines;
#[cfg(feature = "http")]
mod listener;
#[cfg(all(unix, any(feature = "http", feature = "unix")))]
mod socket;
#[cfg(feature = "stdio")]
mod stdin;
#[cfg(feature = "stdio")]
pub(crate) mod stdio;
#[cfg(any(feature = "stdio", feature = "unix", feature = "websocket"))]
pub(crate) mod stream;
#[cfg(feature = "tls")]
mod tls;
#[cfg(all(unix, feature = "unix"))]
pub(crate) mod unix;
#[cfg(feature = "websocket")]
pub(crate) mod websocket;

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

#[cfg(not(all(unix, feature = "unix")))]
pub(crate) mod unix {
    //! Stands in where this build, or this system, has no UNIX sockets.
    pub(crate) use super::absent::serve;
}

#[cfg(not(all(unix, feature = "http", feature = "stdio", feature = "unix")))]
mod absent {
    use std::sync::Arc;

    use tokio_util::sync::CancellationToken;

    use crate::{runtime::Runtime, serve::ServeError};

    /// A policy that names a transport which this build lacks is an error at start.
    #[allow(clippy::extra_unused_type_parameters)] // called as the transports that are built are
    pub(crate) async fn serve<H, F>(_: Arc<Runtime>, _: F, _: CancellationToken) -> Result<(), ServeError> {
        Err(ServeError::Configuration(
            "a transport in `server.transports` is not part of this build: add its feature to `mcpsec-runtime` in \
             Cargo.toml (`http`, `stdio`, `unix`, `websocket`)"
                .to_owned(),
        ))
    }
}
