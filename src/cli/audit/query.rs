//! `mcpsec audit query`

use std::io::Write as _;

use clap::ValueEnum;

use super::{Exit, Failure, Output, Source, each, selection};

const EXAMPLES: &str = "\
Examples:
  mcpsec audit query --client key:ab12cd34 --since 7d      what this key did
  mcpsec audit query --verdict refused --verdict failed    what went wrong
  mcpsec audit query --method tools/call --target \"delete_*\" --format json
  mcpsec audit query --request-id 5f0c2a...                what an error message's id was about

Exit codes: 0 all of the log was read, 2 usage, 3 a part of it could not be read.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    selection: selection::Selection,
    /// Also lines that are about the log itself
    #[arg(long)]
    all: bool,
    /// For people, or the log's own lines
    #[arg(long, value_enum, default_value_t = Style::Human)]
    format: Style,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Style {
    Human,
    Json,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let mut filter = arguments.selection.filter()?;
    filter.all = arguments.all;
    let (_, log) = arguments.source.find()?;
    let mut found = 0_u64;
    let exit = each(&log, &arguments.source.identities, output, |entry, line, output| {
        if !filter.accepts(entry) {
            return Ok(());
        }
        found += 1;
        match arguments.format {
            Style::Human => selection::show(&mut output.out, entry)?,
            Style::Json => {
                output.out.write_all(line)?;
                writeln!(output.out)?;
            }
        }
        Ok(())
    })?;
    if found == 0 && !output.quiet {
        writeln!(output.err, "no decision fits")?;
    }
    Ok(exit)
}
