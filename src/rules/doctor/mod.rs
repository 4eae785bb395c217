//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod baseline_stale;
mod configuration_weakened;
mod no_mcp_surface;
mod scan_incomplete;
mod suppression_invalid;
mod suppression_unused;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &baseline_stale::RULE,
    &configuration_weakened::RULE,
    &no_mcp_surface::RULE,
    &scan_incomplete::RULE,
    &suppression_invalid::RULE,
    &suppression_unused::RULE,
];
