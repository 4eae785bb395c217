//! Lockfiles: which exist, what they pin, and which of them covers a manifest.

use std::collections::BTreeMap;

use globset::{Glob, GlobSetBuilder};
use serde::{Deserialize, de::IgnoredAny};

use super::{
    File, Project, data,
    manifest::{Ecosystem, Manifest},
};

/// A lockfile.
#[derive(Clone, Debug)]
pub struct Lockfile {
    /// Relative to the project's folder; begins with `../` where it lies above.
    pub path: String,
    /// Its ecosystem.
    pub ecosystem: Ecosystem,
    /// Packages with their version, in order of appearance.
    pub packages: Vec<(String, String)>,
    /// Folders of the workspace that it names itself, relative to its own.
    pub members: Vec<String>,
}

/// Names of lockfiles, and what they lock.
pub const NAMES: &[(&str, Ecosystem)] = &[
    ("package-lock.json", Ecosystem::Npm),
    ("npm-shrinkwrap.json", Ecosystem::Npm),
    ("pnpm-lock.yaml", Ecosystem::Npm),
    ("yarn.lock", Ecosystem::Npm),
    ("bun.lock", Ecosystem::Npm),
    ("bun.lockb", Ecosystem::Npm),
    ("uv.lock", Ecosystem::Python),
    ("poetry.lock", Ecosystem::Python),
    ("pdm.lock", Ecosystem::Python),
    ("pylock.toml", Ecosystem::Python),
    ("Pipfile.lock", Ecosystem::Python),
    ("Cargo.lock", Ecosystem::Cargo),
    ("go.sum", Ecosystem::Go),
    ("go.work.sum", Ecosystem::Go),
];

/// Whether a file of this name is a lockfile.
pub fn is_lockfile(name: &str) -> bool {
    NAMES.iter().any(|(known, _)| *known == name)
}

/// How a manifest's dependencies are locked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Locked {
    /// By this file, which is part of the repository.
    By(String),
    /// By this file, which git ignores: nobody else gets it.
    Ignored(String),
    /// By nothing.
    Not,
}

/// The lockfile in `file`, where its name says that it is one. One that cannot be read still exists, without packages.
pub(super) fn read(file: &File) -> Option<Lockfile> {
    let mut lockfile = named(&file.path)?;
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    match name {
        "package-lock.json" | "npm-shrinkwrap.json" => npm(&file.text, &mut lockfile),
        "pnpm-lock.yaml" => pnpm(&file.text, &mut lockfile),
        "yarn.lock" => lockfile.packages = yarn(&file.text),
        "bun.lock" => lockfile.packages = bun(&file.text),
        "uv.lock" | "poetry.lock" | "pdm.lock" | "pylock.toml" | "Cargo.lock" => {
            lockfile.packages = package_tables(&file.text);
        }
        "go.sum" | "go.work.sum" => lockfile.packages = go_sum(&file.text),
        "Pipfile.lock" => lockfile.packages = pipfile(&file.text),
        _ => {}
    }
    Some(lockfile)
}

/// A lockfile of which only the name is known: a binary one, or one above the limit.
pub(super) fn named(path: &str) -> Option<Lockfile> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (_, ecosystem) = NAMES.iter().find(|(known, _)| *known == name)?;
    Some(Lockfile { path: path.to_owned(), ecosystem: *ecosystem, packages: Vec::new(), members: Vec::new() })
}

#[derive(Deserialize)]
struct NpmLock {
    #[serde(default)]
    packages: BTreeMap<String, NpmPackage>,
    #[serde(default)]
    dependencies: BTreeMap<String, NpmPackage>,
}

#[derive(Deserialize)]
struct NpmPackage {
    version: Option<String>,
    #[serde(default, rename = "link")]
    _link: IgnoredAny,
}

fn npm(text: &str, lockfile: &mut Lockfile) {
    let Ok(lock) = serde_json::from_str::<NpmLock>(text) else { return };
    let mut nested = Vec::new();
    for (path, package) in &lock.packages {
        let Some(version) = package.version.clone() else {
            lockfile.members.extend((!path.is_empty() && !path.contains("node_modules/")).then(|| path.clone()));
            continue;
        };
        match path.rsplit_once("node_modules/") {
            Some(("", name)) => lockfile.packages.push((name.to_owned(), version)),
            Some((_, name)) => nested.push((name.to_owned(), version)),
            None if !path.is_empty() => lockfile.members.push(path.clone()),
            None => {}
        }
    }
    lockfile.packages.extend(nested);
    if lock.packages.is_empty() {
        let versions = lock.dependencies.into_iter();
        lockfile.packages.extend(versions.filter_map(|(name, package)| Some((name, package.version?))));
    }
}

