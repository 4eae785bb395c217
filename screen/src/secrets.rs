//! Secrets by their shape.

use std::ops::Range;

/// A secret found in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Secret {
    /// What it is, such as `GitHub token`, `private key`.
    pub kind: &'static str,
    /// Byte range of the secret itself in the text.
    pub range: Range<usize>,
}

/// Secrets with a well-known shape in `text`, in order of position, without overlaps.
pub fn find(text: &str) -> Vec<Secret> {
    let _ = text;
    Vec::new()
}
