//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod bind_all_interfaces;
mod cleartext_endpoint;
mod cors_wildcard;
mod host_check_missing;
mod tls_verify_disabled;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &bind_all_interfaces::RULE,
    &cleartext_endpoint::RULE,
    &cors_wildcard::RULE,
    &host_check_missing::RULE,
    &tls_verify_disabled::RULE,
];
