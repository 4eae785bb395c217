//! Nobody knows how to build, start or test it.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{
        Project, Role,
        manifest::{Ecosystem, Manifest},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "scripts-missing",
    group: "repo",
    title: "there is no script to build, start or test",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1053"],
    docs: "
A package without any script to build, start or test is started in another way by everybody: with other flags, another
interpreter, another policy. What was tested is not what runs, and neither a pipeline nor this doctor can tell.

Name the entry points in the manifest: `scripts` in `package.json`, `[project.scripts]` in `pyproject.toml`. A `Makefile`,
`justfile`, `Taskfile.yml`, `tox.ini` or `noxfile.py` does as well. Cargo and Go have their own and are not asked, nor are
packages that only carry a binary for one platform (`os` and `cpu`).
",
    applies,
    check,
};

const RUNNERS: &[&str] =
    &["makefile", "gnumakefile", "justfile", "taskfile.yml", "taskfile.yaml", "tox.ini", "noxfile.py", "hatch.toml"];

fn applies(project: &Project) -> Result<(), &'static str> {
    if candidates(project).next().is_some() { Ok(()) } else { Err("no package of npm or Python was found") }
}

fn candidates(project: &Project) -> impl Iterator<Item = &Manifest> {
    project.manifests.iter().filter(|manifest| {
        let judged = context::role(project, &Place::top(&manifest.path)) == Role::Product;
        let known = manifest.path.ends_with("package.json") || manifest.path.ends_with("pyproject.toml");
        known && judged && manifest.is_package && manifest.error.is_none() && !manifest.path.starts_with("../")
    })
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for manifest in candidates(project) {
        if !manifest.scripts.is_empty()
            || manifest.is_application
            || has_other_entry(project, manifest)
            || is_helper(project, manifest)
            || !has_source(project, manifest)
        {
            continue;
        }
        findings.push(context::finding(
            project,
            &RULE,
            Place::top(&manifest.path),
            format!("`{}` names no way to build, start or test the package", manifest.path),
            "what runs in the end is not what anybody has tested",
            "name the entry points in the manifest",
        ));
    }
}

/// A manifest without any source below it pins tools or carries what others made.
fn has_source(project: &Project, manifest: &Manifest) -> bool {
    let folder = manifest.folder();
    let below = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    folder.is_empty() || project.files.iter().any(|file| file.language.is_some() && below(&file.path))
}

/// A package of a workspace that serves nothing itself: shared settings, types. What is above builds and tests it.
fn is_helper(project: &Project, manifest: &Manifest) -> bool {
    let folder = manifest.folder();
    let above = |other: &&Manifest| {
        other.ecosystem == manifest.ecosystem
            && other.folder().len() < folder.len()
            && (other.folder().is_empty() || folder.starts_with(&format!("{}/", other.folder())))
    };
    let serves = project.facts.servers.iter().any(|server| server.place.path.starts_with(&format!("{folder}/")));
    !serves && project.manifests.iter().filter(above).any(|other| !other.scripts.is_empty())
}

/// A task runner beside the manifest or at the top; for Python, a module that is run.
fn has_other_entry(project: &Project, manifest: &Manifest) -> bool {
    project.files.iter().any(|file| {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let runner = RUNNERS.contains(&name.to_ascii_lowercase().as_str());
        let inside = manifest.folder().is_empty() || folder.starts_with(manifest.folder());
        let module = name == "__main__.py" || name.ends_with(".py") && file.text.contains("__name__ ==");
        runner && (folder.is_empty() || folder == manifest.folder())
            || manifest.ecosystem == Ecosystem::Python && inside && module
    })
}
