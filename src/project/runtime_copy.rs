//! The copy of the runtime in `vendor/`. Vendored code is not judged, so this one is trusted only where it is, byte for
//! byte, what this command writes.

use std::{fs, io, path::Path};

use super::{File, git};
use crate::embedded::{self, RUNTIME, RUNTIME_DIGEST};

/// What a copy of the runtime is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RuntimeCopy {
    /// What this command writes, or what another version of it has written.
    Original,
    /// Something else.
    Changed,
}

const FOLDERS: [&str; 3] = ["mcpsec-policy", "mcpsec-runtime", "mcpsec-screen"];

/// A copy with more files or bytes than this is not one of ours.
const MAX_FILES: usize = 2_000;
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The copy below the folder `root`; nothing where there is none, or where this command was built without the sources.
pub(super) fn read(root: &Path) -> Option<RuntimeCopy> {
    let vendor = root.join("vendor");
    if RUNTIME.is_empty() || !is(&vendor.join(FOLDERS[1]).join("Cargo.toml"), fs::FileType::is_file) {
        return None;
    }
    let mut files = Vec::new();
    let mut size = 0;
    for folder in FOLDERS {
        if below(&vendor.join(folder), folder, &mut files, &mut size).is_err() {
            return Some(RuntimeCopy::Changed);
        }
    }
    let origin = git::read_text(&root.join(".mcpsec/project.toml")).unwrap_or_default();
    Some(judge(files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect(), &origin))
}

/// Whether a file, by its path, belongs to a copy.
pub(super) fn is_part(path: &str) -> bool {
    path.strip_prefix("vendor/").is_some_and(is_ours)
}

/// The copy among files with bytes: those of which [`is_part`] is true.
pub(super) fn of(files: &[(String, Vec<u8>)], origin: &str) -> Option<RuntimeCopy> {
    let copy = files.iter().filter_map(|(path, bytes)| Some((path.strip_prefix("vendor/")?, bytes.as_slice())));
    let copy: Vec<_> = copy.collect();
    let present = !RUNTIME.is_empty() && copy.iter().any(|(path, _)| *path == "mcpsec-runtime/Cargo.toml");
    present.then(|| judge(copy, origin))
}

fn is_ours(path: &str) -> bool {
    FOLDERS.iter().any(|folder| path.split('/').next() == Some(folder))
}

/// The copy among texts in memory.
pub(super) fn among(files: &[File]) -> Option<RuntimeCopy> {
    let copy: Vec<_> = files.iter().filter_map(|file| Some((file.path.strip_prefix("vendor/")?, file))).collect();
    if RUNTIME.is_empty() || !copy.iter().any(|(path, _)| *path == "mcpsec-runtime/Cargo.toml") {
        return None;
    }
    let copy = copy.into_iter().filter(|(path, _)| is_ours(path)).map(|(path, file)| (path, file.text.as_bytes()));
    let origin = files.iter().find(|file| file.path == ".mcpsec/project.toml").map_or("", |file| &file.text);
    Some(judge(copy.collect(), origin))
}

fn judge(mut files: Vec<(&str, &[u8])>, origin: &str) -> RuntimeCopy {
    files.sort_unstable();
    let digest = embedded::digest(files);
    // What the project says of itself counts only for versions that this command cannot know.
    let origin: toml::Table = origin.parse().unwrap_or_default();
    let says = |key: &str| origin.get(key).and_then(toml::Value::as_str);
    let of_another_version = says("mcpsec").is_some_and(|version| version != env!("CARGO_PKG_VERSION"));
    let as_recorded = of_another_version && says("vendor_sha256") == Some(&digest);
    if digest == RUNTIME_DIGEST || as_recorded { RuntimeCopy::Original } else { RuntimeCopy::Changed }
}

/// Adds every file below `folder`. A link is not followed: our copy has none.
fn below(folder: &Path, name: &str, files: &mut Vec<(String, Vec<u8>)>, size: &mut u64) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.file_name();
        let path = format!("{name}/{}", file.to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_dir() && path.len() < 1_000 {
            below(&entry.path(), &path, files, size)?;
            continue;
        }
        *size += entry.metadata()?.len();
        if !kind.is_file() || *size > MAX_BYTES || files.len() >= MAX_FILES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        files.push((path, fs::read(entry.path())?));
    }
    Ok(())
}

fn is(path: &Path, kind: fn(&fs::FileType) -> bool) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| kind(&metadata.file_type()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path) {
        for file in RUNTIME {
            let path = root.join("vendor").join(file.path);
            fs::create_dir_all(path.parent().expect("it is below")).expect("made");
            fs::write(path, file.bytes).expect("written");
        }
    }

    #[test]
    fn one_changed_byte_one_missing_and_one_added_file_are_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(read(folder.path()), None);
        write(folder.path());
        assert_eq!(read(folder.path()), Some(RuntimeCopy::Original));
        let guard = folder.path().join("vendor/mcpsec-runtime/src/lib.rs");
        let text = fs::read_to_string(&guard).expect("it is text");
        fs::write(&guard, format!("{text}\n")).expect("written");
        assert_eq!(read(folder.path()), Some(RuntimeCopy::Changed));
        fs::remove_file(&guard).expect("removed");
        assert_eq!(read(folder.path()), Some(RuntimeCopy::Changed));
        write(folder.path());
        fs::write(folder.path().join("vendor/mcpsec-screen/build.rs"), "fn main() {}").expect("written");
        assert_eq!(read(folder.path()), Some(RuntimeCopy::Changed));
    }

    #[test]
    fn a_record_counts_only_for_a_version_that_this_command_cannot_know() {
        let file = [("mcpsec-runtime/Cargo.toml", &b"x"[..])];
        let digest = embedded::digest(file);
        let record = |version: &str| format!("mcpsec = \"{version}\"\nvendor_sha256 = \"{digest}\"\n");
        assert_eq!(judge(file.to_vec(), &record("0.0.9")), RuntimeCopy::Original);
        assert_eq!(judge(file.to_vec(), &record(env!("CARGO_PKG_VERSION"))), RuntimeCopy::Changed);
        assert_eq!(judge(file.to_vec(), ""), RuntimeCopy::Changed);
    }
}
