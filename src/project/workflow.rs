//! GitHub workflows and composite actions: what starts them, with which rights, which steps they run. Data: nothing runs.
//!
//! Only what GitHub itself would read counts: files in `.github/workflows` at the top, here or above the project, and
//! `action.yml` at any place. Places are those of the file; a block's place includes its mark (`|`).

use super::{
    File,
    client::Word,
    data::{DataError, Entry, Node, Value},
    yaml,
};
use crate::finding::Place;

/// A workflow, or a composite action.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// Relative to the project's folder; begins with `../` where it lies above.
    pub path: String,
    /// As shown by GitHub.
    pub name: Option<String>,
    /// What starts it; empty for actions.
    pub triggers: Vec<Trigger>,
    /// What its token may do, for jobs that do not say so themselves.
    pub permissions: Permissions,
    /// Variables of every step.
    pub environment: Vec<(String, Word)>,
    /// In order of appearance. A composite action is one job.
    pub jobs: Vec<Job>,
    /// It is an action and no workflow.
    pub is_action: bool,
    /// Why it could not be read.
    pub error: Option<DataError>,
}

/// An event that starts a workflow.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// `push`, `pull_request_target`, `issues`.
    pub event: String,
    /// Where it is named.
    pub place: Place,
    /// Its filters: `branches`, `types`, `workflows`.
    pub filters: Vec<(String, Vec<String>)>,
}

/// What the token of a job may do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Permissions {
    /// Nothing is said: the repository's setting decides.
    Unstated,
    /// `read-all`
    Read,
    /// `write-all`, written here.
    Write(Place),
    /// Named one by one, with `read`, `write` or `none`.
    Named(Vec<(String, String)>),
}

/// A job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its key.
    pub id: String,
    /// Where the key is written.
    pub place: Place,
    /// `if`
    pub condition: Option<String>,
    /// Jobs that must have succeeded.
    pub needs: Vec<String>,
    /// Its own.
    pub permissions: Permissions,
    /// The reusable workflow that it calls instead of steps.
    pub uses: Option<Word>,
    /// The deployment environment.
    pub deployment: Option<String>,
    /// Variables of every step of it.
    pub environment: Vec<(String, Word)>,
    /// In order.
    pub steps: Vec<Step>,
    /// The whole of it.
    pub body: Place,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// The whole of it.
    pub place: Place,
    /// `if`
    pub condition: Option<String>,
    /// The action.
    pub uses: Option<Word>,
    /// The commands.
    pub run: Option<Word>,
    /// `with`
    pub inputs: Vec<(String, Word)>,
    /// `env`
    pub environment: Vec<(String, Word)>,
}

impl Workflow {
    /// The trigger for `event`.
    pub fn trigger(&self, event: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| trigger.event == event)
    }

    /// What the token of `job` may do.
    pub fn permissions_of<'a>(&'a self, job: &'a Job) -> &'a Permissions {
        if job.permissions == Permissions::Unstated { &self.permissions } else { &job.permissions }
    }

    /// Only other workflows start it: they decide what it may do.
    pub fn is_only_called(&self) -> bool {
        !self.triggers.is_empty() && self.triggers.iter().all(|trigger| trigger.event == "workflow_call")
    }

    /// Every step with its job.
    pub fn steps(&self) -> impl Iterator<Item = (&Job, &Step)> {
        self.jobs.iter().flat_map(|job| job.steps.iter().map(move |step| (job, step)))
    }

    /// It lies in the project, and not above it.
    pub fn is_own(&self) -> bool {
        !self.path.starts_with("../")
    }
}

impl Permissions {
    /// Some right to write is given or cannot be excluded. A token that only proves who the job is does not count.
    pub fn may_write(&self) -> bool {
        match self {
            Self::Unstated | Self::Write(_) => true,
            Self::Read => false,
            Self::Named(all) => all.iter().any(|(scope, level)| level == "write" && scope != "id-token"),
        }
    }

