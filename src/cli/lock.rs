//! `mcpsec lock`

use std::{fs, io::Write, path::PathBuf};

use super::{
    Exit, Failure, Output,
    doctor::{folder, on_disk},
    write_own,
};
use crate::{project::tool_lock, report::counted};

const EXAMPLES: &str = "\
Examples:
  mcpsec lock                 write mcpsec.lock, or bring it up to date; commit it
  mcpsec lock --dry-run       print what would be written
  mcpsec doctor --select tool-drift    what differs from it

Exit codes: 0 written, 2 the project cannot be read or the file cannot be written, 5 nothing to lock.";

/// Writes down what models read of this server: names, descriptions and parameters of tools, prompts and resources.
///
/// Once the file is there, `mcpsec doctor` reports what differs from it (rule tool-drift).
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The project's folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Print it and write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let root = &arguments.path;
    folder(root)?;
    let project = on_disk(root)?;
    let offers = tool_lock::offered(&project).len();
    let text = tool_lock::render(&project);
    if arguments.dry_run {
        output.out.write_all(text.as_bytes())?;
        return Ok(Exit::Clean);
    }
    let path = root.join(tool_lock::NAME);
    if offers == 0 && fs::symlink_metadata(&path).is_err() {
        let failure = Failure {
            exit: Exit::Nothing,
            message: format!("no tool, prompt or resource with a constant name was found in `{}`", root.display()),
            help: Vec::new(),
        };
        return Err(failure.help("name the folder of one server: `mcpsec lock packages/my-server`"));
    }
    write_own(&path, &text)?;
    if !output.quiet {
        let locked = counted(offers, "offer");
        let _ =
            writeln!(output.err, "wrote {}: {locked}; commit it, `mcpsec doctor` reports what differs", path.display());
    }
    Ok(Exit::Clean)
}
