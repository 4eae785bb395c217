//! The container runs as root.

use crate::{
    edits,
    finding::{Confidence, Edit, Finding, Place, Related, Safety, Severity},
    project::{
        Project,
        container::{Container, Stage},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "container-root",
    group: "container",
    title: "the container runs as root",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-250", "MSSS DEPLOY"],
    docs: "
The last stage of the container file has no `USER`, or one that is root. A weakness in a tool (a command, a path, a package)
then has root's rights in the container: it can replace the server's own files, read what is mounted, and has the best start
for leaving the container.

Add a user and switch to it after the last instruction that needs root:

    RUN useradd --system --uid 10001 app
    USER 10001

or use a base image that already does: `gcr.io/distroless/...:nonroot`, `cgr.dev/chainguard/...`. An entry point that gives
up root by itself (`gosu`, `su-exec`, `setpriv`) is recognised.
",
    applies,
    check,
};

const ADVICE: &str = "add a user, and switch to it with `USER`";

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.containers.is_empty() { Err("no container file was found") } else { Ok(()) }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    // Whom a development container runs as its own configuration says.
    let own = |path: &str| !path.split('/').any(|folder| folder == ".devcontainer");
    for container in project.containers.iter().filter(|container| own(&container.path)) {
        let Some(stage) = container.last() else { continue };
        let user = container.user(stage);
        let (place, message) = match user {
            Some(step) if is_root(&step.arguments) => (step.place.clone(), format!("runs as `{}`", step.arguments)),
            Some(_) => continue,
            None if drops_by_itself(project, container, stage) => continue,
            None => (started(stage).clone(), "what runs here runs as root: no `USER` before it".to_owned()),
        };
        let base = (user.is_none() && stage.place != place).then(|| Related {
            place: stage.place.clone(),
            message: "neither this stage nor its base image has another user".to_owned(),
        });
        let finding = context::finding(
            project,
            &RULE,
            place,
            message,
            "a weakness in one tool gives root's rights in the container, and the best start for leaving it",
            ADVICE,
        );
        let fix = edits::fix(ADVICE, Safety::Unsafe, switch(project, container, stage).map(|edit| vec![edit]));
        findings.push(Finding { related: base.into_iter().collect(), fix: Some(fix), ..finding });
    }
}

/// The beginning of the comments right above a line: they speak of that line.
fn before_comments(text: &str, line: usize) -> usize {
    let above = text[..line].split_inclusive('\n').rev();
    line - above.take_while(|line| line.trim_start().starts_with('#')).map(str::len).sum::<usize>()
}

/// Another user right before the program is started, where nothing is built behind that. What the program writes, and whether it
/// may as that user, nobody knows here.
fn switch(project: &Project, container: &Container, stage: &Stage) -> Option<Edit> {
    let starts = |keyword: &str| matches!(keyword, "ENTRYPOINT" | "CMD");
    let first = stage.steps.iter().position(|step| starts(&step.keyword))?;
    let builds = |keyword: &str| matches!(keyword, "RUN" | "COPY" | "ADD" | "USER" | "WORKDIR");
    if stage.steps[first..].iter().any(|step| builds(&step.keyword)) {
        return None;
    }
    let place = &stage.steps[first].place;
    let text = &project.file(&place.path)?.text;
    let start = before_comments(text, edits::line_start(text, place.start));
    let image = &container.root_image(stage).name;
    // This image comes with a user; elsewhere a number needs no entry.
    let user = if image == "node" || image.starts_with("node:") { "node" } else { "10001:10001" };
    text.get(edits::line_start(text, place.start)..place.start).filter(|before| before.trim().is_empty())?;
    let indentation = edits::indentation(text, start);
    let edit =
        Edit { place: Place::new(&place.path, start, start), replacement: format!("{indentation}USER {user}\n") };
    Some(edit)
}

/// Where the stage's program is started; the stage itself where it inherits that.
fn started(stage: &Stage) -> &Place {
    let last = stage.steps.iter().rev().find(|step| matches!(step.keyword.as_str(), "ENTRYPOINT" | "CMD"));
    last.map_or(&stage.place, |step| &step.place)
}

fn is_root(user: &str) -> bool {
    let name = user.trim().trim_matches(['"', '\'']).split(':').next().unwrap_or_default();
    name == "root" || name.parse::<u32>() == Ok(0)
}

/// The base image has another user, or the entry point changes it.
fn drops_by_itself(project: &Project, container: &Container, stage: &Stage) -> bool {
    let image = container.root_image(stage).name.to_ascii_lowercase();
    let known = ["nonroot", "rootless", "unprivileged", "cgr.dev/chainguard/"].iter().any(|word| image.contains(word))
        || image.starts_with("bitnami/")
        || image.contains("/bitnami/");
    known
        || stage.steps.iter().any(|step| {
            let runs = matches!(step.keyword.as_str(), "ENTRYPOINT" | "CMD");
            runs && (changes_user(&step.arguments) || script(project, &step.arguments).is_some_and(changes_user))
        })
}

fn changes_user(text: &str) -> bool {
    let words = text.split(|letter: char| !(letter.is_alphanumeric() || letter == '-'));
    words.into_iter().any(|word| matches!(word, "gosu" | "su-exec" | "setpriv" | "runuser" | "setuidgid"))
}

/// The text of the project's script that an instruction names.
fn script<'a>(project: &'a Project, arguments: &str) -> Option<&'a str> {
    let words =
        arguments.split(['[', ']', ',', '"', ' ']).filter(|word| word.ends_with(".sh") || word.contains("entrypoint"));
    let names: Vec<&str> = words.filter_map(|word| word.rsplit('/').next()).collect();
    let mut files = project.files.iter();
    let file = files.find(|file| names.iter().any(|name| file.path.rsplit('/').next() == Some(name)))?;
    Some(&file.text)
}
