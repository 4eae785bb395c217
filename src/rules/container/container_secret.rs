//! A secret is part of the image.

use mcpsec_screen::secrets::{credential_name, looks_random, placeholder};

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{
        Project,
        container::{Container, Stage, Step},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "container-secret",
    group: "container",
    title: "a secret becomes part of an image or a compose file",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-538", "CWE-798", "CWE-526", "MCP01"],
    docs: "
`ENV API_KEY=...`, an `ARG` with such a name, or `COPY .env` puts a secret into a layer of the image. Whoever can pull the image,
or gets hold of the registry's storage, reads it with `docker history` or by unpacking the layer; a later `RUN rm` does not
remove it. A value in a compose file is in the repository.

Give secrets when the container starts (`environment: [API_KEY]`, `env_file:`, `secrets:`), and for the build with
`RUN --mount=type=secret,id=token`.

Empty values, placeholders and variables are not reported; `ENV X=$ARG` is, since it keeps the build argument. An argument with
a secret's name and without a value is medium: what is given with `--build-arg` stays in the history. In a stage that is not
shipped it is low. Short words as passwords in compose files (`postgres`) are low: they are defaults, and open whatever they
protect to who reaches it.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.containers.is_empty() && project.workloads.is_empty() {
        Err("no container or compose file was found")
    } else {
        Ok(())
    }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for container in &project.containers {
        for (at, stage) in container.stages.iter().enumerate() {
            for step in &stage.steps {
                let Some((severity, message)) = judge(container, (at, stage), step) else { continue };
                push(project, step.place.clone(), message, severity, findings);
            }
        }
    }
    for workload in &project.workloads {
        for (name, word) in &workload.environment {
            let value = word.text.trim();
            if !credential_name(name) || placeholder(value) || value.contains("${") || value.starts_with('$') {
                continue;
            }
            let severity = if looks_random(value) { Severity::High } else { Severity::Low };
            push(project, word.place.clone(), format!("`{name}` has its value here"), severity, findings);
        }
    }
}

fn push(project: &Project, place: Place, message: String, severity: Severity, findings: &mut Vec<Finding>) {
    let mut finding = context::finding(
        project,
        &RULE,
        place,
        message,
        "whoever can pull the image or read the file has the secret",
        "give it when the container starts, or to the build with `--mount=type=secret`",
    );
    finding.severity = finding.severity.min(severity);
    findings.push(finding);
}

fn judge(container: &Container, (at, stage): (usize, &Stage), step: &Step) -> Option<(Severity, String)> {
    match step.keyword.as_str() {
        "COPY" | "ADD" if !step.arguments.contains("--from") => {
            let mut sources: Vec<&str> = step.arguments.split_whitespace().filter(|it| !it.starts_with("--")).collect();
            sources.pop();
            let file =
                sources.iter().find(|source| context::is_environment(source.trim_matches(['[', '"', ',', ']'])))?;
            Some((Severity::High, format!("`{}` is copied into the image", file.trim_matches(['[', '"', ',', ']']))))
        }
        "ENV" => pairs(&step.arguments).into_iter().find_map(|(name, value)| {
            let variable = value.trim_start_matches(['$', '{']).trim_end_matches('}');
            let kept = value.starts_with('$') && has_argument(stage, variable);
            let literal = !value.is_empty() && !placeholder(&value);
            (credential_name(&name) && (kept || literal))
                .then(|| (Severity::High, format!("`{name}` is set in the image")))
        }),
        "ARG" => pairs(&step.arguments).into_iter().find_map(|(name, value)| {
            if !credential_name(&name) || !value.is_empty() && placeholder(&value) {
                return None;
            }
            if !value.is_empty() {
                return Some((Severity::High, format!("`{name}` has a default in the container file")));
            }
            let severity = if is_shipped(container, at) { Severity::Medium } else { Severity::Low };
            uses(stage, &name).then(|| (severity, format!("what is given for `{name}` stays in the image's history")))
        }),
        _ => None,
    }
}

fn has_argument(stage: &Stage, name: &str) -> bool {
    let mut arguments = stage.steps.iter().filter(|step| step.keyword == "ARG");
    arguments.any(|step| pairs(&step.arguments).iter().any(|(known, _)| known == name))
}

fn uses(stage: &Stage, name: &str) -> bool {
    stage.steps.iter().any(|step| step.keyword == "RUN" && step.arguments.contains(name))
}

/// The last stage, or one that it stands on.
fn is_shipped(container: &Container, at: usize) -> bool {
    let mut stage = container.stages.len().saturating_sub(1);
    while stage != at {
        match container.stages.get(stage).and_then(|stage| stage.base) {
            Some(base) => stage = base,
            None => return false,
        }
    }
    true
}

/// `A=b C="d e"`, `A b c`, `A`.
fn pairs(arguments: &str) -> Vec<(String, String)> {
    let words = crate::project::command::words(arguments);
    match words.first() {
        Some(first) if !first.contains('=') => vec![(first.clone(), words[1..].join(" "))],
        _ => words
            .iter()
            .filter_map(|word| word.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}
