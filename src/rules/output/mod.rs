//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod argument_logging;
mod stdout_noise;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &argument_logging::RULE,
    &stdout_noise::RULE,
];
