//! A project as it would be with other texts: what a change would come to, before anything is written.

use std::collections::BTreeMap;

use super::{File, Language, Project, Reason, Role, role};

impl Project {
    /// This project with some files' texts replaced. A file that is not there yet is added; nothing takes one away.
    #[must_use]
    pub fn with_texts(self, texts: &BTreeMap<String, Option<String>>) -> Self {
        let Self { root, files, mut skipped, git, above, runtime_copy, .. } = self;
        // What parsers said is said anew.
        skipped.retain(|skipped| !matches!(skipped.reason, Reason::Syntax | Reason::TooDeep));
        let mut next = Self { root, files, skipped, git, above, runtime_copy, ..Self::default() };
        next.files.retain(|file| texts.get(&file.path).is_none_or(Option::is_some));
        for file in &mut next.files {
            if let Some(Some(text)) = texts.get(&file.path) {
                file.text.clone_from(text);
                (file.module, file.plain) = (None, None);
            }
        }
        for (path, text) in texts {
            if let (None, Some(text)) = (next.file(path), text) {
                let file = next.added(path, text);
                next.files.push(file);
                next.files.sort_by(|a, b| a.path.cmp(&b.path));
            }
        }
        for path in texts.keys().filter(|path| path.rsplit('/').next() == Some(".gitignore")) {
            let text = next.file(path).map(|file| file.text.clone());
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            if let Some(folder) = next.git.repository_path(folder) {
                next.git.rules.replace(&folder, text.as_deref());
            }
        }
        next.lower(None);
        next.conclude();
        next
    }

    fn added(&self, path: &str, text: &str) -> File {
        let role = role::of(path);
        let language = Language::of(path).filter(|_| role != Role::Foreign);
        let tracked = self.git.tracks(path);
        let (path, text) = (path.to_owned(), text.to_owned());
        File { path, role, text, tracked, mode: None, language, module: None, plain: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_project_is_understood_like_one_that_was_read_so() {
        let server = "import os\nos.system('ls')\n";
        let before = Project::from_files([("server.py".to_owned(), server.to_owned())]);
        let texts = BTreeMap::from([
            (".gitignore".to_owned(), Some(".env\n".to_owned())),
            ("package.json".to_owned(), Some("{".to_owned())),
        ]);
        let after = before.with_texts(&texts);
        assert!(after.git.ignored(".env"), "ignore rules are read again");
        assert_eq!(after.skipped.len(), 1, "a manifest that cannot be parsed is said");
        let gone = texts.keys().map(|path| (path.clone(), None)).collect();
        let again = after.with_texts(&gone);
        assert!(!again.git.ignored(".env") && again.skipped.is_empty() && again.files.len() == 1);
    }
}
