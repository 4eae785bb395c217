//! Container files: stages, base images with their arguments resolved, users; and the images of compose files.

use std::collections::BTreeMap;

use crate::finding::Place;

use super::File;

/// A Dockerfile or Containerfile.
#[derive(Clone, Debug)]
pub struct Container {
    /// Relative to the project's folder.
    pub path: String,
    /// In order; the last is what runs.
    pub stages: Vec<Stage>,
}

/// One `FROM` and what follows it.
#[derive(Clone, Debug)]
pub struct Stage {
    /// Its name (`AS name`), in lowercase.
    pub name: Option<String>,
    /// What it is built on.
    pub image: Image,
    /// The earlier stage that it is built on, instead of an image.
    pub base: Option<usize>,
    /// The `FROM` instruction.
    pub place: Place,
    /// Every instruction after `FROM`.
    pub steps: Vec<Step>,
}

/// An image's name as written and as resolved.
#[derive(Clone, Debug)]
pub struct Image {
    /// With arguments that have a default replaced; what cannot be known stays as `$NAME`.
    pub name: String,
    /// Where it is written.
    pub place: Place,
}

/// An instruction.
#[derive(Clone, Debug)]
pub struct Step {
    /// In capitals: `USER`, `COPY`, `ENV`.
    pub keyword: String,
    /// Everything after it, lines joined, comments within removed. A here-document's text follows after a newline.
    pub arguments: String,
    /// The whole instruction.
    pub place: Place,
}

/// How an image is pinned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pin {
    /// By the digest of its content.
    Digest,
    /// By a tag other than `latest`.
    Tag,
    /// By the tag `latest`.
    Latest,
    /// By nothing, which means `latest`.
    None,
    /// An argument decides that has no default.
    Unknown,
    /// There is nothing to pin: `scratch`.
    Scratch,
}

impl Image {
    /// How it is pinned.
    pub fn pin(&self) -> Pin {
        pin(&self.name)
    }
}

impl Container {
    /// What runs.
    pub fn last(&self) -> Option<&Stage> {
        self.stages.last()
    }

    /// The last `USER` that holds in a stage, its own or inherited, with arguments resolved.
    pub fn user<'a>(&'a self, stage: &'a Stage) -> Option<&'a Step> {
        let mut stage = stage;
        loop {
            if let Some(step) = stage.steps.iter().rev().find(|step| step.keyword == "USER") {
                return Some(step);
            }
            stage = self.stages.get(stage.base?)?;
        }
    }

    /// The image that a stage stands on in the end.
    pub fn root_image<'a>(&'a self, stage: &'a Stage) -> &'a Image {
        let mut stage = stage;
        // A stage builds on an earlier one only, so that this ends.
        while let Some(base) = stage.base.and_then(|base| self.stages.get(base)) {
            stage = base;
        }
        &stage.image
    }
}

