//! How much there is to read in a folder, roughly and before it is read: whoever checks many projects keeps the heavy ones
//! apart.

use std::{fs, path::Path};

use super::role;

/// More of one file is read of few.
const MOST: u64 = 1024 * 1024;

/// Whether a folder has more than `limit` bytes to read. Links are not followed, and what cannot be opened weighs nothing.
pub fn is_heavier(folder: &Path, limit: u64) -> bool {
    left(folder, limit).is_none()
}

/// What is left of `limit` when the folder is taken off; nothing where it is more.
fn left(folder: &Path, limit: u64) -> Option<u64> {
    let Ok(entries) = fs::read_dir(folder) else { return Some(limit) };
    let mut rest = limit;
    for entry in entries.flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_file() && metadata.len() <= MOST {
            rest = rest.checked_sub(metadata.len())?;
        } else if metadata.is_dir()
            && !entry.file_name().to_str().is_some_and(|name| name == ".git" || role::is_pruned(name))
        {
            rest = left(&entry.path(), rest)?;
        }
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_weighs_what_is_read_of_it() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let write = |path: &str, bytes: usize| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
            fs::write(path, vec![b'x'; bytes]).expect("a file can be written");
        };
        write("a.ts", 100);
        write("src/deep/b.ts", 100);
        write("node_modules/left/c.ts", 5000);
        write("model.bin", 2 << 20);
        assert!(!is_heavier(folder.path(), 200) && is_heavier(folder.path(), 199));
        assert!(!is_heavier(&folder.path().join("missing"), 0));
    }
}
