//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod sandbox_switch_parameter;
mod shell_injection;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &sandbox_switch_parameter::RULE,
    &shell_injection::RULE,
];
