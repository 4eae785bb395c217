//! Parts of a repository that are built on their own, for languages whose build files say more than their imports: what
//! a build file names, what its settings say, and which files belong to it.

use std::collections::BTreeSet;

use crate::{
    finding::Place,
    project::{
        File, Role,
        data::{self, Node, Value},
        manifest::{self, Ecosystem, Manifest, Purpose, Source},
        program::{Program, modules::join},
        yaml,
    },
};

/// A setting of a properties, YAML or JSON file.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// Dotted, in lowercase, without dashes and profiles: `server.address`.
    pub(super) key: String,
    /// As written.
    pub(super) value: String,
    /// Key and value, or the value alone.
    pub(super) place: Place,
    /// It holds wherever the program runs: no profile but the usual one.
    pub(super) usual: bool,
}

impl Setting {
    /// Whether it says no.
    pub(super) fn is_off(&self) -> bool {
        matches!(self.value.to_ascii_lowercase().as_str(), "false" | "off" | "no")
    }

    /// Whether it says yes.
    pub(super) fn is_on(&self) -> bool {
        matches!(self.value.to_ascii_lowercase().as_str(), "true" | "on" | "yes")
    }
}

/// One such part.
#[derive(Debug)]
pub(super) struct Build {
    /// Its folder, with a slash at the end; empty for the project's own.
    folder: String,
    /// What its build files name.
    manifests: Vec<Manifest>,
    /// Its own dependencies, and those of the parts that it needs and of the parent above.
    dependencies: Vec<(String, Place)>,
    /// What its settings say.
    pub(super) settings: Vec<Setting>,
    /// Files that configure a logger of Java, and where they write to standard output.
    pub(super) loggers: Vec<(String, Option<Place>)>,
    /// Its sources, tests left out.
    pub(super) files: BTreeSet<usize>,
    /// Its sources and those of the parts that it needs: where what protects it may stand.
    pub(super) closure: BTreeSet<usize>,
}

impl Build {
    /// A dependency whose name holds one of some words.
    pub(super) fn needs(&self, words: &[&str]) -> Option<&Place> {
        let mut named = self.dependencies.iter().filter(|(name, _)| words.iter().any(|word| name.contains(word)));
        named.next().map(|(_, place)| place)
    }

    /// The setting of a key that holds everywhere, else one of a profile.
    pub(super) fn setting(&self, key: &str) -> Option<&Setting> {
        let mut of_key = self.settings.iter().filter(|setting| setting.key == key);
        of_key.clone().find(|setting| setting.usual).or_else(|| of_key.next())
    }
}

/// The parts of a repository for one ecosystem, innermost folders first.
#[derive(Debug)]
pub(super) struct Builds(Vec<Build>);

impl Builds {
    /// Reads build files and settings. The sources are those of `sources`, indices of `program`.
    pub(super) fn of(program: &Program<'_>, files: &[File], ecosystem: Ecosystem, sources: &[usize]) -> Self {
        let mut builds: Vec<Build> = vec![Build::at("")];
        for file in files.iter().filter(|file| !matches!(file.role, Role::Foreign | Role::Test)) {
            let Some(manifest) = is_build(&file.path).then(|| manifest::read(file)).flatten() else { continue };
            if manifest.ecosystem == ecosystem {
                let folder = folder(&file.path);
                // A catalogue lies in a folder of its own.
                let folder = folder.strip_suffix("gradle/").filter(|_| file.path.ends_with(".toml")).unwrap_or(folder);
                match builds.iter_mut().find(|build| build.folder == folder) {
                    Some(build) => build.manifests.push(manifest),
                    None => builds.push(Build { manifests: vec![manifest], ..Build::at(folder) }),
                }
            }
        }
        builds.sort_by_key(|build| std::cmp::Reverse(build.folder.len()));
        let mut builds = Self(builds);
        for file in files.iter().filter(|file| !matches!(file.role, Role::Foreign | Role::Test)) {
            if let Some(build) = builds.index(&file.path).filter(|_| is_logger(&file.path)) {
                builds.0[build].loggers.push((file.path.clone(), console(file)));
            }
            let settings = settings(file);
            if let Some(build) = builds.index(&file.path).filter(|_| !settings.is_empty()) {
                builds.0[build].settings.extend(settings);
            }
        }
        for &file in sources {
            if let Some(build) = builds.index(program.units()[file].path) {
                builds.0[build].files.insert(file);
            }
        }
        builds.connect();
        builds
    }

