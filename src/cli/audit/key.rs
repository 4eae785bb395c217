//! `mcpsec audit key new`

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::Subcommand;
use mcpsec_policy::audit_log::{segments::with_suffix, signing::KeyPair};

use super::{Exit, Failure, Output};

const EXAMPLES: &str = "\
Examples:
  mcpsec audit key new                           writes audit.key (0600) and audit.key.pub
  mcpsec audit key new --file /etc/mcp/audit.key

Then write `signing_key = \"audit.key\"` below `[audit]`, and keep a copy of the public key where the server's user cannot
write: whoever verifies with a key from beside the log trusts whoever could exchange both.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a pair of Ed25519 keys
    New(New),
}

#[derive(Debug, clap::Args)]
struct New {
    /// The private key; the public one gets `.pub` behind its name
    #[arg(long, default_value = "audit.key", value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let Action::New(new) = &arguments.action;
    let public = with_suffix(&new.file, ".pub");
    for path in [&new.file, &public] {
        if path.symlink_metadata().is_ok() {
            return Err(Failure::usage(format!("`{}` is there already, and is left as it is", path.display()))
                .help("name another file with `--file FILE`; checkpoints of an old key need its public key for ever"));
        }
    }
    let pair = KeyPair::generate().map_err(|error| Failure::usage(format!("no random numbers: {error}")))?;
    write(&new.file, &pair.private_pem, 0o600)?;
    write(&public, &pair.public_pem, 0o644)?;
    writeln!(output.out, "{}", pair.id)?;
    if !output.quiet {
        let (private, public) = (new.file.display(), public.display());
        writeln!(output.err, "{private} signs, {public} verifies; the log names the key {}", pair.id)?;
    }
    Ok(Exit::Clean)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let written =
        options.open(path).and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|error: io::Error| Failure::usage(format!("cannot write `{}`: {error}", path.display())))
}
