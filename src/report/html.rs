//! `html`: one page that a team opens in a meeting: servers drawn with their flows, findings to search and filter.
//!
//! It is one file that loads nothing and sends nothing. Its policy allows the style and the script beside it, by their
//! digests, and nothing else; data stands apart from code, and every text of a project becomes a text node.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Format, Presentation, Report,
    content::{Finding, Flow, Incomplete, NotApplicable, Server, Skipped, Summary, Transport},
    excerpt::Excerpt,
};
use crate::rules::rule;

pub(super) const FORMAT: Format =
    Format { name: "html", about: "One page for a meeting: servers drawn, findings to search", write };

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// Longest line of code on the page; of longer ones, the part around the first mark.
const WIDTH: usize = 400;

/// What the script draws.
#[derive(Serialize)]
struct Data<'a> {
    version: &'static str,
    projects: Vec<Project<'a>>,
    /// Of the rules that found something.
    rules: BTreeMap<&'static str, About>,
}

#[derive(Serialize)]
struct Project<'a> {
    name: &'a str,
    result: &'static str,
    checked: bool,
    coverage: String,
    summary: Summary,
    transports: &'a [Transport],
    servers: &'a [Server],
    flows: &'a [Flow],
    findings: Vec<Told<'a>>,
    ran: Vec<&'static str>,
    not_applicable: &'a [NotApplicable],
    incomplete: &'a [Incomplete],
    skipped: &'a [Skipped],
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    /// Its further places are the steps of a flow.
    flow: bool,
    code: Vec<Code<'a>>,
}

#[derive(Serialize)]
struct Code<'a> {
    file: &'a str,
    lines: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    number: usize,
    text: String,
    marks: Vec<Mark<'a>>,
}

/// Places as scripts count them: in UTF-16.
#[derive(Serialize)]
struct Mark<'a> {
    start: usize,
    end: usize,
    label: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct About {
    title: &'static str,
    page: String,
}

fn write(reports: &[&Report], how: Presentation, out: &mut dyn Write) -> io::Result<()> {
    let found = reports.iter().flat_map(|report| &report.findings).filter_map(|finding| rule(finding.rule));
    let about = found.map(|rule| {
        let page = format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), rule.id);
        (rule.id, About { title: rule.title, page })
    });
    let data = Data {
        version: env!("CARGO_PKG_VERSION"),
        projects: reports.iter().map(|report| project(report, how.several, how)).collect(),
        rules: about.collect(),
    };
    // Nothing in it can end the element that it stands in.
    let data = serde_json::to_string(&data)?.replace('<', "\\u003c");
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'",
        digest(STYLE),
        digest(SCRIPT)
    );
    // Piece by piece: what is put in is never searched for the place of the next.
    let mut rest = PAGE;
    for (mark, text) in [("{policy}", &*policy), ("{style}", STYLE), ("{data}", &data), ("{script}", SCRIPT)] {
        let (before, behind) = rest.split_once(mark).unwrap_or((rest, ""));
        out.write_all(before.as_bytes())?;
        out.write_all(text.as_bytes())?;
        rest = behind;
    }
    out.write_all(rest.as_bytes())
}

fn project(report: &Report, several: bool, how: Presentation) -> Project<'_> {
    let applied = report.rules.iter().map(|rule| rule.id);
    Project {
        // Alone it needs no name, and the page stays the same wherever the project lies.
        name: if several { &report.name } else { "" },
        result: report.result(),
        checked: !report.is_unread(),
        coverage: report.coverage_line(),
        summary: report.summary(),
        transports: &report.transports,
        servers: &report.servers,
        flows: &report.flows,
        findings: report.told(how.suppressed).into_iter().map(told).collect(),
        ran: applied.filter(|id| !report.not_applicable.iter().any(|it| it.rule == *id)).collect(),
        not_applicable: &report.not_applicable,
        incomplete: &report.incomplete,
        skipped: &report.skipped,
    }
}

fn told(finding: &Finding) -> Told<'_> {
    let code = finding.excerpts.iter().map(|excerpt| Code { file: &excerpt.file, lines: lines(excerpt) });
    Told { finding, flow: finding.flow, code: code.collect() }
}

fn lines(excerpt: &Excerpt) -> Vec<Line<'_>> {
    let line = |line: &super::excerpt::Line| {
        let marks: Vec<_> = excerpt.marks.iter().filter(|mark| mark.line == line.number).collect();
        let first = marks.iter().map(|mark| mark.start).min().unwrap_or(0);
        let (begin, end) = window(&line.text, first);
        let units = |byte: usize| line.text[begin..byte.clamp(begin, end)].encode_utf16().count();
        let marks = marks.iter().map(|mark| Mark {
            start: units(mark.start),
            end: units(mark.end),
            label: &mark.label,
            primary: mark.primary,
        });
        Line { number: line.number, marks: marks.collect(), text: line.text[begin..end].to_owned() }
    };
    excerpt.lines.iter().map(line).collect()
}

/// The part of a line that is shown, around a byte.
fn window(text: &str, byte: usize) -> (usize, usize) {
    if text.len() <= WIDTH {
        return (0, text.len());
    }
    let begin = crate::lines::floor(text, byte.saturating_sub(WIDTH / 4));
    (begin, crate::lines::floor(text, begin + WIDTH))
}

/// A digest as a policy names it.
fn digest(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text)))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = (0..3).fold(0, |sum, index| sum << 8 | usize::from(chunk.get(index).copied().unwrap_or(0)));
        for index in 0..4 {
            let letter = LETTERS[number >> (18 - 6 * index) & 63];
            text.push(if index <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_written_as_policies_want_them() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(digest(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    #[test]
    fn the_page_has_its_places_in_order_and_its_parts_cannot_end_themselves() {
        let places = ["{policy}", "{style}", "{data}", "{script}"].map(|mark| PAGE.find(mark));
        assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}");
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
        assert!(!SCRIPT.contains("innerHTML") && !SCRIPT.contains("document.write"));
    }

    #[test]
    fn a_line_is_cut_around_what_is_marked() {
        let text = format!("{}é{}", "x".repeat(999), "y".repeat(999));
        let (begin, end) = window(&text, 999);
        assert!(begin <= 999 && 1001 <= end && end - begin <= WIDTH, "{begin}..{end}");
        assert_eq!(window("short", 3), (0, 5));
    }
}
