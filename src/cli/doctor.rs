//! `mcpsec doctor`

use std::{
    fs,
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use clap::ValueEnum;

use super::{Exit, Failure, Output};
use crate::{
    doctor::{self, Date, Options, Outcome, Selection, Verdict, select},
    finding::{Confidence, Severity},
    project::{self, Project},
    report::{Format, Presentation, Report, counted},
};

const EXAMPLES: &str = "\
Examples:
  mcpsec doctor                                     check the repository in this folder
  mcpsec doctor ../server --fail-on high            only high and critical findings fail the run
  mcpsec doctor --output sarif=mcpsec.sarif         code frames here, SARIF in a file, in one run
  mcpsec doctor --select secrets,shell-injection    only these rules and groups
  mcpsec doctor --format json | jq '.findings[].rule'

A finding that is right and accepted is suppressed in a comment on its line or the line above:
  // mcpsec: ignore[rule-id] expires=2027-03-31 -- why it is accepted

Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage or configuration, 3 incomplete,
4 internal error, 5 nothing to check. They do not depend on the format.";

/// Checks a repository. Nothing in it is executed, and nothing is sent anywhere.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The project's folder
    #[arg(value_name = "PATH", conflicts_with = "project")]
    path: Option<PathBuf>,
    /// The project's folder, too
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Format of the report on standard output
    #[arg(long, value_enum, default_value_t = FormatName::Human)]
    format: FormatName,
    /// Also write a report to a file; can be given several times
    #[arg(long, value_name = "FORMAT=FILE", value_parser = parse_output)]
    output: Vec<(FormatName, PathBuf)>,
    /// Only these rules and groups
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    select: Vec<String>,
    /// Not these rules and groups
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    ignore: Vec<String>,
    /// Least severity that fails the run [default: medium, or mcpsec.toml]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Least severity that is shown; what fails the run always is
    #[arg(long, value_enum, default_value_t = SeverityName::Info, value_name = "SEVERITY")]
    min_severity: SeverityName,
    /// Least confidence that is shown and can fail the run; low confidence never fails it
    #[arg(long, value_enum, default_value_t = ConfidenceName::Medium, value_name = "CONFIDENCE")]
    min_confidence: ConfidenceName,
    /// Show what suppressions cover
    #[arg(long)]
    show_suppressed: bool,
    /// Do not fail where something could not be read or decided
    #[arg(long)]
    allow_incomplete: bool,
    /// Do not fail because of findings
    #[arg(long)]
    exit_zero: bool,
    /// Show how often each rule spoke
    #[arg(long)]
    statistics: bool,
    /// Show every file that was read, and every one that was not
    #[arg(long)]
    show_files: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum FormatName {
    Human,
    Json,
    Sarif,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    Info,
    Low,
    Medium,
    High,
    Critical,
    Never,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SeverityName {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ConfidenceName {
    Low,
    Medium,
    High,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let started = Instant::now();
    let root = arguments.path.as_deref().or(arguments.project.as_deref()).unwrap_or(Path::new("."));
    if !root.is_dir() {
        return Err(Failure::usage(format!("`{}` is not a directory", root.display())));
    }
    let settings = settings(root)?;
    let options = options(arguments, &settings)?;
    let project = read(root)?;
    let outcome = quietly(|| doctor::run(&project, &options))?;

    let report = Report::new(&project, &outcome);
    let presentation = Presentation {
        colors: false,
        suppressed: arguments.show_suppressed,
        statistics: arguments.statistics,
        files: arguments.show_files,
    };
    for (format, path) in &arguments.output {
        write_file(&report, (*format).into(), presentation, path)?;
    }
    let on_screen = Presentation { colors: output.out_colors, ..presentation };
    report.write(arguments.format.into(), on_screen, &mut output.out)?;
    output.out.flush()?;
    if !output.quiet {
        let seconds = started.elapsed().as_secs_f64();
        let files = counted(project.files.len(), "file");
        let rules = counted(outcome.rules.len(), "rule");
        // Nobody may be listening on standard error, and the result is out already.
        let _ = writeln!(output.err, "checked with {rules}: {files}, {seconds:.2} s");
        let _ = writeln!(output.err, "{}", explanation(&outcome, &options));
    }
    let exit = outcome.verdict.into();
    // The process ends here: the system takes the memory back at once, piece by piece it takes longer.
    std::mem::forget((outcome, project));
    Ok(exit)
}

/// Reads the project. A damaged git index may make its decoder panic, which is caught there and said in the result.
fn read(root: &Path) -> Result<Project, Failure> {
    quietly(|| Project::read(root, &project::Options::default()))?.map_err(|error| {
        let source = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
        Failure::usage(format!("{error}{source}"))
    })
}

/// Runs without the messages of panics: a rule that panics is reported with its name. A panic that nobody caught is a
/// failure that says where it was; its message might hold what was read.
fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    let place = Arc::new(Mutex::new(String::new()));
    let seen = Arc::clone(&place);
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if let (Some(location), Ok(mut seen)) = (panic.location(), seen.lock()) {
            *seen = format!(" at {location}");
        }
    }));
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook);
    result.map_err(|_| {
        let place = place.lock().map(|place| place.clone()).unwrap_or_default();
        Failure::internal(format!("mcpsec stopped{place}; this is a bug of mcpsec"))
    })
}

