//! Fixes are held to what they promise, on every example of every rule: the result parses, the finding is gone, a second
//! pass changes nothing, and nothing new is wrong.
//!
//! `BLESS=1` writes the blocks `diff` of the fixtures.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
    process::Command,
};

use mcpsec::{
    doctor::{self, Date, Options, Outcome, Selection},
    finding::{Confidence, Safety, Severity},
    fix::{self, Change, Fixed, diff},
    project::Project,
    rules::{
        RULES, Rule, example_text,
        examples::{Case, parse},
    },
};

use crate::{
    fixtures::project,
    generated::{root, up_to_date},
};

/// A rule whose example has edits, and what they come to.
struct Applied {
    rule: &'static Rule,
    case: Case,
    fixed: Fixed,
}

fn options(rules: &[&str]) -> Options {
    let selection = Selection { select: rules.iter().map(|it| (*it).to_owned()).collect(), ..Selection::default() };
    Options { selection, min_confidence: Confidence::Low, ..Options::usual(Date::from_seconds(1_795_219_200)) }
}

fn fix(project: Project, options: &Options) -> Fixed {
    fix::run(project, options, Safety::Unsafe, &|_, _| None)
}

/// Every example, fixed by what its own rule offers.
fn applied() -> Vec<Applied> {
    let of_rule = |rule: &&'static Rule| {
        let cases = parse(example_text(rule.id).expect("a rule has examples")).expect("a fixture parses");
        let rule: &'static Rule = rule;
        cases.into_iter().filter(|case| !case.expected.is_empty()).map(move |case| (rule, case)).collect::<Vec<_>>()
    };
    let cases: Vec<(&'static Rule, Case)> = RULES.iter().flat_map(of_rule).collect();
    let cases = cases.into_iter().filter_map(|(rule, case)| {
        let fixed = fix(project(&case), &options(&[rule.id]));
        let offered = !fixed.taken.is_empty() || !fixed.left.is_empty();
        offered.then_some(Applied { rule, case, fixed })
    });
    cases.collect()
}

fn texts(case: &Case, changes: &[Change]) -> Vec<(String, String)> {
    let mut texts: BTreeMap<String, String> =
        case.files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    texts.extend(changes.iter().map(|change| (change.path.clone(), change.after.clone())));
    texts.into_iter().collect()
}

#[test]
fn a_fix_leaves_what_parses_and_no_trace_of_its_finding() {
    let failures: Vec<String> = applied().iter().flat_map(failures).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn failures(applied: &Applied) -> Vec<String> {
    let Applied { rule, case, fixed } = applied;
    let mut failures = Vec::new();
    let mut fail = |what: String| {
        let shown = diff::unified(&fixed.changes);
        failures.push(format!("fixtures/rules/{}.md, \"{}\": {what}\n{shown}", rule.id, case.title));
    };
    for left in &fixed.left {
        fail(format!("not fixed: {}", left.reason));
    }
    let changed = project(case)
        .with_texts(&fixed.changes.iter().map(|change| (change.path.clone(), Some(change.after.clone()))).collect());
    if !fix::offers(&changed, &fixed.outcome).is_empty() {
        fail("a finding is still there".to_owned());
    }
    let again = fix(changed, &options(&[rule.id]));
    if !again.changes.is_empty() {
        fail(format!("a second pass changes it again:\n{}", diff::unified(&again.changes)));
    }
    let everything = options(&[]);
    let before = grave(&doctor::run(&project(case), &everything));
    let after = Project::from_files(texts(case, &fixed.changes));
    for (id, count) in grave(&doctor::run(&after, &everything)) {
        if count > before.get(id).copied().unwrap_or_default() {
            fail(format!("`{id}` is new"));
        }
    }
    failures
}

/// How often each rule speaks, at medium severity or more.
fn grave(outcome: &Outcome) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for finding in outcome.findings.iter().map(|reported| &reported.finding) {
        if finding.severity >= Severity::Medium && finding.confidence >= Confidence::Medium {
            *counts.entry(finding.rule).or_default() += 1;
        }
    }
    counts
}

/// The same examples, written on Windows.
#[test]
fn a_fix_keeps_line_ends_of_two_bytes() {
    for Applied { rule, case, .. } in applied() {
        let files = case.files.iter().map(|file| (file.path.clone(), file.text.replace('\n', "\r\n")));
        let fixed = fix(Project::from_files(files), &options(&[rule.id]));
        for change in fixed.changes.iter().filter(|change| change.before.is_some()) {
            let bare = change.after.replace("\r\n", "").contains('\n');
            assert!(!bare, "fixtures/rules/{}.md, \"{}\":\n{}", rule.id, case.title, diff::unified(&fixed.changes));
        }
        assert!(fixed.left.is_empty(), "{}, \"{}\": {:?}", rule.id, case.title, fixed.left);
    }
}

