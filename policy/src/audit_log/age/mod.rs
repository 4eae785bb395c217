//! Files encrypted to age recipients (<https://age-encryption.org/v1>), as the `age` command writes and reads them: X25519
//! recipients, HKDF and HMAC with SHA-256, ChaCha20-Poly1305.
//!
//! A small part of the format on the primitives that the rest of the tree stands on; the crate `age` would add a hundred
//! others, some of them previews. It does **not** know passphrases, SSH keys, plugins or armor.

mod header;
mod stream;

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, Read, Write},
    path::Path,
    str::FromStr,
};

use bech32::primitives::decode::CheckedHrpstring;
use curve25519_dalek::montgomery::MontgomeryPoint;

use stream::{Decrypting, Encrypting};

/// Larger identity files are none.
const LARGEST: u64 = 1024 * 1024;

/// Whom a file is encrypted to: `age1…`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Recipient([u8; 32]);

impl FromStr for Recipient {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let key = key("age", text).ok_or("expected an age recipient, `age1` and 58 letters and digits")?;
        // A point of low order gives everybody the same secret.
        let low = MontgomeryPoint(key).mul_clamped([1; 32]).to_bytes() == [0; 32];
        if low { Err("this recipient is no key".to_owned()) } else { Ok(Self(key)) }
    }
}

/// Who can read a file: `AGE-SECRET-KEY-1…`.
#[derive(Clone)]
pub struct Identity([u8; 32]);

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

impl FromStr for Identity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        key("age-secret-key-", text)
            .map(Self)
            .ok_or_else(|| "expected `AGE-SECRET-KEY-1` and 58 letters and digits".to_owned())
    }
}

impl Identity {
    /// The recipient that belongs to it.
    pub fn recipient(&self) -> Recipient {
        Recipient(MontgomeryPoint::mul_base_clamped(self.0).to_bytes())
    }

    /// Reads a file of `age-keygen`: one identity a line, `#` begins a comment.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or has a line that is no identity. The line is not repeated: it may be a secret.
    pub fn read(path: &Path) -> io::Result<Vec<Self>> {
        let mut text = String::new();
        File::open(path)?.take(LARGEST).read_to_string(&mut text)?;
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let identity = |(index, line): (usize, &str)| {
            let why = format!("line {} is no age identity (AGE-SECRET-KEY-1…)", index + 1);
            line.trim().parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, why))
        };
        let identities: Vec<Self> = lines.map(identity).collect::<io::Result<_>>()?;
        if identities.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it holds no age identity"));
        }
        Ok(identities)
    }
}

/// Bech32 of BIP 173, of 32 bytes.
fn key(prefix: &str, text: &str) -> Option<[u8; 32]> {
    let checked = CheckedHrpstring::new::<bech32::Bech32>(text).ok()?;
    if checked.hrp().to_lowercase() != prefix {
        return None;
    }
    let bytes: Vec<u8> = checked.byte_iter().collect();
    bytes.try_into().ok()
}

/// Encrypts all of `input` for each of `recipients`.
///
/// # Errors
///
/// When reading, writing, or the operating system's random numbers fail.
pub fn encrypt(recipients: &[Recipient], input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let file_key: [u8; 16] = random()?;
    output.write_all(&header::write(recipients, &file_key)?)?;
    let nonce: [u8; 16] = random()?;
    output.write_all(&nonce)?;
    Encrypting::new(&stream::key(&file_key, &nonce)).all(input, output)
}

/// What `input` holds, decrypted as it is read. Reading fails where the file was changed or cut.
///
/// # Errors
///
/// When it is no age file, or none of `identities` can read it.
pub fn decrypt<R: BufRead>(identities: &[Identity], mut input: R) -> io::Result<Decrypting<R>> {
    let file_key = header::read(identities, &mut input)?;
    let mut nonce = [0; 16];
    input.read_exact(&mut nonce)?;
    Ok(Decrypting::new(&stream::key(&file_key, &nonce), input))
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

fn broken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::{Identity, Recipient, decrypt, encrypt};

    // From the documentation of age.
    const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    const IDENTITY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

    fn round(length: usize) -> (Vec<u8>, Vec<u8>, Identity) {
        let identity: Identity = IDENTITY.parse().expect("an identity");
        let text: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let mut file = Vec::new();
        encrypt(&[identity.recipient()], &mut &*text, &mut file).expect("encrypted");
        (text, file, identity)
    }

    fn read(file: &[u8], identity: &Identity) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::new();
        decrypt(std::slice::from_ref(identity), file)?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn keys_agree_with_ages_own() {
        let identity: Identity = IDENTITY.parse().expect("an identity");
        assert_eq!(RECIPIENT.parse::<Recipient>(), Ok(identity.recipient()));
        for text in ["", "age1", &RECIPIENT.replace('z', "y"), IDENTITY] {
            assert!(text.parse::<Recipient>().is_err(), "{text}");
        }
        assert!(RECIPIENT.parse::<Identity>().is_err());
        assert!(!format!("{identity:?}").contains("SECRET"));
    }

    #[test]
    fn what_is_encrypted_comes_back_at_every_boundary_of_a_chunk() {
        for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
            let (text, file, identity) = round(length);
            assert_eq!(read(&file, &identity).expect("readable"), text, "{length}");
        }
    }

    #[test]
    fn what_was_changed_or_cut_is_not_read() {
        let (_, file, identity) = round(70_000);
        for at in (0..file.len()).step_by(997).chain([0, 25, 60, 100, 150, file.len() - 1]) {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert!(read(&changed, &identity).is_err(), "byte {at}");
            assert!(read(&file[..at], &identity).is_err(), "cut at {at}");
        }
        let mut longer = file.clone();
        longer.push(0);
        assert!(read(&longer, &identity).is_err());
        let other: Identity = {
            let key = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse("age-secret-key-").expect("valid"), &[9; 32]);
            key.expect("short").parse().expect("an identity")
        };
        assert!(read(&file, &other).expect_err("not for this one").to_string().contains("none of the identities"));
    }
}
