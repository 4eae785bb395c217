//! `COPY .` takes `.env` along.

use crate::{
    edits,
    finding::{Confidence, Finding, Related, Safety, Severity},
    project::{
        File, Project,
        build_context::{self, Copied},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "dockerignore-missing-env",
    group: "repo",
    title: "the image would take `.env` along",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-538", "CWE-200", "MCP01"],
    docs: "
`COPY . .` copies what lies in the folder when somebody builds the image: `.env` with the real values, keys, and `.git` with the
whole history. Git's ignore rules do not count there. Whoever can pull the image reads the file.

Add a `.dockerignore` beside the container file with `.env`, `.env.*`, `.git`, `*.pem` and `*.key`, or copy only what is needed.

A build stage that copies everything and hands over single results is fine; one whose whole folder is copied into the last
stage is not. Severity is low where nothing in the project loads a `.env` file and none is there. What is excluded is judged by
`.env` alone.
",
    applies,
    check,
};

const ADVICE: &str = "exclude `.env`, `.git` and keys in `.dockerignore`, or copy only what is needed";

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.containers.is_empty() { Err("no container file was found") } else { Ok(()) }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for container in &project.containers {
        let Some(Copied { place, through }) = build_context::copied(container) else { continue };
        if build_context::excludes(project, &container.path, ".env") {
            continue;
        }
        let mut finding = context::finding(
            project,
            &RULE,
            place,
            "everything in the folder is copied into the image, `.env` included".to_owned(),
            "whoever can pull the image reads the keys of whoever has built it",
            ADVICE,
        );
        let edit = build_context::ignore_file(project, &container.path)
            .map(|path| edits::append_lines(project, &path, ".env\n.env.*\n!.env.example"));
        finding.fix = Some(edits::fix(ADVICE, Safety::Unsafe, edit.map(|edit| vec![edit])));
        if !has_environment(project) {
            finding.severity = finding.severity.min(Severity::Low);
        }
        finding.related = through
            .map(|place| Related { place, message: "from there it gets into the last stage".to_owned() })
            .into_iter()
            .collect();
        findings.push(finding);
    }
}

/// Something loads a `.env` file, or one, or the names for one, are there.
fn has_environment(project: &Project) -> bool {
    let named = |file: &File| file.path.rsplit('/').next().is_some_and(|name| name.starts_with(".env"));
    !project.facts.environment_files.is_empty() || project.files.iter().any(named)
}
