//! The policy file `mcpsec.toml`: one vocabulary for the scaffolder, the doctor and the runtime.
//!
//! Everything here is data and pure functions: no network, no async runtime, no MCP SDK. Files are read by
//! [`Loaded::read`], [`KeyStore::open`] and [`audit_log`]'s keys, and written by [`keys::Lock::write`] alone.
//! Reading order: [`units`], [`identity`], [`model`] (one file for each section), [`mod@decide`], [`keys`], [`audit_log`], [`problem`], [`environment`], [`load`], [`show`]; [`suggest`] serves those who report.

pub mod audit_log;
mod checks;
pub mod decide;
pub mod environment;
pub mod identity;
pub mod keys;
pub mod load;
pub mod model;
mod pattern;
pub mod problem;
mod read;
mod rule_options;
#[cfg(feature = "schema")]
pub mod schema;
pub mod show;
pub mod suggest;
mod unenforced;
pub mod units;
mod values;

pub use decide::{Call, Decision, decide};
pub use environment::{Environment, Origin, Origins};
pub use identity::{Identity, ProvenBy};
pub use keys::{Key, KeyStore};

pub use load::Loaded;
pub use model::Policy;
pub use problem::{PolicyError, Problem};
pub use rule_options::{RULE_OPTIONS, RuleOption};
pub use units::{ByteSize, Rate};
