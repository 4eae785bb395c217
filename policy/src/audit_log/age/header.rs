//! The head of an age file: its key, wrapped for each recipient, under a MAC.

use std::io::{self, BufRead, Read as _};

use base64ct::{Base64Unpadded, Encoding as _};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, aead::Aead as _};
use curve25519_dalek::montgomery::MontgomeryPoint;
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::{Identity, Recipient, broken, random};

const VERSION: &str = "age-encryption.org/v1\n";
const INFO: &[u8] = b"age-encryption.org/v1/X25519";
/// Longer heads are not read.
const LONGEST: u64 = 256 * 1024;
/// Columns of a body's full line; a shorter one ends it.
const COLUMNS: usize = 64;

/// The head that gives `file_key` to each of `recipients`.
pub(super) fn write(recipients: &[Recipient], file_key: &[u8; 16]) -> io::Result<Vec<u8>> {
    let mut head = VERSION.to_owned();
    for recipient in recipients {
        let ephemeral: [u8; 32] = random()?;
        let share = MontgomeryPoint::mul_base_clamped(ephemeral).to_bytes();
        let shared = MontgomeryPoint(recipient.0).mul_clamped(ephemeral).to_bytes();
        let cipher = wrapping(&shared, &share, &recipient.0);
        let body = cipher.encrypt(&[0; 12].into(), &file_key[..]).map_err(|_| broken("the key cannot be wrapped"))?;
        let (share, body) = (Base64Unpadded::encode_string(&share), Base64Unpadded::encode_string(&body));
        head.push_str(&format!("-> X25519 {share}\n{body}\n"));
    }
    head.push_str("---");
    let mac = Base64Unpadded::encode_string(&mac(file_key, head.as_bytes()).finalize().into_bytes());
    head.push_str(&format!(" {mac}\n"));
    Ok(head.into_bytes())
}

/// Reads the head of `input`, and unwraps the file's key with one of `identities`.
pub(super) fn read(identities: &[Identity], input: &mut impl BufRead) -> io::Result<[u8; 16]> {
    let mut input = input.take(LONGEST);
    let mut head = Vec::new();
    if line(&mut input, &mut head)?.as_bytes() != VERSION.trim_end().as_bytes() {
        return Err(broken("this is no age file, or an armored one"));
    }
    let mut found = None;
    loop {
        let begin = head.len();
        let text = line(&mut input, &mut head)?;
        if let Some(given) = text.strip_prefix("--- ") {
            let given = Base64Unpadded::decode_vec(given).map_err(|_| broken("the head's MAC is not written right"))?;
            let key = found.ok_or_else(|| broken("none of the identities can read it"))?;
            let checked = mac(&key, &head[..begin + 3]).verify_slice(&given);
            return checked.map(|()| key).map_err(|_| broken("its head was changed"));
        }
        let arguments = text.strip_prefix("-> ").ok_or_else(|| broken("its head is not written right"))?;
        let mut body = String::new();
        loop {
            let text = line(&mut input, &mut head)?;
            body.push_str(&text);
            if text.len() < COLUMNS {
                break;
            }
        }
        if let Some(share) = arguments.strip_prefix("X25519 ") {
            found = found.or_else(|| identities.iter().find_map(|identity| unwrap(identity, share, &body)));
        }
    }
}

/// The next line without its newline; all of it is added to `head`.
fn line(input: &mut impl BufRead, head: &mut Vec<u8>) -> io::Result<String> {
    let begin = head.len();
    input.read_until(b'\n', head)?;
    let text = head[begin..].strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok());
    text.map(str::to_owned).ok_or_else(|| broken("its head ends too early"))
}

fn unwrap(identity: &Identity, share: &str, body: &str) -> Option<[u8; 16]> {
    let share: [u8; 32] = Base64Unpadded::decode_vec(share).ok()?.try_into().ok()?;
    let body = Base64Unpadded::decode_vec(body).ok()?;
    let shared = MontgomeryPoint(share).mul_clamped(identity.0).to_bytes();
    if shared == [0; 32] || body.len() != 32 {
        return None;
    }
    let cipher = wrapping(&shared, &share, &identity.recipient().0);
    cipher.decrypt(&[0; 12].into(), &body[..]).ok()?.try_into().ok()
}

fn wrapping(shared: &[u8; 32], share: &[u8; 32], recipient: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&derive(shared, &[&share[..], &recipient[..]].concat(), INFO).into())
}

fn mac(file_key: &[u8; 16], head: &[u8]) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&derive(file_key, &[], b"header")).expect("a MAC has a key of any length");
    mac.update(head);
    mac
}

/// HKDF with SHA-256.
pub(super) fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    let mut key = [0; 32];
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, &mut key).expect("32 bytes are one block");
    key
}
