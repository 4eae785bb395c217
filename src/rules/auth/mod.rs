//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod audience_unverified;
mod auth_fail_open;
mod caller_asserted_identity;
mod confused_deputy;
mod http_auth_missing;
mod jwt_unverified;
mod oauth_redirect_wildcard;
mod pkce_missing;
mod predictable_handle;
mod request_state_unsigned;
mod resource_metadata_missing;
mod route_auth_asymmetry;
mod scope_omnibus;
mod token_passthrough;
mod tool_authorization_missing;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &audience_unverified::RULE,
    &auth_fail_open::RULE,
    &caller_asserted_identity::RULE,
    &confused_deputy::RULE,
    &http_auth_missing::RULE,
    &jwt_unverified::RULE,
    &oauth_redirect_wildcard::RULE,
    &pkce_missing::RULE,
    &predictable_handle::RULE,
    &request_state_unsigned::RULE,
    &resource_metadata_missing::RULE,
    &route_auth_asymmetry::RULE,
    &scope_omnibus::RULE,
    &token_passthrough::RULE,
    &tool_authorization_missing::RULE,
];
