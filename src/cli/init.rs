//! `mcpsec init`

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::ValueEnum;
use dialoguer::{Confirm, console::Term};

use super::{
    Exit, Failure, Output,
    doctor::{Standing, explanation, quietly, standing},
    new,
};
use crate::{
    adopt::{self, Ci, Plan, Wanted},
    doctor::{self, Baseline, Options, baseline},
    fix::diff,
    project::{Project, default_branch},
    report::counted,
};

const EXAMPLES: &str = "\
Examples:
  mcpsec init                      show what would be written; on a terminal, ask whether to write it
  mcpsec init --yes                write it
  mcpsec init --no-baseline        without accepting what is found now
  mcpsec init --ci gitlab --no-hook --dry-run

Exit codes: 0 written, shown, or there already, 2 the project or a file cannot be used, 5 no MCP server was found,
130 interrupted.";

/// Set up checks in a repository that is there already.
///
/// Plans `mcpsec.toml`, a baseline of what is found now, a pre-commit hook and a CI workflow, and shows them as a diff.
/// Files that exist are not overwritten: what cannot be added with certainty is said, with the lines to add by hand.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The project's folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// Write what is planned, without asking
    #[arg(short, long, visible_alias = "write", conflicts_with = "dry_run")]
    yes: bool,
    /// Show what would be written, and do not ask
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Do not accept what is found now
    #[arg(long)]
    no_baseline: bool,
    /// No hook before commits
    #[arg(long)]
    no_hook: bool,
    /// Where checks run when something is pushed [default: as the project's other checks]
    #[arg(long, value_enum, value_name = "SYSTEM")]
    ci: Option<CiName>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum CiName {
    Github,
    Gitlab,
    None,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let root = &arguments.path;
    let Standing { project, options, name, written } = standing(root)?;
    if !doctor::concerns_mcp(&project) {
        return Err(nothing(root));
    }
    let about = about(&project);
    let ci = arguments.ci.map(|ci| match ci {
        CiName::Github => Ci::Github,
        CiName::Gitlab => Ci::Gitlab,
        CiName::None => Ci::None,
    });
    let plan = adopt::plan(&project, Wanted { hook: !arguments.no_hook, ci, branch: default_branch::of(root) });
    let (plan, ending) = quietly(|| accept(project, plan, &options, &name, written, !arguments.no_baseline))?;
    show(&about, &plan, output)?;
    let changes = plan.changes();
    if changes.is_empty() {
        writeln!(output.out, "nothing to write: everything is there already")?;
        return Ok(Exit::Clean);
    }
    if let Some(reason) = changes.iter().find_map(|change| adopt::write::hindrance(root, change)) {
        return Err(Failure::usage(reason).help("nothing was written; move what is in the way, or leave that part out"));
    }
    if !agreed(arguments, output)? {
        return Ok(Exit::Clean);
    }
    // From here on a signal ends the writing, and what was begun is taken back.
    let interrupted = Arc::new(AtomicBool::new(false));
    new::listen_to_the_end(&interrupted)?;
    let stopped = || interrupted.load(Ordering::SeqCst);
    adopt::write::write(root, &changes, &stopped).map_err(|reason| {
        let exit = if stopped() { Exit::Interrupted } else { Exit::Usage };
        Failure { exit, ..Failure::usage(reason) }.help("nothing was written; what was begun was taken back")
    })?;
    let files: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    writeln!(output.out, "wrote {}", counted(files.len(), "file"))?;
    if !output.quiet {
        let _ = writeln!(output.err, "commit them: git add {}", files.join(" "));
        let _ = writeln!(output.err, "`mcpsec doctor` from now on: {ending}");
    }
    Ok(Exit::Clean)
}