/// How an image of this name is pinned.
pub fn pin(name: &str) -> Pin {
    if name.eq_ignore_ascii_case("scratch") {
        return Pin::Scratch;
    }
    if name.contains("@sha256:") || name.contains("@sha512:") {
        return Pin::Digest;
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    match last.split_once(':') {
        Some((_, "latest")) => Pin::Latest,
        Some((_, tag)) if tag.contains('$') => Pin::Unknown,
        Some(_) => Pin::Tag,
        None if name.contains('$') => Pin::Unknown,
        None => Pin::None,
    }
}

/// Whether a path is a container file: `Dockerfile`, `Dockerfile.dev`, `api.Dockerfile`, `Containerfile`.
pub fn is_container(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    if [".dockerignore", ".containerignore", ".md", ".py", ".ts", ".js", ".go", ".rs"]
        .iter()
        .any(|end| name.ends_with(end))
    {
        return false;
    }
    ["dockerfile", "containerfile"].iter().any(|kind| {
        name == *kind
            || name.strip_prefix(kind).is_some_and(|rest| rest.starts_with(['.', '-', '_']))
            || name.ends_with(&format!(".{kind}"))
    })
}

/// Reads a container file. Never fails: what is no instruction is passed over.
pub fn read(file: &File) -> Option<Container> {
    if !is_container(&file.path) {
        return None;
    }
    let mut stages: Vec<Stage> = Vec::new();
    let mut global = BTreeMap::new();
    let mut local = BTreeMap::new();
    for mut step in steps(&file.path, &file.text) {
        match (step.keyword.as_str(), stages.last_mut()) {
            ("ARG", None) => assign(&step.arguments, &mut global),
            ("FROM", _) => {
                local.clone_from(&global);
                let stage = from(&file.path, &file.text, step, &global, &stages);
                stages.push(stage);
            }
            (_, None) => {}
            (keyword, Some(stage)) => {
                match keyword {
                    "ARG" | "ENV" => assign(&step.arguments, &mut local),
                    "USER" => step.arguments = resolve(&step.arguments, &local),
                    _ => {}
                }
                stage.steps.push(step);
            }
        }
    }
    Some(Container { path: file.path.clone(), stages })
}

/// The images that a compose file runs and does not build itself.
pub fn compose_images(file: &File) -> Vec<Image> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    if !yaml || !(name.starts_with("docker-compose") || name.starts_with("compose")) {
        return Vec::new();
    }
    let mut images = Vec::new();
    // Of the service that is being read: how deep its keys stand, its image, whether it is built here.
    let mut service: Option<(usize, Option<Image>, bool)> = None;
    let mut inside = false;
    let mut offset = 0;
    for line in file.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let code = line.trim();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        let depth = line.len() - line.trim_start().len();
        if depth == 0 {
            inside = code.starts_with("services:");
        }
        let ends = service.as_ref().is_none_or(|(keys, ..)| depth < *keys);
        if ends {
            images.extend(service.take().and_then(|(_, image, built)| image.filter(|_| !built)));
            let next = file.text[offset..].lines().find(|line| !line.trim().is_empty());
            let deeper = next.map_or(0, |line| line.len() - line.trim_start().len());
            if inside && depth > 0 && code.ends_with(':') && deeper > depth {
                service = Some((deeper, None, false));
            }
            continue;
        }
        let Some((keys, image, built)) = service.as_mut() else { continue };
        if depth != *keys {
            continue;
        }
        if let Some(value) = code.strip_prefix("image:") {
            let value = value.split(" #").next().unwrap_or(value).trim().trim_matches(['"', '\'']);
            let at = start + line.find(value).unwrap_or(0);
            let name = resolve(value, &BTreeMap::new());
            *image = Some(Image { name, place: Place::new(&file.path, at, at + value.len()) });
        }
        *built |= code.starts_with("build:");
    }
    images.extend(service.and_then(|(_, image, built)| image.filter(|_| !built)));
    images
}

fn from(path: &str, text: &str, step: Step, global: &BTreeMap<String, String>, stages: &[Stage]) -> Stage {
    let words: Vec<&str> = step.arguments.split_whitespace().filter(|word| !word.starts_with("--")).collect();
    let written = words.first().copied().unwrap_or_default();
    let name = match words.as_slice() {
        [_, keyword, name, ..] if keyword.eq_ignore_ascii_case("as") => Some(name.to_ascii_lowercase()),
        _ => None,
    };
    let resolved = resolve(written, global);
    let base = stages.iter().rposition(|stage| stage.name.as_deref() == Some(&resolved.to_ascii_lowercase()));
    let whole = text.get(step.place.start..step.place.end).unwrap_or_default();
    let start = step.place.start + whole.find(written).unwrap_or(0);
    let image = Image { name: resolved, place: Place::new(path, start, start + written.len()) };
    Stage { name, image, base, place: step.place, steps: Vec::new() }
}

/// Logical instructions: continued lines joined, comments dropped, here-documents swallowed.
fn steps(path: &str, text: &str) -> Vec<Step> {
    let escape =
        if text.lines().take_while(|line| line.starts_with('#')).any(|line| line.replace(' ', "") == "#escape=`") {
            '`'
        } else {
            '\\'
        };
    let mut lines = offsets(text).into_iter();
    let mut steps = Vec::new();
    while let Some((start, line)) = lines.next() {
        let code = line.trim();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        let start = start + line.len() - line.trim_start().len();
        let mut end = start + code.len();
        let mut joined = String::new();
        let mut current = code;
        while let Some(part) = current.strip_suffix(escape) {
            joined.push_str(part);
            joined.push(' ');
            let Some((offset, next)) =
                lines.find(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
            else {
                current = "";
                break;
            };
            current = next.trim();
            end = offset + next.trim_end().len();
        }
        joined.push_str(current);
        let (keyword, arguments) = joined.split_once(char::is_whitespace).unwrap_or((&joined, ""));
        let keyword = keyword.to_ascii_uppercase();
        let mut arguments = arguments.trim().to_owned();
        if matches!(keyword.as_str(), "RUN" | "COPY" | "ADD") {
            for mark in heredocs(&arguments) {
                for (offset, line) in lines.by_ref() {
                    end = offset + line.trim_end().len();
                    if line.trim() == mark {
                        break;
                    }
                    arguments.push('\n');
                    arguments.push_str(line.trim_end());
                }
            }
        }
        steps.push(Step { keyword, arguments, place: Place::new(path, start, end) });
    }
    steps
}

fn offsets(text: &str) -> Vec<(usize, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let start = offset;
            offset += line.len();
            (start, line)
        })
        .collect()
}

