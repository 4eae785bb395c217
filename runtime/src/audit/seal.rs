//! Encrypts full files for the policy's recipients (age, <https://age-encryption.org/v1>), on a thread of its own.
//!
//! The file that is written to stays in the clear, readable by its owner alone: an age file cannot be continued after a
//! crash, and holds back up to 64 KiB until it is finished, records that a crash would take. It is encrypted when it is
//! rotated, and when the server ends in order.
//!
//! It does **not** overwrite what it encrypted: on journaling file systems and flash memory that would promise more than
//! it does. Keep the folder on an encrypted disk where that matters.

use std::path::PathBuf;

use mcpsec_policy::{audit_log::segments::Rotated, model};

use crate::serve::ServeError;

/// Encrypts one file after the other.
#[derive(Debug)]
pub(super) struct Sealer {}

impl Sealer {
    /// Reads the recipients of the policy, if there are any.
    ///
    /// # Errors
    ///
    /// When one is no X25519 key; when this build cannot encrypt.
    pub(super) fn open(policy: &model::Audit) -> Result<Option<Self>, ServeError> {
        if policy.recipients.is_empty() {
            return Ok(None);
        }
        Err(ServeError::Configuration(
            "`audit.recipients` needs the feature `age` of mcpsec-runtime, with which this server was not built"
                .to_owned(),
        ))
    }

    /// Encrypts what a crash left in the clear.
    pub(super) fn catch_up(&mut self, _rotated: &[Rotated]) {}

    /// Begins to encrypt the file at `path`; the plain one is removed once the encrypted one is on the disk.
    pub(super) fn seal(&mut self, _path: PathBuf) {}

    /// Waits until everything is encrypted.
    pub(super) fn wait(&mut self) {}
}
