//! The command line: one file per subcommand. The only module that knows clap, dialoguer and colours.

use std::{
    ffi::OsString,
    fs,
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anstream::{AutoStream, ColorChoice};
use clap::{Parser, Subcommand, ValueEnum, error::ErrorKind};

use crate::fix;

mod audit;
mod baseline;
mod clients;
mod completions;
mod doctor;
mod exit;
mod explain;
mod init;
mod key;
mod lock;
mod new;
mod policy;
mod rules;

pub use exit::Exit;

/// Scaffold, check and harden MCP servers under one policy file, mcpsec.toml.
#[derive(Debug, Parser)]
#[command(name = "mcpsec", version, max_term_width = 100, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    global: Global,
}

const EXAMPLES: &str = "\
Examples:
  mcpsec new my-server              write a hardened server project
  mcpsec doctor --project .         check the repository in this folder
  mcpsec explain shell-injection    what a rule means and how to mend what it finds
  mcpsec policy check               is mcpsec.toml right?

Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 incomplete, 4 internal error,
5 nothing to check, 130 interrupted.";

/// What every subcommand understands.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// Say only what was asked for
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Run as if started in DIR
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    directory: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a hardened MCP server project
    New(Box<new::Arguments>),
    /// Set up checks in a repository that is there already
    Init(init::Arguments),
    /// Check a repository
    Doctor(Box<doctor::Arguments>),
    /// Tell what a rule means and how to mend what it finds
    Explain(explain::Arguments),
    /// List the doctor's rules
    Rules(rules::Arguments),
    /// Check, show or describe a policy file
    Policy(policy::Arguments),
    /// Accept what is found now, so that the doctor reports what is new
    Baseline(baseline::Arguments),
    /// Check the configurations of the MCP clients on this computer
    Clients(Box<clients::Arguments>),
    /// Write down what models read of a server, so that changes are seen
    Lock(lock::Arguments),
    /// Make, list, rotate and revoke API keys
    Key(key::Arguments),
    /// Check, follow, search and export audit logs
    Audit(Box<audit::Arguments>),
    /// Print a completion script for a shell
    Completions(completions::Arguments),
}

/// Where a subcommand writes: results to `out`, everything else to `err`.
pub(crate) struct Output {
    /// Standard output: the result.
    pub(crate) out: Box<dyn Write>,
    /// Standard error: what a person should know besides.
    pub(crate) err: Box<dyn Write>,
    /// Whether `out` shows colours.
    pub(crate) out_colors: bool,
    /// Whether chatter on `err` is unwanted.
    pub(crate) quiet: bool,
}

impl Output {
    fn new(global: &Global) -> Self {
        let choice = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let decided = match choice {
            ColorChoice::Auto => AutoStream::choice(&io::stdout()),
            other => other,
        };
        Self {
            out: Box::new(AutoStream::new(io::stdout(), choice)),
            err: Box::new(AutoStream::new(io::stderr(), choice)),
            out_colors: !matches!(decided, ColorChoice::Never),
            quiet: global.quiet,
        }
    }
}

/// How a subcommand ends when it cannot do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// Lowercase, names the thing in backticks, no final period.
    pub(crate) message: String,
    /// What to do about it, a line each.
    pub(crate) help: Vec<String>,
}

impl Failure {
    /// A mistake in the arguments or the configuration.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), help: Vec::new() }
    }

    /// A bug of ours.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { exit: Exit::Internal, message: message.into(), help: Vec::new() }
    }

    /// Adds a line of help.
    #[must_use]
    pub(crate) fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let exit = if error.kind() == io::ErrorKind::BrokenPipe { Exit::Clean } else { Exit::Internal };
        Self { exit, message: format!("cannot write the output: {error}"), help: Vec::new() }
    }
}

/// Writes a file of ours, all of it or nothing, and over nothing but a file.
pub(crate) fn write_own(path: &Path, text: &str) -> Result<(), Failure> {
    if fs::symlink_metadata(path).is_ok_and(|known| !known.is_file()) {
        return Err(Failure::usage(format!("`{}` is not a regular file, and is left as it is", path.display())));
    }
    fix::write::put(path, text.as_bytes())
        .map_err(|error| Failure::usage(format!("cannot write `{}`: {error}", path.display())))
}

/// Runs the command with the arguments of a process.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            let exit = match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Clean,
                _ => Exit::Usage,
            };
            // A closed pipe is no failure: the reader has seen enough.
            let _ = error.print();
            return exit.into();
        }
    };
    let mut output = Output::new(&parsed.global);
    let work = || enter(parsed.global.directory.as_deref()).and_then(|()| run(parsed.command, &mut output));
    let result = panic::catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Failure::internal("mcpsec stopped; this is a bug of mcpsec")));
    finish(result, &mut output).into()
}

fn enter(directory: Option<&Path>) -> Result<(), Failure> {
    let Some(directory) = directory else { return Ok(()) };
    std::env::set_current_dir(directory)
        .map_err(|error| Failure::usage(format!("cannot enter `{}`: {error}", directory.display())))
}

fn run(command: Command, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::New(arguments) => new::run(&arguments, output),
        Command::Init(arguments) => init::run(&arguments, output),
        Command::Doctor(arguments) => doctor::run(&arguments, output),
        Command::Explain(arguments) => explain::run(&arguments, output),
        Command::Rules(arguments) => rules::run(&arguments, output),
        Command::Policy(arguments) => policy::run(&arguments, output),
        Command::Baseline(arguments) => baseline::run(&arguments, output),
        Command::Clients(arguments) => clients::run(&arguments, output),
        Command::Lock(arguments) => lock::run(&arguments, output),
        Command::Key(arguments) => key::run(&arguments, output),
        Command::Audit(arguments) => audit::run(&arguments, output),
        Command::Completions(arguments) => completions::run(&arguments, output),
    }
}

fn finish(result: Result<Exit, Failure>, output: &mut Output) -> Exit {
    let failure = match result {
        Ok(exit) => match output.out.flush() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Failure::from(error),
            _ => return exit,
        },
        Err(failure) => failure,
    };
    if failure.exit != Exit::Clean {
        let _ = writeln!(output.err, "error: {}", failure.message);
        for line in &failure.help {
            let _ = writeln!(output.err, "  = help: {line}");
        }
    }
    failure.exit
}
