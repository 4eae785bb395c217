//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod compose_port_public;
mod container_hardening;
mod container_image_unpinned;
mod container_privileged;
mod container_root;
mod container_secret;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &compose_port_public::RULE,
    &container_hardening::RULE,
    &container_image_unpinned::RULE,
    &container_privileged::RULE,
    &container_root::RULE,
    &container_secret::RULE,
];
