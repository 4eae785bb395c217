//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod secret_default;
mod secret_in_source;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &secret_default::RULE,
    &secret_in_source::RULE,
];
