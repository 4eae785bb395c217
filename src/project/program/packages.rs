//! What the packages of a repository are called, as their manifests say: an import by such a name is an import of this
//! project's own files.
//!
//! Answers are paths to look for, best first; which of them exist is not known here. Of two packages with one name
//! neither is taken. What the facts know by name stays a library, also in its own repository.

use std::collections::HashMap;

use super::modules::{folder, join};
use crate::project::{
    File, Role,
    data::{self, Node},
    manifest::{self, Source},
};

/// Libraries that the facts know by name.
const LIBRARIES: &[&str] = &[
    "@modelcontextprotocol/",
    "fastmcp",
    "mcp-framework",
    "rmcp",
    "mcpsec-runtime",
    "github.com/mark3labs/mcp-go",
    "github.com/modelcontextprotocol/go-sdk",
];

/// Folders that builds write, where a manifest names what is made and not what it is made from.
const OUTPUT: &[&str] = &["dist", "build", "lib", "out", "output", "esm", "cjs", "es", "types"];

/// Where a package begins that does not say it.
const USUAL: &[&str] = &["src/index", "index", "src/main", "lib/index", "src/lib"];

/// The packages of a repository.
#[derive(Debug, Default)]
pub(in crate::project) struct Packages {
    /// npm, by name; nothing for names that are given twice.
    npm: HashMap<String, Option<Npm>>,
    /// Rust, by the name in paths.
    crates: HashMap<String, Option<Crate>>,
    /// Go: module paths and folders, longest path first; nothing where there is no `go.mod`.
    go: Option<Vec<(String, String)>>,
    /// Names for folders, the innermost configuration first.
    aliases: Vec<Aliases>,
}

/// A package of npm.
#[derive(Debug)]
struct Npm {
    folder: String,
    /// Files that the package as a whole may mean.
    entries: Vec<String>,
    /// `exports` beside the package itself: `./sub`, `./*`.
    exports: Vec<(String, Vec<String>)>,
}

/// A crate that others can use.
#[derive(Debug)]
struct Crate {
    /// Its `lib.rs`, without the extension.
    library: String,
    /// Names of crates of this repository that it may need.
    needs: Vec<String>,
}

/// `compilerOptions` of a `tsconfig.json`, or `imports` of a `package.json`, for the files below a folder.
#[derive(Debug)]
struct Aliases {
    scope: String,
    /// Where names without an alias are looked for.
    base: Option<String>,
    /// What stands before and after `*`, where there is one, and what it may mean.
    patterns: Vec<(Pattern, Vec<String>)>,
}

/// A name, or the beginning and end of names.
#[derive(Debug)]
struct Pattern {
    before: String,
    after: Option<String>,
}

impl Pattern {
    fn of(text: &str) -> Self {
        match text.split_once('*') {
            Some((before, after)) => Self { before: before.to_owned(), after: Some(after.to_owned()) },
            None => Self { before: text.to_owned(), after: None },
        }
    }

    /// What `*` stands for; empty where there is none.
    fn matched<'m>(&self, module: &'m str) -> Option<&'m str> {
        match &self.after {
            Some(after) => module.strip_prefix(&self.before)?.strip_suffix(after.as_str()),
            None => (module == self.before).then_some(""),
        }
    }
}

impl Packages {
    /// What the manifests among `files` say.
    pub(in crate::project) fn of(files: &[File]) -> Self {
        let mut packages = Self::default();
        for file in files.iter().filter(|file| file.role != Role::Foreign) {
            match file.path.rsplit('/').next().unwrap_or_default() {
                "package.json" => packages.add_npm(file),
                "Cargo.toml" => packages.add_crate(file),
                "go.mod" => packages.add_go(file),
                "tsconfig.json" | "tsconfig.base.json" | "jsconfig.json" => packages.add_typescript(file),
                _ => {}
            }
        }
        if let Some(modules) = &mut packages.go {
            modules.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        }
        packages.aliases.sort_by_key(|aliases| std::cmp::Reverse(aliases.scope.len()));
        packages
    }