    /// The job can prove to others who it is.
    pub fn has_identity(&self) -> bool {
        match self {
            Self::Write(_) => true,
            Self::Named(all) => all.iter().any(|(scope, level)| level == "write" && scope == "id-token"),
            Self::Unstated | Self::Read => false,
        }
    }
}

impl Step {
    /// The action without its version: `actions/checkout`.
    pub fn action(&self) -> Option<&str> {
        self.uses.as_ref().map(|word| word.text.split('@').next().unwrap_or(&word.text))
    }

    /// An input of the action.
    pub fn input(&self, name: &str) -> Option<&Word> {
        self.inputs.iter().find(|(key, _)| key == name).map(|(_, word)| word)
    }
}

/// Whether GitHub runs the file at `path` as a workflow.
pub fn is_workflow(path: &str) -> bool {
    let below = path.trim_start_matches("../");
    let name = below.strip_prefix(".github/workflows/").unwrap_or_default();
    !name.is_empty() && !name.contains('/') && is_yaml(name)
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yml") || name.ends_with(".yaml")
}

/// Reads a workflow or an action; nothing where the file is neither.
pub fn read(file: &File) -> Option<Workflow> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let is_action = matches!(name, "action.yml" | "action.yaml");
    if !is_action && !is_workflow(&file.path) {
        return None;
    }
    let mut workflow = Workflow {
        path: file.path.clone(),
        name: None,
        triggers: Vec::new(),
        permissions: Permissions::Unstated,
        environment: Vec::new(),
        jobs: Vec::new(),
        is_action,
        error: None,
    };
    let root = match yaml::documents(&file.text) {
        Ok(documents) => documents.into_iter().next()?,
        // Any tool may call its file so; a workflow that nobody can read runs nowhere either.
        Err(_) if is_action => return None,
        Err(error) => return Some(Workflow { error: Some(error), ..workflow }),
    };
    let reader = Reader { path: &file.path };
    workflow.name = root.get("name").and_then(Node::text).map(str::to_owned);
    if is_action {
        let runs = root.entry("runs")?;
        runs.node.get("steps")?;
        workflow.jobs.push(reader.job(runs));
        return Some(workflow);
    }
    workflow.triggers = root.get("on").map(|on| reader.triggers(on)).unwrap_or_default();
    workflow.permissions = reader.permissions(&root);
    workflow.environment = reader.pairs(&root, "env");
    workflow.jobs = root.get("jobs").map_or(&[][..], Node::entries).iter().map(|entry| reader.job(entry)).collect();
    Some(workflow)
}

struct Reader<'a> {
    path: &'a str,
}

