//! Runs `fixtures/rules/*.md`.

use std::collections::BTreeSet;

use mcpsec::{
    doctor::{self, Baseline, Before, Date, Options, weakened},
    finding::{Finding, Place},
    project::{Language, Project},
    rules::{
        RULES, Rule, example_text,
        examples::{Case, Mark, parse},
        rule,
    },
};

use crate::generated::{entries, root};

#[test]
fn every_rule_reports_exactly_the_marked_lines_of_its_examples() {
    let failures: Vec<String> = RULES.iter().flat_map(|rule| failures(rule)).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_rule_has_a_case_that_fires_and_one_that_is_quiet() {
    let failures: Vec<String> = RULES.iter().flat_map(|rule| gaps(rule)).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_fixture_belongs_to_a_rule() {
    for path in entries(&root("fixtures/rules")) {
        let id = path.file_stem().expect("a fixture has a name").to_string_lossy().into_owned();
        assert!(rule(&id).is_some(), "`fixtures/rules/{id}.md` has no rule of that name");
    }
}

fn cases(rule: &Rule) -> Result<Vec<Case>, String> {
    let text = example_text(rule.id).ok_or(format!("fixtures/rules/{}.md does not exist", rule.id))?;
    parse(text).map_err(|error| format!("fixtures/rules/{}.md, {error}", rule.id))
}

fn failures(rule: &Rule) -> Vec<String> {
    match cases(rule) {
        Ok(cases) => cases.iter().filter_map(|case| failure(rule, case)).collect(),
        Err(error) => vec![error],
    }
}

fn failure(rule: &Rule, case: &Case) -> Option<String> {
    let reported = report(rule, case);
    if reported == case.expected {
        return None;
    }
    let mut message = format!("fixtures/rules/{}.md, \"{}\"", rule.id, case.title);
    for missing in case.expected.iter().filter(|mark| !reported.contains(mark)) {
        message += &format!("\n  not reported: {}:{} {}", missing.path, missing.line, missing.rule);
    }
    for extra in reported.iter().filter(|mark| !case.expected.contains(mark)) {
        message += &format!("\n  not expected: {}:{} {}", extra.path, extra.line, extra.rule);
    }
    if reported.iter().collect::<BTreeSet<_>>() == case.expected.iter().collect::<BTreeSet<_>>() {
        message += "\n  a line is reported more than once";
    }
    Some(message)
}

/// The project that a case describes.
pub(crate) fn project(case: &Case) -> Project {
    let mut project = Project::from_files(case.files.iter().map(|file| (file.path.clone(), file.text.clone())));
    for file in &mut project.files {
        if let Some(sample) = case.files.iter().find(|sample| sample.path == file.path) {
            file.tracked = sample.tracked.or(file.tracked);
            file.mode = sample.mode;
        }
    }
    project
}

/// What the rule, alone, says of the case.
fn report(rule: &Rule, case: &Case) -> Vec<Mark> {
    let findings = alone(rule, &project(case));
    let mut marks: Vec<Mark> = findings
        .iter()
        .map(|finding| {
            assert_eq!(finding.rule, rule.id, "a rule reports under its own name");
            let place = &finding.place;
            Mark { path: place.path.clone(), line: line(case, place), rule: finding.rule.to_owned() }
        })
        .collect();
    marks.sort();
    marks
}

/// What a rule says; the rules about the doctor's own work speak through the doctor.
fn alone(rule: &Rule, project: &Project) -> Vec<Finding> {
    let mut findings = Vec::new();
    if rule.group == "doctor" {
        let baseline = baseline(project);
        let options =
            Options { baseline, before: before(project), ..Options::usual(Date::from_seconds(1_795_219_200)) };
        let outcome = doctor::run(project, &options);
        findings.extend(outcome.findings.into_iter().map(|reported| reported.finding));
        findings.retain(|finding| finding.rule == rule.id);
    } else if (rule.applies)(project).is_ok() {
        (rule.check)(project, &mut findings);
    }
    findings
}

/// What lies in a case's folder `before/` is an earlier revision of the rest.
fn before(project: &Project) -> Option<Before> {
    let files = |inside: bool| {
        let files = project.files.iter().filter(move |file| file.path.starts_with("before/") == inside);
        Project::from_files(files.map(|file| (file.path.trim_start_matches("before/").to_owned(), file.text.clone())))
    };
    let (then, now) = (files(true), files(false));
    let settings = |project: &Project| {
        let text = project.file("mcpsec.toml").map_or("", |file| &file.text);
        doctor::settings::parse(text).expect("the settings of a case are right")
    };
    let (then_settings, now_settings) = (settings(&then), settings(&now));
    let (then_baseline, now_baseline) = (baseline(&then), baseline(&now));
    let weakened = weakened::between(
        weakened::Side { project: &then, settings: &then_settings, baseline: then_baseline.as_ref() },
        weakened::Side { project: &now, settings: &now_settings, baseline: now_baseline.as_ref() },
    );
    (!then.files.is_empty()).then(|| Before { weakened, ..Before::default() })
}

fn baseline(project: &Project) -> Option<Baseline> {
    let file = project.file(doctor::baseline::NAME)?;
    Some(Baseline::parse(&file.path, &file.text).expect("the baseline of a case is right"))
}

fn line(case: &Case, place: &Place) -> usize {
    let Some(file) = case.files.iter().find(|file| file.path == place.path) else { return 1 };
    file.text.as_bytes()[..place.start.min(file.text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

fn gaps(rule: &Rule) -> Vec<String> {
    let Ok(cases) = cases(rule) else { return Vec::new() };
    let speaks = |case: &Case, language: Option<Language>| {
        language.is_none_or(|language| case.files.iter().any(|file| Language::of(&file.path) == Some(language)))
    };
    let languages: Vec<Option<Language>> =
        if rule.languages.is_empty() { vec![None] } else { rule.languages.iter().copied().map(Some).collect() };
    let mut gaps = Vec::new();
    for language in languages {
        for (fires, word) in [(true, "fires"), (false, "is quiet")] {
            if !cases.iter().any(|case| case.expected.is_empty() != fires && speaks(case, language)) {
                let of = language.map(|language| format!(" in {}", language.name())).unwrap_or_default();
                gaps.push(format!("fixtures/rules/{}.md needs a case{of} that {word}", rule.id));
            }
        }
    }
    gaps
}
