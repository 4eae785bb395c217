//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod capability_undeclared;
mod capability_unregistered;
mod duplicate_tool_name;
mod list_varies_by_connection;
mod list_without_call;
mod stub_handler;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &capability_undeclared::RULE,
    &capability_unregistered::RULE,
    &duplicate_tool_name::RULE,
    &list_varies_by_connection::RULE,
    &list_without_call::RULE,
    &stub_handler::RULE,
];
