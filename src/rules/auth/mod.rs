//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod http_auth_missing;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &http_auth_missing::RULE,
];
