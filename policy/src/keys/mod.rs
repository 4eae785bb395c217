//! API keys: `mcps_<id>_<128 random bits><checksum>`, stored as SHA-256.
//!
//! The prefix lets people, secret scanners and `mcpsec doctor` recognise a key; the id names it in logs; the checksum tells
//! a key that `mcpsec key new` made from one that somebody thought up, without asking a store. Keys are random, so a
//! fast hash is right: a slow one would add nothing but a way to keep the server busy.

use std::{collections::BTreeSet, fmt, time::SystemTime};

use mcpsec_screen::checksum;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::{Identity, ProvenBy};

mod file;
mod store;
pub mod time;
mod tokens;

pub use file::{FileError, Lock, read as read_file};
pub use store::{KeyStore, NotRotated, Refusal, check_scope};
pub use tokens::TokenStore;

/// What every key begins with.
pub const PREFIX: &str = "mcps_";
/// Characters of the id.
pub const ID_LENGTH: usize = 8;
/// Base62 digits that hold 128 random bits (130.99 bits).
const SECRET_LENGTH: usize = 22;
const ID_ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// One key as it is stored: never the key itself.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyRecord {
    /// Public part of the key, which names it in logs.
    pub id: String,
    /// Which key of that name it is, from 1: while one replaces another, both are good.
    pub version: u32,
    /// SHA-256 of the whole key.
    pub sha256: [u8; 32],
    /// What its holder is granted.
    pub scopes: BTreeSet<String>,
    /// When it ends to be accepted.
    pub expires: Option<SystemTime>,
    /// What people call it, such as the name of its holder.
    pub name: Option<String>,
    /// When it was made.
    pub created: Option<SystemTime>,
}

impl KeyRecord {
    /// The record of `key`, without scopes, expiry or name.
    pub fn of(key: &Key) -> Self {
        Self {
            id: key.id().to_owned(),
            version: 1,
            sha256: key.sha256(),
            scopes: BTreeSet::new(),
            expires: None,
            name: None,
            created: None,
        }
    }

    /// Who the holder of this key is.
    pub fn identity(&self) -> Identity {
        let mut identity =
            Identity::new(format!("key:{}", self.id), ProvenBy::ApiKey).with_scopes(self.scopes.iter().cloned());
        identity.credential = Some(format!("v{}", self.version));
        identity.valid_until = self.expires;
        identity
    }

    /// Whether the key is no longer accepted at `now`.
    pub fn expired(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    fn is(&self, sha256: &[u8; 32]) -> bool {
        self.sha256.ct_eq(sha256).into()
    }
}

/// Whether `text` has the form of a key's id.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == ID_LENGTH && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// A key in clear: well-formed, with a right checksum. Whether anybody accepts it is the store's to say.
#[derive(Clone, Eq, PartialEq)]
pub struct Key(String);

/// The text is no key that `mcpsec key new` made. Says nothing about the text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAKey;

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a key that `mcpsec key new` made")
    }
}

impl std::error::Error for NotAKey {}

impl Key {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    ///
    /// When the operating system gives none.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut id = [0; ID_LENGTH];
        getrandom::fill(&mut id)?;
        let id: String =
            id.iter().map(|byte| char::from(ID_ALPHABET[usize::from(*byte) % ID_ALPHABET.len()])).collect();
        Self::draw(&id)
    }

    /// A new key with the name of this one, to take its place.
    ///
    /// # Errors
    ///
    /// When the operating system gives no randomness, and when `id` is none.
    pub fn generate_for(id: &str) -> Result<Self, getrandom::Error> {
        if is_id(id) { Self::draw(id) } else { Err(getrandom::Error::UNEXPECTED) }
    }

    fn draw(id: &str) -> Result<Self, getrandom::Error> {
        let mut secret = String::with_capacity(SECRET_LENGTH);
        while secret.len() < SECRET_LENGTH {
            let mut byte = [0; 1];
            getrandom::fill(&mut byte)?;
            // 248 is four times 62: larger bytes would make some digits likelier.
            if byte[0] < 248 {
                secret.push(checksum::base62_digit(byte[0] % 62));
            }
        }
        let body = format!("{PREFIX}{id}_{secret}");
        Ok(Self(format!("{body}{}", checksum::crc32_base62(&body))))
    }

    /// Reads a key as a client presents it.
    ///
    /// # Errors
    ///
    /// When the shape or the checksum is wrong.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let rest = text.strip_prefix(PREFIX).ok_or(NotAKey)?;
        let (id, secret) = rest.split_once('_').ok_or(NotAKey)?;
        let well_formed = is_id(id)
            && secret.len() == SECRET_LENGTH + checksum::LENGTH
            && secret.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if well_formed && checksum::holds(text) { Ok(Self(text.to_owned())) } else { Err(NotAKey) }
    }

    /// The public part, which names the key in logs.
    pub fn id(&self) -> &str {
        &self.0[PREFIX.len()..PREFIX.len() + ID_LENGTH]
    }

    /// The key itself, to be shown to its holder once and to nobody else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored in its place.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Key").field(&self.id()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, NotAKey};

    #[test]
    fn a_new_key_can_be_read_and_is_recognised_as_a_secret() {
        for _ in 0..200 {
            let key = Key::generate().expect("randomness");
            assert_eq!(Key::parse(key.expose()), Ok(key.clone()));
            let found = mcpsec_screen::secrets::find(key.expose());
            assert_eq!(found.first().map(|secret| secret.range.clone()), Some(0..key.expose().len()));
        }
    }

    #[test]
    fn one_changed_character_makes_it_no_key() {
        let key = Key::generate().expect("randomness");
        for at in 0..key.expose().len() {
            let mut text = key.expose().as_bytes().to_vec();
            text[at] = if text[at] == b'x' { b'y' } else { b'x' };
            let text = String::from_utf8(text).expect("ASCII");
            assert_eq!(Key::parse(&text), Err(NotAKey), "{text}");
        }
    }

    #[test]
    fn what_people_think_up_is_no_key() {
        for text in ["", "ops-readonly", "mcps_", "mcps__", "mcps_abc_def", "secret", "mcps_ääää_x", " mcps_a"] {
            assert_eq!(Key::parse(text), Err(NotAKey), "{text}");
        }
    }

    #[test]
    fn debug_output_shows_the_id_and_nothing_else() {
        let key = Key::generate().expect("randomness");
        assert_eq!(format!("{key:?}"), format!("Key({:?})", key.id()));
    }
}
