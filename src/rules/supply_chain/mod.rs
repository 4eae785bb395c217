//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod runtime_copy_changed;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &runtime_copy_changed::RULE,
];
