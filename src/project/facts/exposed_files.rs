//! Files that every user of the machine can plant, change or read.

use std::sync::LazyLock;

use regex::Regex;

use super::{Facts, flow};
use crate::{
    finding::Place,
    project::{
        Language, Role,
        program::{Program, Site},
        syntax::{Expression, Kind},
    },
};

/// A file, or a folder, that is open to other users of the machine.
#[derive(Clone, Debug)]
pub struct ExposedFile {
    /// The call.
    pub place: Place,
    /// The path, or the mode, as far as it is written down.
    pub written: String,
    /// How.
    pub exposure: FileExposure,
}

/// What others can do with a file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum FileExposure {
    /// Put a link or a file of their own under its name before it is written.
    Planted,
    /// Change it.
    Changed,
    /// Read the credential in it.
    Read,
}

/// The shared folders of a Unix machine.
const SHARED: &[&str] = &["/tmp/", "/var/tmp/"];

/// Calls that write without making what was not there, and devices.
const KEEPS: &[&str] = &["unlink", "unlinkSync", "remove", "rm", "rmSync", "rmdir", "rmtree", "chmod", "chmodSync"];

/// What a call says that refuses what is there already.
const EXCLUSIVE: &[&str] = &["wx", "'x'", "\"x\"", "'xb'", "\"xb\"", "O_EXCL", "create_new", "ax"];

/// The name of a file that holds a credential.
static CREDENTIAL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[/_.-])(?:(?:oauth|access|refresh|auth)[_-]?tokens?|token|credentials|oauth[_-]?creds)\.(?:json|pickle|pkl|txt)$")
        .expect("a constant pattern")
});

/// Words of a function that writes such a credential.
const SECRETS: &[&str] =
    &["refresh_token", "refreshtoken", "access_token", "accesstoken", "oauth", "creds", "credentials"];

/// Words of files that keep what they write to themselves.
const KEPT: &[&str] = &["0o600", "0600", "384", "0o700", "chmod", "umask", "S_IRUSR", "from_mode", ".mode("];

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate() {
        let shared = SHARED.iter().any(|folder| unit.text.contains(folder));
        let modes = unit.text.contains("chmod") || unit.text.contains("Chmod") || unit.text.contains("from_mode");
        let kept = KEPT.iter().any(|word| unit.text.contains(word));
        let credentials = !kept && (unit.text.contains("token") || unit.text.contains("credentials"));
        if unit.role != Role::Product || !(shared || modes || credentials) {
            continue;
        }
        for site in program.calls_in(file).filter(|site| !program.function_at(site.at).is_test) {
            let found = exposed(program, site, credentials);
            facts.exposed_files.extend(found.map(|(exposure, written)| ExposedFile {
                place: program.place(file, site.span),
                written,
                exposure,
            }));
        }
    }
}

fn exposed<'a>(program: &Program<'a>, site: Site<'a>, credentials: bool) -> Option<(FileExposure, String)> {
    if let Some(mode) = open_mode(program, site) {
        return Some((FileExposure::Changed, mode));
    }
    let path = paths(program, site).into_iter().find_map(|path| program.text(site.at, path))?;
    if let Some(name) = SHARED.iter().find_map(|folder| path.strip_prefix(folder)) {
        let source = program.source(site.at.file, site.span);
        let refuses = EXCLUSIVE.iter().any(|word| source.contains(word));
        return (!name.is_empty() && !refuses).then_some((FileExposure::Planted, path));
    }
    let function = program.source(site.at.file, program.function_at(site.at).span).to_lowercase();
    let secret = credentials && CREDENTIAL.is_match(&path) && SECRETS.iter().any(|word| function.contains(word));
    secret.then_some((FileExposure::Read, path))
}

/// The paths that a call makes or fills.
fn paths<'a>(program: &Program<'a>, site: Site<'a>) -> Vec<&'a Expression> {
    let call = site.call;
    if KEEPS.contains(&call.written()) {
        return Vec::new();
    }
    if matches!(call.written(), "basicConfig" | "FileHandler" | "RotatingFileHandler" | "TimedRotatingFileHandler") {
        let logs = program.symbol(site.at, &call.function).is_some_and(|symbol| symbol.starts_with("logging"));
        let first = call.positional(0).filter(|_| call.written() != "basicConfig");
        return call.keyword("filename").or(first).filter(|_| logs).into_iter().collect();
    }
    let opens = call.written() == "OpenFile" && program.source(site.at.file, site.span).contains("O_CREATE");
    let opened = call.positional(0).filter(|_| opens && program.unit(site.at).language == Language::Go);
    flow::written(program, site.at, call).into_iter().chain(opened).collect()
}

/// `chmod(path, 0o777)`: everybody may write; a sticky folder is left out.
fn open_mode<'a>(program: &Program<'a>, site: Site<'a>) -> Option<String> {
    let call = site.call;
    let position = match call.written() {
        "chmod" | "chmodSync" | "Chmod" => usize::from(call.arguments.len() > 1),
        "from_mode" => 0,
        _ => return None,
    };
    let mode = call.keyword("mode").or_else(|| call.positional(position))?;
    let (_, value) = program.value(site.at, mode);
    let digits = match &value.kind {
        Kind::Number(digits) => digits.as_str(),
        // `fs.chmodSync(path, "777")`
        Kind::Text(digits) => digits.as_str(),
        _ => return None,
    };
    let octal = digits.strip_prefix("0o").or_else(|| digits.strip_prefix('0'));
    let octal = octal.or_else(|| matches!(value.kind, Kind::Text(_)).then_some(digits))?;
    let bits = u32::from_str_radix(&octal.replace('_', ""), 8).ok()?;
    (bits & 0o002 != 0 && bits & 0o1000 == 0).then(|| digits.to_owned())
}
