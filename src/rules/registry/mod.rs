//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod registry_entry_unsafe;
mod registry_file_writable;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &registry_entry_unsafe::RULE,
    &registry_file_writable::RULE,
];
