//! When the chain is signed, and by which key.

use std::{
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use mcpsec_policy::{audit_log::Chain, model};

use super::note::Note;
use crate::serve::ServeError;

#[cfg(feature = "signing")]
use mcpsec_policy::audit_log::signing::Signer;

/// Stands in where signing is not compiled in; there is none.
#[cfg(not(feature = "signing"))]
#[derive(Debug)]
enum Signer {}

/// Signs from time to time.
#[derive(Debug)]
pub(super) struct Checkpoints {
    signer: Signer,
    every: Duration,
    after: u64,
    unsigned: u64,
    /// When the oldest line without a signature was written.
    since: Instant,
}

impl Checkpoints {
    /// Reads the key that the policy names, if it names one.
    ///
    /// # Errors
    ///
    /// When the key is missing, no key, or readable by others; when this build cannot sign.
    pub(super) fn open(policy: &model::Audit) -> Result<Option<Self>, ServeError> {
        let Some(path) = &policy.signing_key else { return Ok(None) };
        let signer = open_key(path)?;
        let after = u64::try_from(policy.sign_after).unwrap_or(u64::MAX);
        Ok(Some(Self { signer, every: policy.sign_every, after, unsigned: 0, since: Instant::now() }))
    }

    /// Counts a line. Says whether so many wait that a checkpoint has to follow.
    pub(super) fn count(&mut self) -> bool {
        if self.unsigned == 0 {
            self.since = Instant::now();
        }
        self.unsigned += 1;
        self.unsigned >= self.after
    }

    /// Whether a line waits for a signature.
    pub(super) fn wanted(&self) -> bool {
        self.unsigned > 0
    }

    /// When the oldest line has waited long enough.
    pub(super) fn due(&self) -> Option<Instant> {
        self.wanted().then(|| self.since + self.every)
    }

    /// Adds a checkpoint to `chain`.
    pub(super) fn sign(&mut self, chain: &mut Chain, out: &mut Vec<u8>) {
        self.unsigned = 0;
        let time = SystemTime::now();
        let note = self.note(chain, time);
        chain.append(out, |out| note.write_json(time, out));
    }

    #[cfg(feature = "signing")]
    fn note(&self, chain: &Chain, time: SystemTime) -> Note<'_> {
        let checkpoint = mcpsec_policy::audit_log::Checkpoint {
            sequence: chain.last() + 1,
            previous: chain.head(),
            time: &super::record::rfc3339(time),
            within: self.after,
        };
        let signature = self.signer.sign(&checkpoint);
        Note::Checkpoint { within: self.after, key: self.signer.id(), signature }
    }

    #[cfg(not(feature = "signing"))]
    fn note(&self, _: &Chain, _: SystemTime) -> Note<'_> {
        match self.signer {}
    }
}

#[cfg(feature = "signing")]
fn open_key(path: &Path) -> Result<Signer, ServeError> {
    Signer::open(path).map_err(|error| {
        ServeError::Configuration(format!("`audit.signing_key`: the key file `{}` {error}", path.display()))
    })
}

#[cfg(not(feature = "signing"))]
fn open_key(_: &Path) -> Result<Signer, ServeError> {
    Err(ServeError::lacks("`audit.signing_key`", "signing"))
}
