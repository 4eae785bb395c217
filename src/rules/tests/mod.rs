//! Rules of this group.

use super::Rule;

// generated from the files of this folder: BLESS=1 cargo test --test rules

mod test_script_placeholder;
mod tests_missing;
mod tests_not_in_ci;

#[rustfmt::skip]
pub(super) static RULES: &[&Rule] = &[
    &test_script_placeholder::RULE,
    &tests_missing::RULE,
    &tests_not_in_ci::RULE,
];
