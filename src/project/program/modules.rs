//! Which file an import means.

use std::collections::{BTreeSet, HashMap, hash_map::Entry};

use rayon::prelude::*;

use super::{Unit, packages::Packages};
use crate::project::{language::Language, syntax::Import};

/// A source file as imports see it.
pub(in crate::project) trait Source {
    /// Relative to the project's folder.
    fn path(&self) -> &str;
    /// Its language.
    fn language(&self) -> Language;
    /// Go: the package's name; Java and C#: the package or namespace.
    fn package(&self) -> &str;
}

impl Source for Unit<'_> {
    fn path(&self) -> &str {
        self.path
    }

    fn language(&self) -> Language {
        self.language
    }

    fn package(&self) -> &str {
        &self.module.package
    }
}

/// Files by what imports may call them.
#[derive(Debug, Default)]
pub(in crate::project) struct Paths {
    /// By path, without the extension of a source file.
    stems: HashMap<String, Vec<usize>>,
    /// Go: by folder, the first file of each package in it. Like those of `spaces` it stands for the others.
    folders: HashMap<String, Vec<usize>>,
    /// Java and C#: the first file of each package or namespace. It is tied to all others of it, so that it leads there.
    spaces: HashMap<(Language, String), usize>,
    /// Java and C#: the files that declare a type, by package and name.
    types: HashMap<(Language, String), Vec<usize>>,
    /// What manifests name.
    pub(in crate::project) packages: Packages,
    /// For each file what the modules mean that it names: names are asked for again and again.
    known: Vec<HashMap<String, Vec<usize>>>,
    /// For each file the files that it imports.
    pub(super) imports: Vec<BTreeSet<usize>>,
    /// For each file the files that import it.
    pub(super) importers: Vec<BTreeSet<usize>>,
}

impl Paths {
    /// Files by name; who imports whom is not known yet.
    pub(in crate::project) fn by_name(sources: &[impl Source], packages: Packages) -> Self {
        let mut paths = Self { packages, ..Self::default() };
        for (file, source) in sources.iter().enumerate() {
            paths.stems.entry(stem(source.path()).to_owned()).or_default().push(file);
            if source.language() == Language::Go {
                let folder = folder(source.path());
                if let Entry::Vacant(first) = paths.spaces.entry((Language::Go, go_space(source))) {
                    first.insert(file);
                    paths.folders.entry(folder.to_owned()).or_default().push(file);
                }
            }
            if source.language().has_implicit_this() {
                let space = (source.language(), source.package().to_owned());
                paths.spaces.entry(space).or_insert(file);
            }
        }
        paths
    }

