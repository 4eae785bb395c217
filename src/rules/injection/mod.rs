//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod arbitrary_command_tool;
mod arbitrary_sql_tool;
mod argument_injection;
mod code_injection;
mod launch_from_input;
mod nosql_injection;
mod open_url_injection;
mod sandbox_switch_parameter;
mod script_host_injection;
mod shell_injection;
mod sql_injection;
mod template_injection;
mod unsafe_deserialization;
mod upstream_path_injection;
mod xml_external_entity;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &arbitrary_command_tool::RULE,
    &arbitrary_sql_tool::RULE,
    &argument_injection::RULE,
    &code_injection::RULE,
    &launch_from_input::RULE,
    &nosql_injection::RULE,
    &open_url_injection::RULE,
    &sandbox_switch_parameter::RULE,
    &script_host_injection::RULE,
    &shell_injection::RULE,
    &sql_injection::RULE,
    &template_injection::RULE,
    &unsafe_deserialization::RULE,
    &upstream_path_injection::RULE,
    &xml_external_entity::RULE,
];
