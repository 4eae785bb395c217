//! Audit logs, read: found, checked, filtered, exported, reviewed. Nothing here writes a file.
//!
//! The form of a log is `mcpsec_policy::audit_log`'s; what is here reads it as a stranger would, who trusts no line.

pub mod cef;
pub mod entry;
pub mod files;
pub mod ocsf;
pub mod review;
pub mod select;
pub mod verify;

pub use entry::Entry;
pub use files::Log;
pub use select::Filter;
