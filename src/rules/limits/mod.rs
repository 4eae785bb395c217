//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod body_limit_missing;
mod cache_unbounded;
mod concurrency_cap_missing;
mod http_timeouts_missing;
mod output_unbounded;
mod rate_limit_missing;
mod rate_limit_weak;
mod regex_backtracking;
mod timeout_missing;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &body_limit_missing::RULE,
    &cache_unbounded::RULE,
    &concurrency_cap_missing::RULE,
    &http_timeouts_missing::RULE,
    &output_unbounded::RULE,
    &rate_limit_missing::RULE,
    &rate_limit_weak::RULE,
    &regex_backtracking::RULE,
    &timeout_missing::RULE,
];
