//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod env_file_committed;
mod env_not_ignored;
mod license_missing;
mod lockfile_missing;
mod scripts_missing;
mod security_policy_missing;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &env_file_committed::RULE,
    &env_not_ignored::RULE,
    &license_missing::RULE,
    &lockfile_missing::RULE,
    &scripts_missing::RULE,
    &security_policy_missing::RULE,
];
