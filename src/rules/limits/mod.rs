//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod rate_limit_missing;
mod rate_limit_weak;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &rate_limit_missing::RULE,
    &rate_limit_weak::RULE,
];
