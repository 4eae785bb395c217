//! `tsconfig.json`: whether the compiler is strict, after what it extends.

use super::{
    File, Project,
    data::{self, Node, Value},
};
use crate::finding::Place;

/// Most files that one extends another.
const MAX_STEPS: usize = 6;

/// What a configuration says about `strict`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Strict {
    /// It, or the two checks that matter most, are on.
    On,
    /// Switched off here.
    Off(Place),
    /// Nothing is said, in no file that it extends.
    Unstated,
    /// It extends something that cannot be seen, or is no configuration of sources.
    Unknown,
}

/// What the configuration in `file` says.
pub fn strict(project: &Project, file: &File) -> Strict {
    within(project, file, MAX_STEPS)
}

fn within(project: &Project, file: &File, steps: usize) -> Strict {
    let (Ok(root), true) = (data::json(&file.text), steps > 0) else { return Strict::Unknown };
    let options = root.get("compilerOptions");
    let option = |key: &str| options.and_then(|options| options.get(key));
    match option("strict") {
        Some(node) if node.is_true() => return Strict::On,
        Some(node) if matches!(node.value, Value::Flag(false)) => {
            return Strict::Off(Place::new(&file.path, node.span.start, node.span.end));
        }
        _ => {}
    }
    if ["strictNullChecks", "noImplicitAny"].iter().all(|key| option(key).is_some_and(Node::is_true)) {
        return Strict::On;
    }
    let only_references = root.get("references").is_some() && root.get("files").is_some_and(|it| it.items().is_empty());
    if only_references {
        return Strict::Unknown;
    }
    let Some(extends) = root.get("extends") else { return Strict::Unstated };
    let bases: Vec<&str> = extends.text().into_iter().chain(extends.items().iter().filter_map(Node::text)).collect();
    // Of several the last counts; one that says nothing leaves it to those before.
    for base in bases.iter().rev() {
        match extended(project, file, base, steps) {
            Strict::Unstated => {}
            decided => return decided,
        }
    }
    Strict::Unstated
}

fn extended(project: &Project, file: &File, base: &str, steps: usize) -> Strict {
    if base.starts_with("@tsconfig/") {
        return Strict::On;
    }
    if !base.starts_with('.') {
        return Strict::Unknown;
    }
    let Some(path) = joined(&file.path, base) else { return Strict::Unknown };
    let found = ["", ".json", "/tsconfig.json"].iter().find_map(|end| project.file(&format!("{path}{end}")));
    found.map_or(Strict::Unknown, |other| within(project, other, steps - 1))
}

/// `base` relative to the folder of `path`; nothing where it leads out of the project.
fn joined(path: &str, base: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect());
    for part in base.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
