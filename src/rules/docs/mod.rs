//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod environment_undocumented;
mod quickstart_insecure;
mod tools_undocumented;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &environment_undocumented::RULE,
    &quickstart_insecure::RULE,
    &tools_undocumented::RULE,
];
