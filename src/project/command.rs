//! Command lines that somebody wrote down: scripts of packages, container instructions, steps of workflows, shell
//! scripts, makefiles. Data: nothing runs.

use super::{Project, Role, client::Word, manifest::Script};
use crate::finding::Place;

/// A command line.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// Continued lines joined, comments removed.
    pub text: String,
    /// Where it is written.
    pub place: Place,
    /// Who runs it.
    pub origin: Origin,
}

/// Who runs a command line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// `npm run`, or the tool that installs the package.
    Script,
    /// The build of a container.
    Build,
    /// A container when it starts.
    Start,
    /// A workflow.
    Workflow,
    /// A shell script or a makefile.
    Shell,
}

/// Every command line of the project itself, by file.
pub fn lines(project: &Project) -> Vec<CommandLine> {
    let mut lines = Vec::new();
    for script in project.manifests.iter().flat_map(|manifest| &manifest.scripts) {
        lines.extend(of_script(project, script));
    }
    for step in project.containers.iter().flat_map(|container| &container.stages).flat_map(|stage| &stage.steps) {
        let origin = match step.keyword.as_str() {
            "RUN" => Origin::Build,
            "CMD" | "ENTRYPOINT" => Origin::Start,
            _ => continue,
        };
        lines.push(CommandLine { text: exec_form(&step.arguments), place: step.place.clone(), origin });
    }
    for workflow in project.workflows.iter().filter(|workflow| workflow.is_own()) {
        for (_, step) in workflow.steps() {
            let run = step.run.iter().flat_map(|run| written(project, run));
            lines.extend(run.map(|(text, place)| CommandLine { text, place, origin: Origin::Workflow }));
        }
    }
    for file in project.files.iter().filter(|file| file.role != Role::Foreign && is_shell(&file.path)) {
        let found = joined(&file.text, 0, &file.path);
        lines.extend(found.into_iter().map(|(text, place)| CommandLine { text, place, origin: Origin::Shell }));
    }
    lines.sort_by(|a, b| a.place.cmp(&b.place));
    lines
}

/// The entry points of Python name functions, not commands.
fn of_script(project: &Project, script: &Script) -> Option<CommandLine> {
    let own = project.file(&script.place.path).is_some() && script.place.path.ends_with("package.json");
    own.then(|| CommandLine { text: script.command.clone(), place: script.place.clone(), origin: Origin::Script })
}

/// The words that a container starts with, in either form; those of a shell's line are taken apart.
pub fn start(arguments: &str) -> Vec<String> {
    words(&exec_form(arguments))
}

/// `["a", "b c"]` as `a b c`.
fn exec_form(arguments: &str) -> String {
    let text = arguments.trim();
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(words) => words.join(" "),
        Err(_) => text.to_owned(),
    }
}

/// The lines of a block as they stand in the file.
fn written(project: &Project, run: &Word) -> Vec<(String, Place)> {
    let file = project.file(&run.place.path);
    let Some(text) = file.and_then(|file| file.text.get(run.place.start..run.place.end)) else { return Vec::new() };
    if !text.starts_with(['|', '>']) {
        return vec![(run.text.clone(), run.place.clone())];
    }
    let head = text.find('\n').map_or(text.len(), |end| end + 1);
    if text.starts_with('>') {
        return vec![(run.text.clone(), Place::new(&run.place.path, run.place.start + head, run.place.end))];
    }
    joined(&text[head..], run.place.start + head, &run.place.path)
}

/// Lines with those that continue them, without comments; `offset` is where the text stands in its file.
fn joined(text: &str, offset: usize, path: &str) -> Vec<(String, Place)> {
    let mut lines = Vec::new();
    let mut current: Option<(String, usize)> = None;
    let mut at = offset;
    for line in text.split_inclusive('\n') {
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        let code = line.trim();
        if code.starts_with('#') {
            continue;
        }
        let (mut text, start) = current.take().unwrap_or((String::new(), start));
        match code.strip_suffix('\\') {
            Some(part) => current = Some((text + part + " ", start)),
            None => {
                text.push_str(code);
                if !text.trim().is_empty() {
                    let end = at - (line.len() - line.trim_end().len());
                    lines.push((text, Place::new(path, start, end)));
                }
            }
        }
    }
    lines
}

