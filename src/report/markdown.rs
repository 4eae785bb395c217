//! `markdown`: for the summary of a workflow (`$GITHUB_STEP_SUMMARY`) and for comments on pull requests.
//!
//! Both have a limit; rows and stories behind the first ones are left out, and it is said how many.

use std::io::{self, Write};

use super::{
    Format, Presentation, Report,
    content::{Finding, Summary},
    counted, line,
    paths::Base,
};

pub(super) const FORMAT: Format =
    Format { name: "markdown", about: "For summaries of workflows and comments on pull requests", write };

/// Findings in the table of a project.
const ROWS: usize = 100;

/// Findings that are told with their code.
const STORIES: usize = 20;

fn write(reports: &[&Report], presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    let several = presentation.several;
    if several {
        table(reports, out)?;
    }
    for report in reports {
        project(report, several, presentation, out)?;
    }
    Ok(())
}

/// A line for each project, the worst first.
fn table(reports: &[&Report], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## mcpsec: {}\n", counted(reports.len(), "project"))?;
    writeln!(out, "| project | critical | high | medium | low | info | result |\n|---|--:|--:|--:|--:|--:|---|")?;
    for report in reports {
        let (name, result) = (cell(&text(&report.name)), report.result());
        if report.is_unread() {
            writeln!(out, "| {name} | - | - | - | - | - | {result} |")?;
            continue;
        }
        let Summary { critical, high, medium, low, info, .. } = report.summary();
        writeln!(out, "| {name} | {critical} | {high} | {medium} | {low} | {info} | {result} |")?;
    }
    writeln!(out)
}

fn project(report: &Report, several: bool, presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
    let base = Base::of(report, several);
    let title = if several { format!("### {}", text(&report.name)) } else { "## mcpsec".to_owned() };
    writeln!(out, "{title}: {}\n", report.found())?;
    let findings = report.gravest_first(presentation.suppressed);
    if !findings.is_empty() {
        writeln!(out, "| severity | finding | where |\n|---|---|---|")?;
    }
    for finding in findings.iter().take(ROWS) {
        let excuse = finding.excuse().map(|excuse| format!(", {excuse}")).unwrap_or_default();
        let rule = finding.rule;
        let page = format!("{}/blob/main/docs/rules/{rule}.md", env!("CARGO_PKG_REPOSITORY"));
        let (severity, message, place) =
            (finding.severity.name(), cell(&text(&finding.message)), cell(&code(&place(finding, &base))));
        writeln!(out, "| {severity}{excuse} | [{rule}]({page}): {message} | {place} |")?;
    }
    if findings.len() > ROWS {
        writeln!(out, "\nand {} more.", findings.len() - ROWS)?;
    }
    for finding in findings.iter().take(STORIES) {
        story(finding, &base, out)?;
    }
    for missing in &report.incomplete {
        let path = missing.file.as_deref().map(|path| format!("{}: ", code(&base.path(path)))).unwrap_or_default();
        writeln!(out, "\nNot checked: {path}{}", text(&missing.message))?;
    }
    writeln!(out, "\n{}\n", text(&report.coverage_line()))
}

fn place(finding: &Finding, base: &Base) -> String {
    format!("{}:{}", base.path(&finding.location.file), finding.location.line)
}

/// A finding to unfold: why it matters, what to change, its code.
fn story(finding: &Finding, base: &Base, out: &mut dyn Write) -> io::Result<()> {
    let place = html(&place(finding, base));
    writeln!(out, "\n<details><summary>{}: {} at {place}</summary>\n", finding.severity.name(), finding.rule)?;
    writeln!(out, "- Why: {}", text(&finding.attack))?;
    if let Some(fix) = &finding.fix {
        writeln!(out, "- Fix: {}", text(&fix.title))?;
    }
    if let Some(suppression) = &finding.suppressed {
        writeln!(out, "- Suppressed: {}", text(&suppression.reason))?;
    }
    for step in &finding.related {
        let place = code(&format!("{}:{}", base.path(&step.location.file), step.location.line));
        writeln!(out, "- {place}: {}", text(&step.message))?;
    }
    for excerpt in finding.excerpts.iter().filter(|excerpt| !excerpt.lines.is_empty()) {
        let shown = excerpt.lines.iter().map(|it| format!("{:>5} | {}\n", it.number, short(&line(&it.text))));
        let shown: String = shown.collect();
        let fence = "`".repeat(longest_run(&shown).max(2) + 1);
        writeln!(out, "\n{}\n\n{fence}text\n{shown}{fence}", code(&base.path(&excerpt.file)))?;
    }
    writeln!(out, "\n</details>")
}

/// As much of a line as a reader takes in.
fn short(text: &str) -> String {
    if text.chars().count() > 200 { text.chars().take(200).chain(['…']).collect() } else { text.to_owned() }
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

/// Words that stay words: what stands between backticks is code, and nothing is a link, an element or a mention.
fn text(words: &str) -> String {
    let words = line(words);
    let parts: Vec<&str> = words.split('`').collect();
    // Backticks come in pairs, or are none.
    let paired = parts.len() % 2 == 1;
    let parts = parts.iter().enumerate();
    if !paired {
        return escape(&words);
    }
    parts.map(|(index, part)| if index % 2 == 1 { code(part) } else { escape(part) }).collect()
}

/// A span of code, whatever is in it.
fn code(text: &str) -> String {
    let text = line(text);
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            // Names of people and numbers of issues become links otherwise.
            '@' => escaped += "&#64;",
            '#' => escaped += "&#35;",
            '|' => escaped += "&#124;",
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    // Addresses become links, too.
    escaped.replace("://", ":&#47;/").replace("www.", "www&#46;")
}

/// A cell of a table: in code, a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Text inside of an element, where nothing is Markdown.
fn html(text: &str) -> String {
    line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_others_stay_words() {
        assert_eq!(text("`host` of `ping` reaches"), "`host` of `ping` reaches");
        assert_eq!(text("a|b <img src=x> [x](http://y)"), "a&#124;b &lt;img src=x&gt; \\[x\\](http:&#47;/y)");
        assert_eq!(text("one ` only @all #1"), "one \\` only &#64;all &#35;1");
        assert_eq!(cell(&code("a`b|c\nd")), "``a`b\\|c d``");
        assert_eq!(code("`"), "`` ` ``");
    }
}
