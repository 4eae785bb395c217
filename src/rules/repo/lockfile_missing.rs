//! Nobody knows which versions will be installed next.

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{
        Project, Role,
        lockfile::{self, Locked},
        manifest::{Ecosystem, Manifest, Purpose, Source},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "lockfile-missing",
    group: "repo",
    title: "no lockfile is committed",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1357", "MCP04", "MSSS SUPPLY-01"],
    docs: "
Without a lockfile every installation resolves the dependencies anew. A version that somebody with a stolen registry account
publishes tonight runs in tomorrow's server, with its tokens, and no commit shows it.

Commit what the package manager writes: `package-lock.json`, `pnpm-lock.yaml`, `yarn.lock`, `bun.lock`; `uv.lock`,
`poetry.lock`, `pdm.lock`, or requirements with hashes; `Cargo.lock`; `go.sum`. Install from it: `npm ci`,
`uv sync --frozen`, `cargo build --locked`.

A lockfile in a folder above counts where the project belongs to its workspace, and one that git ignores does not count: nobody
else gets it. Libraries are not reported, because their users' lockfiles decide.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.manifests.iter().any(|manifest| needs_lock(project, manifest)) {
        Ok(())
    } else {
        Err("no application with dependencies was found")
    }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut seen: Vec<(&str, Ecosystem)> = Vec::new();
    for manifest in project.manifests.iter().filter(|manifest| needs_lock(project, manifest)) {
        let key = (manifest.folder(), manifest.ecosystem);
        if seen.contains(&key) {
            continue;
        }
        seen.push(key);
        let message = match project.locked(manifest) {
            Locked::By(_) => continue,
            Locked::Ignored(path) => {
                format!("`{path}` is ignored by git, so that nobody else installs what was tested")
            }
            Locked::Not => format!("the dependencies in `{}` are locked by nothing", manifest.path),
        };
        let finding = context::finding(
            project,
            &RULE,
            Place::top(&manifest.path),
            message,
            "whoever takes over one dependency's account runs code in the next installation",
            "commit the lockfile and install from it",
        );
        findings.push(Finding { related: unwanted(project, manifest).into_iter().collect(), ..finding });
    }
}

/// The line of an ignore file by which git would leave the lockfile out, once there is one.
fn unwanted(project: &Project, manifest: &Manifest) -> Option<Related> {
    let files = project.files.iter().chain(&project.above.files).filter(|file| {
        let folder = file.path.strip_suffix(".gitignore");
        folder.is_some_and(|folder| folder.starts_with("../") || manifest.path.starts_with(folder))
    });
    files.into_iter().find_map(|file| {
        let mut start = 0;
        file.text.split_inclusive('\n').find_map(|line| {
            let from = start;
            start += line.len();
            let pattern = line.trim().trim_start_matches(['/', '*']);
            let (name, _) = lockfile::NAMES.iter().find(|(name, of)| *of == manifest.ecosystem && *name == pattern)?;
            let place = Place::new(&file.path, from, from + line.trim_end().len());
            Some(Related { place, message: format!("git would leave `{name}` out because of this line") })
        })
    })
}

fn needs_lock(project: &Project, manifest: &Manifest) -> bool {
    // Maven fixes versions in its manifests; with Gradle and NuGet few projects lock, and their ranges take the lowest.
    if matches!(manifest.ecosystem, Ecosystem::Maven | Ecosystem::NuGet) {
        return false;
    }
    let own = !manifest.path.starts_with("../");
    let judged = matches!(context::role(project, &Place::top(&manifest.path)), Role::Product | Role::Script);
    // What this repository publishes itself, such as a binary per platform, needs no lock.
    let sibling = |name: &str| {
        let mut others = project.manifests.iter().filter(|other| other.ecosystem == manifest.ecosystem);
        others.any(|other| other.name.as_deref() == Some(name))
    };
    let mut dependencies = manifest.dependencies.iter();
    let foreign = dependencies.any(|dependency| dependency.source != Source::Local && !sibling(&dependency.name));
    own && judged
        && foreign
        && manifest.error.is_none()
        && !in_workspace(project, manifest)
        && is_application(project, manifest)
}

/// A member of a workspace in this project: its lockfile is asked for once, at the workspace.
fn in_workspace(project: &Project, manifest: &Manifest) -> bool {
    project.manifests.iter().any(|other| {
        let above = other.folder().is_empty() || manifest.folder().starts_with(&format!("{}/", other.folder()));
        other.ecosystem == manifest.ecosystem
            && other.workspace.is_some()
            && !other.path.starts_with("../")
            && other.folder() != manifest.folder()
            && above
            && !other.dependencies.is_empty()
    })
}

/// Whether it is run rather than imported: it says so, or an MCP server is made in its folder.
fn is_application(project: &Project, manifest: &Manifest) -> bool {
    let inside = |path: &str| {
        manifest.folder().is_empty() || path.strip_prefix(manifest.folder()).is_some_and(|rest| rest.starts_with('/'))
    };
    let join = |path: &str| {
        let folder = manifest.folder();
        if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") }
    };
    // A list beside a package is what its developers install: the package says what is run.
    let beside_package = || {
        let mut packages = project.manifests.iter().filter(|other| other.is_package);
        packages.any(|other| other.ecosystem == manifest.ecosystem && other.folder() == manifest.folder())
    };
    let runs = manifest.dependencies.iter().any(|dependency| dependency.purpose == Purpose::Runtime);
    let requirements = manifest.ecosystem == Ecosystem::Python && !manifest.is_package && runs && !beside_package();
    let main = manifest.ecosystem == Ecosystem::Cargo && project.file(&join("src/main.rs")).is_some();
    let servers = project.facts.servers.iter().any(|server| inside(&server.place.path));
    let tools = manifest.ecosystem == Ecosystem::Python && !manifest.is_package && !runs;
    manifest.is_application || manifest.workspace.is_some() || requirements || main || (servers && !tools)
}
