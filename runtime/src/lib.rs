//! Enforces an mcpsec policy inside an rmcp server.
//!
//! A server author writes an ordinary rmcp `ServerHandler`; [`run`] hardens and serves it under the policy file.
//! Reading order: [`caller`], `guard`, [`harden`], [`runtime`], `transport`, [`serve`](mod@serve).

#[cfg(feature = "http")]
mod auth;
pub mod caller;
mod guard;
pub mod harden;
#[cfg(feature = "http")]
mod http;
pub mod runtime;
pub mod serve;
mod transport;

pub use caller::{Caller, HttpRefusal, RefusalSlot};
pub use harden::Hardened;
pub use mcpsec_policy as policy;
pub use runtime::Runtime;
pub use serve::{ServeError, run, run_with, serve};
#[cfg(feature = "http")]
pub use transport::http::HttpServer;
