//! Private keys in PEM blocks, as text and as string literals with `\n`.

use super::{Proof, Secret};

const HEADER: &str = "-----BEGIN ";
/// Characters of base64 in the smallest private key (Ed25519 in PKCS #8: 48 bytes).
const SHORTEST: usize = 60;

/// The private key whose header stands at `start`.
pub(super) fn at(text: &str, start: usize, proof: Proof) -> Option<Secret> {
    let label_at = start + HEADER.len();
    // The longest label in use is `ENCRYPTED PRIVATE KEY`, with `RSA` and the like shorter.
    let label =
        text.get(label_at..)?.bytes().take(32).take_while(|byte| byte.is_ascii_uppercase() || *byte == b' ').count();
    let label = text.get(label_at..label_at + label)?;
    let body_at = label_at + label.len() + 5;
    if !label.ends_with("PRIVATE KEY") || text.get(body_at - 5..body_at)? != "-----" {
        return None;
    }
    // Whatever comes next: the footer, or another header, or nothing.
    let rest = text.get(body_at..)?;
    let body = rest.find("-----").map_or(rest, |end| &rest[..end]);
    let closed = rest[body.len()..].starts_with("-----END ");
    let end = match closed {
        true => {
            let footer = body_at + body.len() + "-----END ".len() + label.len() + 5;
            if text.is_char_boundary(footer.min(text.len())) { footer.min(text.len()) } else { body_at + body.len() }
        }
        false => body_at,
    };
    let real = closed && label != "ENCRYPTED PRIVATE KEY" && holds_key(body);
    (proof == Proof::Shape || real).then_some(Secret { kind: "private key", range: start..end })
}

/// Whether `body` is long enough and is base64, not dots or a remark.
fn holds_key(body: &str) -> bool {
    let mut seen = [false; 256];
    let mut count = 0;
    // `\n` and quotes of a string literal are no base64; the `n` is counted, which does no harm.
    for byte in body.bytes().filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')) {
        seen[usize::from(byte)] = true;
        count += 1;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    count >= SHORTEST && different >= 24 && !body.contains("...") && !body.to_ascii_lowercase().contains("example")
}