/// `[doctor]` of the project's policy file, or its defaults where there is none.
fn settings(root: &Path) -> Result<mcpsec_policy::model::Doctor, Failure> {
    let path = root.join("mcpsec.toml");
    // Asked before opening: to open a pipe would wait for its writer.
    if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Failure::usage(format!("cannot read `{}`: it is not a regular file", path.display())));
    }
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(mcpsec_policy::model::Doctor::default()),
        Err(error) => return Err(Failure::usage(format!("cannot read `{}`: {error}", path.display()))),
    };
    doctor::settings::parse(&text).map_err(|error| {
        Failure::usage(format!("`{}` cannot be used: {error}", path.display())).help("`mcpsec policy check` tells more")
    })
}

fn options(arguments: &Arguments, settings: &mcpsec_policy::model::Doctor) -> Result<Options, Failure> {
    let fail_on = match arguments.fail_on {
        Some(given) => given.severity(),
        None => FailOn::from_str(&settings.fail_on, true)
            .map_err(|_| Failure::usage(format!("mcpsec.toml: `fail_on` cannot be `{}`", settings.fail_on)))?
            .severity(),
    };
    let selection = Selection {
        select: arguments.select.clone(),
        ignore: arguments.ignore.iter().chain(&settings.ignore).cloned().collect(),
        behind_gateway: settings.behind_gateway,
    };
    if let Some(name) = selection.unknown() {
        let failure = Failure::usage(format!("there is no rule or group `{name}`"));
        return Err(match select::closest(name) {
            Some(known) => failure.help(format!("did you mean `{known}`?")),
            None => failure.help("`mcpsec rules` lists them"),
        });
    }
    Ok(Options {
        selection,
        fail_on,
        min_severity: arguments.min_severity.into(),
        min_confidence: arguments.min_confidence.into(),
        today: today(),
        allow_incomplete: arguments.allow_incomplete,
        exit_zero: arguments.exit_zero,
    })
}

fn today() -> Date {
    // A clock before 1970 is wrong; the first day then keeps every suppression.
    Date::from_seconds(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs()))
}

/// The last line: the exit code, and why.
fn explanation(outcome: &Outcome, options: &Options) -> String {
    let code = outcome.verdict.code();
    let failing = outcome.findings.iter().filter(|reported| reported.failing).count();
    let gate = options.fail_on.map_or("never", Severity::name);
    let findings = if failing == 1 { "1 finding" } else { &format!("{failing} findings") };
    match outcome.verdict {
        Verdict::Findings => format!("exit {code}: {findings} at or above {gate} (--fail-on {gate})"),
        Verdict::Internal => {
            format!("exit {code}: a rule stopped in the middle, and what it looks for was not checked")
        }
        Verdict::Incomplete => format!("exit {code}: not everything was checked (--allow-incomplete accepts it)"),
        Verdict::Nothing => {
            format!("exit {code}: no MCP server, client or SDK was found in TypeScript, JavaScript, Python, Rust or Go")
        }
        Verdict::Clean if failing > 0 => format!("exit {code}: {findings} at or above {gate}, and --exit-zero"),
        Verdict::Clean => format!("exit {code}: nothing at or above {gate}"),
    }
}

fn write_file(report: &Report<'_>, format: Format, how: Presentation, path: &Path) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    report.write(format, how, &mut bytes)?;
    fs::write(path, bytes).map_err(|error| Failure::usage(format!("cannot write `{}`: {error}", path.display())))
}

fn parse_output(text: &str) -> Result<(FormatName, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("an output is written FORMAT=FILE, such as sarif=mcpsec.sarif")?;
    let format = FormatName::from_str(format, true).map_err(|_| {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        format!("there is no format `{format}`; there are {}", names.join(", "))
    })?;
    if path.is_empty() {
        return Err("the file is missing behind `=`".to_owned());
    }
    Ok((format, PathBuf::from(path)))
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Human => Self::Human,
            FormatName::Json => Self::Json,
            FormatName::Sarif => Self::Sarif,
        }
    }
}

impl FailOn {
    fn severity(self) -> Option<Severity> {
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

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Clean => Self::Clean,
            Verdict::Findings => Self::Findings,
            Verdict::Incomplete => Self::Incomplete,
            Verdict::Internal => Self::Internal,
            Verdict::Nothing => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_internal_error_that_tells_the_place_and_not_what_was_read() {
        let failure = quietly(|| panic!("AKIA and other contents")).map(|(): ()| ()).expect_err("it stopped");
        assert_eq!(failure.exit, Exit::Internal);
        assert!(failure.message.contains("doctor.rs:") && !failure.message.contains("AKIA"), "{}", failure.message);
    }
}
