//! Paths as services see them that know a repository and not the checked folder.

use super::{Report, fingerprint};

/// Where the paths of a report begin, seen from the repository's folder.
pub(super) struct Base {
    /// With a slash at its end; empty where paths stay as they are.
    prefix: String,
}

impl Base {
    /// For one project its folder in the repository; for several the folders as they were given, because they may belong to
    /// several repositories.
    pub(super) fn of(report: &Report, several: bool) -> Self {
        let given = report.name.replace('\\', "/");
        let relative = !given.starts_with('/') && !given.contains(':') && given.split('/').all(|part| part != "..");
        let folder = if several && relative { normal(&given) } else { report.below.clone() };
        Self { prefix: if folder.is_empty() { folder } else { format!("{folder}/") } }
    }

    /// What the report calls a finding, seen from here.
    pub(super) fn name(&self, identity: &str) -> String {
        fingerprint::name(&self.prefix, identity)
    }

    /// A path relative to the project's folder, seen from here.
    pub(super) fn path(&self, path: &str) -> String {
        normal(&format!("{}{path}", self.prefix))
    }
}

/// What goes before the paths of one project among several: its folder as it was given.
pub(super) fn given(report: &Report, several: bool) -> String {
    if several { format!("{}/", report.name.trim_end_matches('/')) } else { String::new() }
}

/// Without `.`, and without `..` where something lies above.
fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        doctor::{Date, Options, run},
        project::Project,
    };

    #[test]
    fn paths_are_those_of_the_repository() {
        let mut project = Project::from_files([("a.txt".to_owned(), String::new())]);
        project.git.prefix = "servers/a".to_owned();
        let outcome = run(&project, &Options::usual(Date::from_seconds(0)));
        let path = |name, several, path| Base::of(&Report::new(name, &project, &outcome), several).path(path);
        assert_eq!(path(".", false, "src/x.ts"), "servers/a/src/x.ts");
        assert_eq!(path("/home/me/servers/a", true, "../LICENSE"), "servers/LICENSE");
        assert_eq!(path("./clones/b/", true, "src/x.ts"), "clones/b/src/x.ts");
        assert_eq!(path("../b", true, "../../../../x"), "../../x");
    }
}