    /// What each part has of the others that it needs.
    fn connect(&mut self) {
        let needed: Vec<Vec<usize>> = (0..self.0.len()).map(|index| self.needed(index)).collect();
        for index in 0..self.0.len() {
            let mut reached = BTreeSet::from([index]);
            let mut open = vec![index];
            while let Some(next) = open.pop() {
                open.extend(needed[next].iter().filter(|&&other| reached.insert(other)));
            }
            let all = reached.iter().map(|&other| &self.0[other]);
            let closure = all.clone().flat_map(|build| &build.files).copied().collect();
            let parents = self.0.iter().filter(|other| other.is_parent() && self.0[index].lies_in(other));
            let runs = |manifest: &Manifest| {
                let runtime = manifest.dependencies.iter().filter(|one| one.purpose == Purpose::Runtime);
                runtime.map(|one| (one.name.clone(), one.place.clone())).collect::<Vec<_>>()
            };
            let dependencies = all.chain(parents).flat_map(|build| &build.manifests).flat_map(runs).collect();
            self.0[index].closure = closure;
            self.0[index].dependencies = dependencies;
        }
    }

    /// The parts of this repository that one names: by artifact (Maven), by path (Gradle, .NET).
    fn needed(&self, index: usize) -> Vec<usize> {
        let build = &self.0[index];
        let mut found = Vec::new();
        for dependency in build.manifests.iter().flat_map(|manifest| &manifest.dependencies) {
            let artifact = dependency.name.rsplit(':').next().unwrap_or_default();
            let target = match (&dependency.source, dependency.name.strip_prefix('/')) {
                (Source::Local, Some(path)) => format!("{path}/"),
                (Source::Local, None) => {
                    let path = join(&build.folder, &dependency.name);
                    folder(&path).to_owned()
                }
                _ => String::new(),
            };
            found.extend(self.0.iter().position(|other| {
                let named = other.manifests.iter().any(|manifest| manifest.name.as_deref() == Some(artifact));
                if target.is_empty() { named && other.is_maven() } else { other.folder == target }
            }));
        }
        found
    }

    fn index(&self, path: &str) -> Option<usize> {
        self.0.iter().position(|build| path.starts_with(&build.folder))
    }

    /// The part that a file belongs to.
    pub(super) fn around(&self, path: &str) -> Option<&Build> {
        self.index(path).map(|index| &self.0[index])
    }

    /// Every part.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Build> {
        self.0.iter()
    }
}

impl Build {
    fn is_maven(&self) -> bool {
        self.manifests.iter().any(|manifest| manifest.path.ends_with("pom.xml"))
    }

    /// A `pom.xml` that names modules.
    fn is_parent(&self) -> bool {
        self.is_maven() && self.manifests.iter().any(|manifest| manifest.workspace.is_some())
    }

    fn lies_in(&self, other: &Self) -> bool {
        self.folder != other.folder && self.folder.starts_with(&other.folder) && self.is_maven()
    }

    fn at(folder: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            manifests: Vec::new(),
            settings: Vec::new(),
            dependencies: Vec::new(),
            closure: BTreeSet::new(),
            loggers: Vec::new(),
            files: BTreeSet::new(),
        }
    }
}

fn folder(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..=slash])
}

fn is_build(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "pom.xml" | "build.gradle" | "build.gradle.kts" | "libs.versions.toml") || name.ends_with(".csproj")
}

fn is_logger(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    (name.starts_with("logback") || name.starts_with("log4j2"))
        && (name.ends_with(".xml") || name.ends_with(".properties"))
}

