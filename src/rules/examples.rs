//! Fixtures of rules, parsed: `fixtures/rules/<id>.md`.
//!
//! A heading is a situation. Its fenced blocks are the files of one project, named by a line such as `` `src/a.ts`: ``
//! before the fence, or by the language of the fence. A comment `finding: rule-id` at the end of a line says that the
//! rule must report that line; where a format has no comments, a block `findings` lists `path:line rule-id`. A
//! situation without either must be quiet. `` `.env` (untracked): `` says what git would say, `` `a.json` (mode 666): `` what
//! the file system would. A block `diff` shows what `--fix --unsafe-fixes` changes in all of them.

use std::sync::LazyLock;

use regex::Regex;

/// A situation: a small project and what must be reported in it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Case {
    /// The heading.
    pub title: String,
    /// Its files, in order.
    pub files: Vec<Sample>,
    /// What must be reported, sorted.
    pub expected: Vec<Mark>,
    /// What the fixes of the rule change, as a unified diff, where the fixture shows it.
    pub diff: Option<String>,
}

/// A file of a [`Case`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Sample {
    /// Relative to the project's folder.
    pub path: String,
    /// Without the marks.
    pub text: String,
    /// Whether git tracks it, where the fixture says so.
    pub tracked: Option<bool>,
    /// Who may read and write it, where the fixture says so.
    pub mode: Option<u32>,
}

/// What a line before a block says of the file: its path, and how git and the file system see it.
#[derive(Default)]
struct Name {
    path: String,
    tracked: Option<bool>,
    mode: Option<u32>,
}

/// A line that must be reported.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Mark {
    /// The file.
    pub path: String,
    /// Counted from one.
    pub line: usize,
    /// The rule that reports it.
    pub rule: String,
}

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^`([^`]+)`(?: \((?:(tracked|untracked)|mode ([0-7]{3}))\))?:?$")
        .expect("the pattern of file names is valid")
});
static MARK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\s*(?://|#|--|<!--|/\*)\s*finding: ([a-z0-9-]+)\s*(?:\*/|-->)?\s*$")
        .expect("the pattern of marks is valid")
});

/// The situations of a fixture, in order. The error says what cannot be understood, and in which line.
pub fn parse(text: &str) -> Result<Vec<Case>, String> {
    let mut cases: Vec<Case> = Vec::new();
    let mut name: Option<Name> = None;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let trimmed = line.trim();
        if let Some(title) = heading(trimmed) {
            cases.push(Case { title: title.to_owned(), ..Case::default() });
            name = None;
        } else if let Some(tag) = trimmed.strip_prefix("```") {
            let fence = "`".repeat(3 + tag.chars().take_while(|c| *c == '`').count());
            let body: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim() != fence).collect();
            let case =
                cases.last_mut().ok_or(format!("line {}: a block stands before the first heading", number + 1))?;
            block(case, tag.trim_start_matches('`').trim(), name.take(), &body)
                .map_err(|error| format!("line {}: {error}", number + 1))?;
        } else if let Some(found) = NAME.captures(trimmed) {
            name = Some(Name {
                path: found[1].to_owned(),
                tracked: found.get(2).map(|word| word.as_str() == "tracked"),
                mode: found.get(3).and_then(|mode| u32::from_str_radix(mode.as_str(), 8).ok()),
            });
        } else if !trimmed.is_empty() {
            name = None;
        }
    }
    cases.retain(|case| !case.files.is_empty());
    cases.iter_mut().for_each(|case| case.expected.sort());
    Ok(cases)
}

fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    (title.len() < line.len() && title.starts_with(' ')).then(|| title.trim())
}

/// Adds one fenced block to its case.
fn block(case: &mut Case, tag: &str, name: Option<Name>, body: &[&str]) -> Result<(), String> {
    if tag == "findings" {
        for line in body.iter().filter(|line| !line.trim().is_empty()) {
            let (place, rule) = line.trim().split_once(' ').ok_or("a finding is written `path:line rule-id`")?;
            let (path, line) = place.rsplit_once(':').ok_or("a finding is written `path:line rule-id`")?;
            let line = line.parse().map_err(|_| format!("`{line}` is not a line number"))?;
            case.expected.push(Mark { path: path.to_owned(), line, rule: rule.trim().to_owned() });
        }
        return Ok(());
    }
    if tag == "diff" {
        case.diff = Some(body.iter().flat_map(|line| [line, "\n"]).collect());
        return Ok(());
    }
    let Name { path, tracked, mode } = match name {
        Some(name) => name,
        None => {
            let path = default_name(tag).ok_or(format!("a block of `{tag}` needs a line with its path before it"))?;
            Name { path, ..Name::default() }
        }
    };
    if case.files.iter().any(|file| file.path == path) {
        return Err(format!("`{path}` is given twice in one situation"));
    }
    let mut text = String::new();
    for (index, line) in body.iter().enumerate() {
        let mark = MARK.captures(line);
        if let Some(found) = &mark {
            case.expected.push(Mark { path: path.clone(), line: index + 1, rule: found[1].to_owned() });
        }
        let end = mark.and_then(|found| found.get(0).map(|whole| whole.start())).unwrap_or(line.len());
        text.push_str(&line[..end]);
        text.push('\n');
    }
    case.files.push(Sample { path, text, tracked, mode });
    Ok(())
}

fn default_name(tag: &str) -> Option<String> {
    let name = match tag {
        "ts" | "typescript" => "src/index.ts",
        "js" | "javascript" => "src/index.js",
        "py" | "python" => "server.py",
        "rs" | "rust" => "src/main.rs",
        "go" => "main.go",
        "java" => "src/main/java/Server.java",
        "csharp" | "cs" => "Program.cs",
        "dockerfile" => "Dockerfile",
        _ => return None,
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_a_finding_and_no_part_of_the_file() {
        let cases = parse("# rule\n\n## Fires\n\n```ts\na();\nb(); // finding: some-rule\n```\n").expect("parses");
        assert_eq!(cases.len(), 1, "headings without files are no cases");
        assert_eq!(cases[0].files[0].text, "a();\nb();\n");
        assert_eq!(cases[0].expected, [Mark { path: "src/index.ts".into(), line: 2, rule: "some-rule".into() }]);
    }

    #[test]
    fn blocks_of_one_heading_are_one_project() {
        let text = "## Two files\n`.env` (tracked):\n```sh\nA=1\n```\n`x.json`:\n```json\n{}\n```\n```findings\nx.json:1 some-rule\n```\n";
        let cases = parse(text).expect("parses");
        assert_eq!(cases[0].files[0].tracked, Some(true));
        assert_eq!(cases[0].files[1].path, "x.json");
        assert_eq!(cases[0].expected[0].line, 1);
    }

    #[test]
    fn a_block_without_a_name_is_an_error_that_names_the_line() {
        assert_eq!(
            parse("## A\n\n```json\n{}\n```\n").expect_err("json has no usual name"),
            "line 3: a block of `json` needs a line with its path before it"
        );
    }

    #[test]
    fn longer_fences_hold_shorter_ones() {
        let cases = parse("## A\n`README.md`:\n````md\n```\nx\n```\n````\n").expect("parses");
        assert_eq!(cases[0].files[0].text, "```\nx\n```\n");
    }
}