/// The end marks of the here-documents that an instruction opens.
fn heredocs(arguments: &str) -> Vec<String> {
    arguments
        .split("<<")
        .skip(1)
        .filter(|rest| !rest.starts_with('<'))
        .filter_map(|rest| {
            let rest = rest.strip_prefix('-').unwrap_or(rest).trim_start_matches(['"', '\'']);
            let mark: String = rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            (!mark.is_empty() && !mark.starts_with(|first: char| first.is_ascii_digit())).then_some(mark)
        })
        .collect()
}

fn assign(arguments: &str, variables: &mut BTreeMap<String, String>) {
    for word in arguments.split_whitespace() {
        if let Some((name, value)) = word.split_once('=') {
            let value = resolve(value.trim_matches(['"', '\'']), variables);
            variables.insert(name.to_owned(), value);
        }
    }
}

/// Replaces `$NAME`, `${NAME}` and `${NAME:-default}` by what is known.
fn resolve(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (whole, inner, tail) = match after.strip_prefix('{').and_then(|body| body.split_once('}')) {
            Some((inner, tail)) => (&rest[at..rest.len() - tail.len()], inner, tail),
            None => {
                let end = after.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(after.len());
                (&rest[at..=at + end], &after[..end], &after[end..])
            }
        };
        let (name, default) = inner
            .split_once(":-")
            .or_else(|| inner.split_once('-'))
            .map_or((inner, None), |(name, default)| (name, Some(default)));
        match variables.get(name).map(String::as_str).or(default) {
            Some(value) => result.push_str(value),
            None => result.push_str(whole),
        }
        rest = tail;
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    fn container(text: &str) -> Container {
        let project = Project::from_files([("Dockerfile".to_owned(), text.to_owned())]);
        project.containers.into_iter().next().expect("a container file")
    }

    #[test]
    fn arguments_of_the_base_image_are_resolved() {
        let found = container(
            "ARG V=3.12\nARG BASE=python:${V}-slim\nFROM --platform=$P ${BASE} AS Build\nFROM build\nUSER app\n",
        );
        assert_eq!(found.stages[0].image.name, "python:3.12-slim");
        assert_eq!(found.stages[1].base, Some(0));
        assert_eq!(found.root_image(&found.stages[1]).name, "python:3.12-slim");
        assert_eq!(container("ARG V\nFROM node:$V\n").stages[0].image.pin(), Pin::Unknown);
        assert_eq!(container("FROM ${IMAGE:-node:22}\n").stages[0].image.name, "node:22");
    }

    #[test]
    fn what_stands_in_a_here_document_or_a_comment_is_no_instruction() {
        let found =
            container("FROM a:1\nRUN <<EOF\nUSER root\nEOF\n# USER nobody\nRUN a \\\n  # USER x\n  USER y\nUSER app\n");
        let stage = found.last().expect("a stage");
        let users: Vec<_> = stage.steps.iter().filter(|step| step.keyword == "USER").collect();
        assert_eq!(users.len(), 1);
        assert_eq!(users[0].arguments, "app");
    }

    #[test]
    fn a_user_is_inherited_from_the_stage_below() {
        let found = container("FROM a:1 AS base\nUSER app\nFROM base\nCMD x\n");
        assert_eq!(found.user(found.last().expect("a stage")).map(|step| step.arguments.as_str()), Some("app"));
    }

    #[test]
    fn pins_are_told_apart() {
        for (name, expected) in [
            ("node", Pin::None),
            ("node:latest", Pin::Latest),
            ("node:22", Pin::Tag),
            ("localhost:5000/node", Pin::None),
            ("localhost:5000/node:1", Pin::Tag),
            ("node@sha256:00", Pin::Digest),
            ("scratch", Pin::Scratch),
            ("$BASE", Pin::Unknown),
        ] {
            assert_eq!(pin(name), expected, "{name}");
        }
    }

    #[test]
    fn a_service_that_is_built_here_needs_no_pin() {
        let text = "services:\n  app:\n    build: .\n    image: me/app\n  db:\n    image: \"postgres\" # why\n    environment:\n      image: x\nvolumes:\n  image: y\n";
        let project = Project::from_files([("compose.yaml".to_owned(), text.to_owned())]);
        let images = compose_images(&project.files[0]);
        assert_eq!(images.iter().map(|image| image.name.as_str()).collect::<Vec<_>>(), ["postgres"]);
        assert_eq!(&text[images[0].place.start..images[0].place.end], "postgres");
    }

    #[test]
    fn any_text_is_read() {
        for text in [
            "",
            "FROM",
            "FROM \\",
            "$",
            "USER",
            "RUN <<",
            "FROM a\nRUN <<E",
            "ARG =\nFROM ${",
            "FROM ${a:-}",
            "\\\n\\\n",
        ] {
            container(text);
        }
    }
}