    fn add_npm(&mut self, file: &File) {
        let Ok(root) = data::json(&file.text) else { return };
        let here = folder(&file.path);
        if let Some(imports) = root.get("imports") {
            self.aliases.push(Aliases { scope: here.to_owned(), base: None, patterns: patterns(imports, here) });
        }
        let Some(name) = root.get("name").and_then(Node::text) else { return };
        if is_library(name) {
            return;
        }
        let exports = root.get("exports");
        let is_map = exports.is_some_and(|node| node.entries().iter().any(|entry| entry.key.starts_with('.')));
        let own = if is_map { exports.and_then(|node| node.get(".")) } else { exports };
        let mut entries = own.map(texts).unwrap_or_default();
        for key in ["source", "module", "main", "types"] {
            entries.extend(root.get(key).and_then(Node::text).map(str::to_owned));
        }
        let others = exports.map_or(&[][..], Node::entries).iter().filter(|entry| entry.key.starts_with("./"));
        let exports = others.map(|entry| (entry.key[2..].to_owned(), texts(&entry.node))).collect();
        once(&mut self.npm, name.to_owned(), Npm { folder: here.to_owned(), entries, exports });
    }

    fn add_crate(&mut self, file: &File) {
        let Ok(root) = data::toml(&file.text) else { return };
        let Some(manifest) = manifest::read(file) else { return };
        let library = |key: &str| root.path(&["lib", key]).and_then(Node::text);
        let Some(name) = library("name").or(manifest.name.as_deref()).filter(|name| !is_library(name)) else { return };
        let path = library("path").unwrap_or("src/lib.rs");
        let local = manifest.dependencies.iter().filter(|needed| needed.source == Source::Local);
        let one = Crate {
            library: join(folder(&file.path), path.trim_end_matches(".rs")),
            needs: local.map(|needed| needed.name.replace('-', "_")).collect(),
        };
        once(&mut self.crates, name.replace('-', "_"), one);
    }

    fn add_go(&mut self, file: &File) {
        let modules = self.go.get_or_insert_default();
        if let Some(name) = manifest::read(file).and_then(|manifest| manifest.name).filter(|name| !is_library(name)) {
            modules.push((name, folder(&file.path).to_owned()));
        }
    }

    fn add_typescript(&mut self, file: &File) {
        let Ok(root) = data::json(&file.text) else { return };
        let Some(options) = root.get("compilerOptions") else { return };
        let scope = folder(&file.path).to_owned();
        let base = options.get("baseUrl").and_then(Node::text).map(|base| join(&scope, base));
        let patterns = options.get("paths").map(|paths| patterns(paths, base.as_deref().unwrap_or(&scope)));
        if base.is_some() || patterns.is_some() {
            self.aliases.push(Aliases { scope, base, patterns: patterns.unwrap_or_default() });
        }
    }

    /// Where an import of TypeScript by name may lead.
    pub(super) fn typescript(&self, path: &str, module: &str) -> Vec<String> {
        let below =
            |scope: &str| scope.is_empty() || path.strip_prefix(scope).is_some_and(|rest| rest.starts_with('/'));
        let mut found = Vec::new();
        for aliases in self.aliases.iter().filter(|aliases| below(&aliases.scope)) {
            for (pattern, targets) in &aliases.patterns {
                if let Some(part) = pattern.matched(module) {
                    found.extend(targets.iter().map(|target| join("", &target.replacen('*', part, 1))));
                }
            }
            found.extend(aliases.base.iter().map(|base| join(base, module)));
        }
        found.extend(found.clone().iter().flat_map(|target| sources(target)));
        if let Some((package, rest)) = self.npm(module) {
            found.extend(package.targets(rest));
        }
        found
    }

