//! What a repository that is there already lacks to be checked from now on: settings, a hook, a workflow, a baseline.
//!
//! Planned in memory. A file that exists is left alone or grows at its end, and only where that certainly means what it
//! should; otherwise the plan says what to add by hand. [`mod@write`] comes last, and writes all of it or nothing.

use std::collections::BTreeMap;

use crate::{
    fix::Change,
    project::{Project, pipeline},
    scaffold::render::shell_quoted,
};

mod hook;
pub mod write;

const SETTINGS: &str = include_str!("mcpsec.toml");
const WORKFLOW: &str = include_str!("workflow.yml");
const GITLAB: &str = include_str!("gitlab.yml");

/// Where the workflow is written.
const WORKFLOW_PATH: &str = ".github/workflows/mcpsec.yml";

/// The file in which GitLab looks for jobs.
const GITLAB_PATH: &str = ".gitlab-ci.yml";

/// Where checks run when something is pushed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ci {
    /// A workflow of GitHub.
    Github,
    /// A job of GitLab, which is shown and not written.
    Gitlab,
    /// Nowhere.
    None,
}

/// A file that is written.
#[derive(Clone, Debug)]
pub struct Step {
    /// The file.
    pub change: Change,
    /// What it is for, in a clause.
    pub purpose: String,
}

/// Something that only a person can add.
#[derive(Clone, Debug)]
pub struct ByHand {
    /// Why, in a sentence without its period.
    pub why: String,
    /// What to add.
    pub text: String,
}

/// What will be done, and what will not.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Files to write.
    pub steps: Vec<Step>,
    /// What is there already, a clause each.
    pub present: Vec<String>,
    /// What is left to a person.
    pub by_hand: Vec<ByHand>,
}

/// What a person wants of it.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// A hook before each commit.
    pub hook: bool,
    /// Where checks run; nothing where the project's own habits decide.
    pub ci: Option<Ci>,
    /// The branch that changes end in; the usual names where nobody knows.
    pub branch: Option<String>,
}

/// Plans everything but the baseline, which depends on what is found with the rest in place.
pub fn plan(project: &Project, wanted: Wanted) -> Plan {
    let mut plan = Plan::default();
    if project.file("mcpsec.toml").is_some() {
        plan.present.push("mcpsec.toml".to_owned());
    } else {
        plan.add("mcpsec.toml", None, SETTINGS.to_owned(), "what the doctor is told");
    }
    if wanted.hook && project.git.present {
        hook::plan(project, &mut plan);
    }
    let branches = wanted.branch.as_deref().unwrap_or("main, master");
    ci(project, wanted.ci.unwrap_or_else(|| usual(project)), branches, &mut plan);
    plan
}

impl Plan {
    /// Adds a baseline, and what lets branches merge that both change it.
    pub fn accept(&mut self, project: &Project, name: &str, text: String, count: &str) {
        self.add(name, None, text, &format!("{count} that are there now, and are accepted"));
        self.merge(project, name);
    }

    /// Lets git keep both sides of a baseline.
    pub fn merge(&mut self, project: &Project, name: &str) {
        let plain =
            !name.is_empty() && !name.contains(|letter: char| letter.is_whitespace() || "\"*?[!#".contains(letter));
        if !project.git.present || !plain {
            return;
        }
        let before = project.file(".gitattributes").map(|file| file.text.clone());
        let known = before.iter().flat_map(|text| text.lines()).any(|line| {
            let mut words = line.split_whitespace();
            words.next().is_some_and(|path| path.trim_start_matches('/') == name)
                && words.any(|word| word.starts_with("merge"))
        });
        if known {
            self.present.push(format!(".gitattributes with {name}"));
            return;
        }
        let old = before.clone().unwrap_or_default();
        let line = appended(&old, &format!("{name} merge=union\n"));
        self.add(".gitattributes", before, line, "branches that both change the baseline merge");
    }

    /// The new texts, by path.
    pub fn texts(&self) -> BTreeMap<String, Option<String>> {
        self.steps.iter().map(|step| (step.change.path.clone(), Some(step.change.after.clone()))).collect()
    }

    /// The files to write.
    pub fn changes(&self) -> Vec<Change> {
        self.steps.iter().map(|step| step.change.clone()).collect()
    }

    fn add(&mut self, path: &str, before: Option<String>, after: String, purpose: &str) {
        let change = Change { path: path.to_owned(), before, after };
        self.steps.push(Step { change, purpose: purpose.to_owned() });
    }

    fn by_hand(&mut self, why: impl Into<String>, text: impl Into<String>) {
        self.by_hand.push(ByHand { why: why.into(), text: text.into() });
    }
}