/// Line by line: the file is written by one program, and a YAML tree of a megabyte costs more than all other checks.
fn pnpm(text: &str, lockfile: &mut Lockfile) {
    let mut section = "";
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if !line.starts_with(' ') {
            section = line.trim_end().trim_end_matches(':');
            continue;
        }
        let Some(key) = line.strip_prefix("  ").filter(|key| !key.starts_with(' ')) else { continue };
        let key = key.split(": {").next().unwrap_or(key).trim_end().trim_end_matches(':').trim_matches('\'');
        match section {
            "importers" => lockfile.members.push(key.to_owned()),
            "packages" => {
                let key = key.trim_start_matches('/');
                let key = key.split('(').next().unwrap_or(key);
                let at = key.rfind('@').filter(|&at| at > 0).or_else(|| key.rfind('/'));
                if let Some(at) = at {
                    lockfile.packages.push((key[..at].to_owned(), key[at + 1..].to_owned()));
                }
            }
            _ => {}
        }
    }
}

fn yarn(text: &str) -> Vec<(String, String)> {
    let mut packages = Vec::new();
    let mut name: Option<String> = None;
    for line in text.lines() {
        if !line.starts_with([' ', '#']) && line.ends_with(':') {
            let first = line.split(',').next().unwrap_or(line).trim_end_matches(':').trim_matches('"');
            // The first letter may be the `@` of a scope.
            let at = first.char_indices().skip(1).find(|(_, letter)| *letter == '@');
            name = at.map(|(at, _)| first[..at].to_owned());
        } else if let Some(version) = line.trim().strip_prefix("version")
            && let Some(name) = name.take()
        {
            packages.push((name, version.trim_matches([':', ' ', '"']).to_owned()));
        }
    }
    packages
}

fn bun(text: &str) -> Vec<(String, String)> {
    let Ok(root) = data::json(text) else { return Vec::new() };
    let entries = root.get("packages").map_or(&[][..], data::Node::entries);
    let named = entries.iter().filter_map(|entry| entry.node.items().first()?.text());
    named
        .filter_map(|id| {
            let at = id.rfind('@').filter(|&at| at > 0)?;
            Some((id[..at].to_owned(), id[at + 1..].to_owned()))
        })
        .collect()
}

/// `[[package]]` tables with `name` and `version`, as Cargo, uv, Poetry and PDM write them.
fn package_tables(text: &str) -> Vec<(String, String)> {
    let mut packages = Vec::new();
    let mut name = None;
    for line in text.lines() {
        let value = |key: &str| {
            let rest = line.strip_prefix(key)?.trim_start().strip_prefix('=')?.trim();
            Some(rest.trim_matches('"').to_owned())
        };
        if line.starts_with("[[package") {
            name = None;
        } else if let Some(found) = value("name ") {
            name = Some(found);
        } else if let Some(version) = value("version ")
            && let Some(name) = name.take()
        {
            packages.push((name, version));
        }
    }
    packages
}

fn go_sum(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    let lines = lines.filter_map(|(name, rest)| Some((name, rest.split_once(' ')?.0)));
    lines.filter(|(_, version)| !version.ends_with("/go.mod")).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

fn pipfile(text: &str) -> Vec<(String, String)> {
    let Ok(root) = data::json(text) else { return Vec::new() };
    let entries = root.get("default").map_or(&[][..], data::Node::entries);
    let pinned = entries.iter().filter_map(|entry| Some((entry.key.clone(), entry.node.get("version")?.text()?)));
    pinned.map(|(name, version)| (name, version.trim_start_matches("==").to_owned())).collect()
}

/// A package that is looked for, as each ecosystem compares names.
struct Wanted<'a> {
    name: &'a str,
    python: String,
}

impl<'a> Wanted<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, python: super::manifest::normal_python(name) }
    }

    fn is(&self, ecosystem: Ecosystem, other: &str) -> bool {
        match ecosystem {
            Ecosystem::Python => super::manifest::normal_python(other) == self.python,
            _ => other == self.name,
        }
    }

    /// The version in the first lockfile that has it.
    fn locked(&self, lockfiles: &[&Lockfile]) -> Option<String> {
        // Go takes exactly what `go.mod` says; `go.sum` lists versions that were only looked at.
        let lockfiles = lockfiles.iter().filter(|lockfile| lockfile.ecosystem != Ecosystem::Go);
        let mut packages =
            lockfiles.flat_map(|lockfile| lockfile.packages.iter().map(|package| (lockfile.ecosystem, package)));
        packages.find(|(ecosystem, (other, _))| self.is(*ecosystem, other)).map(|(_, (_, version))| version.clone())
    }

    /// The least version that a manifest allows.
    fn least(&self, manifest: &Manifest) -> Option<String> {
        let found = manifest.dependencies.iter().find(|other| self.is(manifest.ecosystem, &other.name))?;
        match &found.source {
            super::manifest::Source::Registry(range) => super::manifest::version::least(range),
            _ => None,
        }
    }
}

