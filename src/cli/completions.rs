//! `mcpsec completions SHELL`

use clap::CommandFactory;
use clap_complete::Shell;

use super::{Exit, Failure, Output};

const EXAMPLES: &str = "\
Examples:
  mcpsec completions bash > ~/.local/share/bash-completion/completions/mcpsec
  mcpsec completions zsh > \"${fpath[1]}/_mcpsec\"
  mcpsec completions fish > ~/.config/fish/completions/mcpsec.fish";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    // The script is made in memory first, so that a closed pipe is an error to handle and not a panic in the generator.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::Arguments::command(), "mcpsec", &mut script);
    output.out.write_all(&script)?;
    Ok(Exit::Clean)
}
