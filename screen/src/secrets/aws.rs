//! The secret half of an AWS key pair, which has no prefix: 40 characters near the half that has one.

use super::{Secret, looks_random, placeholder};

/// How far from the id its secret is looked for, in bytes.
const NEAR: usize = 256;
const LENGTH: usize = 40;

/// Adds the secret access keys near the access key ids that are in `found`.
pub(super) fn secrets_beside_ids(text: &str, found: &mut Vec<Secret>) {
    let ids: Vec<_> =
        found.iter().filter(|secret| secret.kind == "AWS access key id").map(|id| id.range.clone()).collect();
    let mut searched = 0;
    for id in ids {
        // Windows are searched once, even where ids stand close together.
        let from = id.start.saturating_sub(NEAR).max(searched);
        let to = (id.end + NEAR).min(text.len());
        searched = to.max(searched);
        for (start, run) in runs(text.as_bytes(), from, to) {
            let Some(value) = text.get(start..start + run) else { continue };
            if run == LENGTH && looks_random(value) && !placeholder(value) {
                found.push(Secret { kind: "AWS secret access key", range: start..start + run });
            }
        }
    }
}

/// Starts and lengths of the runs of base64 characters that begin between `from` and `to`.
fn runs(bytes: &[u8], from: usize, to: usize) -> Vec<(usize, usize)> {
    let member = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+');
    let mut runs = Vec::new();
    let mut at = from;
    while at < to {
        let length = bytes[at..].iter().take(LENGTH + 1).take_while(|byte| member(**byte)).count();
        let whole = at == 0 || !member(bytes[at - 1]);
        if length > 0 && whole {
            runs.push((at, length));
        }
        at += length.max(1);
    }
    runs
}
