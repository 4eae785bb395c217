//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod dependency_updates_missing;
mod dockerignore_missing_env;
mod env_file_committed;
mod env_not_ignored;
mod license_missing;
mod lockfile_missing;
mod package_publishes_secrets;
mod scripts_missing;
mod secret_file_committed;
mod security_policy_missing;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &dependency_updates_missing::RULE,
    &dockerignore_missing_env::RULE,
    &env_file_committed::RULE,
    &env_not_ignored::RULE,
    &license_missing::RULE,
    &lockfile_missing::RULE,
    &package_publishes_secrets::RULE,
    &scripts_missing::RULE,
    &secret_file_committed::RULE,
    &security_policy_missing::RULE,
];
