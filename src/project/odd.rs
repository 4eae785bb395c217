//! Rule files of git that the walker must not read: to open a named pipe waits for its writer, a device never ends, and a
//! pattern can be nested until a stack overflows.
//!
//! The walker reads whatever has the name of an ignore file. So each folder is looked at before it is entered, and one
//! with such a file is left out, and said to be.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{git, ignored::MAX_PATTERN_BYTES};

/// A file of this folder that the walker would read and must not: no regular file, a link out of `top`, or no rules that
/// anybody would write.
pub(super) fn rule_file(folder: &Path, top: &Path) -> Option<PathBuf> {
    let ignore = folder.join(".gitignore");
    if is_odd(&ignore) || leads_out(&ignore, top) {
        return Some(ignore);
    }
    let dot = folder.join(".git");
    let kind = fs::symlink_metadata(&dot).ok()?.file_type();
    let mut opened = vec![dot.join("info/exclude")];
    if !kind.is_dir() {
        let text = git::read_text(&dot).unwrap_or_default();
        let elsewhere = folder.join(text.strip_prefix("gitdir:").unwrap_or_default().trim());
        let common = git::read_text(&elsewhere.join("commondir")).unwrap_or_default();
        opened = vec![dot, elsewhere.join("commondir"), elsewhere.join(common.trim()).join("info/exclude")];
    }
    opened.into_iter().find(|path| is_odd(path))
}

/// Something is there, wherever links lead, and it is neither a folder nor a file with rules.
fn is_odd(path: &Path) -> bool {
    let Ok(metadata) = fs::metadata(path) else { return false };
    if !metadata.is_file() {
        return !metadata.is_dir();
    }
    let too_long = |text: String| text.lines().any(|line| line.len() > MAX_PATTERN_BYTES);
    metadata.len() > git::MAX_TEXT_BYTES || git::read_text(path).is_ok_and(too_long)
}

fn leads_out(path: &Path, top: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_symlink())
        && path.canonicalize().is_ok_and(|target| !target.starts_with(top))
}
