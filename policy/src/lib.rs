//! The policy file `mcpsec.toml`: one vocabulary for the scaffolder, the doctor and the runtime.
//!
//! Everything here is data and pure functions: no network, no async runtime, no MCP SDK.
//! Reading order: [`units`], [`model`], [`identity`], [`decide`].

pub mod decide;
pub mod identity;
pub mod keys;
pub mod model;
pub mod units;

pub use decide::{Call, Decision, decide};
pub use identity::Identity;
pub use model::Policy;
pub use units::{ByteSize, Rate};
