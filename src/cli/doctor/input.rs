//! What is checked: a folder, what is staged of it, or it beside an earlier revision, each with the settings it holds.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use mcpsec_policy::model::Doctor;

use super::{arguments::Arguments, quietly::quietly, settings};
use crate::{
    cli::Failure,
    doctor::{Baseline, Before, Found, Options, baseline, weakened},
    project::{self, Project, Revision, RevisionError},
};

/// A project, and what the run on it is asked for.
pub(super) struct Input {
    pub(super) project: Project,
    pub(super) options: Options,
}

/// Reads everything that a run needs.
pub(super) fn read(root: &Path, arguments: &Arguments) -> Result<Input, Failure> {
    folder(root)?;
    let (project, doctor) = if arguments.staged {
        let staged = Revision::Staged;
        let project = at(&staged, |options| Project::read_revision(root, &staged, options))?;
        let doctor = settings_of(&project)?;
        (project, doctor)
    } else {
        // The settings first: who mistypes them need not wait for the rest.
        let doctor = settings::on_disk(root)?;
        (on_disk(root)?, doctor)
    };
    let baseline = match &arguments.baseline {
        _ if arguments.no_baseline => None,
        Some(path) => Some(named_baseline(root, path)?),
        None => own_baseline(root, &project, &doctor, arguments.staged)?,
    };
    let since =
        arguments.since.clone().or_else(|| (arguments.staged && project::has_commits(root)).then(|| "HEAD".to_owned()));
    let Some(since) = since else {
        let options = Options { baseline, ..settings::options(arguments, &doctor)? };
        return Ok(Input { project, options });
    };

    let since = Revision::Commit(since);
    let then = at(&since, |options| Project::read_sources(root, &since, options, &project))?;
    // What was wrong with the settings then is mended by now, or is said now.
    let then_doctor = settings_of(&then).unwrap_or_default();
    let then_baseline = own_baseline(root, &then, &then_doctor, true).ok().flatten();
    let options = settings::options(arguments, &weakened::stricter(&then_doctor, &doctor))?;
    let before = weakened::Side { project: &then, settings: &then_doctor, baseline: then_baseline.as_ref() };
    let after = weakened::Side { project: &project, settings: &doctor, baseline: baseline.as_ref() };
    let weakened = weakened::between(before, after);
    let before = Before { findings: Found::in_sources(then, options.clone()), weakened };
    let options = Options { baseline, before: Some(before), ..options };
    Ok(Input { project, options })
}

/// There is a folder.
pub(in crate::cli) fn folder(root: &Path) -> Result<(), Failure> {
    if root.is_dir() { Ok(()) } else { Err(Failure::usage(format!("`{}` is not a directory", root.display()))) }
}

/// Reads the project as it lies there. A damaged git index may make its decoder panic, which is caught there and said in
/// the result.
pub(in crate::cli) fn on_disk(root: &Path) -> Result<Project, Failure> {
    quietly(|| Project::read(root, &project::Options::default()))?.map_err(|error| {
        let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        Failure::usage(format!("{error}{source}"))
    })
}

/// What `read` makes of a revision.
fn at(
    revision: &Revision,
    read: impl FnOnce(&project::Options) -> Result<Project, RevisionError>,
) -> Result<Project, Failure> {
    // Git tells hooks which index the commit is made of.
    let index = env::var_os("GIT_INDEX_FILE").filter(|index| !index.is_empty()).map(PathBuf::from);
    let options = project::Options { index, ..project::Options::default() };
    quietly(|| read(&options))?.map_err(|error| {
        let what = match revision {
            Revision::Staged => "what is staged".to_owned(),
            Revision::Commit(name) => format!("revision `{name}`"),
        };
        Failure::usage(format!("cannot read {what}: {error}"))
    })
}

/// `[doctor]` of a project that was read.
fn settings_of(project: &Project) -> Result<Doctor, Failure> {
    let text = project.file("mcpsec.toml").map_or("", |file| &file.text);
    settings::of(text, Path::new("mcpsec.toml"))
}

/// The baseline that somebody names on the command line.
fn named_baseline(root: &Path, path: &Path) -> Result<Baseline, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("cannot read the baseline `{}`: {error}", path.display())))?;
    let within = path.canonicalize().ok().zip(root.canonicalize().ok());
    let within = within.and_then(|(path, root)| Some(path.strip_prefix(root).ok()?.to_path_buf()));
    let shown = within.unwrap_or_else(|| path.to_owned()).to_string_lossy().replace('\\', "/");
    parsed(&shown, &text)
}

/// The baseline that the settings name, or the one at the usual place.
fn own_baseline(root: &Path, project: &Project, doctor: &Doctor, from_git: bool) -> Result<Option<Baseline>, Failure> {
    let name = doctor.baseline.as_deref().unwrap_or(baseline::NAME);
    let text = if from_git { project.file(name).map(|file| file.text.clone()) } else { text_of(&root.join(name))? };
    match text {
        Some(text) => parsed(name, &text).map(Some),
        None if doctor.baseline.is_none() => Ok(None),
        None => Err(Failure::usage(format!("mcpsec.toml names the baseline `{name}`, and there is none"))
            .help("`mcpsec baseline create` writes it")),
    }
}

/// The text of a baseline; nothing where there is none.
pub(super) fn text_of(path: &Path) -> Result<Option<String>, Failure> {
    settings::optional(path, &format!("the baseline `{}`", path.display()))
}

/// A baseline's text, understood.
pub(super) fn parsed(name: &str, text: &str) -> Result<Baseline, Failure> {
    Baseline::parse(name, text).map_err(|error| {
        Failure::usage(format!("the baseline `{name}` cannot be used: {error}"))
            .help("after a merge keep the lines of both sides; `mcpsec baseline create` writes it anew")
    })
}
