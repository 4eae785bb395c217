//! Lines that are about the log itself, told from decisions by their `type`.

use std::time::SystemTime;

use serde::Serialize;

use super::record::as_rfc3339;

/// What a line says of the log.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Note<'a> {
    /// A file begins.
    Segment {
        /// From 1, one more with each file.
        segment: u64,
    },
    /// A server begins to write.
    Start {
        /// Of this crate.
        version: &'static str,
        /// The line before was left unfinished by a crash.
        #[serde(skip_serializing_if = "Option::is_none")]
        torn: Option<Torn>,
    },
    /// So many decisions have no record.
    Lost {
        /// Since the last such line.
        count: u64,
        /// `refused` or `run`.
        calls: &'static str,
    },
    #[cfg_attr(not(feature = "signing"), allow(dead_code, reason = "nothing signs"))]
    /// The chain so far, signed: see `mcpsec_policy::audit_log::Checkpoint`.
    Checkpoint {
        /// The next one comes after so many lines at the most.
        within: u64,
        /// Id of the key.
        key: &'a str,
        /// Ed25519, hexadecimal.
        signature: String,
    },
    /// A full file is removed because its time is over.
    Retention {
        /// Its number.
        removed: u64,
    },
}

/// An unfinished line. It stays in the file as it is.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Torn {
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

#[derive(Serialize)]
struct Noted<'a> {
    #[serde(serialize_with = "as_rfc3339")]
    time: SystemTime,
    #[serde(flatten)]
    note: &'a Note<'a>,
}

impl Note<'_> {
    /// Appends the note as a JSON object.
    pub(super) fn write_json(&self, time: SystemTime, out: &mut Vec<u8>) {
        // Plain structs of strings and numbers always serialise.
        let _ = serde_json::to_writer(out, &Noted { time, note: self });
    }
}
