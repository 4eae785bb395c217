//! Holds the rules about capabilities to what servers on pinned SDKs answered: `tests/live/run.py` asks them, and records.
//!
//! Nothing is started here: the sources are cut as they were for the servers, and the doctor's rules must say of each
//! what its server's answers ask for, and nothing else. The table in `docs/capabilities.md` is made from the same record.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
};

use mcpsec::{project::Project, rules::rule};
use serde::Deserialize;

use crate::generated::{entries, root, up_to_date};

const RULES: &[&str] = &["capability-unregistered", "capability-undeclared", "list-without-call"];
const STATES: &[(&str, &[&str])] = &[
    ("both", &["declared", "listed", "used"]),
    ("declared", &["declared"]),
    ("registered", &["listed", "used"]),
    ("neither", &[]),
    ("list only", &["declared", "listed"]),
];

/// A small server, and what it answered.
#[derive(Clone, Debug, Deserialize)]
struct Cell {
    sdk: String,
    version: String,
    level: String,
    kind: String,
    state: String,
    /// The file that it is cut from.
    source: String,
    /// What that file is called in its project.
    file: String,
    start: String,
    #[serde(default)]
    announced: bool,
    #[serde(default)]
    answer: String,
    #[serde(default, rename = "use")]
    used: String,
    /// Rules that have to speak, each with words of its message.
    owed: BTreeMap<String, String>,
}

#[test]
fn the_rules_say_what_the_answers_of_servers_ask_for() {
    let mut failures = Vec::new();
    for (key, cell) in recorded() {
        let findings = said(&cell);
        let owed = |rule: &str, message: &str| cell.owed.get(rule).is_some_and(|words| message.contains(words));
        for (rule, message) in findings.iter().filter(|(rule, message)| !owed(rule, message)) {
            failures.push(format!("{key}: {rule} says \"{message}\""));
        }
        for (rule, words) in &cell.owed {
            if !findings.iter().any(|(said, message)| said == rule && message.contains(words)) {
                failures.push(format!("{key}: {rule} does not say \"{words}\""));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn every_pinned_version_was_asked() {
    let asked: BTreeSet<String> = recorded().values().map(|cell| format!("{}/{}", cell.sdk, cell.version)).collect();
    let mut pinned = BTreeSet::new();
    for sdk in entries(&root("tests/live")).into_iter().filter(|path| path.is_dir()) {
        for version in entries(&sdk).into_iter().filter(|path| path.is_dir()) {
            let name = |path: &std::path::Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
            pinned.extend(name(&sdk).zip(name(&version)).map(|(sdk, version)| format!("{sdk}/{version}")));
        }
    }
    assert!(pinned.len() >= 6, "{pinned:?}");
    assert_eq!(asked, pinned, "tests/live/run.py --record asks what is pinned");
}

#[test]
fn the_table_of_answers_is_current() {
    let path = "docs/capabilities.md";
    let text = fs::read_to_string(root(path)).unwrap_or_default();
    let head = text.split_once("<!-- answers -->").map_or(text.as_str(), |(head, _)| head);
    up_to_date(path, &format!("{head}<!-- answers -->\n{}", table()));
}

fn recorded() -> BTreeMap<String, Cell> {
    let text = fs::read_to_string(root("tests/live/answers.json")).expect("answers are recorded");
    serde_json::from_str(&text).expect("the record is of this form")
}

/// What the three rules say of a cell's project.
fn said(cell: &Cell) -> Vec<(String, String)> {
    let folder = root("tests/live").join(&cell.sdk);
    let source = fs::read_to_string(folder.join(&cell.source)).expect("the source is there");
    let mut files = vec![(cell.file.clone(), cut(&source, cell))];
    for path in entries(&folder.join(&cell.version)) {
        let name = path.file_name().expect("a listed file has a name").to_string_lossy().into_owned();
        files.push((name, fs::read_to_string(&path).expect("pins are text")));
    }
    let project = Project::from_files(files);
    let mut findings = Vec::new();
    for rule in RULES.iter().map(|id| rule(id).expect("the rule exists")) {
        if (rule.applies)(&project).is_ok() {
            (rule.check)(&project, &mut findings);
        }
    }
    findings.into_iter().map(|finding| (finding.rule.to_owned(), finding.message)).collect()
}

/// The lines of a source that belong to a cell, as `tests/live/run.py` cuts them.
fn cut(source: &str, cell: &Cell) -> String {
    let (_, parts) = STATES.iter().find(|(state, _)| *state == cell.state).expect("the state is known");
    let mut inside: Vec<bool> = Vec::new();
    let mut kept = String::new();
    for line in source.lines() {
        let comment = line.trim().strip_prefix("// ").or_else(|| line.trim().strip_prefix("# ")).unwrap_or_default();
        if let Some((word, part)) = comment.strip_prefix("cell: ").and_then(|words| words.split_once(' ')) {
            let level = word == "level" && part == cell.level;
            inside.push(level || word == cell.kind && parts.contains(&part));
        } else if comment == "end" {
            inside.pop();
        } else if inside.iter().all(|inside| *inside) {
            kept += line;
            kept.push('\n');
        }
    }
    kept
}

/// A row per SDK, level and kind; a column per state. What the doctor reports is set in bold.
fn table() -> String {
    let cells: Vec<Cell> = recorded().into_values().collect();
    let mut rows: BTreeMap<[&str; 4], BTreeMap<&str, String>> = BTreeMap::new();
    for cell in &cells {
        let row = rows.entry([&cell.sdk, &cell.version, &cell.level, &cell.kind]).or_default();
        row.insert(&cell.state, shown(cell));
    }
    let mut table = String::from(
        "\n| SDK | level | kind | both | declared only | registered only | neither | list only |\n|---|---|---|---|---|---|---|---|\n",
    );
    for ([sdk, version, level, kind], row) in rows {
        write!(table, "| {sdk} {version} | {level} | {kind} |").expect("a text can be written to");
        for (state, _) in STATES {
            write!(table, " {} |", row.get(state).map_or("", String::as_str)).expect("a text can be written to");
        }
        table.push('\n');
    }
    table
}

fn shown(cell: &Cell) -> String {
    let hidden = if cell.announced { "" } else { "not announced, " };
    let text = match (cell.start.as_str(), cell.state.as_str()) {
        ("failed", _) => "fails at start".to_owned(),
        (_, "list only") => format!("{hidden}{}, used: {}", cell.answer, cell.used),
        _ => format!("{hidden}{}", cell.answer),
    };
    if cell.owed.is_empty() { text } else { format!("**{text}**") }
}
