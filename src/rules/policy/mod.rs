//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod policy_capability_mismatch;
mod policy_invalid;
mod policy_name_unknown;
mod policy_open_to_anyone;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &policy_capability_mismatch::RULE,
    &policy_invalid::RULE,
    &policy_name_unknown::RULE,
    &policy_open_to_anyone::RULE,
];
