//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod suppression_invalid;
mod suppression_unused;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &suppression_invalid::RULE,
    &suppression_unused::RULE,
];
