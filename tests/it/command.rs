//! The command itself: help, completions, exit codes of wrong usage.

use assert_cmd::Command;
use predicates::{boolean::PredicateBooleanExt, str::contains};

/// The built command, in an environment where nothing of the tester's own can matter.
pub(crate) fn mcpsec() -> Command {
    let mut command = Command::cargo_bin("mcpsec").expect("the binary is built with the tests");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        mcpsec().args(["completions", shell]).assert().code(0).stdout(contains("mcpsec"));
    }
}

#[test]
fn an_unknown_subcommand_is_a_usage_error_with_a_suggestion() {
    mcpsec().arg("docter").assert().code(2).stderr(contains("doctor").or(contains("unrecognized subcommand")));
}
