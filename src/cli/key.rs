//! `mcpsec key new | list | rotate | revoke`

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    time::SystemTime,
};

use clap::{Subcommand, ValueEnum};
use mcpsec_policy::{
    Key, KeyStore,
    keys::{FileError, KeyRecord, Lock, NotRotated, time},
    units,
};
use serde_json::json;

use super::{Exit, Failure, Output};

const EXAMPLES: &str = "\
Examples:
  mcpsec key new --scope read                       make a key; it is shown once
  mcpsec key new --scope read --expires 90d --name dashboard
  mcpsec key new --quiet | wl-copy                  the key alone, to a clipboard
  mcpsec key list                                   who has a key, until when
  mcpsec key rotate ab12cd34 --until 7d             a new key of that name; the old one is good for a week more
  mcpsec key revoke ab12cd34                        refuse a key, all its versions, at once

The file keeps SHA-256 hashes: a lost key cannot be read back, only replaced.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key, show it once, and store its hash
    New(New),
    /// List the keys of a key file
    List(List),
    /// Make a new version of a key, with the same id and scopes; the old one ends at a stated time
    Rotate(Rotate),
    /// Take a key out of a key file
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
struct File {
    /// The key file, as `auth.api_keys` of the policy names it
    #[arg(long = "file", default_value = "keys.toml", value_name = "FILE")]
    path: PathBuf,
}

#[derive(Debug, clap::Args)]
struct New {
    #[command(flatten)]
    file: File,
    /// What the holder is granted, as access rules name it with `scope:NAME`; may be given again
    #[arg(long = "scope", value_name = "NAME")]
    scopes: Vec<String>,
    /// When the key ends: a date such as 2027-03-31 (to its end, UTC), a moment, or a time from now such as 90d
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// What people call it, such as the name of its holder
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    file: File,
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = Style::Human)]
    format: Style,
}

