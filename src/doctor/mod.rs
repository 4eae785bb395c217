//! The doctor: runs rules over a project and decides what counts. It prints nothing.
//!
//! Rules run in parallel; one that panics is caught, and the run is an internal error. Then, in this order: findings about the
//! same weakness at the same place become one ([`merge`]), suppressions in the files are applied ([`suppress`]), what
//! was there before is set apart ([`known`]), what nobody asked for is counted and left out ([`select`]), and the [`Verdict`] is given. Same project, same options: same
//! outcome, in the order of paths and positions.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock},
};

use rayon::prelude::*;

use crate::{
    finding::{Confidence, Finding, Fix, Severity},
    project::{Language, Project, workers},
    rules::{RULES, Rule},
};

pub mod baseline;
mod date;
pub mod identity;
mod known;
mod merge;
pub mod select;
pub mod settings;
pub mod suppress;
mod unused;
pub mod weakened;

pub use baseline::Baseline;
pub use date::Date;
pub use identity::Identity;
pub use select::Selection;
pub use suppress::Suppression;

/// What a run is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which rules run.
    pub selection: Selection,
    /// Least severity that fails the run; nothing where none does.
    pub fail_on: Option<Severity>,
    /// Least severity that is shown. What fails the run is shown in any case.
    pub min_severity: Severity,
    /// Least confidence that is shown and that can fail the run.
    pub min_confidence: Confidence,
    /// Day on which suppressions are judged.
    pub today: Date,
    /// What was left unread does not count.
    pub allow_incomplete: bool,
    /// Findings do not count.
    pub exit_zero: bool,
    /// Severities that somebody set for rules, by id.
    pub severities: BTreeMap<String, Severity>,
    /// Findings that were written down.
    pub baseline: Option<Baseline>,
    /// The revision that this one is compared with.
    pub before: Option<Before>,
}

/// Another revision of the project, as [`Options::before`].
#[derive(Clone, Debug, Default)]
pub struct Before {
    /// What was found there and not suppressed.
    pub findings: Found,
    /// What is laxer now than it was there.
    pub weakened: Vec<Finding>,
}

/// The names of what was found in a revision, which is searched when somebody asks.
#[derive(Clone)]
pub struct Found(Arc<LazyLock<HashSet<Identity>, Search>>);

type Search = Box<dyn FnOnce() -> HashSet<Identity> + Send>;

impl Found {
    /// What a run with `options` finds in the revision whose sources are `project`.
    pub(crate) fn in_sources(mut project: Project, options: Options) -> Self {
        let search: Search = Box::new(move || {
            project.conclude();
            identified(&project, &options).into_iter().map(|(identity, _)| identity).collect()
        });
        Self(Arc::new(LazyLock::new(search)))
    }

    fn contains(&self, identity: &Identity) -> bool {
        self.0.contains(identity)
    }
}

impl<const COUNT: usize> From<[Identity; COUNT]> for Found {
    fn from(names: [Identity; COUNT]) -> Self {
        Self(Arc::new(LazyLock::new(Box::new(|| names.into()))))
    }
}

impl Default for Found {
    fn default() -> Self {
        Self::from([])
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Found").finish_non_exhaustive()
    }
}

impl Options {
    /// What a run does when nothing else is said.
    pub fn usual(today: Date) -> Self {
        Self {
            selection: Selection::default(),
            fail_on: Some(Severity::Medium),
            min_severity: Severity::Info,
            min_confidence: Confidence::Medium,
            today,
            allow_incomplete: false,
            exit_zero: false,
            severities: BTreeMap::new(),
            baseline: None,
            before: None,
        }
    }
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What is shown, and what was suppressed, in the order of paths and positions.
    pub findings: Vec<Reported>,
    /// What was there before, in the order of paths and positions: neither shown nor counted.
    pub known: Vec<(Reported, Known)>,
    /// There was a baseline or another revision to compare with: what is in `findings` is new.
    pub compared: bool,
    /// How many findings were left out for want of confidence or severity.
    pub hidden: usize,
    /// Rules that could not apply, with the reason.
    pub not_applicable: Vec<(&'static Rule, &'static str)>,
    /// What should have been checked and was not.
    pub incomplete: Vec<Incomplete>,
    /// The rules that ran.
    pub rules: Vec<&'static Rule>,
    /// The result of it all.
    pub verdict: Verdict,
}

