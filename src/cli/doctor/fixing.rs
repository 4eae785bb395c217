//! `mcpsec doctor --fix` and `--diff`.

use std::{
    collections::BTreeSet,
    io::Write,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::quietly::quietly;
use crate::{
    cli::{Exit, Failure, Output, new},
    doctor::{Options, Outcome},
    finding::Safety,
    fix::{self, Fixed, diff, write},
    project::Project,
    report::{Format, counted},
};

/// What to do about fixes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Fixing {
    /// Apply safe fixes, and report what remains
    #[arg(long)]
    pub(super) fix: bool,
    /// With --fix or --diff: also fixes that may change what the server does; look at them
    #[arg(long)]
    unsafe_fixes: bool,
    /// Print what --fix would change as a diff, and write nothing; exit code 1 if there is something, 0 if not
    #[arg(long, conflicts_with_all = ["fix", "output"])]
    pub(super) diff: bool,
}

impl Fixing {
    /// Refuses combinations that mean nothing.
    pub(super) fn check(&self, format: Format) -> Result<(), Failure> {
        if self.unsafe_fixes && !self.fix && !self.diff {
            return Err(Failure::usage("`--unsafe-fixes` does nothing without `--fix` or `--diff`"));
        }
        if self.diff && format.name != "human" {
            return Err(Failure::usage("`--diff` prints a diff, and no other format"));
        }
        Ok(())
    }

    fn least(&self) -> Safety {
        if self.unsafe_fixes { Safety::Unsafe } else { Safety::Safe }
    }
}

/// Prints what would change.
pub(super) fn diff(
    fixing: &Fixing,
    root: &Path,
    project: Project,
    options: &Options,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fixed = apply(fixing, root, project, options)?;
    output.out.write_all(diff::unified(&fixed.changes).as_bytes())?;
    output.out.flush()?;
    if !output.quiet {
        say_left(&fixed, output);
        let _ = writeln!(output.err, "{}", summary(&fixed, "would fix", fixed.changes.len()));
    }
    Ok(if fixed.changes.is_empty() { Exit::Clean } else { Exit::Findings })
}

/// Changes the files.
pub(super) fn fix(
    fixing: &Fixing,
    root: &Path,
    project: Project,
    options: &Options,
    output: &mut Output,
) -> Result<(), Failure> {
    let interrupted = Arc::new(AtomicBool::new(false));
    new::listen_to_the_end(&interrupted)?;
    let fixed = apply(fixing, root, project, options)?;
    let mut refused = BTreeSet::new();
    for change in &fixed.changes {
        // Between two files: each is the old or the new one.
        if interrupted.load(Ordering::Relaxed) {
            return Err(Failure { exit: Exit::Interrupted, message: "interrupted".to_owned(), help: Vec::new() });
        }
        if let Err(reason) = write::write(root, change) {
            refused.insert(reason);
        }
    }
    if !output.quiet {
        say_left(&fixed, output);
        let written = fixed.changes.len() - refused.len();
        let _ = writeln!(output.err, "{}", summary(&fixed, "fixed", written));
    }
    if refused.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::usage("some files could not be written; the others are fixed");
    failure.help.extend(refused);
    Err(failure)
}

fn apply(fixing: &Fixing, root: &Path, project: Project, options: &Options) -> Result<Fixed, Failure> {
    let blocked = |path: &str, before: Option<&str>| write::hindrance(root, path, before);
    quietly(|| fix::run(project, options, fixing.least(), &blocked))
}

fn say_left(fixed: &Fixed, output: &mut Output) {
    for left in &fixed.left {
        let _ = writeln!(output.err, "not fixed: {} in {}: {}", left.rule, left.path, left.reason);
    }
}

fn summary(fixed: &Fixed, done: &str, files: usize) -> String {
    let findings = counted(fixed.taken.len(), "finding");
    let more =
        if fixed.withheld > 0 { format!("; {} more with --unsafe-fixes", fixed.withheld) } else { String::new() };
    format!("{done} {findings} in {}{more}", counted(files, "file"))
}

/// What `--fix` could do, where it was not asked for.
pub(super) fn hint(project: &Project, outcome: &Outcome) -> Option<String> {
    let offers = fix::offers(project, outcome);
    let safe = offers.iter().filter(|offer| offer.fix.safety == Safety::Safe).count();
    let more = offers.len() - safe;
    match (safe, more) {
        (0, 0) => None,
        (0, more) => {
            Some(format!("{} can be fixed with --fix --unsafe-fixes (--diff shows it)", counted(more, "finding")))
        }
        (safe, 0) => Some(format!("{} can be fixed with --fix (--diff shows it)", counted(safe, "finding"))),
        (safe, more) => {
            let safe = counted(safe, "finding");
            Some(format!("{safe} can be fixed with --fix (--diff shows it), {more} more with --unsafe-fixes"))
        }
    }
}
