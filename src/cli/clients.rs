//! `mcpsec clients`

use std::{io::Write, path::PathBuf, time::Instant};

use clap::ValueEnum;

use super::{
    Exit, Failure, Output,
    doctor::{ConfidenceName, FailOn, SeverityName, explanation, formats, parse_output, quietly, today, write_all},
};
use crate::{
    doctor::{self, Options, Selection, Verdict},
    project::{
        Project,
        client::places::System,
        home::{Looked, State},
    },
    report::{Format, Presentation, Report, counted},
};

const EXAMPLES: &str = "\
Examples:
  mcpsec clients --list                  the places that are looked at, and what is there
  mcpsec clients                         check what the clients of this computer are told
  mcpsec clients --home /mnt/c/Users/me --system windows
  mcpsec clients --format json | jq '.findings[].file'

A finding that is right and accepted is suppressed in a comment, where the client's format knows comments:
  // mcpsec: ignore[client-runner-unpinned] -- why it is accepted

Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage, 3 incomplete, 4 internal error,
5 no configuration was found.";

/// Check the configurations of the MCP clients on this computer.
///
/// Reads the files in which Claude, Cursor, VS Code, Windsurf, Gemini, Codex, Zed, Goose and others keep their servers,
/// below the home folder, and no other file. Nothing is written, started or sent, and no secret is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The home folder [default: this user's]
    #[arg(long, value_name = "DIR")]
    home: Option<PathBuf>,
    /// Whose habits the places follow
    #[arg(long, value_enum, default_value_t = SystemName::Here, value_name = "SYSTEM")]
    system: SystemName,
    /// Show the places that are looked at and what is there, and check nothing
    #[arg(long)]
    list: bool,
    /// Format of the report on standard output
    #[arg(long, default_value = "human", value_parser = formats())]
    format: Format,
    /// Also write a report to a file; can be given several times
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_output)]
    output: Vec<(Format, PathBuf)>,
    /// Not these rules
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Least severity that fails the run
    #[arg(long, value_enum, default_value_t = FailOn::Medium, value_name = "SEVERITY")]
    fail_on: FailOn,
    /// Least severity that is shown; what fails the run always is
    #[arg(long, value_enum, default_value_t = SeverityName::Info, value_name = "SEVERITY")]
    min_severity: SeverityName,
    /// Least confidence that is shown and can fail the run; low confidence never fails it
    #[arg(long, value_enum, default_value_t = ConfidenceName::Medium, value_name = "CONFIDENCE")]
    min_confidence: ConfidenceName,
    /// Do not fail where something could not be read
    #[arg(long)]
    allow_incomplete: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SystemName {
    Here,
    Linux,
    Macos,
    Windows,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let started = Instant::now();
    let home = home(arguments)?;
    let system = match arguments.system {
        SystemName::Here => System::here(),
        SystemName::Linux => System::Linux,
        SystemName::Macos => System::MacOs,
        SystemName::Windows => System::Windows,
    };
    let (project, looked) =
        Project::read_home(&home, system).map_err(|error| Failure::usage(format!("the home folder {error}")))?;
    if arguments.list {
        list(&looked, &mut output.out)?;
        return Ok(Exit::Clean);
    }
    if project.files.is_empty() && project.skipped.is_empty() {
        return Err(nothing(&looked));
    }

    let options = options(arguments)?;
    let mut outcome = quietly(|| doctor::run(&project, &options))?;
    if outcome.verdict == Verdict::Nothing {
        // There is a configuration; it has settings, and no servers.
        outcome.verdict = Verdict::Clean;
    }
    let reports = [Report::new("~", &project, &outcome)];
    write_all(&reports, Presentation::default(), &arguments.output, arguments.format, output)?;
    if !output.quiet {
        let seconds = started.elapsed().as_secs_f64();
        let files = counted(project.files.len(), "configuration");
        let (rules, places) = (counted(outcome.rules.len(), "rule"), counted(looked.len(), "place"));
        // Nobody may be listening on standard error, and the result is out already.
        let _ = writeln!(output.err, "checked with {rules}: {files} in {places}, {seconds:.2} s");
        let _ = writeln!(output.err, "{}", explanation(&outcome, &options));
    }
    Ok(outcome.verdict.into())
}

fn home(arguments: &Arguments) -> Result<PathBuf, Failure> {
    let own = || std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    arguments
        .home
        .clone()
        .or_else(own)
        .ok_or_else(|| Failure::usage("the home folder is not known").help("name it: `mcpsec clients --home DIR`"))
}

fn options(arguments: &Arguments) -> Result<Options, Failure> {
    let selection =
        Selection { select: vec!["clients".to_owned()], ignore: arguments.ignore.clone(), ..Selection::default() };
    if let Some(name) = selection.unknown() {
        return Err(Failure::usage(format!("there is no rule or group `{name}`")).help("`mcpsec rules` lists them"));
    }
    Ok(Options {
        selection,
        fail_on: arguments.fail_on.severity(),
        min_severity: arguments.min_severity.into(),
        min_confidence: arguments.min_confidence.into(),
        allow_incomplete: arguments.allow_incomplete,
        ..Options::usual(today())
    })
}

/// A line for each place: what is there, the client, the file.
fn list(looked: &[Looked], out: &mut dyn Write) -> Result<(), Failure> {
    for place in looked {
        writeln!(out, "{:<8}{:<18}{}", word(place.state), place.client, place.path)?;
    }
    Ok(())
}

fn word(state: State) -> &'static str {
    match state {
        State::Absent => "-",
        State::Silent => "silent",
        State::Read => "read",
        State::Unread => "unread",
    }
}

fn nothing(looked: &[Looked]) -> Failure {
    let silent = looked.iter().filter(|it| it.state == State::Silent).count();
    let message = match silent {
        0 => "no configuration of an MCP client was found".to_owned(),
        _ => format!("no MCP server is configured: {} say nothing about one", counted(silent, "file")),
    };
    let failure = Failure { exit: Exit::Nothing, message, help: Vec::new() };
    looked.iter().fold(failure, |failure, place| {
        let state = if place.state == State::Silent { ", which says nothing about servers" } else { "" };
        failure.help(format!("looked for {} of {}{state}", place.path, place.client))
    })
}