impl Reader<'_> {
    fn place(&self, node: &Node) -> Place {
        Place::new(self.path, node.span.start, node.span.end)
    }

    fn word(&self, node: &Node) -> Option<Word> {
        let text = match &node.value {
            Value::Text(text) => text.clone(),
            Value::Flag(flag) => flag.to_string(),
            Value::Other(_) | Value::Table(_) | Value::List(_) => return None,
        };
        Some(Word { text, place: self.place(node) })
    }

    fn pairs(&self, node: &Node, key: &str) -> Vec<(String, Word)> {
        let entries = node.get(key).map_or(&[][..], Node::entries);
        entries.iter().filter_map(|entry| Some((entry.key.clone(), self.word(&entry.node)?))).collect()
    }

    fn triggers(&self, on: &Node) -> Vec<Trigger> {
        let named = |node: &Node| {
            let event = node.text()?.to_owned();
            Some(Trigger { event, place: self.place(node), filters: Vec::new() })
        };
        match &on.value {
            Value::Text(_) => named(on).into_iter().collect(),
            Value::List(items) => items.iter().filter_map(named).collect(),
            _ => on.entries().iter().map(|entry| self.trigger(entry)).collect(),
        }
    }

    fn trigger(&self, entry: &Entry) -> Trigger {
        let filters = entry.node.entries().iter().map(|filter| (filter.key.clone(), texts(&filter.node))).collect();
        let place = Place::new(self.path, entry.key_span.start, entry.key_span.end);
        Trigger { event: entry.key.clone(), place, filters }
    }

    fn permissions(&self, node: &Node) -> Permissions {
        let Some(node) = node.get("permissions") else { return Permissions::Unstated };
        match node.text() {
            Some("write-all") => Permissions::Write(self.place(node)),
            Some(_) => Permissions::Read,
            None => Permissions::Named(
                node.entries()
                    .iter()
                    .filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned())))
                    .collect(),
            ),
        }
    }

    fn job(&self, entry: &Entry) -> Job {
        let node = &entry.node;
        let environment = node.get("environment");
        let deployment = environment.and_then(|it| it.text().or_else(|| it.get("name").and_then(Node::text)));
        Job {
            id: entry.key.clone(),
            place: Place::new(self.path, entry.key_span.start, entry.key_span.end),
            condition: condition(node),
            needs: node.get("needs").map(texts).unwrap_or_default(),
            permissions: self.permissions(node),
            uses: node.get("uses").and_then(|uses| self.word(uses)),
            deployment: deployment.map(str::to_owned),
            environment: self.pairs(node, "env"),
            steps: node.get("steps").map_or(&[][..], Node::items).iter().map(|step| self.step(step)).collect(),
            body: self.place(node),
        }
    }

    fn step(&self, node: &Node) -> Step {
        Step {
            place: self.place(node),
            condition: condition(node),
            uses: node.get("uses").and_then(|uses| self.word(uses)),
            run: node.get("run").and_then(|run| self.word(run)),
            inputs: self.pairs(node, "with"),
            environment: self.pairs(node, "env"),
        }
    }
}

fn condition(node: &Node) -> Option<String> {
    let node = node.get("if")?;
    match &node.value {
        Value::Flag(flag) => Some(flag.to_string()),
        _ => node.text().map(str::to_owned),
    }
}

fn texts(node: &Node) -> Vec<String> {
    node.text().map_or_else(
        || node.items().iter().filter_map(Node::text).map(str::to_owned).collect(),
        |text| vec![text.to_owned()],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    fn workflow(text: &str) -> Workflow {
        let project = Project::from_files([(".github/workflows/ci.yml".to_owned(), text.to_owned())]);
        project.workflows.into_iter().next().expect("a workflow")
    }

    #[test]
    fn triggers_are_written_in_three_ways() {
        for text in ["on: push\n", "on: [push]\n", "on:\n  push:\n", "'on':\n  push:\n    branches: main\n"] {
            assert_eq!(workflow(text).triggers[0].event, "push", "{text}");
        }
        assert_eq!(workflow("on: {push: {branches: main}}\n").triggers[0].filters[0].1, ["main"]);
    }

    #[test]
    fn a_job_without_permissions_has_those_of_its_workflow() {
        let found = workflow("permissions: {}\njobs:\n  a:\n    steps: []\n  b:\n    permissions: write-all\n");
        assert!(!found.permissions_of(&found.jobs[0]).may_write());
        assert!(found.permissions_of(&found.jobs[1]).may_write());
        assert!(workflow("jobs: {a: {steps: []}}\n").permissions.may_write());
        let named = workflow("permissions: {contents: read, id-token: write}\n").permissions;
        assert!(!named.may_write() && named.has_identity());
    }

    #[test]
    fn a_file_that_is_no_yaml_is_incomplete_and_one_elsewhere_is_no_workflow() {
        assert!(workflow("on: [push\n  x: {\n").error.is_some());
        assert!(!is_workflow("templates/.github/workflows/ci.yml"));
        assert!(!is_workflow(".github/workflows/sub/ci.yml"));
        assert!(is_workflow("../../.github/workflows/ci.yaml"));
    }
}
