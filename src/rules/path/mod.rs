//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod archive_traversal;
mod path_prefix_check;
mod path_symlink_escape;
mod path_traversal;
mod resource_uri_traversal;
mod temp_file_predictable;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &archive_traversal::RULE,
    &path_prefix_check::RULE,
    &path_symlink_escape::RULE,
    &path_traversal::RULE,
    &resource_uri_traversal::RULE,
    &temp_file_predictable::RULE,
];