    /// The package that an import begins with, and what follows its name.
    fn npm<'m>(&self, module: &'m str) -> Option<(&Npm, &'m str)> {
        let parts = if module.starts_with('@') { 2 } else { 1 };
        let end = module.match_indices('/').nth(parts - 1).map_or(module.len(), |(at, _)| at);
        let package = self.npm.get(&module[..end])?.as_ref()?;
        Some((package, module[end..].trim_start_matches('/')))
    }

    /// The folder that an import of Go means. The outer nothing: there is no `go.mod` to tell.
    pub(super) fn go(&self, module: &str) -> Option<Option<String>> {
        let modules = self.go.as_ref()?;
        Some(modules.iter().find_map(|(name, folder)| {
            let rest = module.strip_prefix(name.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| join(folder, rest))
        }))
    }

    /// The `lib.rs` of a crate of this repository, without the extension.
    pub(super) fn library(&self, name: &str) -> Option<&str> {
        self.crates.get(name)?.as_ref().map(|one| one.library.as_str())
    }

    /// The source folders of crates, and of those of this repository that each needs.
    pub(in crate::project) fn crate_needs(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let source = |one: &Crate| format!("{}/", folder(&one.library)).trim_start_matches('/').to_owned();
        self.crates.values().flatten().flat_map(move |one| {
            let needed = one.needs.iter().filter_map(|name| self.crates.get(name)?.as_ref());
            needed.map(move |other| (source(one), source(other)))
        })
    }
}

impl Npm {
    fn targets(&self, rest: &str) -> Vec<String> {
        let named: Vec<String> = if rest.is_empty() {
            let usual = USUAL.iter().map(|&path| path.to_owned());
            self.entries.iter().flat_map(|entry| with_sources(entry)).chain(usual).collect()
        } else {
            let listed = self.exports.iter().filter_map(|(key, targets)| {
                let part = Pattern::of(key).matched(rest)?;
                Some(targets.iter().map(|target| target.replacen('*', part, 1)).collect::<Vec<_>>())
            });
            let direct = [rest.to_owned(), format!("src/{rest}")];
            listed.flatten().flat_map(|target| with_sources(&target)).chain(direct).collect()
        };
        named.iter().map(|path| join(&self.folder, path)).collect()
    }
}

/// Keeps what has a name of its own.
fn once<T>(by_name: &mut HashMap<String, Option<T>>, name: String, value: T) {
    by_name.entry(name).and_modify(|known| *known = None).or_insert(Some(value));
}

fn is_library(name: &str) -> bool {
    LIBRARIES.iter().any(|library| match library.strip_suffix('/') {
        Some(scope) => name.strip_prefix(scope).is_some_and(|rest| rest.starts_with('/')),
        None => name == *library,
    })
}

/// `{ "@/*": ["./src/*"] }`, or with one text or conditions instead of a list.
fn patterns(node: &Node, base: &str) -> Vec<(Pattern, Vec<String>)> {
    let mut patterns: Vec<_> = (node.entries().iter())
        .map(|entry| (Pattern::of(&entry.key), texts(&entry.node).iter().map(|target| join(base, target)).collect()))
        .collect();
    // The longest beginning is the one that counts.
    patterns.sort_by_key(|(pattern, _): &(Pattern, Vec<String>)| std::cmp::Reverse(pattern.before.len()));
    patterns
}

/// Every text in a node, in order.
fn texts(node: &Node) -> Vec<String> {
    let inner = node.entries().iter().map(|entry| &entry.node).chain(node.items());
    node.text().map(str::to_owned).into_iter().chain(inner.flat_map(texts)).collect()
}

/// A path that a manifest names, and the sources that it may be built from.
fn with_sources(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("./");
    let plain = [".d.ts", ".d.mts", ".d.cts"].iter().find_map(|ending| path.strip_suffix(ending)).unwrap_or(path);
    std::iter::once(plain.to_owned()).chain(sources(plain)).collect()
}

/// What a built file may be built from: `dist/esm/a.js` from `src/esm/a` or `src/a`.
fn sources(path: &str) -> Vec<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let mut found = Vec::new();
    if let Some(at) = parts.iter().position(|part| OUTPUT.contains(part)) {
        let before = parts[..at].join("/");
        for rest in (at + 1..parts.len()).map(|start| parts[start..].join("/")) {
            found.extend([join(&before, &format!("src/{rest}")), join(&before, &rest)]);
        }
    }
    found
}
