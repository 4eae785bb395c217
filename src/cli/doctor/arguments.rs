//! What `mcpsec doctor` is told.

use std::path::PathBuf;

use clap::{
    ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};

use super::fixing::Fixing;

use crate::{
    finding::{Confidence, Severity},
    report::Format,
};

const EXAMPLES: &str = "\
Examples:
  mcpsec doctor                                     check the repository in this folder
  mcpsec doctor ../server --fail-on high            only high and critical findings fail the run
  mcpsec doctor --output sarif=mcpsec.sarif         code frames here, SARIF in a file, in one run
  mcpsec doctor --select secrets,shell-injection    only these rules and groups
  mcpsec doctor --staged                            what the next commit would add: for a pre-commit hook
  mcpsec doctor --since origin/main                 what this branch adds: for a pull request
  mcpsec doctor --diff                              what --fix would change
  mcpsec doctor --projects servers.txt --output html=report.html   a whole organisation, worst first
  mcpsec doctor --format json | jq '.findings[].rule'

A finding that is right and accepted is suppressed in a comment on its line or the line above:
  // mcpsec: ignore[rule-id] expires=2027-03-31 -- why it is accepted

Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage or configuration, 3 incomplete,
4 internal error, 5 nothing to check. They do not depend on the format.";

/// Checks a repository. Nothing in it is executed, and nothing is sent anywhere.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// The project's folder; several are checked in one run, each with its own settings and baseline
    #[arg(value_name = "PATH")]
    pub(super) path: Vec<PathBuf>,
    /// A project's folder, too; can be given several times
    #[arg(long, value_name = "DIR")]
    pub(super) project: Vec<PathBuf>,
    /// File with a project's folder in each line, relative to the file; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(super) projects: Vec<PathBuf>,
    /// Format of the report on standard output
    #[arg(long, default_value = "human", value_parser = formats())]
    pub(super) format: Format,
    /// Also write a report to a file; can be given several times
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_output)]
    pub(super) output: Vec<(Format, PathBuf)>,
    /// Only these rules and groups
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) select: Vec<String>,
    /// Not these rules and groups
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// Least severity that fails the run [default: medium, or mcpsec.toml]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(super) fail_on: Option<FailOn>,
    /// Least severity that is shown; what fails the run always is
    #[arg(long, value_enum, default_value_t = SeverityName::Info, value_name = "SEVERITY")]
    pub(super) min_severity: SeverityName,
    /// Least confidence that is shown and can fail the run; low confidence never fails it
    #[arg(long, value_enum, default_value_t = ConfidenceName::Medium, value_name = "CONFIDENCE")]
    pub(super) min_confidence: ConfidenceName,
    /// Only what was not there in REF: a branch, a tag or a commit; and what hides more than it did there
    #[arg(long, value_name = "REF")]
    pub(super) since: Option<String>,
    /// Check what is staged, as the next commit would have it, beside the last commit
    #[arg(long, conflicts_with_all = ["fix", "diff"])]
    pub(super) staged: bool,
    /// File with accepted findings [default: .mcpsec-baseline where it exists, or mcpsec.toml]
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    pub(super) baseline: Option<PathBuf>,
    /// Show and count accepted findings, too
    #[arg(long)]
    pub(super) no_baseline: bool,
    /// What to do about fixes
    #[command(flatten)]
    pub(super) fixing: Fixing,
    /// Show what suppressions cover
    #[arg(long)]
    pub(super) show_suppressed: bool,
    /// Do not fail where something could not be read or decided
    #[arg(long)]
    pub(super) allow_incomplete: bool,
    /// Do not fail because of findings
    #[arg(long)]
    pub(super) exit_zero: bool,
    /// Show how often each rule spoke
    #[arg(long)]
    pub(super) statistics: bool,
    /// Show every file that was read, and every one that was not
    #[arg(long)]
    pub(super) show_files: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum FailOn {
    Info,
    Low,
    Medium,
    High,
    Critical,
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum SeverityName {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum ConfidenceName {
    Low,
    Medium,
    High,
}

/// Every format by its name, with a line about each.
pub(in crate::cli) fn formats() -> impl TypedValueParser<Value = Format> {
    let names = Format::ALL.iter().map(|format| PossibleValue::new(format.name).help(format.about));
    PossibleValuesParser::new(names).try_map(|name| Format::named(&name).ok_or("there is no such format"))
}

pub(in crate::cli) fn parse_output(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("an output is written FORMAT=FILE, such as sarif=mcpsec.sarif")?;
    let format = Format::named(format).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name).collect();
        format!("there is no format `{format}`; there are {}", names.join(", "))
    })?;
    if path.is_empty() {
        return Err("the file is missing behind `=`".to_owned());
    }
    Ok((format, PathBuf::from(path)))
}

impl FailOn {
    pub(in crate::cli) fn severity(self) -> Option<Severity> {
        Some(match self {
            Self::Info => Severity::Info,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
            Self::Never => return None,
        })
    }
}

impl From<SeverityName> for Severity {
    fn from(name: SeverityName) -> Self {
        match name {
            SeverityName::Info => Self::Info,
            SeverityName::Low => Self::Low,
            SeverityName::Medium => Self::Medium,
            SeverityName::High => Self::High,
            SeverityName::Critical => Self::Critical,
        }
    }
}

impl From<ConfidenceName> for Confidence {
    fn from(name: ConfidenceName) -> Self {
        match name {
            ConfidenceName::Low => Self::Low,
            ConfidenceName::Medium => Self::Medium,
            ConfidenceName::High => Self::High,
        }
    }
}
