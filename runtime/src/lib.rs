//! Enforces an mcpsec policy inside an rmcp server.
//!
//! A server author writes an ordinary rmcp `ServerHandler`; [`run`] hardens and serves it under the policy file.
//! Reading order: [`caller`], `guard`, [`harden`], [`runtime`], `transport`, [`serve`](mod@serve).

pub mod caller;
mod guard;
pub mod harden;
pub mod runtime;
pub mod serve;
mod transport;

pub use caller::{Caller, HttpRefusal, RefusalSlot};
pub use harden::Hardened;
pub use runtime::Runtime;
pub use serve::{ServeError, run, run_with, serve};
