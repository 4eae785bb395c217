//! `mcpsec baseline`

use std::{
    collections::BTreeSet,
    io::Write,
    path::{Path, PathBuf},
};

use clap::Subcommand;

use super::{
    Exit, Failure, Output,
    doctor::{Accepted, accepted},
    write_own,
};
use crate::{
    doctor::{Identity, baseline},
    lines::Lines,
    report::counted,
};

const EXAMPLES: &str = "\
Examples:
  mcpsec baseline create        accept what is found now; commit the file, and new findings alone fail
  mcpsec baseline show          what is accepted, and where it is
  mcpsec baseline prune         forget what is mended

Exit codes: 0 done, 2 the project or the baseline cannot be used, or there is more than it may accept.";

/// Keep a list of findings that are accepted because they were there before.
///
/// The list lies in `.mcpsec-baseline`, or where `[doctor] baseline` says: one sorted line for each finding, without line
/// numbers and times, so that branches merge. `mcpsec doctor` then reports what is new.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write down what is found now
    Create {
        #[command(flatten)]
        project: Folder,
        /// Accept findings that an existing baseline does not have, too
        #[arg(long)]
        accept_new: bool,
        /// Print it and write nothing
        #[arg(short = 'n', long)]
        dry_run: bool,
    },
    /// Remove what is not found any more
    Prune {
        #[command(flatten)]
        project: Folder,
        /// Say what would go and write nothing
        #[arg(short = 'n', long)]
        dry_run: bool,
    },
    /// Show what is accepted, and where it is
    Show {
        #[command(flatten)]
        project: Folder,
    },
}

#[derive(Debug, clap::Args)]
struct Folder {
    /// The project's folder
    #[arg(value_name = "PATH", conflicts_with = "project")]
    path: Option<PathBuf>,
    /// The project's folder, too
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
}

impl Folder {
    fn path(&self) -> &Path {
        self.path.as_deref().or(self.project.as_deref()).unwrap_or(Path::new("."))
    }
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Create { project, accept_new, dry_run } => create(project.path(), *accept_new, *dry_run, output),
        Command::Prune { project, dry_run } => prune(project.path(), *dry_run, output),
        Command::Show { project } => show(project.path(), output),
    }
}

fn create(root: &Path, accept_new: bool, dry_run: bool, output: &mut Output) -> Result<Exit, Failure> {
    let Accepted { name, written, found, .. } = accepted(root)?;
    let found: BTreeSet<&Identity> = found.iter().map(|(identity, _)| identity).collect();
    if let (Some(written), false) = (&written, accept_new) {
        let new: Vec<_> = found.iter().filter(|identity| !written.entries.contains_key(**identity)).collect();
        if let Some(first) = new.first() {
            let count = counted(new.len(), "finding");
            let failure = Failure::usage(format!(
                "`{name}` does not have {count} that there are now, such as `{}` in {}",
                first.rule, first.path
            ));
            return Err(failure.help("mend them; `mcpsec doctor` shows them").help(
                "`mcpsec baseline create --accept-new` accepts them, `mcpsec baseline prune` removes what is mended",
            ));
        }
    }
    let text = baseline::render(found.iter().copied());
    if dry_run {
        output.out.write_all(text.as_bytes())?;
        return Ok(Exit::Clean);
    }
    write_own(&root.join(&name), &text)?;
    if !output.quiet {
        let count = counted(found.len(), "finding");
        let _ = writeln!(output.err, "wrote {name}: {count} accepted; commit it, `mcpsec doctor` reports what is new");
    }
    Ok(Exit::Clean)
}

fn prune(root: &Path, dry_run: bool, output: &mut Output) -> Result<Exit, Failure> {
    let Accepted { name, written, found, .. } = accepted(root)?;
    let Some(written) = written else { return Err(none(&name)) };
    let found: BTreeSet<&Identity> = found.iter().map(|(identity, _)| identity).collect();
    let (kept, gone): (Vec<_>, Vec<_>) = written.entries.keys().partition(|identity| found.contains(identity));
    for identity in &gone {
        writeln!(output.out, "{}: {}", identity.path, identity.rule)?;
    }
    if !gone.is_empty() && !dry_run {
        write_own(&root.join(&name), &baseline::render(kept.iter().copied()))?;
    }
    if !output.quiet {
        let (gone, kept) = (counted(gone.len(), "line"), counted(kept.len(), "line"));
        let would = if dry_run { "would remove" } else { "removed" };
        let _ = writeln!(output.err, "{would} {gone} of {name}, {kept} stay");
    }
    Ok(Exit::Clean)
}

fn show(root: &Path, output: &mut Output) -> Result<Exit, Failure> {
    let Accepted { name, project, written, found } = accepted(root)?;
    let Some(written) = written else { return Err(none(&name)) };
    let mut stale: BTreeSet<&Identity> = written.entries.keys().collect();
    for (identity, finding) in &found {
        if !stale.remove(identity) {
            continue;
        }
        let text = project.file(&finding.place.path).map_or("", |file| &file.text);
        let position = Lines::new(text).position(finding.place.start);
        let (path, severity) = (&finding.place.path, finding.severity.name());
        let message = crate::redact::words(&finding.message);
        writeln!(output.out, "{path}:{}: {severity}[{}] {message}", position.line, finding.rule)?;
    }
    for identity in &stale {
        writeln!(output.out, "{}: stale[{}] nothing is found there any more", identity.path, identity.rule)?;
    }
    if !output.quiet {
        let count = counted(written.entries.len(), "finding");
        let _ = writeln!(output.err, "{name}: {count} accepted, {} stale", stale.len());
    }
    Ok(Exit::Clean)
}

fn none(name: &str) -> Failure {
    Failure::usage(format!("there is no baseline `{name}`")).help("`mcpsec baseline create` writes it")
}
