//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod child_full_environment;
mod secret_compare_timing;
mod secret_default;
mod secret_in_log;
mod secret_in_source;
mod secret_in_tool_result;
mod secret_literal;
mod token_in_query;
mod weak_random;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &child_full_environment::RULE,
    &secret_compare_timing::RULE,
    &secret_default::RULE,
    &secret_in_log::RULE,
    &secret_in_source::RULE,
    &secret_in_tool_result::RULE,
    &secret_literal::RULE,
    &token_in_query::RULE,
    &weak_random::RULE,
];