impl Project {
    /// The version of a package that is installed: what a lockfile says, or the least that a manifest allows.
    pub fn dependency_version(&self, name: &str) -> Option<String> {
        let lockfiles: Vec<&Lockfile> = self.lockfiles.iter().collect();
        let wanted = Wanted::new(name);
        wanted.locked(&lockfiles).or_else(|| self.manifests.iter().find_map(|manifest| wanted.least(manifest)))
    }

    /// The version of a package that `manifest` asks for: what the nearest of `lockfiles` says, or the least that it allows.
    /// `lockfiles` are [`Project::around`] it.
    pub fn version_for(&self, manifest: &Manifest, lockfiles: &[&Lockfile], name: &str) -> Option<String> {
        let wanted = Wanted::new(name);
        wanted.locked(lockfiles).or_else(|| wanted.least(manifest)).or_else(|| self.dependency_version(name))
    }

    /// The lockfiles of the manifest's ecosystem in its folder and above it, the nearest first.
    pub fn around(&self, manifest: &Manifest) -> Vec<&Lockfile> {
        let own = self.lockfiles.iter().filter(|lockfile| lockfile.ecosystem == manifest.ecosystem);
        let mut around: Vec<(usize, &Lockfile)> = own
            .filter_map(|lockfile| {
                let below = relative(folder(&lockfile.path), manifest.folder(), &self.git.prefix)?;
                Some((below.len(), lockfile))
            })
            .collect();
        around.sort_by_key(|(distance, _)| *distance);
        around.into_iter().map(|(_, lockfile)| lockfile).collect()
    }

    /// How the dependencies of `manifest` are locked.
    pub fn locked(&self, manifest: &Manifest) -> Locked {
        let mut ignored = None;
        for lockfile in self.lockfiles.iter().filter(|lockfile| lockfile.ecosystem == manifest.ecosystem) {
            if !self.covers(lockfile, manifest) {
                continue;
            }
            if self.git.tracks(&lockfile.path) == Some(false) && self.git.ignored(&lockfile.path) {
                ignored = Some(lockfile.path.clone());
            } else {
                return Locked::By(lockfile.path.clone());
            }
        }
        let hashed = |file: &&File| {
            file.path.ends_with(".txt") && folder(&file.path) == manifest.folder() && is_compiled(&file.text)
        };
        if manifest.ecosystem == Ecosystem::Python
            && let Some(file) = self.files.iter().find(hashed)
        {
            return Locked::By(file.path.clone());
        }
        ignored.map_or(Locked::Not, Locked::Ignored)
    }