/// The appender of Logback that writes to standard output, which is what it does without a target.
fn console(file: &File) -> Option<Place> {
    let name = "ch.qos.logback.core.ConsoleAppender";
    let commented = |at: usize| {
        let before = &file.text[..at];
        before.rfind("<!--") > before.rfind("-->")
    };
    let at = file.text.match_indices(name).map(|(at, _)| at).find(|&at| !commented(at))?;
    let end = file.text[at..].find("</appender>").map_or(file.text.len(), |length| at + length);
    let told = file.text[at..end].contains("System.err");
    // A filter may hold everything back.
    let held = file.text[at..end].contains("<filter");
    (!told && !held).then(|| Place::new(&file.path, at, at + name.len()))
}

/// What a file of settings says: `application*.properties`, `application*.yml`, `appsettings*.json`.
fn settings(file: &File) -> Vec<Setting> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let Some((stem, extension)) = name.rsplit_once('.') else { return Vec::new() };
    let of_java = stem == "application" || stem.starts_with("application-");
    let of_dotnet = stem == "appsettings" || stem.starts_with("appsettings.");
    let usual = matches!(stem, "application" | "appsettings");
    let mut found = Vec::new();
    match extension {
        "properties" if of_java => properties(file, usual, &mut found),
        "yml" | "yaml" if of_java => {
            for document in yaml::documents(&file.text).unwrap_or_default() {
                flatten(&document, String::new(), &file.path, usual, &mut found);
            }
        }
        "json" if of_dotnet => {
            if let Ok(root) = data::json(file.text.trim_start_matches('\u{feff}')) {
                let shift = file.text.len() - file.text.trim_start_matches('\u{feff}').len();
                flatten(&root, String::new(), &file.path, usual, &mut found);
                for setting in &mut found {
                    setting.place = Place::new(&file.path, setting.place.start + shift, setting.place.end + shift);
                }
            }
        }
        _ => {}
    }
    found
}

fn properties(file: &File, usual: bool, found: &mut Vec<Setting>) {
    let mut offset = 0;
    for line in file.text.split_inclusive('\n') {
        let start = offset + (line.len() - line.trim_start().len());
        offset += line.len();
        let code = line.trim();
        if code.is_empty() || code.starts_with(['#', '!']) {
            continue;
        }
        let (key, value) = code.split_once(['=', ':']).unwrap_or((code, ""));
        let place = Place::new(&file.path, start, start + code.len());
        found.push(setting(key.trim(), value.trim(), place, usual));
    }
}

/// `%prod.key` holds where the program runs; `%dev.key` and `%test.key` do not.
fn setting(key: &str, value: &str, place: Place, usual: bool) -> Setting {
    let (profile, key) = match key.strip_prefix('%').and_then(|rest| rest.split_once('.')) {
        Some((profile, key)) => (profile, key),
        None => ("prod", key),
    };
    let key = key.replace(['-', '_'], "").to_ascii_lowercase();
    Setting { key, value: value.to_owned(), place, usual: usual && profile == "prod" }
}

fn flatten(node: &Node, key: String, path: &str, usual: bool, found: &mut Vec<Setting>) {
    match &node.value {
        Value::Table(entries) => {
            for entry in entries {
                let inner = if key.is_empty() { entry.key.clone() } else { format!("{key}.{}", entry.key) };
                flatten(&entry.node, inner, path, usual, found);
            }
        }
        Value::List(items) => items.iter().for_each(|item| flatten(item, key.clone(), path, usual, found)),
        Value::Text(text) => found.push(setting(&key, text, Place::new(path, node.span.start, node.span.end), usual)),
        Value::Flag(flag) => {
            let value = if *flag { "true" } else { "false" };
            found.push(setting(&key, value, Place::new(path, node.span.start, node.span.end), usual));
        }
        Value::Other(text) => {
            let value = if text == "null" { "" } else { text };
            found.push(setting(&key, value, Place::new(path, node.span.start, node.span.end), usual));
        }
    }
}