/// What the parsers of the languages themselves say, where they are installed.
#[test]
fn fixed_examples_are_accepted_by_their_own_toolchains() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (index, Applied { fixed, .. }) in applied().iter().enumerate() {
        for change in &fixed.changes {
            let ending = match change.path.rsplit('.').next() {
                Some("js" | "mjs") => "mjs",
                Some(ending @ ("py" | "go" | "rs" | "cjs")) => ending,
                _ => continue,
            };
            let ending = ["mjs", "py", "go", "rs", "cjs"].into_iter().find(|it| *it == ending).unwrap_or_default();
            let path = folder.path().join(format!("{index}_{}.{ending}", files.entry(ending).or_default().len()));
            fs::write(&path, &change.after).expect("written");
            files.entry(ending).or_default().push(path.to_string_lossy().into_owned());
        }
    }
    for (ending, paths) in files {
        let (program, arguments): (&str, &[&str]) = match ending {
            "py" => ("python3", &["-m", "py_compile"]),
            "go" => ("gofmt", &["-e", "-l"]),
            "rs" => ("rustfmt", &["--check", "--edition", "2024", "--config", "disable_all_formatting=true"]),
            _ => ("node", &["--check"]),
        };
        // Node takes one file.
        for paths in paths.chunks(if program == "node" { 1 } else { paths.len() }) {
            let Ok(answer) = Command::new(program).args(arguments).args(paths).output() else { continue };
            assert!(answer.status.success(), "{program}: {}", String::from_utf8_lossy(&answer.stderr));
        }
    }
}

/// A rule shows its first fix in each language.
#[test]
fn fixtures_show_what_fixes_do() {
    let mut shown: BTreeMap<&str, BTreeMap<String, Option<String>>> = BTreeMap::new();
    let mut seen: BTreeSet<(&str, String)> = BTreeSet::new();
    for Applied { rule, case, fixed } in applied() {
        let of_rule = shown.entry(rule.id).or_default();
        let mut kinds = fixed.changes.iter().map(|change| kind(&change.path));
        if kinds.any(|kind| seen.insert((rule.id, kind))) || case.diff.is_some() {
            of_rule.insert(case.title, Some(diff::unified(&fixed.changes)));
        }
    }
    for rule in RULES.iter() {
        let text = example_text(rule.id).expect("a rule has examples");
        let diffs = shown.remove(rule.id).unwrap_or_default();
        let expected = with_diffs(text, &diffs);
        if env::var_os("BLESS").is_some() {
            up_to_date(&format!("fixtures/rules/{}.md", rule.id), &expected);
        }
        let shown = env::var_os("BLESS").is_some() || text == expected;
        assert!(shown, "fixtures/rules/{}.md: a `diff` is stale, run `BLESS=1 cargo test --test rules` twice", rule.id);
    }
}

fn kind(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(_, ending)| ending).to_owned()
}

/// A fixture with these diffs, each at the end of its situation, and no others.
fn with_diffs(text: &str, diffs: &BTreeMap<String, Option<String>>) -> String {
    let mut result = String::new();
    let mut open: Option<String> = None;
    let mut due: Option<&String> = None;
    let flush = |result: &mut String, due: &mut Option<&String>| {
        if let Some(diff) = due.take() {
            let kept = result.trim_end().len();
            result.truncate(kept);
            *result += &format!("\n\n```diff\n{diff}```\n\n");
        }
    };
    for line in text.split_inclusive('\n') {
        let word = line.trim();
        match &open {
            Some(fence) => {
                let (ends, skipped) = (word == fence.trim_start_matches('!'), fence.starts_with('!'));
                if !skipped {
                    result += line;
                }
                if ends {
                    if skipped {
                        let kept = result.trim_end().len();
                        result.truncate(kept);
                        result += "\n";
                    }
                    open = None;
                }
                continue;
            }
            None if word.starts_with("```") => {
                let fence: String = word.chars().take_while(|letter| *letter == '`').collect();
                if word == "```diff" {
                    open = Some(format!("!{fence}"));
                    continue;
                }
                open = Some(fence);
            }
            None if word.starts_with('#') => {
                flush(&mut result, &mut due);
                due = diffs.get(word.trim_start_matches('#').trim()).and_then(Option::as_ref);
            }
            None => {}
        }
        result += line;
    }
    flush(&mut result, &mut due);
    result.trim_end().to_owned() + "\n"
}

/// A folder from outside, read and fixed in memory: `MCPSEC_FIXES` names it.
#[test]
fn a_folder_survives_its_fixes() {
    let folder = env::var_os("MCPSEC_FIXES").map_or_else(|| root("tests/live"), Into::into);
    survive(&folder);
}

fn survive(folder: &Path) {
    let read = || Project::read(folder, &Default::default()).expect("the folder can be read");
    let everything = options(&[]);
    let fixed = fix(read(), &everything);
    let changes = fixed.changes.iter().map(|change| (change.path.clone(), Some(change.after.clone()))).collect();
    let again = fix(read().with_texts(&changes), &everything);
    assert!(again.changes.is_empty(), "a second pass changes it again:\n{}", diff::unified(&again.changes));
    assert!(fixed.left.is_empty(), "{:#?}", fixed.left);
}
