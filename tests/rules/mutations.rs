//! Each line that hardens a generated project, taken away in turn: exactly the rules that guard it speak.

use std::collections::BTreeSet;

use mcpsec::{
    doctor::{self, Date, Options},
    finding::{Confidence, Finding, Severity},
    project::Project,
    scaffold::{
        answers::{Answers, Draft},
        plan::plan,
        source::RuntimeSource,
        template::{self, Answer},
    },
};

use crate::mutation_table::{Change, MUTATIONS, Mutation, SILENT};

const BOTH: [&str; 2] = ["stdio", "http"];

/// The copy of the runtime: many files, which are left out where they cannot matter.
const RUNTIME: &str = "vendor/";

#[test]
fn a_generated_project_has_no_finding() {
    for transport in BOTH {
        let found = findings(generated(transport));
        let said: Vec<String> = found.iter().filter(|it| it.severity >= Severity::Low).map(show).collect();
        assert_eq!(said, [""; 0], "{transport}");
    }
}

#[test]
fn each_hardening_line_is_guarded_by_exactly_its_rules() {
    let failures = all(MUTATIONS);
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// When a rule begins to see one of these, its line moves into the other table.
#[test]
fn what_no_rule_sees_yet_is_known() {
    assert!(SILENT.iter().all(|(mutation, reason)| mutation.fires.is_empty() && !reason.is_empty()));
    let silent: Vec<Mutation> = SILENT.iter().map(|(mutation, _)| *mutation).collect();
    let failures = all(&silent);
    assert!(failures.is_empty(), "a rule sees this now; move it to `MUTATIONS`\n{}", failures.join("\n"));
}

#[test]
fn every_mutation_is_named_once() {
    let names: Vec<&str> = MUTATIONS.iter().chain(SILENT.iter().map(|(it, _)| it)).map(|it| it.name).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
}

fn all(mutations: &[Mutation]) -> Vec<String> {
    let mut failures = Vec::new();
    for transport in BOTH {
        let whole = generated(transport);
        let own: Files = whole.iter().filter(|(path, _)| !path.starts_with(RUNTIME)).cloned().collect();
        let [of_whole, of_own] = [&whole, &own].map(|files| findings(files.clone()).iter().map(key).collect());
        for mutation in mutations.iter().filter(|it| it.transport.is_none_or(|only| only == transport)) {
            let (files, before) = if mutation.is_about_runtime() { (&whole, &of_whole) } else { (&own, &of_own) };
            failures.extend(failure(transport, mutation, files, before));
        }
    }
    failures
}

fn failure(transport: &str, mutation: &Mutation, files: &Files, before: &BTreeSet<String>) -> Option<String> {
    let mut files = files.clone();
    for change in mutation.changes {
        if let Err(error) = change.apply(&mut files) {
            return Some(format!("{transport}, \"{}\": {error}", mutation.name));
        }
    }
    let new: Vec<Finding> = findings(files).into_iter().filter(|finding| !before.contains(&key(finding))).collect();
    let fired: BTreeSet<&str> = new.iter().map(|finding| finding.rule).collect();
    if fired == mutation.fires.iter().copied().collect() {
        return None;
    }
    let expected = mutation.fires;
    let said: String = new.iter().map(|finding| format!("\n    {}", show(finding))).collect();
    Some(format!("{transport}, \"{}\": expected {expected:?}, and there is{said}", mutation.name))
}

/// Files of a project: path and text, sorted.
pub(crate) type Files = Vec<(String, String)>;

/// What `mcpsec new --defaults --transport …` would write, without the one file that is no text.
fn generated(transport: &str) -> Files {
    let template = template::load("rust").expect("the template is embedded");
    let mut draft: Draft = template
        .manifest
        .variables
        .iter()
        .filter_map(|variable| Some((variable.name.clone(), variable.default.clone()?)))
        .collect();
    draft.insert("name".to_owned(), Answer::One("example-server".to_owned()));
    draft.insert("transport".to_owned(), Answer::One(transport.to_owned()));
    let answers = Answers::new(&template, &draft).expect("defaults are answers");
    let plan = plan(&template, &answers, &RuntimeSource::default(), "example-server".into()).expect("it renders");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    plan.files.into_iter().filter_map(|file| Some((file.path, text(file.bytes)?))).collect()
}

fn findings(files: Files) -> Vec<Finding> {
    let project = Project::from_files(files);
    let options = Options { min_confidence: Confidence::Low, ..Options::usual(Date::from_seconds(1_795_219_200)) };
    doctor::run(&project, &options).findings.into_iter().map(|reported| reported.finding).collect()
}

/// What tells a finding from those of the project before: lines move, words stay.
fn key(finding: &Finding) -> String {
    format!("{} {} {}", finding.rule, finding.place.path, finding.message)
}

fn show(finding: &Finding) -> String {
    let weight = format!("{:?}/{:?}", finding.severity, finding.confidence);
    format!("{} {} ({weight}): {}", finding.rule, finding.place.path, finding.message)
}

impl Mutation {
    fn is_about_runtime(&self) -> bool {
        self.changes.iter().any(|change| change.path().starts_with(RUNTIME))
    }
}

impl Change {
    fn path(&self) -> &'static str {
        match self {
            Self::Without(path, _) | Self::Replace(path, ..) | Self::Append(path, _) | Self::Add(path, _) => path,
            Self::Delete(prefix) => prefix,
        }
    }

    /// Changes the files; the error says that there is nothing to change.
    fn apply(&self, files: &mut Files) -> Result<(), String> {
        let path = self.path();
        let before = files.clone();
        let edit = |files: &mut Files, edited: &dyn Fn(&str) -> String| {
            files.iter_mut().filter(|(other, _)| other == path).for_each(|(_, text)| *text = edited(text));
        };
        match self {
            Self::Without(_, line) => edit(files, &|text| {
                text.split_inclusive('\n').filter(|it| !it.trim_start().starts_with(line)).collect()
            }),
            Self::Replace(_, from, to) => edit(files, &|text| text.replace(from, to)),
            Self::Append(_, more) => edit(files, &|text| format!("{text}{more}")),
            Self::Add(_, text) => files.push((path.to_owned(), (*text).to_owned())),
            Self::Delete(_) => files.retain(|(other, _)| !other.starts_with(path)),
        }
        if *files == before { Err(format!("`{path}` does not have what is to be changed")) } else { Ok(()) }
    }
}
