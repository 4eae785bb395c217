//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod assert_validation;
mod handler_recovery_missing;
mod panic_on_argument;
mod typescript_strict_off;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &assert_validation::RULE,
    &handler_recovery_missing::RULE,
    &panic_on_argument::RULE,
    &typescript_strict_off::RULE,
];
