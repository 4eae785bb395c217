//! Many projects in one run: each with its own settings and baseline, one report, one exit code.
//!
//! As many are checked at once as there are processors, and each is gone before the next is read: what is held of all is
//! what a report tells.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use super::{arguments::Arguments, input, quietly::quietly, write_reports};
use crate::{
    cli::{Exit, Failure, Output},
    doctor::{self, Verdict},
    report::{Report, counted},
};

/// The folders that are to be checked, each once, in the order in which they were named; this one where none was.
pub(super) fn roots(arguments: &Arguments) -> Result<Vec<PathBuf>, Failure> {
    let mut roots: Vec<PathBuf> = arguments.path.iter().chain(&arguments.project).cloned().collect();
    for list in &arguments.projects {
        roots.extend(listed(list)?);
    }
    if roots.is_empty() && arguments.projects.is_empty() {
        roots.push(PathBuf::from("."));
    }
    if roots.is_empty() {
        return Err(Failure::usage("no project is named in what `--projects` gives").help("one folder in each line"));
    }
    let mut seen = Vec::new();
    roots.retain(|root| {
        let real = fs::canonicalize(root).unwrap_or_else(|_| root.clone());
        let new = !seen.contains(&real);
        seen.push(real);
        new
    });
    Ok(roots)
}

/// One folder in each line, relative to the list's own folder; empty lines and comments do not count.
fn listed(list: &Path) -> Result<Vec<PathBuf>, Failure> {
    let cannot = |error: io::Error| Failure::usage(format!("cannot read the list `{}`: {error}", list.display()));
    let (text, folder) = if list == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map_err(cannot)?;
        (text, Path::new(""))
    } else {
        (fs::read_to_string(list).map_err(cannot)?, list.parent().unwrap_or(Path::new("")))
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(|line| folder.join(line)).collect())
}

/// What came of one project.
struct Checked {
    report: Report,
    verdict: Verdict,
    files: usize,
    failing: usize,
}

/// Checks them all, and writes one report.
pub(super) fn run(roots: &[PathBuf], arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    if arguments.baseline.is_some() {
        return Err(
            Failure::usage("`--baseline` is for one project").help("each project has its own, see `[doctor] baseline`")
        );
    }
    if arguments.fixing.fix || arguments.fixing.diff {
        return Err(Failure::usage("`--fix` and `--diff` are for one project").help("mend one after the other"));
    }
    let started = Instant::now();
    let results = check(roots, arguments);
    let (mut reports, mut exits, mut lines, mut files, mut failing) = (Vec::new(), Vec::new(), Vec::new(), 0, 0);
    for (root, result) in roots.iter().zip(results) {
        match result {
            Ok(checked) => {
                exits.push(Exit::from(checked.verdict));
                files += checked.files;
                failing += usize::from(checked.failing > 0);
                reports.push(checked.report);
            }
            Err(failure) => {
                exits.push(failure.exit);
                lines.push(format!("error: {}: {}", root.display(), failure.message));
                lines.extend(failure.help.iter().map(|help| format!("  = help: {help}")));
            }
        }
    }
    write_reports(&reports, arguments, output)?;
    for line in lines {
        let _ = writeln!(output.err, "{line}");
    }
    let exit = Exit::worst(exits);
    if !output.quiet {
        // Nobody may be listening on standard error, and the result is out already.
        let (count, files) = (counted(roots.len(), "project"), counted(files, "file"));
        let _ = writeln!(output.err, "checked {count}: {files}, {:.2} s", started.elapsed().as_secs_f64());
        let _ = writeln!(output.err, "exit {}: {failing} of {count} fail", exit.code());
    }
    Ok(exit)
}

/// What came of each, in the order of the folders.
fn check(roots: &[PathBuf], arguments: &Arguments) -> Vec<Result<Checked, Failure>> {
    let next = AtomicUsize::new(0);
    let places: Vec<(&PathBuf, Mutex<Option<_>>)> = roots.iter().map(|root| (root, Mutex::new(None))).collect();
    let workers = thread::available_parallelism().map_or(2, |count| count.get().min(16)).min(roots.len());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((root, result)) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                    *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(one(root, arguments));
                }
            });
        }
    });
    let missing = || Err(Failure::internal("mcpsec stopped before this project; this is a bug of mcpsec"));
    let results = places.into_iter().map(|(_, result)| result.into_inner().unwrap_or_else(PoisonError::into_inner));
    results.map(|result| result.unwrap_or_else(missing)).collect()
}

fn one(root: &Path, arguments: &Arguments) -> Result<Checked, Failure> {
    let input::Input { project, options } = input::read(root, arguments)?;
    let outcome = quietly(|| doctor::run(&project, &options))?;
    let report = super::reported(root, arguments, &project, &outcome);
    let failing = outcome.findings.iter().filter(|it| it.failing).count();
    Ok(Checked { report, verdict: outcome.verdict, files: project.files.len(), failing })
}
