//! Characters that people do not see and models read.

use std::ops::Range;

/// One hidden character, or a run of one class.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hidden {
    /// What it is, such as `bidirectional override`, `tag character`.
    pub class: &'static str,
    /// Byte range in the text.
    pub range: Range<usize>,
    /// The first code point.
    pub first: char,
}

/// Hidden characters in `text`, in order of position.
pub fn find(text: &str) -> Vec<Hidden> {
    let _ = text;
    Vec::new()
}
