//! The hook before each commit, with whatever manages hooks in the project.

use super::{Plan, appended, argument};
use crate::project::{
    Project,
    data::{Node, Value},
    yaml,
};

/// The file of pre-commit.
const PRE_COMMIT: &str = ".pre-commit-config.yaml";

const HEAD: &str = "\
# Calls the `mcpsec` that is installed on this machine: it needs no network, and looks at what is staged.
repos:
";

/// The files of lefthook.
const LEFTHOOK: &[&str] =
    &["lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml", "lefthook.toml", "lefthook.json"];

pub(super) fn plan(project: &Project, plan: &mut Plan) {
    let command = format!("mcpsec doctor --staged{}", argument(project));
    if !project.git.prefix.is_empty() {
        plan.by_hand(
            format!("hooks belong to the repository, above this folder: add this to {PRE_COMMIT} there"),
            entry(2, &command),
        );
        return;
    }
    let lefthook = LEFTHOOK.iter().find_map(|path| project.file(path));
    let husky = project.files.iter().find(|file| file.path == ".husky/pre-commit");
    for file in project.file(PRE_COMMIT).into_iter().chain(lefthook).chain(husky) {
        if file.text.contains("mcpsec") {
            plan.present.push(format!("{} with mcpsec", file.path));
            return;
        }
    }
    if let Some(file) = project.file(PRE_COMMIT) {
        match extended(&file.text, &command) {
            Some(text) => plan.add(PRE_COMMIT, Some(file.text.clone()), text, &purpose(&command)),
            None => plan.by_hand(
                format!("{PRE_COMMIT} cannot be extended with certainty: add this to its `repos`"),
                entry(2, &command),
            ),
        }
    } else if let Some(file) = lefthook {
        let text = format!("pre-commit:\n  commands:\n    mcpsec:\n      run: {command}\n");
        plan.by_hand(format!("lefthook manages the hooks: add this to {}", file.path), text);
    } else if project.files.iter().any(|file| file.path.starts_with(".husky/")) {
        plan.by_hand("husky manages the hooks: add this line to .husky/pre-commit", format!("{command}\n"));
    } else {
        plan.add(PRE_COMMIT, None, format!("{HEAD}{}", entry(2, &command)), &purpose(&command));
    }
}

fn purpose(command: &str) -> String {
    format!("`{command}` before each commit; `pre-commit install` switches it on")
}

/// An entry of `repos`, so many columns to the right.
fn entry(indent: usize, command: &str) -> String {
    let lines = [
        "- repo: local",
        "  hooks:",
        "    - id: mcpsec-doctor",
        "      name: mcpsec doctor",
        &format!("      entry: {command}"),
        "      language: system",
        "      pass_filenames: false",
        "      always_run: true",
    ];
    lines.iter().map(|line| format!("{}{line}\n", " ".repeat(indent))).collect()
}

/// The file with one more entry at its end; nothing where it would not mean exactly that.
fn extended(text: &str, command: &str) -> Option<String> {
    let before = only(text)?;
    let repos = before.entry("repos")?.node.items();
    let first = repos.first()?.span.start;
    let line = text.get(..first)?.rsplit('\n').next()?;
    let indent = line.strip_suffix("- ").filter(|blank| blank.bytes().all(|letter| letter == b' '))?.len();
    let extended = appended(text, &entry(indent, command));

    // Read again: what was there is there, and one entry more.
    let after = only(&extended)?;
    let same_keys = before.entries().len() == after.entries().len();
    let others = before
        .entries()
        .iter()
        .zip(after.entries())
        .all(|(a, b)| a.key == b.key && (a.key == "repos" || same(&a.node, &b.node)));
    let (added, kept) = after.entry("repos")?.node.items().split_last()?;
    let kept = kept.len() == repos.len() && kept.iter().zip(repos).all(|(a, b)| same(a, b));
    let added = added.get("repo").and_then(Node::text) == Some("local") && added.entries().len() == 2;
    (same_keys && others && kept && added).then_some(extended)
}

/// The one document of a text.
fn only(text: &str) -> Option<Node> {
    let mut documents = yaml::documents(text).ok()?.into_iter();
    documents.next().filter(|_| documents.next().is_none())
}

/// Whether two nodes say the same, wherever they stand.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Text(a), Value::Text(b)) | (Value::Other(a), Value::Other(b)) => a == b,
        (Value::Flag(a), Value::Flag(b)) => a == b,
        (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Table(a), Value::Table(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.key == b.key && same(&a.node, &b.node))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND: &str = "mcpsec doctor --staged";

    #[test]
    fn an_entry_is_added_at_the_end_and_nothing_else_changes() {
        for (text, indent) in [
            ("repos:\n- repo: a\n  rev: v1 # pinned\n  hooks: [{id: b}]\n", 0),
            ("# ours\nfail_fast: true\nrepos:\n  # first\n  - repo: a\n    hooks:\n      - id: b\n\n  # the end", 2),
            ("repos:\r\n    - repo: a\r\n      hooks:\r\n        - id: b\r\n", 4),
        ] {
            let extended = extended(text, COMMAND).expect("it is plain");
            assert!(extended.starts_with(text), "{extended}");
            let line = format!("\n{}- repo: local", " ".repeat(indent));
            assert_eq!(extended.matches(&line).count(), 1, "{extended}");
            assert_eq!(extended.contains('\r'), text.contains('\r'));
        }
    }

    #[test]
    fn what_would_mean_something_else_is_left_to_a_person() {
        for text in [
            "repos: []\n",
            "repos: [{repo: a, hooks: [{id: b}]}]\n",
            "repos:\n  - repo: a\n    hooks:\n      - id: b\nci:\n  skip: [b]\n",
            "repos:\n  - repo: a\n    hooks: [{id: b}]\n---\na: b\n",
            "repos:\n  - repo: a\n    hooks:\n      - id: b\n        entry: |+\n          x\n\n...\n",
            "repos:\n  -\n    repo: a\n",
            "repos: {\n",
            "hooks:\n  - a\n",
            "",
        ] {
            assert_eq!(extended(text, COMMAND), None, "{text}");
        }
    }
}
