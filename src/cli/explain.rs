//! `mcpsec explain RULE`

use super::{Exit, Failure, Output};
use crate::{doctor::select, report::page, rules};

const EXAMPLES: &str = "\
Examples:
  mcpsec explain shell-injection
  mcpsec explain shell-injection env-not-ignored

`mcpsec rules` lists the names.";

/// Tells what rules look for, why, how to mend what they find, with examples. Works offline.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Names of rules, as in the doctor's report
    #[arg(required = true, value_name = "RULE")]
    rules: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let mut pages = Vec::new();
    for name in &arguments.rules {
        match rules::rule(&name.to_lowercase()) {
            Some(rule) => pages.push(page::rule(rule)),
            None => return Err(unknown(name)),
        }
    }
    output.out.write_all(pages.join("\n").as_bytes())?;
    Ok(Exit::Clean)
}

fn unknown(name: &str) -> Failure {
    let failure = Failure::usage(format!("there is no rule `{name}`"));
    match select::closest(name) {
        Some(known) => failure.help(format!("did you mean `{known}`?")),
        None => failure.help("`mcpsec rules` lists them"),
    }
}
