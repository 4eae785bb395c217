//! `mcpsec.toml` as the runtime would read it, with everything that is wrong with it.

use mcpsec_policy::{Environment, Policy};

use crate::finding::Place;

use super::{
    File,
    data::{self, Node},
};

/// The project's policy file.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// Relative to the project's folder.
    pub path: String,
    /// What the runtime would enforce; nothing where it would not start.
    pub policy: Option<Policy>,
    /// The file as a tree with places; nothing where it is no TOML.
    pub tree: Option<Node>,
    /// Why the runtime would not start.
    pub problems: Vec<PolicyProblem>,
}

/// One reason why the runtime would not start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyProblem {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Vec<String>,
}

/// Reads the policy in `file`, where its name says that it is one.
///
/// The environment is empty, because the machine of the doctor is not that of the server: that a variable is not set
/// here is no fault of the file.
pub fn read(file: &File) -> Option<PolicyFile> {
    if file.path.rsplit('/').next() != Some("mcpsec.toml") {
        return None;
    }
    let tree = data::toml(&file.text).ok();
    let (policy, problems) = match Policy::parse(&file.text, &file.path, &Environment::default()) {
        Ok(loaded) => (Some(loaded.policy), Vec::new()),
        Err(error) => (None, error.problems().iter().filter_map(|problem| problem_of(problem, file)).collect()),
    };
    let problems = if is_for_the_doctor(&file.text) { without_version(problems) } else { problems };
    Some(PolicyFile { path: file.path.clone(), policy, tree, problems })
}

/// Settings of the doctor and nothing else: no server starts with them.
fn is_for_the_doctor(text: &str) -> bool {
    text.parse::<toml::Table>().is_ok_and(|table| table.len() == 1 && table.contains_key("doctor"))
}

fn without_version(mut problems: Vec<PolicyProblem>) -> Vec<PolicyProblem> {
    problems.retain(|problem| !problem.message.starts_with("`version` is missing"));
    problems
}

fn problem_of(problem: &mcpsec_policy::Problem, file: &File) -> Option<PolicyProblem> {
    if problem.message.contains("environment variable") && problem.message.ends_with("is not set") {
        return None;
    }
    let place = match &problem.place {
        Some(place) => Place::new(&file.path, place.span.start, place.span.end),
        None => Place::top(&file.path),
    };
    Some(PolicyProblem { place, message: problem.message.clone(), help: problem.help.clone() })
}