    pub(super) fn of(units: &[Unit<'_>], packages: Packages) -> Self {
        let mut paths = Self::by_name(units, packages);
        paths.imports = vec![BTreeSet::new(); units.len()];
        paths.importers = vec![BTreeSet::new(); units.len()];
        paths.known = units.par_iter().enumerate().map(|(file, unit)| paths.named(units, file, unit)).collect();
        for (file, unit) in units.iter().enumerate().filter(|(_, unit)| unit.language.has_implicit_this()) {
            for class in unit.module.classes.iter().filter(|class| !class.name.is_empty()) {
                let name = (unit.language, format!("{}.{}", unit.module.package, class.name));
                paths.types.entry(name).or_default().push(file);
            }
        }
        let mut imports_of_heads = Vec::new();
        for (file, unit) in units.iter().enumerate() {
            let mut found: BTreeSet<usize> = BTreeSet::new();
            for import in &unit.module.imports {
                found.extend(paths.files(units, file, import));
            }
            for export in unit.module.exports.iter().filter_map(|export| export.from.as_ref()) {
                found.extend(paths.module(units, file, export));
            }
            if unit.language == Language::Go {
                let heads = paths.folders.get(folder(unit.path)).map_or(&[][..], Vec::as_slice);
                found.extend(heads);
                imports_of_heads.extend(heads.first().map(|&head| (head, file)));
            }
            if unit.language.has_implicit_this() {
                let head = paths.spaces.get(&(unit.language, unit.module.package.clone())).copied();
                found.extend(head);
                imports_of_heads.extend(head.map(|head| (head, file)));
            }
            found.remove(&file);
            found.iter().for_each(|&target| {
                paths.importers[target].insert(file);
            });
            paths.imports[file] = found;
        }
        for (head, file) in imports_of_heads.into_iter().filter(|(head, file)| head != file) {
            paths.imports[head].insert(file);
            paths.importers[file].insert(head);
        }
        paths
    }

    /// What every module that a file names means.
    fn named(&self, units: &[Unit<'_>], file: usize, unit: &Unit<'_>) -> HashMap<String, Vec<usize>> {
        let imports = unit.module.imports.iter();
        let submodules = imports.clone().filter_map(|import| joined(unit.language, import));
        let exports = unit.module.exports.iter().filter_map(|export| export.from.clone());
        let mut named: HashMap<String, Vec<usize>> = HashMap::new();
        for module in imports.map(|import| import.module.clone()).chain(submodules).chain(exports) {
            if let Entry::Vacant(unknown) = named.entry(module) {
                let files = self.search(units, file, unknown.key());
                unknown.insert(files);
            }
        }
        named
    }

    /// The file that stands for the Go package of another.
    pub(super) fn head(&self, unit: &Unit<'_>) -> Option<usize> {
        self.spaces.get(&(Language::Go, go_space(unit))).copied()
    }

    /// The files that an import means: of a name that may itself be a module, both.
    pub(in crate::project) fn files(&self, units: &[impl Source], file: usize, import: &Import) -> Vec<usize> {
        let mut files = self.module(units, file, &import.module);
        files.extend(self.submodule(units, file, import));
        files
    }

    /// The file of an imported name that is itself a module (Python, Rust).
    pub(super) fn submodule(&self, units: &[impl Source], file: usize, import: &Import) -> Option<usize> {
        let joined = joined(units[file].language(), import)?;
        self.module(units, file, &joined).first().copied()
    }

    /// The files of a module as it is written in `file`; empty for what is not of this project.
    pub(super) fn module(&self, units: &[impl Source], file: usize, module: &str) -> Vec<usize> {
        match self.known.get(file).and_then(|named| named.get(module)) {
            Some(files) => files.clone(),
            None => self.search(units, file, module),
        }
    }

    fn search(&self, units: &[impl Source], file: usize, module: &str) -> Vec<usize> {
        let unit = &units[file];
        match unit.language() {
            Language::TypeScript => self.typescript(unit.path(), module).into_iter().collect(),
            Language::Python => self.python(unit.path(), module).into_iter().collect(),
            Language::Rust => self.rust(unit.path(), module).into_iter().collect(),
            Language::Go => self.go(units, module),
            Language::Java | Language::CSharp => {
                self.spaces.get(&(unit.language(), module.to_owned())).copied().into_iter().collect()
            }
        }
    }

    fn typescript(&self, path: &str, module: &str) -> Option<usize> {
        if module.starts_with('.') {
            return self.script(&join(folder(path), module));
        }
        let named = self.packages.typescript(path, module);
        if let Some(file) = named.iter().find_map(|target| self.script(target)) {
            return Some(file);
        }
        // Names that mean the package's own sources, by habit.
        let own = module.strip_prefix("@/").or(module.strip_prefix("~/")).or(module.strip_prefix('#'))?;
        let own = format!("src/{}", own.trim_start_matches('/'));
        above(path).find_map(|base| self.script(&join(base, &own)))
    }

    /// The source at a path, with any extension, or the index of a folder.
    fn script(&self, base: &str) -> Option<usize> {
        let bare = stem(base);
        [bare.to_owned(), base.to_owned(), join(base, "index")].iter().find_map(|c| self.first(c))
    }

    fn first(&self, candidate: &str) -> Option<usize> {
        self.stems.get(candidate.trim_start_matches('/')).and_then(|found| found.first()).copied()
    }

    fn python(&self, path: &str, module: &str) -> Option<usize> {
        let dots = module.chars().take_while(|&c| c == '.').count();
        let tail = module[dots..].replace('.', "/");
        if dots > 0 {
            let mut base = folder(path);
            (1..dots).for_each(|_| base = folder(base));
            let target = join(base, &tail);
            return self.first(&target).or_else(|| self.first(&join(&target, "__init__")));
        }
        if tail.is_empty() {
            return None;
        }
        // The package may lie anywhere: beside this file, at the root, below `src`.
        above(path).flat_map(|base| [base.to_owned(), join(base, "src")]).find_map(|prefix| {
            let target = join(&prefix, &tail);
            self.first(&target).or_else(|| self.first(&join(&target, "__init__")))
        })
    }

    fn rust(&self, path: &str, module: &str) -> Option<usize> {
        let mut segments = module.split("::").peekable();
        let own = stem(path);
        let is_root = |stem: &str| matches!(stem.rsplit('/').next(), Some("main" | "lib" | "mod"));
        // The folder in which this file's child modules lie.
        let mut base = if is_root(own) { folder(own).to_owned() } else { own.to_owned() };
        match segments.peek().copied() {
            Some("crate") => {
                segments.next();
                base = crate_folder(path);
            }
            Some("self") => {
                segments.next();
            }
            Some("super") => {
                while segments.peek() == Some(&"super") {
                    segments.next();
                    base = folder(&base).to_owned();
                }
            }
            _ => {}
        }
        let rest: Vec<&str> = segments.collect();
        if rest.is_empty() {
            return ["mod", "lib", "main"].iter().find_map(|name| self.first(&join(&base, name))).or(self.first(&base));
        }
        self.rust_module(&base, &rest).or_else(|| {
            let library = self.packages.library(module.split("::").next()?)?;
            self.rust_module(folder(library), &rest[1..]).or_else(|| self.first(library))
        })
    }

    /// The longest prefix that is a file: the rest are items or inline modules.
    fn rust_module(&self, base: &str, segments: &[&str]) -> Option<usize> {
        (1..=segments.len()).rev().find_map(|length| {
            let target = join(base, &segments[..length].join("/"));
            self.first(&target).or_else(|| self.first(&join(&target, "mod")))
        })
    }

    /// The file that declares a type of a package or namespace; of several the one that lies nearest to `file`.
    pub(super) fn declares(&self, units: &[Unit<'_>], file: usize, package: &str, name: &str) -> Option<usize> {
        let found = self.types.get(&(units[file].language, format!("{package}.{name}")))?;
        let shared = |other: usize| {
            let parts = units[file].path.split('/').zip(units[other].path.split('/'));
            parts.take_while(|(a, b)| a == b).count()
        };
        found.iter().copied().max_by_key(|&other| (other == file, shared(other), std::cmp::Reverse(other)))
    }

    fn go(&self, units: &[impl Source], module: &str) -> Vec<usize> {
        if let Some(named) = self.packages.go(module) {
            return named.and_then(|folder| self.folders.get(&folder)).cloned().unwrap_or_default();
        }
        // The folder whose path ends the import path; the longest wins. A bare standard package is never ours.
        if !module.contains('.') {
            return Vec::new();
        }
        let mut tail = module;
        while let Some((_, rest)) = tail.split_once('/') {
            tail = rest;
            if let Some(files) = self.folders.get(tail) {
                return files.clone();
            }
        }
        // The package at the root: its name is the last part of the path, signs left out.
        let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
        let root = self.folders.get("").map(Vec::as_slice).unwrap_or_default();
        let name = plain(tail);
        root.iter().copied().filter(|&file| plain(units[file].package()) == name).collect()
    }
}

/// What tells a package of Go from others: its folder, and its name, for a folder has one for its tests as well.
fn go_space(source: &impl Source) -> String {
    format!("{}:{}", folder(source.path()), source.package())
}

/// The module that an imported name would be, if it is one (Python, Rust).
fn joined(language: Language, import: &Import) -> Option<String> {
    let name = import.name.as_ref()?;
    match language {
        Language::Python if import.module.ends_with('.') => Some(format!("{}{name}", import.module)),
        Language::Python => Some(format!("{}.{name}", import.module)),
        Language::Rust => Some(format!("{}::{name}", import.module)),
        Language::TypeScript | Language::Go | Language::Java | Language::CSharp => None,
    }
}

/// The path without the extension of a source file.
fn stem(path: &str) -> &str {
    let name_start = path.rfind('/').map_or(0, |slash| slash + 1);
    match path[name_start..].rfind('.') {
        Some(dot) if dot > 0 && Language::of(path).is_some() => &path[..name_start + dot],
        _ => path,
    }
}

pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folders around a file, innermost first, the root last.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder(path)), |base| (!base.is_empty()).then(|| folder(base)))
}

/// The source folder of the crate that a file belongs to.
pub(in crate::project) fn crate_folder(path: &str) -> String {
    match path.rfind("src/") {
        Some(at) if at == 0 || path.as_bytes()[at - 1] == b'/' => path[..at + 3].to_owned(),
        _ => folder(path).to_owned(),
    }
}

/// `base` and `relative` as one path, `.` and `..` resolved; never leaves the root.
pub(in crate::project) fn join(base: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
