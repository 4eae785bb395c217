//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod shell_injection;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &shell_injection::RULE,
];
