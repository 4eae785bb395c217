//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod client_auto_approve;
mod client_command_writable;
mod client_config_unparsable;
mod client_container_dangerous;
mod client_env_redirect;
mod client_filesystem_broad;
mod client_hidden_unicode;
mod client_name_shadow;
mod client_remote_anonymous;
mod client_remote_cleartext;
mod client_runner_unpinned;
mod client_secret_inline;
mod client_shell_launcher;
mod client_url_credentials;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &client_auto_approve::RULE,
    &client_command_writable::RULE,
    &client_config_unparsable::RULE,
    &client_container_dangerous::RULE,
    &client_env_redirect::RULE,
    &client_filesystem_broad::RULE,
    &client_hidden_unicode::RULE,
    &client_name_shadow::RULE,
    &client_remote_anonymous::RULE,
    &client_remote_cleartext::RULE,
    &client_runner_unpinned::RULE,
    &client_secret_inline::RULE,
    &client_shell_launcher::RULE,
    &client_url_credentials::RULE,
];
