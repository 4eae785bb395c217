//! Secrets by their shape.
//!
//! Two questions, two answers. *May this be called a leaked secret?* is answered by [`find`], which accepts only
//! well-known shapes whose structure or checksum holds and which are no placeholder. *May this leave the process?* is
//! answered by [`redact`], which also replaces what merely looks like one: a failed checksum, a test key, a random value
//! beside a credential's name. A wrong accusation costs a person's trust; a wrong redaction costs a few characters.
//!
//! It does **not** ask a vendor whether a key is alive, and it cannot see a password that is made of words.

use std::{borrow::Cow, ops::Range};

mod assigned;
mod aws;
mod entropy;
mod jwt;
mod names;
mod pem;
mod placeholders;
mod shapes;
mod url;

pub use assigned::assigned;
pub use entropy::looks_random;
pub use names::credential_name;
pub use placeholders::placeholder;

/// A secret found in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Secret {
    /// What it is, such as `GitHub token`, `private key`.
    pub kind: &'static str,
    /// Byte range of the secret itself in the text.
    pub range: Range<usize>,
}

/// How much proof a shape needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Proof {
    /// Structure, checksum, and no placeholder.
    Full,
    /// The shape alone.
    Shape,
}

/// Secrets with a well-known shape in `text`, in order of position, without overlaps. Each has the structure and the
/// checksum that its vendor gives it, and none is a placeholder.
pub fn find(text: &str) -> Vec<Secret> {
    without_overlaps(well_known(text, Proof::Full))
}

/// Everything in `text` that should not leave: well-known shapes without further proof, and [`assigned`] values. In order
/// of position, without overlaps.
pub fn find_loosely(text: &str) -> Vec<Secret> {
    let mut found = well_known(text, Proof::Shape);
    found.extend(assigned(text));
    without_overlaps(found)
}

/// `text` with what [`find_loosely`] finds replaced by a mark such as `[redacted GitHub token]`. The mark has no quotes
/// and no escapes, so JSON stays JSON. Text without any is returned as it is.
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut clean = Cow::Borrowed(text);
    // A token that was glued to another one becomes visible when that one is gone.
    for _ in 0..PASSES {
        let found = find_loosely(&clean);
        if found.is_empty() {
            break;
        }
        clean = Cow::Owned(replace(&clean, &found));
    }
    clean
}

/// More tokens than this are never glued together by accident.
const PASSES: usize = 4;

fn replace(text: &str, found: &[Secret]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut copied = 0;
    for secret in found {
        clean.push_str(&text[copied..secret.range.start]);
        clean.push_str("[redacted ");
        clean.push_str(secret.kind);
        clean.push(']');
        copied = secret.range.end;
    }
    clean.push_str(&text[copied..]);
    clean
}

fn well_known(text: &str, proof: Proof) -> Vec<Secret> {
    let mut found = Vec::new();
    shapes::find(text, proof, &mut found);
    found
}

/// Orders by position; of two that overlap the one that starts first stays, of two that start together the longer.
fn without_overlaps(mut found: Vec<Secret>) -> Vec<Secret> {
    found.sort_by_key(|secret| (secret.range.start, usize::MAX - secret.range.end));
    let mut end = 0;
    found.retain(|secret| {
        let free = secret.range.start >= end;
        if free {
            end = secret.range.end;
        }
        free
    });
    found
}

#[cfg(test)]
mod tests;
