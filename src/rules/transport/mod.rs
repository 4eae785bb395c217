//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod bind_all_interfaces;
mod cleartext_endpoint;
mod cors_wildcard;
mod deprecated_sse;
mod header_body_desync;
mod host_check_disabled;
mod host_check_missing;
mod session_not_bound;
mod session_unexpiring;
mod shared_server_instance;
mod tls_verify_disabled;
mod websocket_origin_missing;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &bind_all_interfaces::RULE,
    &cleartext_endpoint::RULE,
    &cors_wildcard::RULE,
    &deprecated_sse::RULE,
    &header_body_desync::RULE,
    &host_check_disabled::RULE,
    &host_check_missing::RULE,
    &session_not_bound::RULE,
    &session_unexpiring::RULE,
    &shared_server_instance::RULE,
    &tls_verify_disabled::RULE,
    &websocket_origin_missing::RULE,
];
