//! Enforces an mcpsec policy inside an rmcp server.
//!
//! A server author writes an ordinary rmcp `ServerHandler`; [`run`] hardens and serves it under the policy file.
//! Reading order: [`caller`], `guard`, [`harden`], [`runtime`], `transport`, [`serve`](mod@serve).

mod audit;
#[cfg(feature = "http")]
mod auth;
pub mod caller;
mod clean;
mod guard;
pub mod harden;
#[cfg(feature = "http")]
mod http;
mod inspect;
mod lines;
mod log;
pub mod runtime;
mod schema;
pub mod serve;
mod transport;

pub use caller::{Caller, HttpRefusal, RefusalSlot};
pub use harden::Hardened;
pub use mcpsec_policy as policy;
pub use runtime::Runtime;
pub use serve::{ServeError, run, run_with, serve};
#[cfg(feature = "http")]
pub use transport::http::HttpServer;
#[cfg(feature = "stdio")]
pub use transport::stdio::serve_streams;
