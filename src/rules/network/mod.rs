//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod browser_navigation;
mod credential_to_model_host;
mod metadata_endpoint_reachable;
mod redirect_unchecked;
mod ssrf;
mod ssrf_partial_guard;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &browser_navigation::RULE,
    &credential_to_model_host::RULE,
    &metadata_endpoint_reachable::RULE,
    &redirect_unchecked::RULE,
    &ssrf::RULE,
    &ssrf_partial_guard::RULE,
];
