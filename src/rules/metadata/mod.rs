//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod annotation_contradiction;
mod annotations_missing;
mod builtin_name_shadow;
mod cache_scope_public;
mod description_encoded;
mod description_missing;
mod elicitation_secret;
mod header_parameter_invalid;
mod header_parameter_sensitive;
mod hidden_unicode;
mod schema_open_to_sink;
mod schema_remote_ref;
mod secret_parameter;
mod tool_conceals;
mod tool_description_dynamic;
mod tool_drift;
mod tool_name_invalid;
mod tool_poisoning;
mod tool_shadowing;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &annotation_contradiction::RULE,
    &annotations_missing::RULE,
    &builtin_name_shadow::RULE,
    &cache_scope_public::RULE,
    &description_encoded::RULE,
    &description_missing::RULE,
    &elicitation_secret::RULE,
    &header_parameter_invalid::RULE,
    &header_parameter_sensitive::RULE,
    &hidden_unicode::RULE,
    &schema_open_to_sink::RULE,
    &schema_remote_ref::RULE,
    &secret_parameter::RULE,
    &tool_conceals::RULE,
    &tool_description_dynamic::RULE,
    &tool_drift::RULE,
    &tool_name_invalid::RULE,
    &tool_poisoning::RULE,
    &tool_shadowing::RULE,
];
