//! `mcpsec doctor`

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

use input::Input;

use super::{Exit, Failure, Output};
use crate::{
    doctor::{self, Options, Outcome, Verdict},
    finding::Severity,
    project::Project,
    report::{self, Format, Presentation, Report, counted},
};

mod accepted;
mod arguments;
mod fixing;
mod input;
mod many;
mod quietly;
mod settings;

pub(super) use accepted::{Accepted, Standing, accepted, standing};
pub(super) use arguments::{Arguments, ConfidenceName, FailOn, SeverityName, formats, parse_output};
pub(super) use input::{folder, on_disk};
pub(super) use quietly::quietly;
pub(super) use settings::today;

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let roots = many::roots(arguments)?;
    // Who gives a list gets a list, also where one project is in it.
    let [many::Root { path: root, .. }] = &roots[..] else { return many::run(&roots, arguments, output) };
    if !arguments.projects.is_empty() {
        return many::run(&roots, arguments, output);
    }
    let started = Instant::now();
    arguments.fixing.check(arguments.format)?;
    let Input { mut project, options } = input::read(root, arguments)?;
    if arguments.fixing.diff {
        return fixing::diff(&arguments.fixing, root, project, &options, output);
    }
    if arguments.fixing.fix {
        fixing::fix(&arguments.fixing, root, project, &options, output)?;
        project = input::on_disk(root)?;
    }
    let outcome = quietly(|| doctor::run(&project, &options))?;

    write_reports(&[reported(&root.to_string_lossy(), arguments, &project, &outcome)], false, arguments, output)?;
    if !output.quiet {
        let seconds = started.elapsed().as_secs_f64();
        let files = counted(project.files.len(), "file");
        let rules = counted(outcome.rules.len(), "rule");
        // Nobody may be listening on standard error, and the result is out already.
        let _ = writeln!(output.err, "checked with {rules}: {files}, {seconds:.2} s");
        if let Some(hint) = fixing::hint(&project, &outcome).filter(|_| !arguments.fixing.fix) {
            let _ = writeln!(output.err, "{hint}");
        }
        let _ = writeln!(output.err, "{}", explanation(&outcome, &options));
    }
    let exit = outcome.verdict.into();
    // The process ends here: the system takes the memory back at once, piece by piece it takes longer.
    std::mem::forget((outcome, project));
    Ok(exit)
}

/// What is told of one project.
fn reported(name: &str, arguments: &Arguments, project: &Project, outcome: &Outcome) -> Report {
    let report = Report::new(name, project, outcome);
    if arguments.show_files { report.listing(project, outcome) } else { report }
}

/// Writes the reports that were asked for.
fn write_reports(reports: &[Report], several: bool, arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let how = Presentation {
        colors: false,
        suppressed: arguments.show_suppressed,
        statistics: arguments.statistics,
        files: arguments.show_files,
        several,
    };
    write_all(reports, how, &arguments.output, arguments.format, output)
}

/// Writes reports to files, each in its format, and in one format to standard output.
pub(super) fn write_all(
    reports: &[Report],
    how: Presentation,
    files: &[(Format, PathBuf)],
    format: Format,
    output: &mut Output,
) -> Result<(), Failure> {
    for (format, path) in files {
        write_file(reports, *format, how, path)?;
    }
    let on_screen = Presentation { colors: output.out_colors, ..how };
    report::write(format, reports, on_screen, &mut output.out)?;
    Ok(output.out.flush()?)
}

/// The last line: the exit code, and why.
pub(super) fn explanation(outcome: &Outcome, options: &Options) -> String {
    let code = outcome.verdict.code();
    let failing = outcome.findings.iter().filter(|reported| reported.failing).count();
    let gate = options.fail_on.map_or("never", Severity::name);
    let findings = counted(failing, "finding");
    match outcome.verdict {
        Verdict::Findings => format!("exit {code}: {findings} at or above {gate} (--fail-on {gate})"),
        Verdict::Incomplete if outcome.incomplete.iter().any(|it| it.path.is_none()) => {
            format!("exit {code}: a rule stopped in the middle, and what it looks for was not checked")
        }
        Verdict::Incomplete => format!("exit {code}: not everything was checked (--allow-incomplete accepts it)"),
        Verdict::Nothing => {
            format!(
                "exit {code}: no MCP server, client or SDK was found in TypeScript, JavaScript, Python, Rust, Go, Java or C#"
            )
        }
        Verdict::Clean if failing > 0 => format!("exit {code}: {findings} at or above {gate}, and --exit-zero"),
        Verdict::Clean => format!("exit {code}: nothing at or above {gate}"),
        Verdict::Unusable | Verdict::Stopped => format!("exit {code}: nothing was checked"),
    }
}

fn write_file(reports: &[Report], format: Format, how: Presentation, path: &Path) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    report::write(format, reports, how, &mut bytes)?;
    fs::write(path, bytes).map_err(|error| Failure::usage(format!("cannot write `{}`: {error}", path.display())))
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Clean => Self::Clean,
            Verdict::Findings => Self::Findings,
            Verdict::Incomplete => Self::Incomplete,
            Verdict::Nothing => Self::Nothing,
            Verdict::Unusable => Self::Usage,
            Verdict::Stopped => Self::Internal,
        }
    }
}
