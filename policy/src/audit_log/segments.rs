//! The files of one log: `audit.jsonl`, to which lines are added, and beside it `audit.jsonl.000001` and so on, which are
//! full. A full one may be encrypted: `audit.jsonl.000001.age`.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

/// What an encrypted segment's name ends with.
const ENCRYPTED: &str = ".age";

/// A segment to which no lines are added any more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rotated {
    /// From 1.
    pub number: u64,
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is an age file.
    pub encrypted: bool,
}

/// Where segment `number` of the log at `path` is kept once it is full.
pub fn rotated_path(path: &Path, number: u64) -> PathBuf {
    with_suffix(path, &format!(".{number:06}"))
}

/// Where the encrypted form of the segment at `rotated` is kept.
pub fn encrypted_path(rotated: &Path) -> PathBuf {
    with_suffix(rotated, ENCRYPTED)
}

/// `path` with `suffix` after its last character.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// The full segments of the log at `path`, oldest first; where a segment is there in both forms, the plain one comes
/// first.
///
/// # Errors
///
/// When the folder cannot be listed.
pub fn rotated(path: &Path) -> io::Result<Vec<Rotated>> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let other = entry.file_name();
        if let Some((number, encrypted)) = other.to_str().and_then(|other| number_of(&name, other)) {
            found.push(Rotated { number, path: path.with_file_name(other), encrypted });
        }
    }
    found.sort_by_key(|segment| (segment.number, segment.encrypted));
    Ok(found)
}

/// The log to which a full segment belongs, if `path` has the name of one.
pub fn log_of(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let plain = name.strip_suffix(ENCRYPTED).unwrap_or(name);
    let (log, _) = plain.rsplit_once('.')?;
    number_of(log, name).map(|_| path.with_file_name(log))
}

fn number_of(log: &str, other: &str) -> Option<(u64, bool)> {
    let suffix = other.strip_prefix(log)?.strip_prefix('.')?;
    let (digits, encrypted) = suffix.strip_suffix(ENCRYPTED).map_or((suffix, false), |digits| (digits, true));
    let written = digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|number| written && *number > 0)?;
    Some((number, encrypted))
}

#[cfg(test)]
mod tests {
    use super::{encrypted_path, log_of, rotated, rotated_path};

    #[test]
    fn segments_are_found_in_order_and_nothing_else() {
        let folder = std::env::temp_dir().join(format!("mcpsec-segments-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let log = folder.join("audit.jsonl");
        let names = ["audit.jsonl", "audit.jsonl.000002", "audit.jsonl.000010.age", "audit.jsonl.000002.age"];
        for name in names.into_iter().chain(["audit.jsonl.1", "audit.jsonl.000000", "other.000001", "audit.jsonl.lock"])
        {
            std::fs::write(folder.join(name), "").expect("written");
        }
        let found: Vec<_> = rotated(&log).expect("listed").into_iter().map(|it| (it.number, it.encrypted)).collect();
        std::fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(found, [(2, false), (2, true), (10, true)]);
        assert_eq!(rotated_path(&log, 2), folder.join("audit.jsonl.000002"));
        assert_eq!(log_of(&encrypted_path(&rotated_path(&log, 2))), Some(log.clone()));
        assert_eq!(log_of(&log), None);
    }
}