    fn covers(&self, lockfile: &Lockfile, manifest: &Manifest) -> bool {
        let (place, member) = (folder(&lockfile.path), manifest.folder());
        let Some(below) = relative(place, member, &self.git.prefix) else { return false };
        if below.is_empty() || lockfile.members.contains(&below) {
            return true;
        }
        let workspaces = self.manifests.iter().filter(|other| {
            other.ecosystem == manifest.ecosystem && other.folder() == place && other.workspace.is_some()
        });
        workspaces.into_iter().any(|workspace| {
            // Cargo also takes in what members depend on by path: only an exclusion keeps a folder out.
            let inclusive = workspace.ecosystem == Ecosystem::Cargo;
            matches(workspace.workspace.as_deref().unwrap_or_default(), &below, inclusive)
        }) || lockfile.ecosystem == Ecosystem::Go && lockfile.path.ends_with("go.work.sum")
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// `member` relative to `place`, where it lies in or below it. Both may begin with `../`.
fn relative(place: &str, member: &str, prefix: &str) -> Option<String> {
    let git = super::Git { prefix: prefix.to_owned(), ..super::Git::default() };
    let (place, member) = (git.repository_path(place)?, git.repository_path(member)?);
    if place.is_empty() {
        return Some(member);
    }
    if place == member {
        return Some(String::new());
    }
    member.strip_prefix(&place)?.strip_prefix('/').map(str::to_owned)
}

fn matches(globs: &[String], path: &str, inclusive: bool) -> bool {
    let set = |wanted: bool| {
        let mut builder = GlobSetBuilder::new();
        for glob in globs {
            let (negative, glob) = glob.strip_prefix('!').map_or((false, glob.as_str()), |glob| (true, glob));
            if negative != wanted
                && let Ok(glob) = Glob::new(glob.trim_start_matches("./").trim_end_matches('/'))
            {
                builder.add(glob);
            }
        }
        builder.build().map(|set| set.is_match(path)).unwrap_or(false)
    };
    (inclusive || set(true)) && !set(false)
}

/// Whether a list of requirements was written by a resolver: every line pinned, with hashes or with its header.
fn is_compiled(text: &str) -> bool {
    let head: String = text.lines().take(5).collect::<Vec<_>>().join("\n").to_ascii_lowercase();
    text.contains("--hash=sha256:") || text.contains("==") && head.contains("autogenerated by")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, text: &str, name: &str, expected: &str) {
        let project = Project::from_files([(path.to_owned(), text.to_owned())]);
        assert_eq!(project.dependency_version(name).as_deref(), Some(expected), "{path}");
    }

    #[test]
    fn every_lockfile_tells_the_version_that_is_installed() {
        let npm = r#"{"packages": {"": {"name": "a"}, "node_modules/x/node_modules/@m/sdk": {"version": "0.9.0"},
            "node_modules/@m/sdk": {"version": "1.24.3"}}}"#;
        check("package-lock.json", npm, "@m/sdk", "1.24.3");
        check("package-lock.json", r#"{"dependencies": {"a": {"version": "2.0.0"}}}"#, "a", "2.0.0");
        check("pnpm-lock.yaml", "packages:\n\n  '@m/sdk@1.2.3(zod@3.0.0)':\n    resolution: {}\n", "@m/sdk", "1.2.3");
        check("pnpm-lock.yaml", "packages:\n\n  /@m/sdk@1.2.3:\n    resolution: {}\n", "@m/sdk", "1.2.3");
        check("yarn.lock", "\"@m/sdk@^1.0.0\", \"@m/sdk@~1\":\n  version \"1.2.3\"\n", "@m/sdk", "1.2.3");
        check("yarn.lock", "\"@m/sdk@npm:^1.0.0\":\n  version: 1.2.3\n", "@m/sdk", "1.2.3");
        check("bun.lock", "{\"packages\": {\"@m/sdk\": [\"@m/sdk@1.2.3\", \"\", {}],}}", "@m/sdk", "1.2.3");
        check("uv.lock", "[[package]]\nname = \"mcp\"\nversion = \"1.9.0\"\n", "MCP", "1.9.0");
        check("Cargo.lock", "[[package]]\nname = \"rmcp\"\nversion = \"1.4.0\"\n", "rmcp", "1.4.0");
        check("Pipfile.lock", r#"{"default": {"mcp": {"version": "==1.2.0"}}}"#, "mcp", "1.2.0");
    }

    #[test]
    fn without_a_lockfile_the_manifest_tells_the_least_version() {
        check("package.json", r#"{"dependencies": {"@m/sdk": "^1.24.0"}}"#, "@m/sdk", "1.24.0");
        check("pyproject.toml", "[project]\nname = 'a'\ndependencies = ['mcp[cli]>=1.2']\n", "mcp", "1.2");
        check("go.mod", "module a\n\nrequire (\n\tgithub.com/m/go v0.8.1 // indirect\n)\n", "github.com/m/go", "0.8.1");
        check("Cargo.toml", "[dependencies]\nrmcp = { version = '0.3', features = [] }\n", "rmcp", "0.3");
        check("requirements.txt", "# a\nmcp>=1.0  # why\n", "mcp", "1.0");
    }

    #[track_caller]
    fn locked(files: &[(&str, &str)], expected: Locked) {
        let project = Project::from_files(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
        let own = project.manifests.iter().find(|manifest| !manifest.path.starts_with("../")).expect("a manifest");
        assert_eq!(project.locked(own), expected, "{files:?}");
    }

    #[test]
    fn a_lockfile_above_covers_the_members_of_its_workspace_only() {
        let own = ("package.json", r#"{"dependencies": {"a": "^1"}}"#);
        // The project in memory lies in `a/b` below its repository's folder.
        locked(&[own, ("../../package-lock.json", "{}")], Locked::Not);
        let member = r#"{"workspaces": ["a/*"]}"#;
        let other = r#"{"workspaces": ["c/*"]}"#;
        let lock = "../../package-lock.json";
        locked(&[own, (lock, "{}"), ("../../package.json", member)], Locked::By(lock.into()));
        locked(&[own, (lock, "{}"), ("../../package.json", other)], Locked::Not);
        let globs = "packages:\n  - 'a/**'\n  - '!a/c'\n";
        let lock = "../../pnpm-lock.yaml";
        locked(&[own, (lock, ""), ("../../pnpm-workspace.yaml", globs)], Locked::By(lock.into()));
        locked(
            &[own, ("package-lock.json", "{}"), (".gitignore", "package-lock.json")],
            Locked::Ignored("package-lock.json".into()),
        );
        locked(&[own, ("bun.lock", "")], Locked::By("bun.lock".into()));
    }
}
