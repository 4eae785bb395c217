//! A `.env` file would be committed by the next `git add .`.

use std::collections::BTreeSet;

use crate::{
    edits,
    finding::{Confidence, Finding, Fix, Place, Safety, Severity},
    project::{File, Project, Role},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "env-not-ignored",
    group: "repo",
    title: "git does not ignore `.env`",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-538", "CWE-200", "MCP01"],
    docs: "
Settings of an MCP server, its tokens among them, usually lie in `.env` beside it. As long as no ignore rule covers that file,
one `git add .` publishes it, and deleting it later does not help: the history keeps it, and bots read new commits within
minutes.

The rules are evaluated as git does: nested `.gitignore` files, negation, folders, `.git/info/exclude`, everything up to the
repository's folder. A person's global excludes do not count, because they protect that person only. A line such as
`.env.example` or `# .env` covers nothing.

Severity is high where something loads a `.env` file or one exists, and low otherwise: then nobody gains anything yet. Outside
of a git repository the ignore files of the project are judged as they would count after `git init`.

Add these lines to `.gitignore`, in this order:

    .env
    .env.*
    !.env.example

It is right to commit a `.env` whose values are encrypted (`dotenvx`, `sops`): such a file is not reported.
",
    applies: always,
    check,
};

/// What people and frameworks call files with real values, besides `.env` itself.
const VARIANTS: &[&str] = &[".env.local", ".env.production"];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for folder in folders(project) {
        let join = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        let plain = join(".env");
        let existing: Vec<&File> = std::iter::once(".env")
            .chain(VARIANTS.iter().copied())
            .filter_map(|name| project.file(&join(name)))
            .filter(|file| !project.git.ignored(&file.path) && !is_encrypted(&file.text))
            .collect();
        let encrypted = project.file(&plain).is_some_and(|file| is_encrypted(&file.text));
        let open = !project.git.ignored(&plain) && !encrypted;
        if open || !existing.is_empty() {
            findings.push(finding(project, &folder, &plain, &existing));
        }
    }
}

/// The project's own folder, and those where an environment file lies or is loaded.
fn folders(project: &Project) -> BTreeSet<String> {
    let mut folders = BTreeSet::from([String::new()]);
    for file in project.files.iter().filter(|file| matches!(file.role, Role::Product | Role::Script)) {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        if name == ".env" || VARIANTS.contains(&name) {
            folders.insert(folder.to_owned());
        }
    }
    folders
}

/// What to do about it.
const FIX: &str = "add the lines `.env`, `.env.*` and `!.env.example`, in this order";

fn finding(project: &Project, folder: &str, plain: &str, existing: &[&File]) -> Finding {
    let loader = loader(project);
    let (severity, reason) = match (existing.first(), &loader) {
        (Some(file), _) => (Severity::High, format!("`{}` is there", file.path)),
        (None, Some(place)) => (Severity::High, format!("`{}` loads it", place.path)),
        (None, None) => (Severity::Low, "nothing loads one yet".to_owned()),
    };
    let name = existing.first().map_or(plain, |file| file.path.as_str());
    let mut message = format!("no ignore rule covers `{name}`, and {reason}");
    if !project.git.present {
        message += "; this folder is not in a git repository yet";
    }
    let path = if folder.is_empty() { ".gitignore".to_owned() } else { format!("{folder}/.gitignore") };
    let path = if project.file(&path).is_some() { path } else { ".gitignore".to_owned() };
    let mut finding = context::finding(
        project,
        &RULE,
        Place::top(&path),
        message,
        "whoever reads the repository, or its history, has the keys that were in the file when it was added",
        FIX,
    );
    finding.severity = severity;
    finding.related.extend(loader.map(|place| crate::finding::Related { place, message: "loads it".to_owned() }));
    finding.fix = Some(fix(project, &path));
    finding
}

fn fix(project: &Project, path: &str) -> Fix {
    let edit = edits::append_lines(project, path, ".env\n.env.*\n!.env.example");
    Fix { title: FIX.to_owned(), safety: Safety::Safe, edits: vec![edit] }
}

/// Where something loads an environment file: in code, in a script, in a compose file.
fn loader(project: &Project) -> Option<Place> {
    let judged = |place: &&Place| matches!(context::role(project, place), Role::Product | Role::Script);
    let code = project.facts.environment_files.iter().find(judged).cloned();
    let script = || {
        let scripts = project.manifests.iter().flat_map(|manifest| &manifest.scripts);
        let mut own = scripts.filter(|script| !script.place.path.starts_with("../"));
        own.find(|script| script.command.contains("--env-file") || script.command.contains("dotenv"))
            .map(|script| script.place.clone())
    };
    let compose = || {
        let files = project.files.iter().filter(|file| {
            let name = file.path.rsplit('/').next().unwrap_or_default();
            name.contains("compose") && (name.ends_with(".yml") || name.ends_with(".yaml"))
        });
        files.into_iter().find_map(|file| {
            let at = file.text.find("env_file:")?;
            Some(Place::new(&file.path, at, at + "env_file:".len()))
        })
    };
    code.or_else(script).or_else(compose)
}

/// Values sealed by dotenvx or sops may be committed.
pub(super) fn is_encrypted(text: &str) -> bool {
    text.contains("=encrypted:")
        || text.contains("=\"encrypted:")
        || text.contains("=ENC[")
        || text.contains("sops_mac=")
}