fn is_shell(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "sh" | "bash" | "zsh" | "ps1" | "cmd" | "bat")
        || matches!(name.as_str(), "makefile" | "gnumakefile" | "justfile" | "procfile")
        || path.starts_with(".husky/") && !name.contains('.')
}

/// The simple commands of a line: what stands between `&&`, `||`, `;`, `|` and `&`, outside of quotes.
pub fn commands(text: &str) -> Vec<Vec<String>> {
    let mut commands = split(text, &[';', '|', '&', '\n', '(', ')']);
    commands.iter_mut().for_each(strip);
    commands.retain(|words| !words.is_empty());
    commands
}

/// The words of a text, quotes resolved.
pub fn words(text: &str) -> Vec<String> {
    split(text, &[]).into_iter().flatten().collect()
}

fn split(text: &str, ends: &[char]) -> Vec<Vec<String>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some('\''), _) => word.get_or_insert_default().push(letter),
            (_, '\\') => word.get_or_insert_default().extend(letters.next()),
            (Some(_), _) => word.get_or_insert_default().push(letter),
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, _) if ends.contains(&letter) || letter.is_whitespace() => {
                if let (Some(word), Some(last)) = (word.take(), commands.last_mut()) {
                    last.push(word);
                }
                if ends.contains(&letter) {
                    commands.push(Vec::new());
                }
            }
            (None, _) => word.get_or_insert_default().push(letter),
        }
    }
    if let (Some(word), Some(last)) = (word, commands.last_mut()) {
        last.push(word);
    }
    commands
}

/// Without what only stands before a program: `exec`, `sudo`, `env A=b`, `A=b`, `@` and `-` of makefiles.
fn strip(words: &mut Vec<String>) {
    let before = |word: &str| {
        let named = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
        });
        named || matches!(word, "exec" | "sudo" | "env" | "cross-env" | "then" | "do" | "else" | "if" | "!" | "time")
    };
    let count = words.iter().take_while(|word| before(word)).count();
    words.drain(..count);
    if let Some(first) = words.first_mut() {
        *first = first.trim_start_matches(['@', '-', '$', '`']).to_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_as_a_shell_does() {
        for (text, expected) in [
            ("a b && c", vec!["a b", "c"]),
            ("A=1 sudo npx -y x | sh", vec!["npx -y x", "sh"]),
            ("echo 'a && b' \"c; d\"", vec!["echo a && b c; d"]),
            ("cd x; exec node y", vec!["cd x", "node y"]),
            ("$(curl u)", vec!["curl u"]),
            ("", vec![]),
            ("'", vec![]),
        ] {
            let found: Vec<String> = commands(text).into_iter().map(|words| words.join(" ")).collect();
            let found: Vec<&str> = found.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn lines_keep_their_place() {
        let text = "on: push\njobs:\n  a:\n    steps:\n      - run: |\n          # no\n          one \\\n            two\n          three\n      - run: four\n";
        let files = [
            (".github/workflows/a.yml", text),
            ("package.json", r#"{"scripts": {"a": "five"}}"#),
            ("Dockerfile", "FROM a:1\nRUN six\nCMD [\"seven\", \"eight\"]\n"),
            ("b.sh", "#!/bin/sh\nnine\n"),
        ];
        let project = Project::from_files(files.map(|(path, text)| (path.to_owned(), text.to_owned())));
        let found: Vec<String> = lines(&project).into_iter().map(|line| line.text).collect();
        assert_eq!(found, ["one  two", "three", "four", "six", "seven eight", "nine", "five"]);
        let three = &lines(&project)[1].place;
        assert_eq!(&text[three.start..three.end], "three");
    }
}
