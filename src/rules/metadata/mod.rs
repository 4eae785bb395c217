//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod hidden_unicode;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &hidden_unicode::RULE,
];
