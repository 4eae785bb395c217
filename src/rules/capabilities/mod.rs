//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod capability_undeclared;
mod capability_unregistered;
mod list_without_call;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &capability_undeclared::RULE,
    &capability_unregistered::RULE,
    &list_without_call::RULE,
];
