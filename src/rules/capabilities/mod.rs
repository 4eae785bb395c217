//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod capability_undeclared;
mod capability_unregistered;
mod deprecated_feature;
mod dispatch_mismatch;
mod duplicate_tool_name;
mod gate_asymmetry;
mod list_changed_never_sent;
mod list_varies_by_connection;
mod list_without_call;
mod server_manifest_mismatch;
mod session_id_dependence;
mod stub_handler;
mod subscribe_unimplemented;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &capability_undeclared::RULE,
    &capability_unregistered::RULE,
    &deprecated_feature::RULE,
    &dispatch_mismatch::RULE,
    &duplicate_tool_name::RULE,
    &gate_asymmetry::RULE,
    &list_changed_never_sent::RULE,
    &list_varies_by_connection::RULE,
    &list_without_call::RULE,
    &server_manifest_mismatch::RULE,
    &session_id_dependence::RULE,
    &stub_handler::RULE,
    &subscribe_unimplemented::RULE,
];
