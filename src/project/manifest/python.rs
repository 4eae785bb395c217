//! `pyproject.toml` (PEP 621, PEP 735, Poetry, uv), requirement files, and what `setup.py` says in plain words.

use crate::{
    finding::Place,
    project::{
        File, Role,
        data::{self, Entry, Node},
        syntax::Span,
    },
};

use super::{Dependency, Ecosystem, Manifest, Purpose, Script, Source};

/// Names of groups that are not needed to run.
const DEVELOPMENT: &[&str] = &[
    "bench",
    "build",
    "ci",
    "dev",
    "development",
    "doc",
    "docs",
    "lint",
    "mypy",
    "test",
    "testing",
    "tests",
    "typing",
];

/// Whether a path is a file of requirements: `requirements.txt`, `requirements-dev.txt`, `requirements/base.txt`.
pub(super) fn is_requirements(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let text = name.ends_with(".txt") || name.ends_with(".in");
    text && (name.starts_with("requirements") || folders.rsplit('/').next() == Some("requirements"))
}

pub(super) fn pyproject(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::Python);
    let root = match data::toml(&file.text) {
        Ok(root) => root,
        Err(error) => return Manifest { error: Some(error), ..manifest },
    };
    let project = root.get("project");
    let poetry = root.path(&["tool", "poetry"]);
    manifest.is_package = project.is_some() || poetry.is_some();
    let name = [project, poetry].into_iter().flatten().find_map(|node| node.get("name"));
    manifest.name = name.and_then(Node::text).map(str::to_owned);
    manifest.workspace = root.path(&["tool", "uv", "workspace"]).map(|workspace| {
        let members = workspace.get("members").map_or(&[][..], Node::items).iter().filter_map(Node::text);
        let excluded = workspace.get("exclude").map_or(&[][..], Node::items).iter().filter_map(Node::text);
        members.map(str::to_owned).chain(excluded.map(|glob| format!("!{glob}"))).collect()
    });
    for scripts in [&["project", "scripts"][..], &["project", "gui-scripts"], &["tool", "poetry", "scripts"]] {
        for entry in root.path(scripts).map_or(&[][..], Node::entries) {
            manifest.scripts.push(script(entry, &file.path));
        }
    }
    manifest.is_application = !manifest.scripts.is_empty();
    for tasks in [&["tool", "poe", "tasks"][..], &["tool", "taskipy", "tasks"], &["tool", "pdm", "scripts"]] {
        for entry in root.path(tasks).map_or(&[][..], Node::entries) {
            manifest.scripts.push(script(entry, &file.path));
        }
    }
    standard(&root, file, &mut manifest);
    if let Some(poetry) = poetry {
        poetry_tables(poetry, &file.path, &mut manifest.dependencies);
    }
    manifest
}

fn script(entry: &Entry, path: &str) -> Script {
    let place = Place::new(path, entry.key_span.start, entry.node.span.end.max(entry.key_span.end));
    Script { name: entry.key.clone(), command: entry.node.text().unwrap_or_default().to_owned(), place }
}

/// PEP 621 and 735, with uv's sources.
fn standard(root: &Node, file: &File, manifest: &mut Manifest) {
    let sources = root.path(&["tool", "uv", "sources"]);
    let mut add = |list: &Node, purpose: Purpose| {
        for item in list.items() {
            let Some(text) = item.text() else { continue };
            if let Some(mut dependency) = requirement(text, purpose, &file.path, item.span) {
                if let Some(source) = sources.and_then(|sources| uv_source(sources, &dependency.name)) {
                    dependency.source = source;
                }
                manifest.dependencies.push(dependency);
            }
        }
    };
    if let Some(list) = root.path(&["project", "dependencies"]) {
        add(list, Purpose::Runtime);
    }
    for extra in root.path(&["project", "optional-dependencies"]).map_or(&[][..], Node::entries) {
        add(&extra.node, purpose_of(&extra.key));
    }
    for group in root.get("dependency-groups").map_or(&[][..], Node::entries) {
        add(&group.node, Purpose::Development);
    }
    if let Some(list) = root.path(&["tool", "uv", "dev-dependencies"]) {
        add(list, Purpose::Development);
    }
}

fn uv_source(sources: &Node, name: &str) -> Option<Source> {
    let node = &sources.entries().iter().find(|entry| normal(&entry.key) == name)?.node;
    let node = node.items().first().unwrap_or(node);
    if node.get("workspace").is_some() || node.get("path").is_some() {
        return Some(Source::Local);
    }
    let address = node.get("git").or_else(|| node.get("url"))?.text()?.to_owned();
    let fixed = node.get("rev").is_some() || node.get("tag").is_some() || node.get("url").is_some();
    Some(Source::Remote { address, fixed })
}

fn purpose_of(group: &str) -> Purpose {
    if DEVELOPMENT.contains(&group.to_ascii_lowercase().as_str()) { Purpose::Development } else { Purpose::Runtime }
}

fn poetry_tables(poetry: &Node, path: &str, dependencies: &mut Vec<Dependency>) {
    let mut add = |table: Option<&Node>, purpose: Purpose| {
        for entry in table.map_or(&[][..], Node::entries) {
            if entry.key != "python" {
                dependencies.push(poetry_dependency(entry, purpose, path));
            }
        }
    };
    add(poetry.get("dependencies"), Purpose::Runtime);
    add(poetry.get("dev-dependencies"), Purpose::Development);
    for group in poetry.get("group").map_or(&[][..], Node::entries) {
        let purpose = if group.key == "main" { Purpose::Runtime } else { purpose_of(&group.key) };
        add(group.node.get("dependencies"), purpose);
    }
}

