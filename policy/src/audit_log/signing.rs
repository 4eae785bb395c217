//! Keys that sign checkpoints: Ed25519 (RFC 8032) in PEM files (RFC 8410), which OpenSSL reads, too.

use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use ed25519_dalek::{
    Signature, Signer as _, SigningKey, VerifyingKey,
    pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _, KeypairBytes},
};
use sha2::{Digest as _, Sha256};

use super::Checkpoint;

/// No key file is larger.
const LARGEST: u64 = 16 * 1024;

/// Why a key file is of no use.
#[derive(Debug)]
#[non_exhaustive]
pub enum SigningKeyError {
    /// It is not there, or the operating system refuses.
    Io(io::Error),
    /// Others than its owner can read it, and so sign.
    ReadableByOthers,
    /// It holds no Ed25519 key of the kind that is asked for.
    NoKey,
}

impl fmt::Display for SigningKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                f.write_str("does not exist; make it with `mcpsec audit key new`")
            }
            Self::Io(error) => write!(f, "cannot be read: {error}"),
            Self::ReadableByOthers => {
                f.write_str("can be read by others than its owner, who could sign; `chmod 600` it, or make a new one")
            }
            Self::NoKey => {
                f.write_str("holds no Ed25519 key in PEM of the right kind (private to sign, public to verify)")
            }
        }
    }
}

impl std::error::Error for SigningKeyError {}

/// A new pair of keys.
pub struct KeyPair {
    /// PKCS#8 in PEM: whoever has it can sign.
    pub private_pem: String,
    /// The public key in PEM, for whoever verifies.
    pub public_pem: String,
    /// The key's id in the log.
    pub id: String,
}

impl KeyPair {
    /// Makes a pair from the operating system's random numbers.
    ///
    /// # Errors
    ///
    /// When the operating system has none.
    pub fn generate() -> io::Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(io::Error::other)?;
        let public = SigningKey::from_bytes(&secret).verifying_key();
        // Without the public key inside, which older OpenSSL does not read.
        let pair = KeypairBytes { secret_key: secret, public_key: None };
        let private_pem = pair.to_pkcs8_pem(Default::default()).map_err(io::Error::other)?.to_string();
        let public_pem = public.to_public_key_pem(Default::default()).map_err(io::Error::other)?;
        Ok(Self { private_pem, public_pem, id: id(&public) })
    }
}

/// Signs checkpoints.
pub struct Signer {
    key: SigningKey,
    id: String,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Signer {
    /// Reads a private key that only its owner can read.
    ///
    /// # Errors
    ///
    /// See [`SigningKeyError`].
    pub fn open(path: &Path) -> Result<Self, SigningKeyError> {
        let key = SigningKey::from_pkcs8_pem(&read(path, true)?).map_err(|_| SigningKeyError::NoKey)?;
        let id = id(&key.verifying_key());
        Ok(Self { key, id })
    }

    /// Name of the key in the log.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The signature, in hexadecimal.
    pub fn sign(&self, checkpoint: &Checkpoint<'_>) -> String {
        let signature = self.key.sign(checkpoint.message().as_bytes());
        signature.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Checks checkpoints of one key.
#[derive(Clone, Debug)]
pub struct Verifier {
    key: VerifyingKey,
    id: String,
}

impl Verifier {
    /// Reads a public key.
    ///
    /// # Errors
    ///
    /// See [`SigningKeyError`].
    pub fn open(path: &Path) -> Result<Self, SigningKeyError> {
        let key = VerifyingKey::from_public_key_pem(&read(path, false)?).map_err(|_| SigningKeyError::NoKey)?;
        let id = id(&key);
        Ok(Self { key, id })
    }

    /// Name of the key in the log.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether `signature` (hexadecimal) is this key's for `checkpoint`.
    pub fn verify(&self, checkpoint: &Checkpoint<'_>, signature: &str) -> bool {
        let mut bytes = [0; 64];
        if signature.len() != 128 || !signature.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return false;
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            let Ok(value) = u8::from_str_radix(&signature[2 * at..2 * at + 2], 16) else { return false };
            *byte = value;
        }
        self.key.verify_strict(checkpoint.message().as_bytes(), &Signature::from_bytes(&bytes)).is_ok()
    }
}

fn id(key: &VerifyingKey) -> String {
    Sha256::digest(key.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn read(path: &Path, private: bool) -> Result<String, SigningKeyError> {
    let file = File::open(path).map_err(SigningKeyError::Io)?;
    // Asked of the open file, so that nobody can exchange it between the question and the reading.
    let metadata = file.metadata().map_err(SigningKeyError::Io)?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(SigningKeyError::NoKey);
    }
    #[cfg(unix)]
    if private && std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        return Err(SigningKeyError::ReadableByOthers);
    }
    #[cfg(not(unix))]
    let _ = private;
    let mut text = String::new();
    file.take(LARGEST).read_to_string(&mut text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => SigningKeyError::NoKey,
        _ => SigningKeyError::Io(error),
    })?;
    Ok(text)
}