/// A text with lines behind it, in its manner of ending lines.
fn appended(text: &str, lines: &str) -> String {
    let crlf = text.contains("\r\n");
    let lines = if crlf { lines.replace('\n', "\r\n") } else { lines.to_owned() };
    let end = match (text.is_empty() || text.ends_with('\n'), crlf) {
        (true, _) => "",
        (false, true) => "\r\n",
        (false, false) => "\n",
    };
    format!("{text}{end}{lines}")
}

/// The argument that names the project's folder, where that is not the repository's.
fn argument(project: &Project) -> String {
    match project.git.prefix.as_str() {
        "" => String::new(),
        prefix => format!(" {}", shell_quoted(prefix)),
    }
}

/// Where the project's own checks run.
fn usual(project: &Project) -> Ci {
    let above = project.above.names.iter().map(|name| name.trim_start_matches("../"));
    let mut paths = project.files.iter().map(|file| file.path.as_str()).chain(above);
    if paths.clone().any(|path| path.starts_with(".github/")) {
        Ci::Github
    } else if paths.any(|path| path == GITLAB_PATH) {
        Ci::Gitlab
    } else if pipeline::of(project).is_some() {
        Ci::None
    } else {
        Ci::Github
    }
}

fn ci(project: &Project, ci: Ci, branches: &str, plan: &mut Plan) {
    if ci != Ci::None && pipeline::of(project).is_some_and(|pipeline| pipeline.runs(&["mcpsec"])) {
        plan.present.push("a workflow that runs mcpsec".to_owned());
        return;
    }
    let folder = argument(project);
    match ci {
        Ci::Github => {
            let text = WORKFLOW.replace("@VERSION@", env!("CARGO_PKG_VERSION")).replace("@BRANCHES@", branches);
            let text = text.replace("@FOLDER@", &folder);
            if !folder.is_empty() {
                plan.by_hand(format!("this is no repository's folder: write {WORKFLOW_PATH} in the one above"), text);
            } else if project.file(WORKFLOW_PATH).is_some() {
                plan.by_hand(format!("{WORKFLOW_PATH} is there, and does not run mcpsec"), text);
            } else {
                plan.add(WORKFLOW_PATH, None, text, "`mcpsec doctor` for pushes, and for what a pull request adds");
            }
        }
        Ci::Gitlab => {
            if project.file(GITLAB_PATH).is_some_and(|file| file.text.contains("mcpsec")) {
                plan.present.push(format!("{GITLAB_PATH} with mcpsec"));
            } else {
                plan.by_hand(format!("add this job to {GITLAB_PATH}"), GITLAB.replace("@FOLDER@", &folder));
            }
        }
        Ci::None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::settings;

    #[test]
    fn the_settings_are_a_policy_file() {
        let environment = mcpsec_policy::Environment::from_iter(Vec::<(String, String)>::new());
        assert!(mcpsec_policy::Policy::parse(SETTINGS, "mcpsec.toml", &environment).is_ok());
        let uncommented = |line: &str| line.strip_prefix("# ").unwrap_or(line).to_owned() + "\n";
        let commented: String = SETTINGS.lines().skip(1).map(uncommented).collect();
        let all = settings::parse(&commented).expect("what is commented is right, too");
        assert_eq!((all.fail_on.as_str(), all.behind_gateway, all.severity.len()), ("medium", true, 1));
    }

    #[test]
    fn actions_are_those_of_the_template() {
        let template = include_str!("../../templates/rust/files/_github/workflows/ci.yml.hbs");
        let uses: Vec<&str> = WORKFLOW.lines().filter(|line| line.contains("uses:")).map(str::trim).collect();
        assert!(uses.len() == 1 && uses.iter().all(|line| template.contains(line)), "{uses:?}");
    }

    #[test]
    fn a_line_is_added_once_and_in_the_manner_of_the_file() {
        let merged = |text: &str| {
            let project = Project::from_files([(".gitattributes".to_owned(), text.to_owned())]);
            let mut plan = Plan::default();
            plan.merge(&project, ".mcpsec-baseline");
            plan.steps.pop().map(|step| step.change.after)
        };
        assert_eq!(merged("* text=auto").as_deref(), Some("* text=auto\n.mcpsec-baseline merge=union\n"));
        assert_eq!(merged("a b\r\n").as_deref(), Some("a b\r\n.mcpsec-baseline merge=union\r\n"));
        assert_eq!(merged("/.mcpsec-baseline text merge=union\n"), None);
    }

    #[test]
    fn the_habits_of_the_project_decide_where_it_is_checked() {
        let ci = |path: &str| usual(&Project::from_files([(path.to_owned(), "a: b\n".to_owned())]));
        assert_eq!(ci("server.py"), Ci::Github);
        assert_eq!(ci(".gitlab-ci.yml"), Ci::Gitlab);
        assert_eq!(ci(".travis.yml"), Ci::None);
    }
}
