//! `mcpsec audit verify | tail | query | export | key`

mod export;
mod key;
mod query;
mod selection;
mod tail;
mod verify;

use std::{
    io::{self, BufRead},
    path::{Path, PathBuf},
};

use clap::Subcommand;
use mcpsec_policy::{Environment, Loaded, Policy, audit_log::age::Identity, model::AuditSink};

use super::{Exit, Failure, Output};
use crate::audit::{Entry, Log, entry::next_line, files::Segment};

const EXAMPLES: &str = "\
Examples:
  mcpsec audit verify                            is the log that ./mcpsec.toml names as it was written?
  mcpsec audit tail -f --verdict refused         what is refused, as it happens
  mcpsec audit query --client key:ab12cd34 --since 7d
  mcpsec audit export --format ocsf --since 1d > events.jsonl
  mcpsec audit key new                           a key that signs the log

Without a file, the policy in this folder says where the log is.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Find lines that were changed, removed, moved or added, and wrong signatures
    Verify(verify::Arguments),
    /// Print the last decisions, and with `-f` those that come
    Tail(tail::Arguments),
    /// Print the decisions that fit
    Query(query::Arguments),
    /// Write decisions for a SIEM
    Export(export::Arguments),
    /// Make the key that signs the log
    Key(key::Arguments),
}

/// Which log is read.
#[derive(Debug, clap::Args)]
pub(super) struct Source {
    /// The audit log, or one of its full files; without it, the one that the policy names
    #[arg(value_name = "LOG")]
    log: Option<PathBuf>,
    /// The policy file that names the log
    #[arg(long, default_value = "mcpsec.toml", value_name = "FILE")]
    policy: PathBuf,
    #[command(flatten)]
    identities: Identities,
}

/// Who reads encrypted files.
#[derive(Debug, clap::Args)]
pub(super) struct Identities {
    /// A file of age identities (`age-keygen`) for encrypted files; may be given again
    #[arg(long = "identity", value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Identities {
    pub(super) fn read(&self) -> Result<Vec<Identity>, Failure> {
        let mut identities = Vec::new();
        for path in &self.files {
            identities.extend(Identity::read(path).map_err(|error| unreadable(path, &error))?);
        }
        Ok(identities)
    }
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    match &arguments.action {
        Action::Verify(verify) => verify::run(verify, output),
        Action::Tail(tail) => tail::run(tail, output),
        Action::Query(query) => query::run(query, output),
        Action::Export(export) => export::run(export, output),
        Action::Key(key) => key::run(key, output),
    }
}

impl Source {
    /// Where the log is.
    pub(super) fn path(&self) -> Result<PathBuf, Failure> {
        match &self.log {
            Some(path) => Ok(path.clone()),
            None => sink(&load(&self.policy)?, &self.policy),
        }
    }

    /// The log's files.
    fn find(&self) -> Result<(PathBuf, Log), Failure> {
        let path = self.path()?;
        let log = find(&path)?;
        Ok((path, log))
    }

    /// The policy, where it names the log.
    fn policy(&self) -> Result<Option<Policy>, Failure> {
        if self.log.is_some() { Ok(None) } else { load(&self.policy).map(Some) }
    }
}

/// The policy at `path`.
pub(super) fn load(path: &Path) -> Result<Policy, Failure> {
    let loaded = Loaded::read(path, &Environment::real()).map_err(|error| {
        Failure::usage(format!("the policy does not tell where the log is\n\n{error}\n"))
            .help("name the log, or the policy with `--policy FILE`")
    })?;
    Ok(loaded.policy)
}

/// The log that `policy` names.
pub(super) fn sink(policy: &Policy, file: &Path) -> Result<PathBuf, Failure> {
    match &policy.audit.sink {
        AuditSink::File(path) => Ok(path.clone()),
        AuditSink::Stderr => {
            let why = format!("`{}` writes the audit log to standard error: there is no file", file.display());
            Err(Failure::usage(why).help("write `[audit]` and `sink = \"file:audit.jsonl\"`, or name a file"))
        }
    }
}

/// The files of the log at `path`.
pub(super) fn find(path: &Path) -> Result<Log, Failure> {
    Log::find(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure::usage(format!("there is no audit log `{}`", path.display()))
            .help("a server writes it from its first call on, if its policy names it as `audit.sink`"),
        _ => unreadable(path, &error),
    })
}

/// Passes each record of `log` and its line to `take`. Says whether all could be read.
pub(super) fn each(
    log: &Log,
    identities: &Identities,
    output: &mut Output,
    mut take: impl FnMut(&Entry, &[u8], &mut Output) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let mut whole = true;
    let identities = identities.read()?;
    for segment in &log.files {
        match open(segment, &identities)? {
            Some(mut reader) => whole &= each_line(segment, &mut reader, output, &mut take)?,
            None => {
                whole = false;
                writeln!(
                    output.err,
                    "warning: `{}` is encrypted and was not read: give `--identity FILE`",
                    segment.name()
                )?;
            }
        }
    }
    Ok(if whole { Exit::Clean } else { Exit::Incomplete })
}

fn each_line(
    segment: &Segment,
    reader: &mut impl BufRead,
    output: &mut Output,
    take: &mut impl FnMut(&Entry, &[u8], &mut Output) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let (mut line, mut odd) = (Vec::new(), 0_u64);
    while next_line(reader, &mut line).map_err(|error| unreadable(&segment.path, &error))?.is_some() {
        match Entry::parse(&line) {
            Some(entry) => take(&entry, &line, output)?,
            None => odd += 1,
        }
    }
    if odd > 0 {
        let name = segment.name();
        writeln!(output.err, "warning: {odd} lines of `{name}` are no records; `mcpsec audit verify` says more")?;
    }
    Ok(odd == 0)
}

fn open(segment: &Segment, identities: &[Identity]) -> Result<Option<Box<dyn BufRead>>, Failure> {
    segment.open(identities).map_err(|error| unreadable(&segment.path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::usage(format!("cannot read `{}`: {error}", path.display()));
    match error.kind() {
        io::ErrorKind::PermissionDenied => failure.help("only the server's own user can read its audit log"),
        _ => failure,
    }
}
