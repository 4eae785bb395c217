//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod curl_pipe_shell;
mod dependency_from_url;
mod dependency_malicious;
mod dependency_typosquat;
mod dependency_unpinned;
mod install_scripts;
mod provenance_missing;
mod remote_code_load;
mod runtime_copy_changed;
mod runtime_fetch_unpinned;
mod vulnerable_sdk;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &curl_pipe_shell::RULE,
    &dependency_from_url::RULE,
    &dependency_malicious::RULE,
    &dependency_typosquat::RULE,
    &dependency_unpinned::RULE,
    &install_scripts::RULE,
    &provenance_missing::RULE,
    &remote_code_load::RULE,
    &runtime_copy_changed::RULE,
    &runtime_fetch_unpinned::RULE,
    &vulnerable_sdk::RULE,
];
