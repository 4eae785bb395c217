//! `mcpsec policy review`

use std::{io, path::PathBuf, time::SystemTime};

use clap::ValueEnum;
use mcpsec_policy::{Environment, KeyStore, Loaded, keys::time};
use mcpsec_screen::hidden::neutralize;
use serde_json::json;

use super::{Exit, Failure, Output, audit};
use crate::audit::review::{Entitlement, Review, Reviewer, Subject};

const EXAMPLES: &str = "\
Examples:
  mcpsec policy review                                   the policy, the keys and the log of this folder
  mcpsec policy review --log /var/log/mcp/audit.jsonl
  mcpsec policy review --format markdown > review.md     for the ticket of an access review

What is \"never\" used can be taken away; \"never\" reaches as far back as the log does, which is said.
Exit codes: 0 all of the log was read, 2 usage or configuration, 3 a part of it could not be read.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The policy file
    #[arg(default_value = "mcpsec.toml", value_name = "FILE")]
    policy: PathBuf,
    /// The audit log; without it, the one that the policy names
    #[arg(long, value_name = "LOG")]
    log: Option<PathBuf>,
    #[command(flatten)]
    identities: audit::Identities,
    /// For people, for programs, or for a page
    #[arg(long, value_enum, default_value_t = Style::Human)]
    format: Style,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Style {
    Human,
    Json,
    Markdown,
}

const HEADINGS: [&str; 6] = ["WHO", "NAME", "MAY", "USES", "LAST USED", "REFUSED"];

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let loaded = Loaded::read(&arguments.policy, &Environment::real())
        .map_err(|error| Failure::usage(format!("the policy cannot be enforced\n\n{error}\n")))?;
    let policy = loaded.policy;
    let keys = KeyStore::for_auth(&policy.auth).map_err(|error| Failure::usage(error.to_string()))?;
    let path = arguments.log.clone().map_or_else(|| audit::sink(&policy, &arguments.policy), Ok)?;
    let mut reviewer = Reviewer::new(&policy, &keys);
    let exit = audit::each(&audit::find(&path)?, &arguments.identities, output, |entry, _, _| {
        reviewer.add(entry);
        Ok(())
    })?;
    let review = reviewer.finish();
    match arguments.format {
        Style::Human => human(&review, output)?,
        Style::Markdown => markdown(&review, output)?,
        Style::Json => {
            let Review { from, to, subjects } = &review;
            writeln!(output.out, "{:#}", json!({ "version": 1, "from": from, "to": to, "subjects": subjects }))?;
        }
    }
    Ok(exit)
}

/// One row for each entry of a rule, and one for whoever may do nothing.
fn rows(review: &Review) -> Vec<[String; 6]> {
    let mut rows = Vec::new();
    for subject in &review.subjects {
        let nothing = Entitlement { may: nothing(subject), uses: 0, last_used: None };
        let entitlements = if subject.entitlements.is_empty() { &[nothing][..] } else { &subject.entitlements };
        for (index, entitlement) in entitlements.iter().enumerate() {
            let first = |text: String| if index == 0 { text } else { String::new() };
            let used = entitlement.last_used.clone().unwrap_or_else(|| "never".to_owned());
            let row = [
                first(subject.subject.clone()),
                first(name(subject)),
                entitlement.may.clone(),
                entitlement.uses.to_string(),
                used,
                first(subject.refused.to_string()),
            ];
            rows.push(row.map(|text| neutralize(&text).into_owned()));
        }
    }
    rows
}

fn nothing(subject: &Subject) -> String {
    if subject.known { "nothing" } else { "(not in policy or key file; seen in the log)" }.to_owned()
}

fn name(subject: &Subject) -> String {
    let mut name = subject.name.clone().unwrap_or_default();
    if !subject.scopes.is_empty() {
        name = format!("{name} [{}]", subject.scopes.join(" ")).trim_start().to_owned();
    }
    let ends = subject.expires.map(|seconds| SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds));
    match ends {
        Some(ends) if ends <= SystemTime::now() => format!("{name} (expired {})", time::show(ends)),
        Some(ends) => format!("{name} (until {})", time::show(ends)),
        None => name,
    }
}

fn covered(review: &Review) -> String {
    match (&review.from, &review.to) {
        (Some(from), Some(to)) => {
            format!("The log covers {from} to {to}.", from = neutralize(from), to = neutralize(to))
        }
        _ => "The log holds no decision.".to_owned(),
    }
}

fn human(review: &Review, output: &mut Output) -> io::Result<()> {
    let mut rows = rows(review);
    rows.insert(0, HEADINGS.map(str::to_owned));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        writeln!(output.out, "{}", cells.join("  ").trim_end())?;
    }
    writeln!(output.out, "\n{}", covered(review))
}

fn markdown(review: &Review, output: &mut Output) -> io::Result<()> {
    writeln!(output.out, "# Access review\n\n{}\n", covered(review))?;
    writeln!(output.out, "| Who | Name | May | Uses | Last used | Refused |\n|---|---|---|--:|---|--:|")?;
    for row in rows(review) {
        let cells =
            row.map(|cell| cell.replace('\\', "\\\\").replace('|', "\\|").replace('`', "\\`").replace('*', "\\*"));
        writeln!(output.out, "| {} |", cells.join(" | "))?;
    }
    Ok(())
}
