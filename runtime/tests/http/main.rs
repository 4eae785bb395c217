//! HTTP over real sockets: what gets in, what does not, and what one caller can do to another.

mod attacks;
mod auth;
#[cfg(unix)]
mod credentials;
mod drain;
mod fairness;
#[cfg(feature = "jwt")]
mod issuer;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "jwt")]
mod metadata;
mod pipeline;
mod proxy;
mod replay;
#[cfg(feature = "jwks-url")]
mod rotation;
mod sessions;
#[cfg(feature = "redis")]
mod store;
mod support;
#[cfg(feature = "tls")]
mod tls;
#[cfg(all(unix, feature = "unix"))]
mod unix;
#[cfg(feature = "websocket")]
mod websocket;
