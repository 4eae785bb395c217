//! `mcpsec lock`

use std::{fs, io::Write, path::PathBuf};

use super::{Exit, Failure, Output};
use crate::{
    fix::write,
    project::{self, Project, tool_lock},
    report::counted,
};

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
    if !root.is_dir() {
        return Err(Failure::usage(format!("`{}` is not a directory", root.display())));
    }
    let project = Project::read(root, &project::Options::default()).map_err(|error| {
        let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        Failure::usage(format!("{error}{source}"))
    })?;
    let offers = tool_lock::offered(&project).len();
    let text = tool_lock::render(&project);
    if arguments.dry_run {
        output.out.write_all(text.as_bytes())?;
        return Ok(Exit::Clean);
    }
    let path = root.join(tool_lock::NAME);
    let known = fs::symlink_metadata(&path).ok();
    if offers == 0 && known.is_none() {
        let failure = Failure {
            exit: Exit::Nothing,
            message: format!("no tool, prompt or resource with a constant name was found in `{}`", root.display()),
            help: Vec::new(),
        };
        return Err(failure.help("name the folder of one server: `mcpsec lock packages/my-server`"));
    }
    if known.is_some_and(|known| !known.is_file()) {
        return Err(Failure::usage(format!("`{}` is not a regular file, and is left as it is", path.display())));
    }
    write::put(&path, text.as_bytes())
        .map_err(|error| Failure::usage(format!("cannot write `{}`: {error}", path.display())))?;
    if !output.quiet {
        let locked = counted(offers, "offer");
        let _ =
            writeln!(output.err, "wrote {}: {locked}; commit it, `mcpsec doctor` reports what differs", path.display());
    }
    Ok(Exit::Clean)
}
