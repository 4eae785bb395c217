//! Many projects in one run: each with its own settings and baseline, one report, one exit code.
//!
//! As many are checked at once as there are processors, but of those that are heavy one after the other, and each is gone
//! before the next is read: what is held of all is what a report tells. One that cannot be checked is in the report, too.

use std::{
    collections::HashSet,
    fs,
    io::{self, Read as _, Write as _},
    path::{Component, Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use rayon::prelude::*;

use super::{arguments::Arguments, input, quietly::quietly, write_reports};
use crate::{
    cli::{Exit, Failure, Output},
    doctor::{self, Verdict},
    project::weight,
    report::{Report, counted},
};

/// Bytes of a project of which several are held at once.
const LIGHT: u64 = 4 * 1024 * 1024;

/// Projects at once. More would hold more memory, and wait for the disk rather than for processors.
const WORKERS: usize = 4;

/// A folder that is to be checked.
pub(super) struct Root {
    /// As it was given, or beside the list that it stands in.
    pub(super) path: PathBuf,
    /// Where that leads to; the same where there is nothing.
    real: PathBuf,
}

/// The folders that are to be checked, each once, in the order in which they were named; this one where none was.
pub(super) fn roots(arguments: &Arguments) -> Result<Vec<Root>, Failure> {
    let mut paths: Vec<PathBuf> = arguments.path.iter().chain(&arguments.project).cloned().collect();
    for list in &arguments.projects {
        paths.extend(listed(list)?);
    }
    if paths.is_empty() && arguments.projects.is_empty() {
        paths.push(PathBuf::from("."));
    }
    if paths.is_empty() {
        return Err(Failure::usage("no project is named in what `--projects` gives").help("one folder in each line"));
    }
    let mut seen = HashSet::new();
    let real = |path: PathBuf| Root { real: fs::canonicalize(&path).unwrap_or_else(|_| path.clone()), path };
    Ok(paths.into_iter().map(real).filter(|root| seen.insert(root.real.clone())).collect())
}

impl Root {
    /// What the report calls it: as it was given, without the way there and back again.
    fn name(&self) -> String {
        let plain = plain(&self.path);
        // Behind a link `..` leads elsewhere.
        let same = plain == self.path || fs::canonicalize(&plain).is_ok_and(|real| real == self.real);
        if same { &plain } else { &self.path }.to_string_lossy().into_owned()
    }
}

/// A path without `x/..` and `.`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match (part, plain.components().next_back()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(plain.pop()),
            _ => plain.push(part),
        }
    }
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
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
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(|line| folder.join(line)).collect())
}

/// What came of one project.
struct Checked {
    report: Report,
    exit: Exit,
    files: usize,
    /// Something fails the run.
    failing: bool,
    /// Why it was not checked, and what to do about it.
    error: Vec<String>,
}

/// Checks them all, and writes one report.
pub(super) fn run(roots: &[Root], arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    if arguments.baseline.is_some() {
        return Err(
            Failure::usage("`--baseline` is for one project").help("each project has its own, see `[doctor] baseline`")
        );
    }
    if arguments.fixing.fix || arguments.fixing.diff {
        return Err(Failure::usage("`--fix` and `--diff` are for one project").help("mend one after the other"));
    }
    let started = Instant::now();
    let (mut reports, mut exits, mut files, mut failing) = (Vec::new(), Vec::new(), 0, 0);
    let mut errors = Vec::new();
    for checked in check(roots, arguments) {
        exits.push(checked.exit);
        files += checked.files;
        failing += usize::from(checked.failing);
        reports.push(checked.report);
        errors.extend(Some(checked.error).filter(|error| !error.is_empty()));
    }
    write_reports(&reports, true, arguments, output)?;
    // Nobody may be listening on standard error, and the result is out already.
    for line in errors.iter().flatten() {
        let _ = writeln!(output.err, "{line}");
    }
    let exit = Exit::worst(exits);
    if !output.quiet {
        within(roots, output);
        let (count, files) = (counted(roots.len(), "project"), counted(files, "file"));
        let _ = writeln!(output.err, "checked {count}: {files}, {:.2} s", started.elapsed().as_secs_f64());
        let unread = if errors.is_empty() { String::new() } else { format!(", {} not checked", errors.len()) };
        let _ = writeln!(output.err, "exit {}: {failing} of {count} fail{unread}", exit.code());
    }
    Ok(exit)
}

/// Says of which projects one lies in another: what is found there counts twice.
fn within(roots: &[Root], output: &mut Output) {
    let known: HashSet<&Path> = roots.iter().map(|root| root.real.as_path()).collect();
    for root in roots {
        if root.real.ancestors().skip(1).any(|above| known.contains(above)) {
            let _ = writeln!(output.err, "note: `{}` lies in another project, and is told of in both", root.name());
        }
    }
}

/// What came of each, in the order of the folders.
fn check(roots: &[Root], arguments: &Arguments) -> Vec<Checked> {
    let heavy: Vec<bool> = roots.par_iter().map(|root| weight::is_heavier(&root.path, LIGHT)).collect();
    let (heavy, light): (Vec<usize>, Vec<usize>) = (0..roots.len()).partition(|index| heavy[*index]);
    let places: Vec<Mutex<Option<Checked>>> = roots.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let check = |index: usize| {
        let checked = one(&roots[index], arguments);
        *places[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(checked);
    };
    thread::scope(|scope| {
        // All threads work on the files of a heavy one: to have two at once would take memory and save no time.
        scope.spawn(|| heavy.iter().copied().for_each(check));
        for _ in 0..rayon::current_num_threads().min(WORKERS).min(light.len()) {
            scope.spawn(|| {
                while let Some(index) = light.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(*index);
                }
            });
        }
    });
    let results = places.into_iter().map(|place| place.into_inner().unwrap_or_else(PoisonError::into_inner));
    let missing =
        |root| unread(root, &Failure::internal("mcpsec stopped before this project; this is a bug of mcpsec"));
    results.zip(roots).map(|(result, root)| result.unwrap_or_else(|| missing(root))).collect()
}

fn one(root: &Root, arguments: &Arguments) -> Checked {
    let checked = quietly(|| {
        let input::Input { project, options } = input::read(&root.path, arguments)?;
        let outcome = doctor::run(&project, &options);
        Ok(Checked {
            report: super::reported(&root.name(), arguments, &project, &outcome),
            exit: outcome.verdict.into(),
            files: project.files.len(),
            failing: outcome.findings.iter().any(|it| it.failing),
            error: Vec::new(),
        })
    });
    checked.and_then(|checked| checked).unwrap_or_else(|failure| unread(root, &failure))
}

/// What is told of a project that could not be checked.
fn unread(root: &Root, failure: &Failure) -> Checked {
    let verdict = if failure.exit == Exit::Internal { Verdict::Stopped } else { Verdict::Unusable };
    let name = root.name();
    let mut error = vec![format!("error: {name}: {}", failure.message)];
    error.extend(failure.help.iter().map(|help| format!("  = help: {help}")));
    Checked {
        report: Report::unread(&name, verdict, &failure.message),
        exit: verdict.into(),
        files: 0,
        failing: false,
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_way_there_and_back() {
        for (given, name) in [
            ("lists/../weak", "weak"),
            ("./a/./b/", "a/b"),
            ("../a", "../a"),
            ("../../a/../b", "../../b"),
            ("a/..", "."),
            ("/a/../b", "/b"),
        ] {
            assert_eq!(plain(Path::new(given)), PathBuf::from(name), "{given}");
        }
    }
}
