//! Runs `fixtures/twins/*.md`: each pair is a vulnerable program and its fixed twin, and the rules must tell them apart.
//!
//! A pair is told apart when its rule reports exactly the marked lines of the vulnerable program, and when neither that
//! rule nor another one about flows says anything of the fixed program. A file that the fixed program does not give is
//! the same as in the vulnerable one. A heading is `<language>, <way of flowing>: <what>`.

use std::{collections::BTreeMap, fs};

use mcpsec::{
    finding::Finding,
    project::{Language, Project},
    rules::{
        RULES, Rule,
        examples::{Case, Mark, Sample, parse},
        rule,
    },
};

use crate::generated::{entries, root};

/// Pairs that the rules do not tell apart yet: file and heading. A pair that they do tell apart may not stand here.
const UNTOLD: &[(&str, &str)] = &[];

/// Groups whose rules must be silent about a fixed program.
const GROUPS: &[&str] = &["injection", "path", "network"];

/// The ways in which input gets from a caller to where it does harm.
const WAYS: &[&str] = &[
    "direct",
    "local variable",
    "destructuring",
    "string building",
    "helper function",
    "method",
    "other module",
    "re-export",
    "promisify",
    "decorator with arguments",
    "handler by reference",
    "dispatch table",
    "switch on tool name",
    "closure",
    "class with execute()",
];

/// A vulnerable program and its fixed twin.
struct Pair {
    /// The name of the file, without its extension.
    sink: String,
    vulnerable: Case,
    fixed: Vec<Sample>,
}

#[test]
fn every_pair_is_told_apart() {
    let mut failures = Vec::new();
    for pair in pairs() {
        let title = pair.vulnerable.title.as_str();
        let listed = UNTOLD.contains(&(pair.sink.as_str(), title));
        match verdict(&pair) {
            Some(wrong) if !listed => {
                failures.push(format!("fixtures/twins/{}.md, \"{title}\"{wrong}", pair.sink));
            }
            None if listed => {
                failures.push(format!("({:?}, {title:?}) is told apart: take it out of UNTOLD", pair.sink))
            }
            _ => {}
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn pairs_that_are_not_told_apart_exist() {
    let pairs = pairs();
    for (sink, title) in UNTOLD {
        let known = pairs.iter().any(|pair| pair.sink == *sink && pair.vulnerable.title == *title);
        assert!(known, "UNTOLD names ({sink:?}, {title:?}), which is no pair of fixtures/twins");
    }
}

#[test]
fn pairs_speak_every_language_and_flow_in_every_way() {
    let pairs = pairs();
    assert!(pairs.len() >= 150, "{} pairs", pairs.len());
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for pair in &pairs {
        let title = &pair.vulnerable.title;
        let (language, rest) = title.split_once(", ").unwrap_or_else(|| panic!("\"{title}\" names no language"));
        let (way, _) = rest.split_once(": ").unwrap_or_else(|| panic!("\"{title}\" names no way"));
        assert!(WAYS.contains(&way), "\"{title}\": unknown way `{way}`");
        let spoken = pair.vulnerable.files.iter().filter_map(|file| Language::of(&file.path));
        let spoken: Vec<&str> = spoken.map(Language::name).collect();
        assert!(spoken.iter().all(|name| *name == language), "\"{title}\" holds {spoken:?}");
        *counts.entry(way).or_default() += 1;
        *counts.entry(language).or_default() += 1;
    }
    for way in WAYS {
        assert!(counts.get(way).is_some_and(|count| *count >= 4), "pairs that flow by `{way}`: {:?}", counts.get(way));
    }
    for language in Language::FOLLOWED {
        let count = counts.get(language.name()).copied().unwrap_or_default();
        assert!(count >= 25, "{count} pairs in {}", language.name());
    }
}

/// Every pair, in order of files and headings.
fn pairs() -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for path in entries(&root("fixtures/twins")) {
        let sink = path.file_stem().expect("a fixture has a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("fixtures are text");
        let cases = parse(&text).unwrap_or_else(|error| panic!("fixtures/twins/{sink}.md, {error}"));
        let (twos, rest) = cases.as_chunks::<2>();
        assert!(rest.is_empty(), "fixtures/twins/{sink}.md ends with half a pair");
        for [vulnerable, fixed] in twos {
            let title = &vulnerable.title;
            assert_eq!(fixed.title, "Fixed", "fixtures/twins/{sink}.md, \"{title}\" is followed by its fixed twin");
            assert!(!vulnerable.expected.is_empty(), "fixtures/twins/{sink}.md, \"{title}\" marks no line");
            assert!(fixed.expected.is_empty(), "fixtures/twins/{sink}.md, \"{title}\": the fixed twin marks a line");
            let same = vulnerable.files.iter().filter(|old| fixed.files.iter().all(|new| new.path != old.path));
            let fixed = fixed.files.iter().chain(same).cloned().collect();
            pairs.push(Pair { sink: sink.clone(), vulnerable: vulnerable.clone(), fixed });
        }
    }
    pairs
}

/// What is wrong with a pair; nothing is wrong while its rule does not exist.
fn verdict(pair: &Pair) -> Option<String> {
    let expected = &pair.vulnerable.expected;
    let own = rule(&expected.first()?.rule)?;
    let mut wrong = String::new();
    let reported = report(&pair.vulnerable.files, |rule| rule.id == own.id);
    for mark in expected.iter().filter(|mark| !reported.contains(mark)) {
        wrong += &format!("\n  not reported: {}:{} {}", mark.path, mark.line, mark.rule);
    }
    for mark in reported.iter().filter(|mark| !expected.contains(mark)) {
        wrong += &format!("\n  not expected: {}:{} {}", mark.path, mark.line, mark.rule);
    }
    if reported.len() != expected.len() && wrong.is_empty() {
        wrong += "\n  a line is reported more than once";
    }
    for mark in report(&pair.fixed, |rule| rule.id == own.id || GROUPS.contains(&rule.group)) {
        wrong += &format!("\n  said of the fixed twin: {}:{} {}", mark.path, mark.line, mark.rule);
    }
    (!wrong.is_empty()).then_some(wrong)
}

/// What the chosen rules say of a program.
fn report(files: &[Sample], chosen: impl Fn(&Rule) -> bool) -> Vec<Mark> {
    let project = Project::from_files(files.iter().map(|file| (file.path.clone(), file.text.clone())));
    let mut findings: Vec<Finding> = Vec::new();
    for rule in RULES.iter().filter(|rule| chosen(rule) && (rule.applies)(&project).is_ok()) {
        (rule.check)(&project, &mut findings);
    }
    findings.iter().map(|finding| mark(files, finding)).collect()
}

fn mark(files: &[Sample], finding: &Finding) -> Mark {
    let place = &finding.place;
    let text = files.iter().find(|file| file.path == place.path).map(|file| file.text.as_bytes()).unwrap_or_default();
    let before = &text[..place.start.min(text.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    Mark { path: place.path.clone(), line, rule: finding.rule.to_owned() }
}
