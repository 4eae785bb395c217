//! The page of a rule: `docs/rules/<id>.md`, and what `mcpsec explain` prints.

use std::fmt::Write;

use crate::rules::{RULES, Rule, example_text};

/// A rule in Markdown: what it says, why, and its examples, which are its tests.
pub fn rule(rule: &Rule) -> String {
    let mut page = format!("# {}\n\n{}.\n\n", rule.id, capitalized(rule.title));
    let languages: Vec<&str> = rule.languages.iter().map(|language| language.name()).collect();
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(page, "- {name}: {value}");
        }
    };
    row("group", rule.group);
    row("severity", rule.severity.name());
    row("confidence", rule.confidence.name());
    row("languages", &languages.join(", "));
    row("references", &rule.references.join(", "));
    row("since", rule.since);
    page += &format!("\n{}\n", rule.docs.trim());
    if let Some(examples) = example_text(rule.id) {
        page +=
            "\n## Examples\n\nEach is a test of the rule. A line that it reports ends with `finding:` and its name.\n";
        page += &examples_of(examples);
    }
    page
}

/// A fixture below a heading of its own: the title goes, and headings go one level down.
fn examples_of(fixture: &str) -> String {
    let mut text = String::new();
    let mut fence: Option<String> = None;
    for line in fixture.lines().skip_while(|line| !line.starts_with("## ")) {
        let ticks: String = line.chars().take_while(|character| *character == '`').collect();
        match &fence {
            Some(open) if line.trim() == open => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            _ => {}
        }
        if fence.is_none() && line.starts_with('#') {
            text.push('#');
        }
        text += line;
        text.push('\n');
    }
    format!("\n{}\n", text.trim())
}

/// All rules as a table in Markdown.
pub fn table() -> String {
    let mut table = "| rule | group | severity | confidence | says |\n|---|---|---|---|---|\n".to_owned();
    for rule in RULES.iter() {
        let Rule { id, group, title, severity, confidence, .. } = rule;
        table += &format!("| [`{id}`]({id}.md) | {group} | {} | {} | {title} |\n", severity.name(), confidence.name());
    }
    table
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
