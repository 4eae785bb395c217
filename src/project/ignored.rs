//! What git would ignore, from the text of its ignore files: nested files, negation, folders, `.git/info/exclude`.
//!
//! A person's global excludes are left out on purpose: they protect that person only.

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};

/// Longer patterns match no path that a system can open, and nested deeply enough they overflow a stack.
pub(super) const MAX_PATTERN_BYTES: usize = 4096;

/// The ignore files of a repository. Paths are relative to the repository's folder, with forward slashes.
#[derive(Debug, Default)]
pub struct IgnoreRules {
    /// Deepest folder last.
    files: Vec<(String, Gitignore)>,
    exclude: Option<Gitignore>,
}

impl IgnoreRules {
    /// From the folder (empty for the repository's own) and text of each `.gitignore`, and `.git/info/exclude`.
    pub fn new(files: impl IntoIterator<Item = (String, String)>, exclude: Option<&str>) -> Self {
        let mut files: Vec<_> = files.into_iter().map(|(folder, text)| (folder, parse(&text))).collect();
        files.sort_by(|a, b| a.0.len().cmp(&b.0.len()).then_with(|| a.0.cmp(&b.0)));
        Self { files, exclude: exclude.map(parse) }
    }

    /// Puts another text in the place of a folder's `.gitignore`, or takes it away.
    pub(super) fn replace(&mut self, folder: &str, text: Option<&str>) {
        self.files.retain(|(other, _)| other != folder);
        self.files.extend(text.map(|text| (folder.to_owned(), parse(text))));
        self.files.sort_by(|a, b| a.0.len().cmp(&b.0.len()).then_with(|| a.0.cmp(&b.0)));
    }

    /// Whether git ignores the untracked file at `path`: a rule matches it, or one of the folders that it lies in
    /// (then no later rule brings it back).
    pub fn ignored(&self, path: &str) -> bool {
        let mut ends: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
        ends.push(path.len());
        let last = ends.len() - 1;
        ends.iter().enumerate().any(|(index, &end)| self.decide(&path[..end], index < last))
    }

    fn decide(&self, path: &str, is_folder: bool) -> bool {
        for (folder, rules) in self.files.iter().rev() {
            let Some(below) = below(path, folder) else { continue };
            match rules.matched(below, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        self.exclude.as_ref().is_some_and(|rules| rules.matched(path, is_folder).is_ignore())
    }
}

/// `path` relative to `folder`, where it lies below it.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() {
        return Some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

fn parse(text: &str) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    for line in text.trim_start_matches('\u{feff}').lines().filter(|line| line.len() <= MAX_PATTERN_BYTES) {
        // A pattern that is no glob matches nothing, in git as here.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], path: &str, expected: bool) {
        let rules = IgnoreRules::new(files.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())), None);
        assert_eq!(rules.ignored(path), expected, "{path} under {files:?}");
    }

    #[test]
    fn a_rule_means_what_git_means_and_not_what_its_letters_say() {
        check(&[("", ".env\n")], ".env", true);
        check(&[("", ".env\n")], "deep/er/.env", true);
        check(&[("", "/.env\n")], "deep/.env", false);
        check(&[("", "# .env\n")], ".env", false);
        check(&[("", ".env.example\n")], ".env", false);
        check(&[("", ".env*\n!.env.example\n")], ".env.local", true);
        check(&[("", ".env*\n!.env.example\n")], ".env.example", false);
        check(&[("", ".env\n!.env\n")], ".env", false);
        check(&[("", "*.env\n")], ".env", true);
        check(&[("", ".env/\n")], ".env", false);
        check(&[("", "  \n.env   \n")], ".env", true);
    }

    #[test]
    fn nested_files_win_and_an_ignored_folder_cannot_be_reopened() {
        check(&[("", ".env\n"), ("app", "!.env\n")], "app/.env", false);
        check(&[("app", ".env\n")], ".env", false);
        check(&[("app", ".env\n")], "app/.env", true);
        check(&[("app", ".env\n")], "apple/.env", false);
        check(&[("", "app/\n"), ("app", "!.env\n")], "app/.env", true);
    }

    #[test]
    fn a_pattern_that_is_no_glob_is_passed_over() {
        check(&[("", "[\n.env\n")], ".env", true);
    }

    #[test]
    fn the_local_exclude_file_counts_last() {
        let rules = IgnoreRules::new([(String::new(), "!.env.local\n".to_owned())], Some(".env*\n"));
        assert!(rules.ignored(".env"));
        assert!(!rules.ignored(".env.local"));
    }
}
