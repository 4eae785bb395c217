//! What the project's pipeline runs: every command of its workflows, with the scripts that those call.

use std::collections::HashSet;

use super::{
    Project,
    command::commands,
    workflow::{Step, Workflow},
};

/// Files of other systems than GitHub's, whose jobs are not read.
const OTHERS: &[&str] = &[
    ".buildkite",
    ".circleci",
    ".cirrus.yml",
    ".drone.yml",
    ".gitlab-ci.yml",
    ".travis.yml",
    ".woodpecker.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "cloudbuild.yaml",
    "Jenkinsfile",
];

/// Most files and scripts that are followed from one command.
const MAX_STEPS: usize = 3;

/// What is known of a pipeline.
#[derive(Debug, Default)]
pub struct Pipeline {
    /// Commands, one text each, in lowercase: those of the workflows, and those of the scripts that they call.
    pub commands: Vec<String>,
    /// Actions and reusable workflows, in lowercase.
    pub actions: Vec<String>,
    /// Something runs that cannot be seen from here: a workflow of another repository, another system.
    pub unseen: bool,
    /// Scripts that were followed, by address and length: one that calls itself, or is called often, is read once.
    followed: HashSet<(usize, usize)>,
}

/// Workflows, here and above, without composite actions.
fn workflows(project: &Project) -> impl Iterator<Item = &Workflow> {
    project.workflows.iter().filter(|workflow| !workflow.is_action)
}

/// The pipeline of a project; nothing where it has none. It is read once.
pub fn of(project: &Project) -> Option<&Pipeline> {
    project.pipeline.get_or_init(|| read(project)).as_ref()
}

fn read(project: &Project) -> Option<Pipeline> {
    let other = names(project).any(|name| {
        let name = name.trim_start_matches("../");
        OTHERS.iter().any(|known| name == *known || name.starts_with(&format!("{known}/")))
    });
    if workflows(project).next().is_none() && !other {
        return None;
    }
    let unread = project.workflows.iter().any(|workflow| workflow.error.is_some());
    let mut pipeline = Pipeline { unseen: other || unread, ..Pipeline::default() };
    for workflow in &project.workflows {
        for word in workflow.jobs.iter().filter_map(|job| job.uses.as_ref()) {
            pipeline.unseen |= !word.text.starts_with("./");
            pipeline.actions.push(word.text.to_lowercase());
        }
        for (_, step) in workflow.steps() {
            pipeline.step(project, step);
        }
    }
    Some(pipeline)
}

fn names(project: &Project) -> impl Iterator<Item = &str> {
    project.files.iter().map(|file| file.path.as_str()).chain(project.above.names.iter().map(String::as_str))
}

impl Pipeline {
    fn step(&mut self, project: &Project, step: &Step) {
        self.actions.extend(step.uses.as_ref().map(|word| word.text.to_lowercase()));
        for word in step.inputs.iter().map(|(_, word)| word).chain(&step.run) {
            self.text(project, &word.text, MAX_STEPS);
        }
    }

    fn text(&mut self, project: &Project, text: &str, steps: usize) {
        for words in commands(text) {
            self.commands.push(words.join(" ").to_lowercase());
            if steps > 0 {
                for called in called(project, &words) {
                    if self.followed.insert((called.as_ptr() as usize, called.len())) {
                        self.text(project, called, steps - 1);
                    }
                }
            }
        }
    }

    /// Some command or action, its words joined by one space, holds one of these texts at the beginning of a word:
    /// `latest` is no `test`.
    pub fn runs(&self, texts: &[&str]) -> bool {
        let begins = |command: &str, text: &str| {
            let letter = |at: usize| command[..at].chars().next_back().is_some_and(char::is_alphanumeric);
            command.match_indices(text).any(|(at, _)| !text.starts_with(char::is_alphanumeric) || !letter(at))
        };
        self.commands.iter().chain(&self.actions).any(|command| texts.iter().any(|text| begins(command, text)))
    }
}

/// The texts of the scripts that a command calls: of packages, of task runners, files of the project.
fn called<'a>(project: &'a Project, words: &[String]) -> Vec<&'a str> {
    let program = words.first().map_or("", String::as_str);
    let file = |wanted: &dyn Fn(&str) -> bool| {
        let found = project.files.iter().filter(move |file| wanted(&file.path));
        found.map(|file| file.text.as_str()).collect::<Vec<_>>()
    };
    match program {
        "npm" | "pnpm" | "yarn" | "bun" | "turbo" | "nx" | "lerna" => {
            let scripts = project.manifests.iter().flat_map(|manifest| &manifest.scripts);
            scripts.filter(|script| words[1..].contains(&script.name)).map(|script| script.command.as_str()).collect()
        }
        "make" | "just" | "task" | "mise" => file(&|path| {
            let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
            ["makefile", "justfile", "taskfile", "mise.toml", ".mise.toml"].iter().any(|known| name.starts_with(known))
        }),
        "docker" => file(&|path| super::container::is_container(path)),
        _ => {
            let named = words.iter().filter(|word| word.contains(['/', '.'])).map(|word| word.trim_start_matches("./"));
            let named: Vec<&str> = named.collect();
            file(&|path| {
                [".sh", ".bash", ".ps1"].iter().any(|end| path.ends_with(end)) && named.contains(&path)
                    || path.starts_with("script") && !path.contains('.') && named.contains(&path)
            })
        }
    }
}
