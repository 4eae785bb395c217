//! What a project says about itself and what it depends on: `package.json`, `pyproject.toml`, `requirements.txt`,
//! `setup.py`, `Cargo.toml`, `go.mod`, `pom.xml`, Gradle's build files and catalogues, `*.csproj` and what stands beside them.
//!
//! A manifest that does not parse has an `error` and nothing else: rules never guess from half of one.

mod cargo;
mod golang;
mod gradle;
mod maven;
mod npm;
mod nuget;
mod python;
pub mod version;
mod xml;

pub(super) use python::normal as normal_python;

use crate::finding::Place;

use super::{File, data::DataError};

/// Where packages come from.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Ecosystem {
    /// npm and its kin.
    Npm,
    /// Python.
    Python,
    /// Rust.
    Cargo,
    /// Go.
    Go,
    /// Maven's repositories, whether Maven or Gradle asks them.
    Maven,
    /// .NET.
    NuGet,
}

/// One file that declares a package or its dependencies.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Relative to the project's folder; begins with `../` where it lies above.
    pub path: String,
    /// Its ecosystem.
    pub ecosystem: Ecosystem,
    /// The package's name.
    pub name: Option<String>,
    /// It is not meant to be published.
    pub private: bool,
    /// It declares a package, and not only a workspace or a list of requirements.
    pub is_package: bool,
    /// It installs a command or is started by a script: an application rather than a library.
    pub is_application: bool,
    /// In order of appearance.
    pub dependencies: Vec<Dependency>,
    /// Named commands: npm's `scripts`, entry points, task runners' tasks.
    pub scripts: Vec<Script>,
    /// Globs of the folders that belong to its workspace, relative to its own; nothing where it is no workspace.
    pub workspace: Option<Vec<String>>,
    /// Why it could not be read.
    pub error: Option<DataError>,
}

/// A named command.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its name.
    pub name: String,
    /// What it runs.
    pub command: String,
    /// Where the command is written.
    pub place: Place,
}

/// What a dependency is needed for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// To run.
    Runtime,
    /// To build, test or develop.
    Development,
    /// For nothing by itself: a version for whoever needs it.
    Managed,
}

/// Where a dependency comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// The ecosystem's registry, by a range of versions as written; empty where none is given.
    Registry(String),
    /// This repository, or a range that its workspace decides.
    Local,
    /// A repository or an archive elsewhere; with a revision that cannot move, or without.
    Remote {
        /// As written.
        address: String,
        /// It names a commit, tag or version.
        fixed: bool,
    },
}

/// A package that is needed.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Its name, as the ecosystem compares it.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// What for.
    pub purpose: Purpose,
    /// Where it is written.
    pub place: Place,
}

impl Dependency {
    /// Why the next installation may bring another program, lockfiles aside: no version, any version, a moving
    /// source, or only a lower bound.
    pub fn floating(&self, ecosystem: Ecosystem) -> Option<&'static str> {
        match &self.source {
            Source::Local | Source::Remote { fixed: true, .. } => None,
            Source::Remote { .. } => Some("comes from an address without a fixed revision"),
            Source::Registry(range) => version::floating(range, ecosystem),
        }
    }
}

impl Manifest {
    fn new(path: &str, ecosystem: Ecosystem) -> Self {
        Self {
            path: path.to_owned(),
            ecosystem,
            name: None,
            private: false,
            is_package: false,
            is_application: false,
            dependencies: Vec::new(),
            scripts: Vec::new(),
            workspace: None,
            error: None,
        }
    }

    /// Its folder, relative to the project's; empty for the project's own.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The script called `name`.
    pub fn script(&self, name: &str) -> Option<&Script> {
        self.scripts.iter().find(|script| script.name == name)
    }
}

/// The manifest in `file`, where its name says that it is one.
pub fn read(file: &File) -> Option<Manifest> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    match name {
        "package.json" => Some(npm::package(file)),
        "pnpm-workspace.yaml" => Some(npm::pnpm_workspace(file)),
        "pyproject.toml" => Some(python::pyproject(file)),
        "setup.py" | "setup.cfg" => Some(python::setup(file)),
        "Cargo.toml" => Some(cargo::manifest(file)),
        "go.mod" => Some(golang::module(file)),
        "pom.xml" => Some(maven::manifest(file)),
        "build.gradle" | "build.gradle.kts" => Some(gradle::build(file)),
        "libs.versions.toml" => Some(gradle::catalog(file)),
        "Directory.Packages.props" | "Directory.Build.props" => Some(nuget::project(file)),
        _ if name.ends_with(".csproj") => Some(nuget::project(file)),
        _ if python::is_requirements(&file.path) => Some(python::requirements(file)),
        _ => None,
    }
}
