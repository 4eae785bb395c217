//! `mcpsec audit export`

use std::io::Write as _;

use clap::ValueEnum;

use super::{Exit, Failure, Output, Source, each, selection};
use crate::audit::{cef, ocsf};

const EXAMPLES: &str = "\
Examples:
  mcpsec audit export --format ocsf --since 1d > events.jsonl
  mcpsec audit export --format cef /var/log/mcp/audit.jsonl | logger -n siem.example.org

OCSF 1.3: one API Activity event (class 6003) a line. CEF: version 0, one line each. Lines about the log itself
(checkpoints, files) are left out. Exit codes: 0 all of the log was read, 2 usage, 3 a part of it could not be read.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    selection: selection::Selection,
    /// The form that the SIEM reads
    #[arg(long, value_enum)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Ocsf,
    Cef,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let filter = arguments.selection.filter()?;
    let (_, log) = arguments.source.find()?;
    each(&log, &arguments.source.identities, output, |entry, _, output| {
        if filter.accepts(entry) {
            match arguments.format {
                Format::Ocsf => writeln!(output.out, "{}", ocsf::event(entry))?,
                Format::Cef => writeln!(output.out, "{}", cef::line(entry))?,
            }
        }
        Ok(())
    })
}
