//! API keys: `mcps_<id>_<128 random bits><checksum>`, stored as SHA-256.

use std::{collections::BTreeSet, time::SystemTime};

/// One key as it is stored: never the key itself.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyRecord {
    /// Public part of the key, which names it in logs.
    pub id: String,
    /// SHA-256 of the whole key.
    pub sha256: [u8; 32],
    /// What its holder is granted.
    pub scopes: BTreeSet<String>,
    /// When it ends to be accepted.
    pub expires: Option<SystemTime>,
}
