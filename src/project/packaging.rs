//! Which files a package manager would put into the published package, as far as that decides about `.env`.

use super::{
    File, Project,
    data::{self, Node, Value},
    ignored::IgnoreRules,
};
use crate::finding::Place;

/// Why `.env` would be published.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Leak {
    /// What decides it: an entry of `files`, an ignore file, a line of a manifest.
    pub place: Place,
    /// In words.
    pub reason: &'static str,
    /// The folder of the package; empty for the project's own.
    pub folder: String,
}

/// Every package that would take `.env` along.
pub fn leaks(project: &Project) -> Vec<Leak> {
    project.files.iter().filter_map(|file| npm(project, file).or_else(|| python(file))).collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// npm goes by `files`, otherwise by `.npmignore`, otherwise by `.gitignore`, for which there is another rule.
fn npm(project: &Project, file: &File) -> Option<Leak> {
    if file.path.rsplit('/').next() != Some("package.json") {
        return None;
    }
    let root = data::json(&file.text).ok()?;
    let named = root.get("name").is_some() && root.get("version").is_some();
    if !named || root.get("private").is_some_and(|private| !matches!(private.value, Value::Flag(false))) {
        return None;
    }
    let folder = folder(&file.path).to_owned();
    if let Some(files) = root.get("files") {
        let negated =
            files.items().iter().filter_map(Node::text).any(|glob| glob.starts_with('!') && glob.contains(".env"));
        let all =
            |glob: &str| matches!(glob, "." | "./" | "*" | "./*" | "**" | "**/*" | "./**" | "./**/*" | "/" | ".env");
        let entry = files.items().iter().find(|node| node.text().is_some_and(all)).filter(|_| !negated)?;
        let place = Place::new(&file.path, entry.span.start, entry.span.end);
        return Some(Leak { place, reason: "`files` takes in everything", folder });
    }
    let path = if folder.is_empty() { ".npmignore".to_owned() } else { format!("{folder}/.npmignore") };
    let ignore = project.file(&path)?;
    let rules = IgnoreRules::new([(String::new(), ignore.text.clone())], None);
    let reason = "`.npmignore` takes the place of `.gitignore` and does not name it";
    (!rules.ignored(".env")).then(|| Leak { place: Place::top(&path), reason, folder })
}

/// `MANIFEST.in` that names `.env` or everything, and takes nothing of that back.
fn python(file: &File) -> Option<Leak> {
    if file.path.rsplit('/').next() != Some("MANIFEST.in") {
        return None;
    }
    let mut offset = 0;
    let mut found = None;
    for line in file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let words: Vec<&str> = line.split_whitespace().collect();
        let names = |words: &[&str]| words.iter().any(|word| matches!(*word, "*" | ".*" | ".env" | ".env*" | ".env.*"));
        match words.as_slice() {
            ["include" | "global-include", globs @ ..] | ["recursive-include", ".", globs @ ..] if names(globs) => {
                found = Some(Place::new(&file.path, start, start + line.trim_end().len()));
            }
            ["exclude" | "global-exclude", globs @ ..] if names(globs) => found = None,
            _ => {}
        }
    }
    let reason = "`MANIFEST.in` takes it in";
    found.map(|place| Leak { place, reason, folder: folder(&file.path).to_owned() })
}
