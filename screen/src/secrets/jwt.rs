//! JSON Web Tokens: three parts of base64url, of which the first decodes to a header with an algorithm.

use super::{
    Proof, Secret,
    shapes::{begins_word, long_run, run},
};

/// The token that starts at `start`.
pub(super) fn at(text: &str, start: usize, proof: Proof) -> Option<Secret> {
    if !begins_word(text, start) {
        return None;
    }
    // The shortest header, `{"alg":"none"}`, has 20 characters: most runs end here.
    if run(text, start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')).len() < 18 {
        return None;
    }
    let token = long_run(text, start, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let mut parts = token.trim_end_matches('.').split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if signature.len() < 16 || payload.len() < 8 {
        return None;
    }
    let length = header.len() + payload.len() + signature.len() + 2;
    let found = Secret { kind: "JSON Web Token", range: start..start + length };
    let header = String::from_utf8(decode(header)?).ok()?;
    let signed = header.starts_with('{') && header.contains("\"alg\"");
    if proof == Proof::Shape {
        return signed.then_some(found);
    }
    let payload = String::from_utf8(decode(payload)?).ok()?;
    let whole = parts.next().is_none() && signature.len() >= 40;
    (signed && whole && payload.starts_with('{') && !public(&payload)).then_some(found)
}

/// Tokens that are made to be shown: the one of every tutorial, and keys that a service publishes.
fn public(payload: &str) -> bool {
    let compact: String = payload.chars().filter(|c| !c.is_whitespace()).collect();
    ["\"sub\":\"1234567890\"", "JohnDoe", "supabase-demo", "\"role\":\"anon\"", "example"]
        .iter()
        .any(|mark| compact.contains(mark))
}

/// Base64url without padding; `None` if a character is none of its alphabet.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}
