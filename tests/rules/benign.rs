//! Correct servers, `fixtures/benign/*.md`: nothing of medium severity or more is said of them, whatever the confidence.

use std::{collections::BTreeSet, fs};

use mcpsec::{
    doctor::{self, Date, Options},
    finding::{Confidence, Severity},
    project::{Language, Project},
    rules::examples::{Case, parse},
};

use crate::{
    fixtures,
    generated::{entries, root},
};

/// Fewer would prove little.
const FEWEST: usize = 30;

/// False alarms that are known: server and rule. The list only gets shorter: an entry without its alarm fails the test.
const KNOWN: &[(&str, &str)] = &[];

#[test]
fn nothing_of_medium_severity_is_said_of_correct_servers() {
    let servers = servers();
    assert!(servers.len() >= FEWEST, "only {} servers", servers.len());
    let mut known: BTreeSet<(&str, &str)> = KNOWN.iter().copied().collect();
    let mut alarms = Vec::new();
    for server in &servers {
        for (rule, alarm) in alarms_about(server) {
            if KNOWN.contains(&(&server.title, rule)) {
                known.remove(&(&server.title, rule));
            } else {
                alarms.push(alarm);
            }
        }
    }
    assert!(alarms.is_empty(), "{} false alarms:\n{}", alarms.len(), alarms.join("\n"));
    assert!(known.is_empty(), "these are mended, and leave the list: {known:#?}");
}

/// A server that nobody finds has no findings either.
#[test]
fn every_correct_server_is_found_and_parsed() {
    for server in servers() {
        let project = fixtures::project(&server);
        assert!(!project.facts.servers.is_empty(), "no server was found in `{}`", server.title);
        assert_eq!(project.skipped, [], "{}", server.title);
    }
}

/// What is wrongly said: the rule, and the finding in a line.
fn alarms_about(server: &Case) -> Vec<(&'static str, String)> {
    let project = fixtures::project(server);
    let options = Options { min_confidence: Confidence::Low, ..Options::usual(Date::from_seconds(1_795_219_200)) };
    let findings = doctor::run(&project, &options).findings.into_iter().map(|reported| reported.finding);
    findings
        .filter(|finding| finding.severity >= Severity::Medium)
        .map(|finding| {
            let place = format!("{}:{}", finding.place.path, line(&project, &finding.place.path, finding.place.start));
            let weight = format!("{:?}/{:?}", finding.severity, finding.confidence);
            let shown = format!("\"{}\" {place} {} ({weight}): {}", server.title, finding.rule, finding.message);
            (finding.rule, shown)
        })
        .collect()
}

fn line(project: &Project, path: &str, start: usize) -> usize {
    let text = project.file(path).map_or("", |file| &file.text);
    text.as_bytes()[..start.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Every server, with the files that repositories of its language have.
pub(crate) fn servers() -> Vec<Case> {
    let read = |path| fs::read_to_string(path).map(|text| parse(&text).expect("a fixture parses"));
    let frames = read(root("fixtures/benign/frames.md")).expect("the frames are there");
    let mut servers = Vec::new();
    for path in entries(&root("fixtures/benign")) {
        if path.file_name().is_some_and(|name| name != "frames.md" && name != "README.md") {
            servers.extend(read(path).expect("a listed file is there"));
        }
    }
    servers.iter_mut().for_each(|server| frame(server, &frames));
    servers
}

fn frame(server: &mut Case, frames: &[Case]) {
    let languages: BTreeSet<Language> = server.files.iter().filter_map(|file| Language::of(&file.path)).collect();
    for frame in frames.iter().filter(|frame| languages.iter().any(|language| language.name() == frame.title)) {
        for file in &frame.files {
            if !server.files.iter().any(|own| own.path == file.path) {
                server.files.push(file.clone());
            }
        }
    }
}
