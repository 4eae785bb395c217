//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod refusal_untested;
mod test_script_placeholder;
mod tests_missing;
mod tests_not_in_ci;
mod tool_untested;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &refusal_untested::RULE,
    &test_script_placeholder::RULE,
    &tests_missing::RULE,
    &tests_not_in_ci::RULE,
    &tool_untested::RULE,
];
