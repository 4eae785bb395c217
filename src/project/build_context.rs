//! What gets into an image from the folder that it is built in: `COPY .`, and `.dockerignore` with its own rules.

use globset::GlobBuilder;

use super::{
    Project,
    container::{Container, Stage, Step},
};
use crate::finding::Place;

/// The whole folder is copied into what runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Copied {
    /// The instruction that copies it from the folder.
    pub place: Place,
    /// The one that hands it over from another stage.
    pub through: Option<Place>,
}

/// Where the whole folder gets into the last stage, by itself or through another.
pub fn copied(container: &Container) -> Option<Copied> {
    let last = container.stages.len().checked_sub(1)?;
    let mut shipped = vec![last];
    while let Some(base) = shipped.last().and_then(|at| container.stages[*at].base) {
        shipped.push(base);
    }
    for &at in &shipped {
        if let Some(step) = container.stages[at].steps.iter().find(|step| copies_all(step)) {
            return Some(Copied { place: step.place.clone(), through: None });
        }
    }
    for step in shipped.iter().flat_map(|at| &container.stages[*at].steps) {
        let Some((name, source)) = handed_over(step) else { continue };
        let from = container.stages.iter().enumerate().find(|(at, stage)| {
            stage.name.as_deref() == Some(name.to_ascii_lowercase().as_str()) || name.parse() == Ok(*at)
        });
        let Some((_, from)) = from else { continue };
        if let Some((step_there, folder)) = received(container, from)
            && (source.trim_end_matches("/.") == folder || source == "/")
        {
            return Some(Copied { place: step_there.place.clone(), through: Some(step.place.clone()) });
        }
    }
    None
}

fn operands(step: &Step) -> Vec<String> {
    let text = step.arguments.trim();
    let words: Vec<String> =
        serde_json::from_str(text).unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect());
    words.into_iter().filter(|word| !word.starts_with("--")).collect()
}

fn copies_all(step: &Step) -> bool {
    let mut words = operands(step);
    words.pop();
    matches!(step.keyword.as_str(), "COPY" | "ADD")
        && !step.arguments.contains("--from")
        && words.iter().any(|word| matches!(word.as_str(), "." | "./" | "*" | "./*" | "/"))
}

/// The stage and folder of `COPY --from`.
fn handed_over(step: &Step) -> Option<(&str, String)> {
    let name = step.arguments.split_whitespace().find_map(|word| word.strip_prefix("--from="))?;
    let source = operands(step).into_iter().next()?;
    Some((name, absolute("/", &source)))
}

/// The instruction that copies everything into a stage, and the folder that it ends in.
fn received<'a>(container: &'a Container, stage: &'a Stage) -> Option<(&'a Step, String)> {
    let mut chain = vec![stage];
    while let Some(base) = chain.last().and_then(|stage| container.stages.get(stage.base?)) {
        chain.push(base);
    }
    let mut folder = "/".to_owned();
    for step in chain.iter().rev().flat_map(|stage| &stage.steps) {
        if step.keyword == "WORKDIR" {
            folder = absolute(&folder, step.arguments.trim());
        }
        if copies_all(step) {
            let target = operands(step).pop()?;
            return Some((step, absolute(&folder, &target)));
        }
    }
    None
}

fn absolute(folder: &str, path: &str) -> String {
    let path = path.trim_matches(['"', '\'']);
    let joined = if path.starts_with('/') { path.to_owned() } else { format!("{folder}/{path}") };
    let parts: Vec<&str> = joined.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    format!("/{}", parts.join("/"))
}

/// Whether an ignore file that counts for this container file keeps `name` out of the image. Which folder the image is
/// built in is not written anywhere: the file's own and the project's count.
pub fn excludes(project: &Project, container: &str, name: &str) -> bool {
    let folder = container.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let own = [".dockerignore", ".containerignore"].map(|ignore| format!("{folder}{ignore}"));
    let top = [".dockerignore", ".containerignore"].map(str::to_owned);
    let paths = std::iter::once(format!("{container}.dockerignore")).chain(own).chain(top);
    paths.filter_map(|path| project.file(&path)).any(|file| ignored(&file.text, name))
}

/// The ignore file that counts for this container file, or would: that beside it, or the project's where both lie there.
/// Which folder the image is built in is not known otherwise.
pub fn ignore_file(project: &Project, container: &str) -> Option<String> {
    let folder = container.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let mut names = [format!("{container}.dockerignore")]
        .into_iter()
        .chain([".dockerignore", ".containerignore"].map(|ignore| format!("{folder}{ignore}")));
    let there = names.find(|path| project.file(path).is_some());
    there.or_else(|| folder.is_empty().then(|| ".dockerignore".to_owned()))
}

/// Patterns are anchored, later ones win, `!` brings back; a pattern that matches a folder covers what is in it.
fn ignored(text: &str, name: &str) -> bool {
    let mut result = false;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        let (keeps, pattern) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let pattern = pattern.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
        if pattern.is_empty() || pattern.starts_with('#') {
            continue;
        }
        let glob = GlobBuilder::new(pattern).literal_separator(true).build();
        if glob.is_ok_and(|glob| glob.compile_matcher().is_match(name)) {
            result = !keeps;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pattern_that_matches_decides() {
        for (text, expected) in [
            (".env\n", true),
            ("**/.env\n", true),
            ("**/.env*\n", true),
            ("*\n!src\n", true),
            ("**\n!.env\n", false),
            (".env*\n!.env.example\n", true),
            ("# .env\n", false),
            ("node_modules\n", false),
            (".*\n", true),
            ("/.env\n", true),
            ("[\n", false),
        ] {
            assert_eq!(ignored(text, ".env"), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_handed_over_as_a_whole_is_shipped() {
        let copied = |text: &str| {
            let project = Project::from_files([("Dockerfile".to_owned(), text.to_owned())]);
            super::copied(&project.containers[0]).is_some()
        };
        assert!(copied("FROM a\nCOPY . .\n"));
        assert!(copied("FROM a\nCOPY [\".\", \"/app\"]\n"));
        assert!(copied("FROM a AS b\nWORKDIR /app\nCOPY . .\nFROM a\nCOPY --from=b /app /app\n"));
        assert!(copied("FROM a AS b\nCOPY . /app\nFROM b\n"));
        assert!(!copied("FROM a AS b\nWORKDIR /app\nCOPY . .\nFROM a\nCOPY --from=b /app/dist /app\n"));
        assert!(!copied("FROM a\nCOPY src ./src\n"));
        assert!(!copied("FROM a AS b\nCOPY . .\nFROM a\nCOPY --from=c / /\n"));
    }
}
