//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod ansi_in_output;
mod argument_logging;
mod audit_log_missing;
mod debug_enabled;
mod raw_error_exposed;
mod stack_trace_exposed;
mod stdout_noise;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &ansi_in_output::RULE,
    &argument_logging::RULE,
    &audit_log_missing::RULE,
    &debug_enabled::RULE,
    &raw_error_exposed::RULE,
    &stack_trace_exposed::RULE,
    &stdout_noise::RULE,
];