/// A finding as the report shows it.
#[derive(Clone, Debug)]
pub struct Reported {
    /// What the rule said.
    pub finding: Finding,
    /// Why it is not counted.
    pub suppression: Option<Suppression>,
    /// It fails the run.
    pub failing: bool,
}

/// Why a finding is nothing new.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Known {
    /// A baseline has it.
    Baseline,
    /// The revision that this one is compared with has it.
    Before,
}

/// Something that should have been checked and was not.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Incomplete {
    /// The file or folder; nothing where the whole project is meant.
    pub path: Option<String>,
    /// What was not done, and why.
    pub message: String,
}

/// The result of a run. The exit code follows from it, whatever the format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Nothing at or above the gate.
    Clean,
    /// Findings at or above the gate.
    Findings,
    /// Something was not read or not decided.
    Incomplete,
    /// The project has nothing to do with MCP.
    Nothing,
    /// It was not checked: the project, its settings or its baseline cannot be used. No run comes to it.
    Unusable,
    /// It was not checked because of a bug of ours. No run comes to it.
    Stopped,
}

impl Verdict {
    /// The exit code: the same in every format.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Incomplete => 3,
            Self::Nothing => 5,
            Self::Unusable => 2,
            Self::Stopped => 4,
        }
    }
}

impl Verdict {
    /// What a run over several projects came to.
    pub fn of_several(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().min_by_key(|verdict| rank(verdict.code())).unwrap_or(Self::Nothing)
    }
}

/// How much an exit code counts among several: the least does.
pub fn rank(code: u8) -> usize {
    let order = [130, 2, 4, 1, 3, 5, 0];
    order.iter().position(|it| *it == code).unwrap_or(order.len())
}

/// Runs the selected rules over a project.
pub fn run(project: &Project, options: &Options) -> Outcome {
    let rules: Vec<&'static Rule> = RULES.iter().copied().filter(|rule| options.selection.runs(rule)).collect();
    workers::install(|| run_rules(project, rules, options))
}

/// What is found in a project and not suppressed, by name, whatever its severity and confidence: what a baseline or a
/// comparison knows. Baseline and comparison of the options do not count.
pub fn identified(project: &Project, options: &Options) -> Vec<(Identity, Finding)> {
    let everything = Options {
        min_severity: Severity::Info,
        min_confidence: Confidence::Low,
        baseline: None,
        before: None,
        ..options.clone()
    };
    let outcome = run(project, &everything);
    let identities = identity::of(project, outcome.findings.iter().map(|reported| &reported.finding));
    let found = identities.into_iter().zip(outcome.findings);
    found.filter(|(_, it)| it.suppression.is_none()).map(|(identity, it)| (identity, it.finding)).collect()
}

/// What a baseline written now would hold. Findings of low confidence never fail a run, and are not accepted one by one.
pub fn acceptable(project: &Project, options: &Options) -> Vec<(Identity, Finding)> {
    let mut found = identified(project, options);
    found.retain(|(identity, it)| it.confidence > Confidence::Low && baseline::accepts(&identity.rule));
    found
}