#[derive(Debug, clap::Args)]
struct Rotate {
    #[command(flatten)]
    file: File,
    /// The key's id: the eight characters after `mcps_`
    id: String,
    /// When the old key ends: a date, a moment, or a time from now
    #[arg(long, value_name = "WHEN", default_value = "24h")]
    until: String,
    /// When the new key ends. Default: it lives as long as the old one was to live
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Revoke {
    #[command(flatten)]
    file: File,
    /// The key's id: the eight characters after `mcps_`
    id: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Style {
    Human,
    Json,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    match &arguments.action {
        Action::New(new) => self::new(new, output),
        Action::List(list) => self::list(list, output),
        Action::Rotate(rotate) => self::rotate(rotate, output),
        Action::Revoke(revoke) => self::revoke(revoke, output),
    }
}

fn new(arguments: &New, output: &mut Output) -> Result<Exit, Failure> {
    let path = &arguments.file.path;
    let now = SystemTime::now();
    for scope in &arguments.scopes {
        mcpsec_policy::keys::check_scope(scope).map_err(|why| Failure::usage(format!("`--scope {scope}`: {why}")))?;
    }
    let expires = arguments.expires.as_deref().map(|text| moment("--expires", text, now)).transpose()?;
    let lock = lock(path)?;
    let mut store = if path.symlink_metadata().is_ok() { open(path)? } else { KeyStore::default() };
    let key = fresh(&store)?;
    let mut record = KeyRecord::of(&key);
    record.scopes = arguments.scopes.iter().cloned().collect();
    record.expires = expires;
    record.name = arguments.name.clone();
    record.created = Some(now);
    store.insert(record);
    write(&lock, path, &store)?;
    // The hash is safe on disk: from here on the key must reach its holder.
    writeln!(output.out, "{}", key.expose())?;
    if !output.quiet {
        tell(arguments, &key, expires, output)?;
    }
    Ok(Exit::Clean)
}

/// Says on standard error what a person should know; standard output has the key alone.
fn tell(arguments: &New, key: &Key, expires: Option<SystemTime>, output: &mut Output) -> Result<(), Failure> {
    let err = &mut output.err;
    writeln!(err, "\nThis key is shown once. `{}` keeps its hash.", arguments.file.path.display())?;
    let scopes = match arguments.scopes.is_empty() {
        true => "none: it matches rules with `*` or with its own id".to_owned(),
        false => arguments.scopes.join(", "),
    };
    writeln!(err, "  id      {}  (`key:{}` in access rules, logs and audit)", key.id(), key.id())?;
    writeln!(err, "  scopes  {scopes}")?;
    writeln!(err, "  ends    {}", expires.map_or_else(|| "never".to_owned(), time::show))?;
    writeln!(err, "Clients send it as `Authorization: Bearer KEY`. A running server knows it within seconds.")?;
    Ok(())
}

fn drawn<E: std::fmt::Display>(key: Result<Key, E>) -> Result<Key, Failure> {
    key.map_err(|error| Failure {
        exit: Exit::Internal,
        message: format!("the operating system gives no randomness: {error}"),
        help: Vec::new(),
    })
}

fn rotate(arguments: &Rotate, output: &mut Output) -> Result<Exit, Failure> {
    let path = &arguments.file.path;
    let now = SystemTime::now();
    let until = moment("--until", &arguments.until, now)?;
    let id = id(&arguments.id)?;
    let lock = lock(path)?;
    let mut store = open(path)?;
    let last = store.versions(id).last().ok_or_else(|| unknown(id, path))?;
    let expires = match (&arguments.expires, last.expires, last.created) {
        (Some(text), ..) => Some(moment("--expires", text, now)?),
        (None, None, _) => None,
        (None, Some(expires), Some(created)) => {
            expires.duration_since(created).ok().and_then(|life| now.checked_add(life))
        }
        (None, Some(_), None) => {
            return Err(Failure::usage("the old key ends, and nothing says for how long it was made")
                .help("say when the new one ends, with `--expires`"));
        }
    };
    let key = drawn(Key::generate_for(id))?;
    let version = match store.rotate(&key, now, until, expires) {
        Ok(version) => version,
        Err(NotRotated::Unknown) => return Err(unknown(id, path)),
        Err(_) => {
            return Err(Failure::usage(format!("two versions of `{id}` are good already"))
                .help("wait until the older one has ended: `mcpsec key list` says when"));
        }
    };
    write(&lock, path, &store)?;
    writeln!(output.out, "{}", key.expose())?;
    if !output.quiet {
        let err = &mut output.err;
        writeln!(
            err,
            "\nThis is version {version} of `{id}`, and it is shown once. Running servers know it within seconds."
        )?;
        writeln!(err, "  ends         {}", expires.map_or_else(|| "never".to_owned(), time::show))?;
        writeln!(err, "  before it    good until {}", time::show(until))?;
    }
    Ok(Exit::Clean)
}

fn unknown(id: &str, path: &Path) -> Failure {
    Failure::usage(format!("no key with the id `{id}` in `{}`", path.display()))
        .help(format!("`mcpsec key list --file {}` shows the ids", path.display()))
}

/// The id that an argument names; a whole key is refused, and not repeated.
fn id(argument: &str) -> Result<&str, Failure> {
    let id = argument.strip_prefix("key:").unwrap_or(argument);
    if Key::parse(id).is_ok() {
        return Err(Failure::usage("this is a key and not its id")
            .help("name it by the eight characters after `mcps_`; the key itself is now in your shell's history"));
    }
    Ok(id)
}

/// A key whose id is not in the store yet.
fn fresh(store: &KeyStore) -> Result<Key, Failure> {
    loop {
        let key = drawn(Key::generate())?;
        if store.records().all(|record| record.id != key.id()) {
            return Ok(key);
        }
    }
}

fn moment(option: &str, text: &str, now: SystemTime) -> Result<SystemTime, Failure> {
    let wrong = |why: &str| {
        Failure::usage(format!("`{option} {text}`: {why}")).help(
            "write a date such as 2027-03-31, a moment such as 2027-03-31T12:00:00Z, or a time from now such as 90d",
        )
    };
    let moment = match (time::parse(text), units::parse_duration(text)) {
        (Some(moment), _) => moment,
        (None, Ok(duration)) => now.checked_add(duration).ok_or_else(|| wrong("this is too far away"))?,
        (None, Err(_)) => return Err(wrong("not a date and not a duration")),
    };
    // Beyond the year 9999 a date cannot be written.
    let latest = time::parse("9999-12-30").ok_or_else(|| wrong("this is too far away"))?;
    match moment {
        _ if moment <= now => Err(wrong("this is in the past")),
        _ if moment > latest => Err(wrong("this is too far away")),
        _ => Ok(moment),
    }
}

fn list(arguments: &List, output: &mut Output) -> Result<Exit, Failure> {
    let store = open(&arguments.file.path)?;
    let now = SystemTime::now();
    match arguments.format {
        Style::Human => human(&store, now, output)?,
        Style::Json => {
            let keys: Vec<_> = store
                .records()
                .map(|record| {
                    json!({
                        "id": record.id,
                        "version": record.version,
                        "name": record.name,
                        "scopes": record.scopes,
                        "expires": record.expires.map(time::show),
                        "created": record.created.map(time::show),
                        "expired": record.expired(now),
                    })
                })
                .collect();
            writeln!(output.out, "{:#}", json!({ "version": 1, "keys": keys }))?;
        }
    }
    Ok(Exit::Clean)
}

fn human(store: &KeyStore, now: SystemTime, output: &mut Output) -> Result<(), Failure> {
    let width = store.records().map(|record| scopes(record).chars().count()).max().unwrap_or(0).max("SCOPES".len());
    writeln!(output.out, "{:<8}  {:<7}  {:<20}  {:<width$}  NAME", "ID", "VERSION", "ENDS", "SCOPES")?;
    for record in store.records() {
        let ends = match record.expires {
            None => "never".to_owned(),
            Some(_) if record.expired(now) => "expired".to_owned(),
            Some(expires) => time::show(expires),
        };
        let name = mcpsec_screen::hidden::neutralize(record.name.as_deref().unwrap_or("-"));
        writeln!(
            output.out,
            "{:<8}  {:<7}  {ends:<20}  {:<width$}  {name}",
            record.id,
            record.version,
            scopes(record)
        )?;
    }
    Ok(())
}

fn scopes(record: &KeyRecord) -> String {
    match record.scopes.is_empty() {
        true => "-".to_owned(),
        false => record.scopes.iter().cloned().collect::<Vec<_>>().join(","),
    }
}

fn revoke(arguments: &Revoke, output: &mut Output) -> Result<Exit, Failure> {
    let path = &arguments.file.path;
    let id = id(&arguments.id)?;
    let lock = lock(path)?;
    let mut store = open(path)?;
    if store.remove(id) == 0 {
        return Err(unknown(id, path));
    }
    write(&lock, path, &store)?;
    if !output.quiet {
        writeln!(output.out, "revoked `{id}`; a running server refuses it within seconds")?;
    }
    Ok(Exit::Clean)
}

fn open(path: &Path) -> Result<KeyStore, Failure> {
    KeyStore::open(path).map_err(|error| {
        Failure::usage(format!("`{}` cannot be used as a key file, and was left as it is\n\n{error}\n", path.display()))
    })
}

fn lock(path: &Path) -> Result<Lock, Failure> {
    Lock::new(path).map_err(|error| match error {
        FileError::Missing => Failure::usage(format!("the folder of `{}` does not exist", path.display())),
        error => Failure::usage(format!("`{}`: {error}", path.display())),
    })
}

fn write(lock: &Lock, path: &Path, store: &KeyStore) -> Result<(), Failure> {
    lock.write(&store.to_toml())
        .map_err(|error| Failure::usage(format!("`{}` was left as it is: {error}", path.display())))
}