fn poetry_dependency(entry: &Entry, purpose: Purpose, path: &str) -> Dependency {
    let node = entry.node.items().first().unwrap_or(&entry.node);
    let word = |key: &str| node.get(key).and_then(Node::text);
    let source = if node.get("path").is_some() {
        Source::Local
    } else if let Some(address) = word("git").or_else(|| word("url")) {
        let fixed = word("rev").or_else(|| word("tag")).or_else(|| word("url")).is_some();
        Source::Remote { address: address.to_owned(), fixed }
    } else {
        Source::Registry(word("version").or_else(|| node.text()).unwrap_or_default().to_owned())
    };
    let end = entry.node.span.end.max(entry.key_span.end);
    Dependency { name: normal(&entry.key), source, purpose, place: Place::new(path, entry.key_span.start, end) }
}

pub(super) fn requirements(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::Python);
    let lower = file.path.to_ascii_lowercase();
    let named = |word: &str| lower.split(['/', '-', '_', '.']).any(|part| part == word);
    let development = file.role == Role::Test || DEVELOPMENT.iter().any(|word| named(word));
    let purpose = if development { Purpose::Development } else { Purpose::Runtime };
    let mut offset = 0;
    for line in file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let code = line.split(" #").next().unwrap_or_default();
        let code = code.split(" --hash").next().unwrap_or_default().trim().trim_end_matches('\\').trim_end();
        if code.is_empty() || code.starts_with('#') || code.starts_with("--hash") {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let span = Span { start: start + indent, end: start + indent + code.len() };
        let code = code.strip_prefix("-e ").unwrap_or(code).trim();
        if code.starts_with('-') {
            continue;
        }
        manifest.dependencies.extend(requirement(code, purpose, &file.path, span));
    }
    manifest
}

/// The strings of `install_requires = [...]`; nothing is executed.
pub(super) fn setup(file: &File) -> Manifest {
    let mut manifest = Manifest::new(&file.path, Ecosystem::Python);
    manifest.is_package = true;
    manifest.is_application = file.text.contains("console_scripts");
    let Some(at) = file.text.find("install_requires") else { return manifest };
    let rest = &file.text[at..];
    if file.path.ends_with(".cfg") {
        let mut offset = at + rest.find('\n').map_or(rest.len(), |end| end + 1);
        for line in file.text[offset..].split_inclusive('\n').take_while(|line| line.starts_with([' ', '\t'])) {
            let span = Span { start: offset, end: offset + line.trim_end().len() };
            manifest.dependencies.extend(requirement(line.trim(), Purpose::Runtime, &file.path, span));
            offset += line.len();
        }
        return manifest;
    }
    let (Some(open), Some(close)) = (rest.find('['), rest.find(']')) else { return manifest };
    if open > close || rest[..open].contains('\n') {
        return manifest;
    }
    let mut quote: Option<(char, usize)> = None;
    for (index, letter) in rest[..close].char_indices().skip_while(|(index, _)| *index <= open) {
        match quote {
            None if letter == '"' || letter == '\'' => quote = Some((letter, index)),
            Some((mark, start)) if mark == letter => {
                let span = Span { start: at + start, end: at + index + 1 };
                let text = &rest[start + 1..index];
                manifest.dependencies.extend(requirement(text, Purpose::Runtime, &file.path, span));
                quote = None;
            }
            _ => {}
        }
    }
    manifest
}

/// One requirement of PEP 508, or an address.
fn requirement(text: &str, purpose: Purpose, path: &str, span: Span) -> Option<Dependency> {
    let place = Place::new(path, span.start, span.end);
    let text = text.split(';').next().unwrap_or_default().trim();
    if text.starts_with("./") || text.starts_with("../") || text.starts_with('/') || text == "." {
        return None;
    }
    if text.contains("://") && !text.contains(" @ ") {
        let name = text.rsplit_once("#egg=").map_or(text, |(_, egg)| egg);
        let source = Source::Remote { address: text.to_owned(), fixed: is_fixed(text) };
        return Some(Dependency { name: normal(name), source, purpose, place });
    }
    let end = text.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.".contains(letter)));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    if name.is_empty() {
        return None;
    }
    let rest = rest.trim();
    let rest = if rest.starts_with('[') { rest.split_once(']').map_or("", |(_, rest)| rest).trim() } else { rest };
    let source = match rest.strip_prefix('@') {
        Some(address) if address.trim().starts_with("file:") => Source::Local,
        Some(address) => Source::Remote { address: address.trim().to_owned(), fixed: is_fixed(address) },
        None => Source::Registry(rest.trim_matches(['(', ')']).trim().to_owned()),
    };
    Some(Dependency { name: normal(name), source, purpose, place })
}

/// Whether an address names a commit or a tag after `@`, or is an archive (whose name carries its version).
fn is_fixed(address: &str) -> bool {
    let address = address.split('#').next().unwrap_or_default().trim();
    if !address.starts_with("git+") {
        return [".whl", ".tar.gz", ".zip"].iter().any(|ending| address.ends_with(ending));
    }
    let name = address.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('@').is_some_and(|(_, revision)| {
        is_commit(revision) || revision.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit())
    })
}

/// Whether a revision is a whole commit id, or enough of one.
pub(super) fn is_commit(revision: &str) -> bool {
    revision.len() >= 7 && revision.len() <= 64 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Names of Python packages compare without case, and `_`, `.` and `-` are the same.
pub(in crate::project) fn normal(name: &str) -> String {
    name.trim().to_ascii_lowercase().replace(['_', '.'], "-")
}