fn run_rules(project: &Project, rules: Vec<&'static Rule>, options: &Options) -> Outcome {
    let answers: Vec<(&'static Rule, Answer)> =
        rules.par_iter().with_max_len(1).map(|rule| (*rule, ask(rule, project, &options.selection))).collect();

    let (mut findings, mut not_applicable, mut incomplete) = (Vec::new(), Vec::new(), Vec::new());
    let bug = answers.iter().any(|(_, answer)| matches!(answer, Answer::Panicked(_)));
    for (rule, answer) in answers {
        match answer {
            Answer::Findings(mut found) => findings.append(&mut found),
            Answer::NotApplicable(reason) => not_applicable.push((rule, reason)),
            Answer::Panicked(message) => {
                if rules.iter().any(|rule| rule.id == "scan-incomplete") {
                    findings.push(stopped(project, &message));
                }
                incomplete.push(Incomplete { path: None, message });
            }
        }
    }
    for finding in &mut findings {
        finding.severity = options.severities.get(finding.rule).copied().unwrap_or(finding.severity);
    }
    findings.sort_by(|a, b| (&a.place, a.rule, &a.message).cmp(&(&b.place, b.rule, &b.message)));
    merge::merge(&mut findings);

    let mut reported = suppress::apply(project, findings, &rules, options.today);
    incomplete.extend(unread(project, &reported, options));
    incomplete.sort();
    let known = known::separate(project, &mut reported, &rules, options);
    let before = reported.len();
    reported.retain_mut(|reported| select::keep(reported, options));
    let hidden = before - reported.len();
    let verdict = match verdict(project, &reported, &incomplete, options) {
        // Whoever accepts what cannot be read has not accepted our bug.
        Verdict::Clean | Verdict::Nothing if bug => Verdict::Incomplete,
        verdict => verdict,
    };
    Outcome {
        findings: reported,
        known,
        compared: options.baseline.is_some() || options.before.is_some(),
        hidden,
        not_applicable,
        incomplete,
        rules,
        verdict,
    }
}

/// What is said of a rule that stopped in the middle.
fn stopped(project: &Project, message: &str) -> Finding {
    Finding {
        rule: "scan-incomplete",
        severity: Severity::Medium,
        confidence: Confidence::High,
        place: crate::rules::front(project),
        message: message.to_owned(),
        attack: "what the rule looks for is found by nobody".to_owned(),
        related: Vec::new(),
        fix: Some(Fix::advice(
            "report it with the command line, and switch the rule off with `--ignore` until it is mended",
        )),
    }
}

/// What one rule says.
enum Answer {
    Findings(Vec<Finding>),
    NotApplicable(&'static str),
    Panicked(String),
}

fn ask(rule: &'static Rule, project: &Project, selection: &Selection) -> Answer {
    if let Some(reason) = selection.excused(rule) {
        return Answer::NotApplicable(reason);
    }
    let asked = catch_unwind(AssertUnwindSafe(|| {
        (rule.applies)(project).map(|()| {
            let mut findings = Vec::new();
            (rule.check)(project, &mut findings);
            findings.retain(|finding| speaks(rule, project, finding));
            findings
        })
    }));
    match asked {
        Ok(Ok(findings)) => Answer::Findings(findings),
        Ok(Err(reason)) => Answer::NotApplicable(reason),
        Err(_) => Answer::Panicked(format!("rule `{}` stopped in the middle; this is a bug of mcpsec", rule.id)),
    }
}

/// What a rule says of code in a language that is only known in outline, it has to have examples for.
fn speaks(rule: &Rule, project: &Project, finding: &Finding) -> bool {
    let language = project.file(&finding.place.path).and_then(|file| file.language);
    let outlined = language.filter(|language| !Language::FOLLOWED.contains(language));
    outlined.is_none_or(|language| rule.languages.is_empty() || rule.languages.contains(&language))
}

/// Files that should have been read, less those about which `scan-incomplete` is suppressed or switched off.
fn unread(project: &Project, reported: &[Reported], options: &Options) -> Vec<Incomplete> {
    if options.selection.ignores("scan-incomplete") {
        return Vec::new();
    }
    let accepted = |path: &str| {
        reported.iter().any(|reported| {
            let finding = &reported.finding;
            finding.rule == "scan-incomplete" && finding.place.path == path && reported.suppression.is_some()
        })
    };
    project
        .skipped
        .iter()
        .filter(|skipped| skipped.incomplete && !accepted(&skipped.path))
        .map(|skipped| Incomplete { path: Some(skipped.path.clone()), message: skipped.explanation() })
        .collect()
}

fn verdict(project: &Project, reported: &[Reported], incomplete: &[Incomplete], options: &Options) -> Verdict {
    if !options.exit_zero && reported.iter().any(|reported| reported.failing) {
        Verdict::Findings
    } else if !options.allow_incomplete && !incomplete.is_empty() {
        Verdict::Incomplete
    } else if !concerns_mcp(project) {
        Verdict::Nothing
    } else {
        Verdict::Clean
    }
}

/// Whether a project has anything to do with MCP: an SDK, a server, a client, a configuration.
pub fn concerns_mcp(project: &Project) -> bool {
    let facts = &project.facts;
    let code = !facts.servers.is_empty() || !facts.endpoints.is_empty() || !facts.stdio.is_empty();
    let configured = project.clients.iter().any(|client| !client.servers.is_empty()) || !project.policies.is_empty();
    code || configured || !facts.sdk_imports.is_empty() || !facts.clients.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        finding::Place,
        project::{Language, facts::Mismatch, facts::Server},
        rules::always,
    };

    fn project(mcp: bool) -> Project {
        let mut project = Project::from_files([("a.txt".to_owned(), "text\n".to_owned())]);
        if mcp {
            project.facts.servers.push(Server {
                place: Place::top("a.txt"),
                language: Language::TypeScript,
                sdk: "@modelcontextprotocol/sdk".to_owned(),
                sdk_version: None,
                kind: "McpServer".to_owned(),
                name: None,
                declared: Vec::new(),
                registered: Vec::new(),
                tools: Vec::new(),
                unregistered: Mismatch::Impossible,
                undeclared: Mismatch::Impossible,
                incomplete: Vec::new(),
            });
        }
        project
    }

    static PANICS: Rule = Rule {
        id: "panics",
        group: "doctor",
        title: "a rule with a bug",
        severity: Severity::High,
        confidence: Confidence::High,
        languages: &[],
        since: "0.1.0",
        references: &[],
        docs: "",
        applies: always,
        check: |_, _| panic!("a bug"),
    };

    #[test]
    fn a_rule_that_panics_is_a_finding_and_never_a_clean_result() {
        let lenient = Options { exit_zero: true, allow_incomplete: true, ..Options::usual(Date::from_seconds(0)) };
        for options in [Options::usual(Date::from_seconds(0)), lenient] {
            let named = |id| crate::rules::rule(id).expect("it is registered");
            let rules = vec![&PANICS, named("license-missing"), named("scan-incomplete")];
            let outcome = run_rules(&project(true), rules, &options);
            assert_eq!((outcome.verdict, outcome.verdict.code()), (Verdict::Incomplete, 3));
            let [incomplete] = outcome.incomplete.as_slice() else { panic!("{:?}", outcome.incomplete) };
            assert!(incomplete.message.contains("`panics`"), "{incomplete:?}");
            let said: Vec<&str> = outcome.findings.iter().map(|it| it.finding.rule).collect();
            assert_eq!(said, ["license-missing", "scan-incomplete"]);
        }
    }

    fn reported(severity: Severity) -> Reported {
        let finding = Finding {
            rule: "some-rule",
            severity,
            confidence: Confidence::High,
            place: Place::top("a.txt"),
            message: String::new(),
            attack: String::new(),
            related: Vec::new(),
            fix: None,
        };
        Reported { finding, suppression: None, failing: true }
    }

    #[test]
    fn findings_win_over_incomplete_and_incomplete_over_nothing() {
        let options = Options::usual(Date::from_seconds(0));
        let failing = [reported(Severity::High)];
        let unread = [Incomplete { path: None, message: "unread".to_owned() }];
        let judge = |mcp, reported: &[Reported], unread: &[Incomplete], options: &Options| {
            verdict(&project(mcp), reported, unread, options)
        };
        assert_eq!(judge(false, &failing, &unread, &options), Verdict::Findings);
        assert_eq!(judge(false, &[], &unread, &options), Verdict::Incomplete);
        assert_eq!(judge(false, &[], &[], &options), Verdict::Nothing);
        assert_eq!(judge(true, &[], &[], &options), Verdict::Clean);
        let lenient = Options { exit_zero: true, allow_incomplete: true, ..options };
        assert_eq!(judge(true, &failing, &unread, &lenient), Verdict::Clean);
    }
}
