//! Steps of workflows that publish packages, and with what: a stored token or the job's own identity.

use super::{
    Project,
    command::commands,
    manifest::Ecosystem,
    workflow::{Job, Step, Workflow},
};
use crate::finding::Place;

/// A step that publishes to a public registry.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Where it publishes.
    pub ecosystem: Ecosystem,
    /// The command or action.
    pub place: Place,
    /// The stored secret that it uses, and where it is named.
    pub token: Option<(String, Place)>,
    /// The job can prove to the registry who it is.
    pub has_identity: bool,
    /// Who installs the package can see where it was built.
    pub has_provenance: bool,
}

/// Variables and inputs that registries' programs read a token from.
const TOKENS: &[&str] = &[
    "NPM_TOKEN",
    "NODE_AUTH_TOKEN",
    "NPM_AUTH_TOKEN",
    "NPM_CONFIG_TOKEN",
    "YARN_NPM_AUTH_TOKEN",
    "TWINE_PASSWORD",
    "UV_PUBLISH_TOKEN",
    "UV_PUBLISH_PASSWORD",
    "PYPI_TOKEN",
    "PYPI_API_TOKEN",
    "POETRY_PYPI_TOKEN_PYPI",
    "POETRY_HTTP_BASIC_PYPI_PASSWORD",
    "HATCH_INDEX_AUTH",
    "FLIT_PASSWORD",
    "PDM_PUBLISH_PASSWORD",
    "CARGO_REGISTRY_TOKEN",
    "CARGO_REGISTRIES_CRATES_IO_TOKEN",
];

/// Every publication of the project's own workflows.
pub fn all(project: &Project) -> Vec<Publication> {
    let mut found = Vec::new();
    for workflow in project.workflows.iter().filter(|workflow| workflow.is_own()) {
        for (job, step) in workflow.steps() {
            if let Some(ecosystem) = published(step).filter(|_| !elsewhere(job, step)) {
                found.push(publication(project, workflow, job, step, ecosystem));
            }
        }
    }
    found
}

fn publication(project: &Project, workflow: &Workflow, job: &Job, step: &Step, ecosystem: Ecosystem) -> Publication {
    let permissions = workflow.permissions_of(job);
    let token = token(workflow, job, step);
    let place = step.run.as_ref().or(step.uses.as_ref()).map_or(&step.place, |word| &word.place).clone();
    let has_identity = permissions.has_identity();
    let text = step.run.as_ref().map_or("", |run| run.text.as_str());
    let variables = || step.environment.iter().chain(&job.environment).chain(&workflow.environment);
    let has_provenance = match ecosystem {
        Ecosystem::Npm => {
            let switched = variables().any(|(key, _)| key.eq_ignore_ascii_case("NPM_CONFIG_PROVENANCE"));
            text.contains("--provenance") || switched || token.is_none() && has_identity || configured(project)
        }
        Ecosystem::Python => {
            let off = step.input("attestations").is_some_and(|word| word.text == "false");
            token.is_none() && !off || text.contains("--attestations")
        }
        Ecosystem::Cargo | Ecosystem::Go | Ecosystem::Maven | Ecosystem::NuGet => true,
    };
    Publication { ecosystem, place, token, has_identity, has_provenance }
}

/// `package.json` or `.npmrc` asks for provenance.
fn configured(project: &Project) -> bool {
    project.files.iter().any(|file| {
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        let squeezed = || file.text.replace([' ', '\t'], "");
        name == "package.json" && squeezed().contains("\"provenance\":true")
            || name == ".npmrc" && squeezed().contains("provenance=true")
    })
}

fn published(step: &Step) -> Option<Ecosystem> {
    match step.action() {
        Some("pypa/gh-action-pypi-publish") => return Some(Ecosystem::Python),
        Some("JS-DevTools/npm-publish") => return Some(Ecosystem::Npm),
        Some("katyo/publish-crates") => return Some(Ecosystem::Cargo),
        Some("changesets/action") => return step.input("publish").map(|_| Ecosystem::Npm),
        _ => {}
    }
    let run = step.run.as_ref()?;
    commands(&run.text).iter().find_map(|words| {
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| *word != "npx").collect();
        let has = |word: &str| words.contains(&word);
        // `pnpm dlx other publish` publishes in its own way.
        let others = || ["run", "dlx", "exec", "x", "create"].iter().any(|word| has(word));
        if has("--dry-run") || has("-n") {
            return None;
        }
        match *words.first()? {
            "npm" | "pnpm" | "bun" | "yarn" if has("publish") && !others() => Some(Ecosystem::Npm),
            "lerna" | "changeset" if has("publish") => Some(Ecosystem::Npm),
            "twine" if has("upload") => Some(Ecosystem::Python),
            "python" | "python3" if has("twine") && has("upload") => Some(Ecosystem::Python),
            "uv" | "poetry" | "flit" | "hatch" | "pdm" if has("publish") => Some(Ecosystem::Python),
            "cargo" if has("publish") => Some(Ecosystem::Cargo),
            _ => None,
        }
    })
}

/// To a registry that is not the public one.
fn elsewhere(job: &Job, step: &Step) -> bool {
    let foreign = |address: &str| {
        !["registry.npmjs.org", "upload.pypi.org", "crates.io"].iter().any(|public| address.contains(public))
    };
    let run = step.run.as_ref().map_or("", |run| run.text.as_str());
    let words: Vec<&str> = run.split([' ', '=', '\n']).collect();
    let named = words.windows(2).any(|pair| {
        matches!(pair[0], "--registry" | "--repository-url" | "--publish-url" | "--index" | "--repository")
            && foreign(pair[1])
            && pair[1] != "pypi"
    });
    let inputs = [step.input("repository-url"), step.input("repository_url"), step.input("registry")];
    let input = inputs.into_iter().flatten().any(|word| foreign(&word.text));
    let setup = || job.steps.iter().filter_map(|step| step.input("registry-url")).any(|word| foreign(&word.text));
    named || input || published(step) == Some(Ecosystem::Npm) && setup()
}

/// The stored secret that a step authenticates with.
fn token(workflow: &Workflow, job: &Job, step: &Step) -> Option<(String, Place)> {
    let variables = step.environment.iter().chain(&job.environment).chain(&workflow.environment);
    let variables = variables.filter(|(key, _)| TOKENS.contains(&key.to_ascii_uppercase().as_str()));
    let inputs = step.inputs.iter().filter(|(key, _)| {
        matches!(key.as_str(), "password" | "token" | "registry-token" | "user-password") && step.action().is_some()
    });
    let words = variables.chain(inputs).map(|(_, word)| word).chain(&step.run);
    words.into_iter().find_map(|word| {
        let name = word.text.split("secrets.").skip(1).find_map(|rest| {
            let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
            (&rest[..end] != "GITHUB_TOKEN").then_some(&rest[..end])
        })?;
        Some((name.to_owned(), word.place.clone()))
    })
}
