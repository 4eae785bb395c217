//! `mcpsec rules`

use std::io::Write;

use clap::ValueEnum;
use serde::Serialize;

use super::{Exit, Failure, Output};
use crate::{
    finding::{Confidence, Severity},
    report::page,
    rules::{RULES, Rule},
};

const EXAMPLES: &str = "\
Examples:
  mcpsec rules
  mcpsec rules --format json | jq -r '.[] | select(.severity == \"critical\") | .id'

`mcpsec explain RULE` tells more about one of them.";

/// Lists the doctor's rules.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Format of the list
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Markdown,
}

#[derive(Serialize)]
struct Entry {
    id: &'static str,
    group: &'static str,
    title: &'static str,
    severity: Severity,
    confidence: Confidence,
    languages: Vec<&'static str>,
    references: &'static [&'static str],
    since: &'static str,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    match arguments.format {
        Format::Human => human(&mut output.out)?,
        Format::Markdown => output.out.write_all(page::table().as_bytes())?,
        Format::Json => {
            let entries: Vec<Entry> = RULES.iter().map(|rule| entry(rule)).collect();
            let text = serde_json::to_string_pretty(&entries).expect("a list of texts can be written as JSON");
            writeln!(output.out, "{text}")?;
        }
    }
    Ok(Exit::Clean)
}

fn human(out: &mut dyn Write) -> std::io::Result<()> {
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut rules: Vec<&Rule> = RULES.to_vec();
    rules.sort_by_key(|rule| (rule.group, rule.id));
    let mut group = "";
    for rule in rules {
        if rule.group != group {
            let space = if group.is_empty() { "" } else { "\n" };
            writeln!(out, "{space}{}", rule.group)?;
            group = rule.group;
        }
        writeln!(out, "  {:width$}  {:8}  {}", rule.id, rule.severity.name(), rule.title)?;
    }
    Ok(())
}

fn entry(rule: &Rule) -> Entry {
    Entry {
        id: rule.id,
        group: rule.group,
        title: rule.title,
        severity: rule.severity,
        confidence: rule.confidence,
        languages: rule.languages.iter().map(|language| language.name()).collect(),
        references: rule.references,
        since: rule.since,
    }
}
