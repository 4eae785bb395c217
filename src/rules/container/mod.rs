//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod container_image_unpinned;
mod container_root;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &container_image_unpinned::RULE,
    &container_root::RULE,
];
