//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod dependency_unpinned;
mod provenance_missing;
mod runtime_copy_changed;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &dependency_unpinned::RULE,
    &provenance_missing::RULE,
    &runtime_copy_changed::RULE,
];
