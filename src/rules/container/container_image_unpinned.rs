//! The base image is whatever its authors publish next.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        container::{Image, Pin, compose_images},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "container-image-unpinned",
    group: "container",
    title: "an image has no version",
    severity: Severity::Low,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1357", "MCP04"],
    docs: "
An image without a tag, or with the tag `latest`, is whatever its authors push next. Two builds of the same commit are two
servers, and whoever takes over the image's account is in the next one.

Name a version (`node:22-slim`), and better the digest of its content, `name:tag@sha256:...`, which nobody can move;
`docker buildx imagetools inspect` shows it, and update bots keep it current.

Arguments with a default are resolved (`ARG VERSION=22`); an argument without one is decided elsewhere and not reported, nor
is `scratch`, an earlier stage, or what a compose file builds itself.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if images(project).next().is_some() { Ok(()) } else { Err("no container or compose file was found") }
}

fn images(project: &Project) -> impl Iterator<Item = Image> {
    let stages = project.containers.iter().flat_map(|container| &container.stages);
    let bases = stages.filter(|stage| stage.base.is_none()).map(|stage| stage.image.clone());
    bases.chain(project.files.iter().flat_map(compose_images))
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for image in images(project) {
        let message = match image.pin() {
            Pin::Latest => format!("`{}` is another image after the next push", image.name),
            Pin::None if !image.name.is_empty() => format!("`{}` has no version, which means `latest`", image.name),
            _ => continue,
        };
        findings.push(context::finding(
            project,
            &RULE,
            image.place,
            message,
            "whoever takes over the image's account is in the next build",
            "name a version, and better a digest",
        ));
    }
}
