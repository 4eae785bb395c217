//! The branch that a repository's changes end in, as its references say.

use std::path::Path;

use super::git::{Repository, discover, read_text};

/// The default branch of the repository that `root` lies in: the one that the remote names, else the one that is checked
/// out where there is neither `main` nor `master`. Nothing where nobody says so, or its name is no plain one.
pub fn of(root: &Path) -> Option<String> {
    let repository = discover(&root.canonicalize().ok()?)?;
    let remote = read_text(&repository.common().join("refs/remotes/origin/HEAD")).ok();
    let remote = remote.and_then(|text| named(&text, "refs/remotes/origin/"));
    let checked_out = || {
        let text = read_text(&repository.folder().join("HEAD")).ok()?;
        named(&text, "refs/heads/").filter(|_| !["main", "master"].iter().any(|usual| has(&repository, usual)))
    };
    remote.or_else(checked_out).filter(|name| is_plain(name))
}

/// The name in a symbolic reference.
fn named(text: &str, below: &str) -> Option<String> {
    Some(text.strip_prefix("ref:")?.trim().strip_prefix(below)?.to_owned())
}

/// Whether a branch is there, alone or among the packed ones.
fn has(repository: &Repository, branch: &str) -> bool {
    let packed = read_text(&repository.common().join("packed-refs")).unwrap_or_default();
    let among = packed.lines().any(|line| line.split(' ').nth(1) == Some(&format!("refs/heads/{branch}")));
    among || repository.common().join("refs/heads").join(branch).is_file()
}

/// Whether a name can stand in YAML and in a pattern as it is.
fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._/-".contains(c))
        // YAML takes these for something else.
        && !["on", "off", "yes", "no", "true", "false", "null", "y", "n"].contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: Option<&str>) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for (path, text) in files {
            let path = folder.path().join(".git").join(path);
            fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }
        assert_eq!(of(folder.path()).as_deref(), expected, "{files:?}");
    }

    #[test]
    fn the_remote_says_it_and_else_the_only_branch() {
        check(&[], None);
        check(&[("HEAD", "ref: refs/heads/trunk\n")], Some("trunk"));
        check(&[("HEAD", "ref: refs/heads/fix\n"), ("refs/heads/main", "0\n")], None);
        check(&[("HEAD", "ref: refs/heads/fix\n"), ("packed-refs", "# pack\n0 refs/heads/master\n")], None);
        let remote = ("refs/remotes/origin/HEAD", "ref: refs/remotes/origin/release/2.x\n");
        check(&[("HEAD", "ref: refs/heads/fix\n"), ("refs/heads/main", "0\n"), remote], Some("release/2.x"));
        check(&[("HEAD", "0123456789\n")], None);
        for strange in ["a]\n  x: y", "**", "on", "!main", "a b", "\u{e9}"] {
            check(&[("HEAD", &format!("ref: refs/heads/{strange}\n"))], None);
        }
    }
}