/// Adds the baseline of what is found with the rest in place, and tells how the doctor will end.
fn accept(
    project: Project,
    mut plan: Plan,
    options: &Options,
    name: &str,
    written: Option<Baseline>,
    wanted: bool,
) -> (Plan, String) {
    let project = project.with_texts(&plan.texts());
    let mut accepted = written;
    if accepted.is_some() {
        plan.present.push(name.to_owned());
        plan.merge(&project, name);
    } else if wanted {
        let found = doctor::acceptable(&project, options);
        if !found.is_empty() {
            let text = baseline::render(found.iter().map(|(identity, _)| identity));
            // It was rendered by what reads it.
            accepted = Baseline::parse(name, &text).ok();
            plan.accept(&project, name, text, &counted(found.len(), "finding"));
        }
    }
    let options = Options { baseline: accepted, ..options.clone() };
    let outcome = doctor::run(&project, &options);
    (plan, explanation(&outcome, &options))
}

/// What was found, in a line.
fn about(project: &Project) -> String {
    let facts = &project.facts;
    let mut languages: Vec<&str> = facts.servers.iter().map(|server| server.language.name()).collect();
    languages.sort_unstable();
    languages.dedup();
    let mut transports = Vec::new();
    if !facts.stdio.is_empty() {
        transports.push("stdio");
    }
    if !facts.endpoints.is_empty() {
        transports.push("a network");
    }
    let place = if languages.is_empty() { String::new() } else { format!(" in {}", languages.join(" and ")) };
    let way = if transports.is_empty() { String::new() } else { format!(", over {}", transports.join(" and ")) };
    format!("{}{place}{way}", counted(facts.servers.len(), "server"))
}

fn show(about: &str, plan: &Plan, output: &mut Output) -> Result<(), Failure> {
    let out = &mut output.out;
    writeln!(out, "{about}\n")?;
    for step in &plan.steps {
        let mark = if step.change.before.is_some() { "extend" } else { "write" };
        writeln!(out, "{mark:<8}{:<32}{}", step.change.path, step.purpose)?;
    }
    for present in &plan.present {
        writeln!(out, "{:<8}{present}", "there")?;
    }
    for hand in &plan.by_hand {
        writeln!(out, "\nby hand: {}\n", hand.why)?;
        for line in hand.text.lines() {
            writeln!(out, "{}", format!("    {line}").trim_end())?;
        }
    }
    write!(out, "\n{}", diff::unified(&plan.changes()))?;
    if !plan.steps.is_empty() {
        writeln!(out)?;
    }
    Ok(out.flush()?)
}

/// Whether to write: somebody said so beforehand, or says so now.
fn agreed(arguments: &Arguments, output: &mut Output) -> Result<bool, Failure> {
    if arguments.yes {
        return Ok(true);
    }
    if !arguments.dry_run && io::stdin().is_terminal() && io::stderr().is_terminal() {
        let asked = Confirm::new().with_prompt("Write this?").default(false).interact_on(&Term::stderr());
        let agreed = asked.map_err(|dialoguer::Error::IO(error)| {
            // The prompt hides the cursor, and an error leaves it so.
            let _ = Term::stderr().show_cursor();
            match error.kind() {
                io::ErrorKind::Interrupted => Failure {
                    exit: Exit::Interrupted,
                    message: "interrupted; nothing was written".to_owned(),
                    help: Vec::new(),
                },
                _ => Failure::usage(format!("cannot ask: {error}")).help("`mcpsec init --yes` does not ask"),
            }
        })?;
        if agreed {
            return Ok(true);
        }
    }
    if !output.quiet {
        let _ = writeln!(output.err, "nothing was written; `mcpsec init --yes` writes it");
    }
    Ok(false)
}

fn nothing(root: &Path) -> Failure {
    let message = format!("no MCP server, client or SDK was found in `{}`", root.display());
    Failure { exit: Exit::Nothing, message, help: Vec::new() }
        .help("name the folder of a server: `mcpsec init packages/my-server`")
        .help("`mcpsec new` writes a new one")
}
