//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod client_runner_unpinned;
mod client_secret_inline;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &client_runner_unpinned::RULE,
    &client_secret_inline::RULE,
];
