//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod typescript_strict_off;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &typescript_strict_off::RULE,
];
