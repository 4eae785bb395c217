//! The configurations that a person's clients keep on this computer, as a project whose paths begin with `~/`. Nothing else
//! below the home folder is opened, and nothing outside of it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    File, Project, Reason, Role, Skipped,
    client::{
        self, Form,
        places::{Place, System},
    },
    read::{Disk, ReadError, canonical, read_file},
    walk::skip,
};

/// As many files are read in one folder, where any name counts.
const MAX_FILES: usize = 200;

/// A place that was looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Looked {
    /// The client's name.
    pub client: &'static str,
    /// The file, as `~/.cursor/mcp.json`.
    pub path: String,
    /// What is there.
    pub state: State,
}

/// What is at a place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// Nothing.
    Absent,
    /// A file that says nothing about servers.
    Silent,
    /// A configuration.
    Read,
    /// Something that could not be read; why is in [`Project::skipped`].
    Unread,
}

impl Project {
    /// Reads what the clients of the person with this home folder are told, where `system` has them keep it.
    ///
    /// # Errors
    /// Where there is no such folder. Everything else that cannot be read is listed in [`Project::skipped`].
    pub fn read_home(home: &Path, system: System) -> Result<(Self, Vec<Looked>), ReadError> {
        let root = canonical(home)?;
        let mut project = Self { root: home.to_owned(), ..Self::default() };
        let mut looked = Vec::new();
        for place in system.places() {
            let names = names(&root, &place);
            if names.is_empty() {
                looked.push(Looked { client: place.client, path: shown(&place.path), state: State::Absent });
            }
            for path in names {
                let state = project.look_at(&root, &path);
                looked.push(Looked { client: place.client, path: shown(&path), state });
            }
        }
        project.files.sort_by(|a, b| a.path.cmp(&b.path));
        project.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        Ok((project, looked))
    }

    /// Reads one file.
    fn look_at(&mut self, root: &Path, path: &str) -> State {
        let shown = shown(path);
        let real = match within(root, path) {
            Ok(Some(real)) => real,
            Ok(None) => return State::Absent,
            Err(skipped) => return self.unread(skipped),
        };
        let (file, skipped) = read_file(&Disk(root), &real, Some(false));
        let Some(file) = file else {
            let (reason, detail) = skipped.map_or((Reason::Unreadable, String::new()), |it| (it.reason, it.detail));
            return self.unread(skip(&shown, reason, detail, true));
        };
        let file = File { path: shown, role: Role::Product, language: None, ..file };
        let configs = client::read_as(&file, Form::of(path));
        if configs.is_empty() {
            return State::Silent;
        }
        let errors = configs.iter().filter_map(|config| config.error.as_ref());
        self.skipped.extend(errors.map(|error| skip(&file.path, Reason::Syntax, error.message.clone(), true)));
        self.clients.extend(configs);
        self.files.push(file);
        State::Read
    }

    fn unread(&mut self, skipped: Skipped) -> State {
        self.skipped.push(skipped);
        State::Unread
    }
}

fn shown(path: &str) -> String {
    format!("~/{path}")
}

/// The paths that a place stands for: itself, or those that are there where it names any.
fn names(root: &Path, place: &Place) -> Vec<String> {
    let Some((before, after)) = place.path.split_once('*') else { return vec![place.path.clone()] };
    let (folder, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let (suffix, below) = after.split_once('/').map_or((after, None), |(suffix, below)| (suffix, Some(below)));
    let Ok(Some(real)) = within(root, folder) else { return Vec::new() };
    let Ok(entries) = fs::read_dir(root.join(real)) else { return Vec::new() };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.starts_with(prefix) && name.ends_with(suffix)).collect();
    names.sort();
    names.truncate(MAX_FILES);
    let full =
        |name: String| below.map_or_else(|| format!("{folder}/{name}"), |rest| format!("{folder}/{name}/{rest}"));
    let there = |path: &String| fs::symlink_metadata(root.join(path)).is_ok();
    names.into_iter().map(full).filter(there).collect()
}

/// Where a path leads, below the home folder; nothing where nothing is there.
fn within(root: &Path, path: &str) -> Result<Option<String>, Skipped> {
    let real: PathBuf = match root.join(path).canonicalize() {
        Ok(real) => real,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(skip(&shown(path), Reason::Unreadable, error.to_string(), true)),
    };
    match real.strip_prefix(root) {
        Ok(below) => Ok(Some(below.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))),
        Err(_) => Err(skip(&shown(path), Reason::Link, "it leads out of the home folder", true)),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_within_the_home_folder_only() {
        let home = tempfile::tempdir().expect("a folder");
        let elsewhere = tempfile::tempdir().expect("a folder");
        let text = r#"{"mcpServers": {"a": {"command": "x"}}}"#;
        for folder in [".cursor", ".kiro/settings", "dotfiles", ".gemini/extensions/one"] {
            fs::create_dir_all(home.path().join(folder)).expect("made");
        }
        fs::write(home.path().join("dotfiles/cursor.json"), text).expect("written");
        fs::write(home.path().join(".gemini/extensions/one/gemini-extension.json"), text).expect("written");
        fs::write(elsewhere.path().join("mcp.json"), text).expect("written");
        symlink(home.path().join("dotfiles/cursor.json"), home.path().join(".cursor/mcp.json")).expect("made");
        symlink(elsewhere.path().join("mcp.json"), home.path().join(".kiro/settings/mcp.json")).expect("made");
        symlink(elsewhere.path(), home.path().join(".junie")).expect("made");
        fs::create_dir(elsewhere.path().join("mcp")).expect("made");
        fs::write(elsewhere.path().join("mcp/mcp.json"), text).expect("written");

        let (project, looked) = Project::read_home(home.path(), System::Linux).expect("a home folder");
        let paths: Vec<&str> = project.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["~/.cursor/mcp.json", "~/.gemini/extensions/one/gemini-extension.json"]);
        let unread = looked.iter().filter(|it| it.state == State::Unread).map(|it| it.path.as_str());
        assert_eq!(unread.collect::<Vec<_>>(), ["~/.junie/mcp/mcp.json", "~/.kiro/settings/mcp.json"]);
        assert!(project.skipped.iter().all(|it| it.incomplete && it.reason == Reason::Link), "{:?}", project.skipped);
    }
}
