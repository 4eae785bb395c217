//! Whoever accepts a finding pastes the line that the report prints: it must cover the finding, and nothing else must change.

use std::collections::BTreeSet;

use mcpsec::{
    doctor::{self, Date, Options, Selection},
    finding::{Confidence, Finding},
    project::Project,
    report::suppression,
    rules::{
        RULES, Rule, example_text,
        examples::{Case, parse},
    },
};

use crate::fixtures::project;

#[test]
fn the_printed_line_covers_its_finding_in_every_example() {
    let rules = RULES.iter().filter(|rule| rule.group != "doctor");
    let failures: Vec<String> = rules.flat_map(|rule| failures(rule)).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn an_entry_of_the_policy_file_covers_files_by_their_paths_until_its_day() {
    let weak = |path: &str| {
        let code = "import os\nfrom mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP(\"notes\")\n\n\n@mcp.tool()\n\
            def show(name: str) -> int:\n    return os.system(name)\n";
        (path.to_owned(), code.to_owned())
    };
    let rule = mcpsec::rules::rule("shell-injection").expect("there is such a rule");
    let covered = |policy: &str| {
        let project = Project::from_files([
            weak("server.py"),
            weak("old/deep/server.py"),
            ("mcpsec.toml".to_owned(), format!("version = 1\n[[doctor.ignore]]\n{policy}")),
        ]);
        let findings = reported(rule, &project).into_iter();
        findings.map(|(it, covered)| (it.place.path, it.rule, covered)).collect::<Vec<_>>()
    };
    let told = |path: &str, covered| (path.to_owned(), "shell-injection", covered);
    let entry = "rule = \"injection\"\nreason = \"reviewed\"\n";
    assert_eq!(covered(entry), [told("old/deep/server.py", true), told("server.py", true)]);
    let vendored = format!("{entry}paths = [\"old/**\"]\nuntil = \"2999-01-01\"\n");
    assert_eq!(covered(&vendored), [told("old/deep/server.py", true), told("server.py", false)]);
    let past = [("mcpsec.toml".to_owned(), "suppression-invalid", false), told("old/deep/server.py", false)];
    assert_eq!(covered(&format!("{entry}until = 2020-12-31\n"))[..2], past);
}

#[test]
fn every_option_of_a_rule_is_documented_and_has_an_example_that_needs_it() {
    let documentation = std::fs::read_to_string(crate::generated::root("docs/daily.md")).expect("it is there");
    for option in mcpsec_policy::RULE_OPTIONS {
        let section = format!("[doctor.rules.{}]\n{} = [", option.rule, option.key);
        let example = example_text(option.rule).expect("the rule has examples");
        assert!(example.contains(&section), "fixtures/rules/{}.md: {section}", option.rule);
        let row = format!("| `{}` | `{}` |", option.rule, option.key);
        assert!(documentation.contains(&row), "docs/daily.md: {row}");
        let cases = parse(example).expect("a fixture parses");
        let case = cases.iter().find(|case| case.files.iter().any(|file| file.text.contains(&section)));
        let case = case.expect("it stands in a file");
        let rule = mcpsec::rules::rule(option.rule).expect("there is such a rule");
        let told = |project: &Project| reported(rule, project).into_iter().map(|it| it.0.message).collect::<Vec<_>>();
        let without = project(case).with_texts(&[("mcpsec.toml".to_owned(), Some("version = 1\n".to_owned()))].into());
        assert_ne!(told(&without), told(&project(case)), "{}: its option changes nothing", option.rule);
    }
}

fn failures(rule: &Rule) -> Vec<String> {
    let cases = parse(example_text(rule.id).expect("a rule has examples")).expect("a fixture parses");
    let firing = cases.iter().filter(|case| !case.expected.is_empty());
    firing.filter_map(|case| Some(format!("{}, \"{}\": {}", rule.id, case.title, failure(rule, case)?))).collect()
}

/// Pastes the line for the first finding of the case.
fn failure(rule: &Rule, case: &Case) -> Option<String> {
    let before = project(case);
    let finding = reported(rule, &before).into_iter().find(|(_, covered)| !covered)?.0;
    let place = finding.place;
    let line = suppression::line(&place, before.file(&place.path).map(|file| file.text.as_str()), rule.id);
    // Formats without comments have the settings, which the command reads.
    let file = before.files.iter().find(|file| file.path == place.path && !line.starts_with("[doctor]"))?;
    let start = file.text[..place.start.min(file.text.len())].rfind('\n').map_or(0, |at| at + 1);
    let indent = file.text[start..].len() - file.text[start..].trim_start_matches([' ', '\t']).len();
    let indent = &file.text[start..start + indent];
    let text = match line.contains("ignore-file") {
        true => format!("{}\n{line}\n", file.text.trim_end()),
        false => format!("{}{indent}{line}\n{}", &file.text[..start], &file.text[start..]),
    };
    let changed = project(case).with_texts(&[(place.path.clone(), Some(text))].into());
    let open = |findings: Vec<(Finding, bool)>| {
        let open: BTreeSet<_> =
            findings.into_iter().filter(|(_, covered)| !covered).map(|(it, _)| it.message).collect();
        open
    };
    let after = reported(rule, &changed);
    if !after.iter().any(|(finding, covered)| *covered && finding.place.path == place.path) {
        let left: Vec<_> = after.iter().map(|(finding, _)| &finding.message).collect();
        return Some(format!("`{line}` covers nothing, and there is {left:?}"));
    }
    let new: Vec<String> = open(after).difference(&open(reported(rule, &before))).cloned().collect();
    (!new.is_empty()).then(|| format!("`{line}` adds {new:?}"))
}

/// What the rule and those about suppressions say, and whether it is covered.
fn reported(rule: &Rule, project: &Project) -> Vec<(Finding, bool)> {
    let select = [rule.id, "suppression-unused", "suppression-invalid"].map(str::to_owned).to_vec();
    let selection = Selection { select, ..Selection::default() };
    let options =
        Options { selection, min_confidence: Confidence::Low, ..Options::usual(Date::from_seconds(1_795_219_200)) };
    let findings = doctor::run(project, &options).findings.into_iter();
    findings.map(|reported| (reported.finding, reported.suppression.is_some())).collect()
}
