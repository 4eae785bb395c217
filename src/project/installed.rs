//! Packages that a project has, with the version that is really installed and where it says so.

use super::{
    Project,
    lockfile::Lockfile,
    manifest::{Ecosystem, normal_python},
    runner,
};
use crate::finding::Place;

/// A package of the project.
#[derive(Clone, Debug)]
pub struct Installed {
    /// Where it comes from.
    pub ecosystem: Ecosystem,
    /// Its name, as its ecosystem compares it.
    pub name: String,
    /// The version; nothing where it is not known.
    pub version: Option<String>,
    /// That is the version, and not only the least that a range allows.
    pub is_exact: bool,
    /// Where it is asked for.
    pub place: Place,
}

/// What manifests ask for, and what configurations of clients start.
pub fn direct(project: &Project) -> Vec<Installed> {
    let mut found = Vec::new();
    for manifest in project.manifests.iter().filter(|manifest| !manifest.path.starts_with("../")) {
        let lockfiles = project.around(manifest);
        for dependency in &manifest.dependencies {
            let name = normal(manifest.ecosystem, &dependency.name);
            let version = project.version_for(manifest, &lockfiles, &dependency.name);
            let is_exact = manifest.ecosystem == Ecosystem::Go || locked(&lockfiles, &name);
            let place = dependency.place.clone();
            found.push(Installed { ecosystem: manifest.ecosystem, name, version, is_exact, place });
        }
    }
    for server in project.clients.iter().flat_map(|client| &client.servers) {
        let words: Vec<_> = server.command.iter().chain(&server.arguments).cloned().collect();
        let Some(fetched) = runner::fetched(&words) else { continue };
        let ecosystem = match fetched.runner.as_str() {
            runner if runner.starts_with("uv") || runner.starts_with("pipx") => Ecosystem::Python,
            runner if runner.starts_with("docker") || runner.starts_with("podman") || runner.starts_with("go") => {
                continue;
            }
            _ => Ecosystem::Npm,
        };
        let (name, version) = parted(&fetched.package.text);
        let version = version.filter(|_| fetched.pinned);
        let name = normal(ecosystem, name);
        let is_exact = version.is_some();
        let version = version.map(str::to_owned);
        found.push(Installed { ecosystem, name, version, is_exact, place: fetched.package.place });
    }
    found
}

/// What lockfiles pin, with everything that is needed indirectly: those whose ecosystem, name and version are wanted.
/// Only these are searched for in the text.
pub fn locked_packages(project: &Project, wanted: impl Fn(Ecosystem, &str, &str) -> bool) -> Vec<Installed> {
    let own = project.lockfiles.iter().filter(|lockfile| !lockfile.path.starts_with("../"));
    let packages = own.flat_map(|lockfile| lockfile.packages.iter().map(move |package| (lockfile, package)));
    let named = packages.filter_map(|(lockfile, (written, version))| {
        let name = normal(lockfile.ecosystem, written);
        wanted(lockfile.ecosystem, &name, version).then(|| Installed {
            ecosystem: lockfile.ecosystem,
            name,
            version: Some(version.clone()),
            is_exact: true,
            place: place_of(project, &lockfile.path, written),
        })
    });
    named.collect()
}

/// Where the lockfile that decides about a package names it.
pub fn lock_place(project: &Project, package: &Installed) -> Option<Place> {
    let own = project.lockfiles.iter().filter(|lockfile| lockfile.ecosystem == package.ecosystem);
    own.filter(|lockfile| project.file(&lockfile.path).is_some()).find_map(|lockfile| {
        let version = package.version.as_ref()?;
        let same = |written: &str| normal(package.ecosystem, written) == package.name;
        let (written, _) = lockfile.packages.iter().find(|(name, locked)| same(name) && locked == version)?;
        Some(place_of(project, &lockfile.path, written))
    })
}

/// The line of a lockfile that begins what it says of the package; otherwise the first that names it.
fn place_of(project: &Project, path: &str, name: &str) -> Place {
    let Some(file) = project.file(path) else { return Place::top(path) };
    let own = [format!("\"node_modules/{name}\""), format!("name = \"{name}\"\nversion"), format!("\n{name}@")];
    let named = [format!("\"{name}\""), format!("node_modules/{name}\""), format!("{name}@")];
    let at = own.iter().chain(&named).find_map(|text| Some((file.text.find(text.as_str())?, text)));
    let Some((at, text)) = at else { return Place::top(path) };
    let at = at + text.find(name).unwrap_or_default();
    Place::new(path, at, at + name.len())
}

fn locked(lockfiles: &[&Lockfile], name: &str) -> bool {
    let mut packages = lockfiles.iter().flat_map(|it| it.packages.iter().map(|(other, _)| normal(it.ecosystem, other)));
    packages.any(|other| other == name)
}

fn normal(ecosystem: Ecosystem, name: &str) -> String {
    if ecosystem == Ecosystem::Python { normal_python(name) } else { name.to_owned() }
}

/// `@scope/name@1.2.3`, `name==1.2.3`: name and version.
fn parted(package: &str) -> (&str, Option<&str>) {
    if let Some((name, version)) = package.split_once("==") {
        return (name, Some(version));
    }
    match package.rfind('@').filter(|&at| at > 0) {
        Some(at) => (&package[..at], Some(&package[at + 1..])),
        None => (package, None),
    }
}
