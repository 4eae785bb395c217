//! `mcpsec audit verify`

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use clap::ValueEnum;
use mcpsec_policy::audit_log::{Hash, segments::with_suffix, signing::Verifier};
use serde_json::json;

use super::{Exit, Failure, Output, Source, open, unreadable};
use crate::audit::verify::{Expected, Report, Verification};

const EXAMPLES: &str = "\
Examples:
  mcpsec audit verify                                       the log that ./mcpsec.toml names
  mcpsec audit verify audit.jsonl --key audit.key.pub
  mcpsec audit verify audit.jsonl --head 5e3f...            and the end was not cut off since this was noted

Without a key, whoever can write the log could have written a new one. Without a hash that was kept elsewhere, the end
after the last checkpoint could have been cut off: `--format json` names the hash of the last line as `head`, and a
server logs it with each checkpoint.

Exit codes: 0 all is as it was written, 1 it is not, 2 usage, 3 a part could not be checked.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// A public key whose signatures count; may be given again. Without it, that of the policy's `audit.signing_key`
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// The hash of a line that has to be there
    #[arg(long, value_name = "HASH")]
    head: Option<Hash>,
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = Style::Human)]
    format: Style,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Style {
    Human,
    Json,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let (path, log) = arguments.source.find()?;
    let keys = keys(arguments)?;
    let mut verification = Verification::new(Expected { keys, head: arguments.head, part: log.part });
    let identities = arguments.source.identities.read()?;
    for segment in &log.files {
        match open(segment, &identities)? {
            Some(mut reader) => verification
                .file(&segment.name(), segment.number, &mut reader)
                .map_err(|error| unreadable(&segment.path, &error))?,
            None => verification.skip(&segment.name(), segment.number, "it is encrypted: give `--identity FILE`"),
        }
    }
    let report = verification.finish();
    match arguments.format {
        Style::Human => human(&report, &path.display().to_string(), output)?,
        Style::Json => {
            let mut value = json!({ "version": 1, "ok": exit(&report) == Exit::Clean });
            if let (Some(object), Ok(serde_json::Value::Object(fields))) =
                (value.as_object_mut(), serde_json::to_value(&report))
            {
                object.extend(fields);
            }
            writeln!(output.out, "{value:#}")?;
        }
    }
    Ok(exit(&report))
}

fn exit(report: &Report) -> Exit {
    match (report.findings.is_empty(), report.incomplete.is_empty(), report.lines) {
        (false, ..) => Exit::Findings,
        (true, false, _) => Exit::Incomplete,
        (true, true, 0) => Exit::Nothing,
        (true, true, _) => Exit::Clean,
    }
}

/// The keys that were given, or the public half of the one that the policy names.
fn keys(arguments: &Arguments) -> Result<Vec<Verifier>, Failure> {
    let mut paths = arguments.keys.clone();
    if paths.is_empty()
        && let Some(policy) = arguments.source.policy()?
        && let Some(private) = policy.audit.signing_key
    {
        paths.push(with_suffix(&private, ".pub"));
    }
    let open = |path: &PathBuf| {
        Verifier::open(path).map_err(|error| {
            Failure::usage(format!("the key file `{}` {error}", path.display()))
                .help("give the public key (`.pub`) that belongs to the policy's `audit.signing_key` with `--key FILE`")
        })
    };
    paths.iter().map(open).collect()
}

fn human(report: &Report, name: &str, output: &mut Output) -> io::Result<()> {
    for finding in &report.findings {
        let place = if finding.line == 0 { finding.file.clone() } else { format!("{}:{}", finding.file, finding.line) };
        writeln!(output.out, "{place}: {}", finding.message)?;
    }
    for text in &report.incomplete {
        writeln!(output.out, "not checked: {text}")?;
    }
    if output.quiet {
        return Ok(());
    }
    for text in &report.notes {
        writeln!(output.out, "note: {text}")?;
    }
    let count = report.findings.len() as u64 + report.more;
    let verdict = match count {
        0 => "as it was written".to_owned(),
        1 => "1 finding".to_owned(),
        count => format!("{count} findings"),
    };
    let signed = match report.checkpoints {
        0 => "no signature".to_owned(),
        1 => "1 good signature".to_owned(),
        count => format!("{count} good signatures"),
    };
    writeln!(output.out, "{name}: {verdict} ({} lines, {signed})", report.lines)?;
    if let Some(head) = &report.head {
        writeln!(output.out, "head: {head}")?;
    }
    Ok(())
}
