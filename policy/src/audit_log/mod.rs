//! The form of an audit log: what the runtime writes and `mcpsec audit` reads.
//!
//! A log is a chain of lines over one or more files. Each line is a JSON object that begins with its sequence number and
//! the hash of the line before it, and ends with its own hash:
//!
//! ```text
//! {"seq":7,"prev":"<hash of line 6>","time":"…","verdict":"allowed",…,"hash":"<SHA-256 of all bytes before this key>"}
//! ```
//!
//! So `sed 's/,"hash":"[0-9a-f]*"}$//'` and `sha256sum` recompute what this module does. From time to time a checkpoint
//! signs the hash of all lines so far ([`Checkpoint`]). Whoever can write the file can write a new chain, but not sign it.
//!
//! It does **not** keep anybody from cutting off the end of a log: that shows only beside a hash that was kept elsewhere,
//! or where a checkpoint promised an earlier next one.

#[cfg(feature = "age")]
pub mod age;
mod checkpoint;
mod link;
pub mod segments;
#[cfg(feature = "signing")]
pub mod signing;

pub use checkpoint::Checkpoint;
pub use link::{Chain, Hash, Link};
