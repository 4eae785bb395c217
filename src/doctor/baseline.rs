//! Findings that were there when somebody wrote them down: they are counted, and do not fail a run.
//!
//! One sorted line each, without line numbers and times ([`super::identity`]), so that branches that both touch the file
//! merge. What is written down and is not found any more is stale, and reported: a baseline only shrinks.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
};

use super::identity::Identity;
use crate::{
    finding::{Confidence, Finding, Fix, Place, Severity},
    rules::Rule,
};

/// Where a baseline lies when nothing else is said.
pub const NAME: &str = ".mcpsec-baseline";

const HEAD: &str = "\
# Findings that mcpsec accepts because they were there before. One line each: rule, path, hash of the source.
# `mcpsec baseline prune` removes what is mended; `mcpsec baseline create` writes it anew. Merge by keeping both sides.
";

/// A baseline as written.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Baseline {
    /// Where it lies, relative to the project's folder.
    pub path: String,
    /// Which findings, and the bytes of the line that says so.
    pub entries: BTreeMap<Identity, Range<usize>>,
}

/// A line that is none of a baseline.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {line} is no line of a baseline: `{text}`")]
pub struct BaselineError {
    /// From one.
    pub line: usize,
    /// The beginning of what stands there.
    pub text: String,
}

impl Baseline {
    /// Reads a baseline's text. A line that is there twice, as after a merge of both sides, counts once.
    ///
    /// # Errors
    /// On the first line that is neither a finding's, nor empty, nor a comment: nothing is skipped in silence.
    pub fn parse(path: &str, text: &str) -> Result<Self, BaselineError> {
        let mut entries = BTreeMap::new();
        let mut start = 0;
        for (index, whole) in text.split_inclusive('\n').enumerate() {
            let line = whole.trim_end_matches(['\n', '\r']);
            if !line.is_empty() && !line.starts_with('#') {
                let identity = Identity::parse(line)
                    .ok_or_else(|| BaselineError { line: index + 1, text: line.chars().take(60).collect() })?;
                entries.entry(identity).or_insert(start..start + line.len());
            }
            start += whole.len();
        }
        Ok(Self { path: path.to_owned(), entries })
    }
}

/// The text of a baseline with these findings.
pub fn render<'a>(identities: impl IntoIterator<Item = &'a Identity>) -> String {
    let mut lines: Vec<String> = identities.into_iter().map(Identity::to_string).collect();
    lines.sort();
    lines.dedup();
    lines.into_iter().fold(HEAD.to_owned(), |text, line| text + &line + "\n")
}

/// Whether a baseline may hold findings of this rule. What is wrong with suppressions, with a baseline or with a scan is
/// mended, not accepted.
pub fn accepts(rule: &str) -> bool {
    !matches!(
        rule,
        "scan-incomplete" | "suppression-invalid" | "suppression-unused" | "baseline-stale" | "configuration-weakened"
    )
}

/// Lines whose rules ran and whose finding is not there any more.
pub(super) fn stale(baseline: &Baseline, found: &HashSet<&Identity>, ran: &[&Rule]) -> Vec<Finding> {
    if !ran.iter().any(|rule| rule.id == "baseline-stale") {
        return Vec::new();
    }
    let gone = baseline.entries.iter().filter(|(identity, _)| {
        let known = crate::rules::rule(&identity.rule).is_some();
        let ran = ran.iter().any(|rule| rule.id == identity.rule);
        !found.contains(identity) && (ran || !known)
    });
    gone.map(|(identity, line)| Finding {
        rule: "baseline-stale",
        severity: Severity::Low,
        confidence: Confidence::High,
        place: Place::new(&baseline.path, line.start, line.end),
        message: format!(
            "`{}` in {} is accepted here, and nothing is found there any more",
            identity.rule, identity.path
        ),
        attack: "a line that covers nothing would cover the same mistake when somebody makes it again".to_owned(),
        related: Vec::new(),
        fix: Some(Fix::advice("remove it: `mcpsec baseline prune`")),
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(path: &str) -> Identity {
        Identity { rule: "eval".to_owned(), path: path.to_owned(), hash: "0123456789abcdef".to_owned(), number: 1 }
    }

    #[test]
    fn what_is_written_is_read_in_the_order_of_its_lines() {
        let text = render([&identity("b.ts"), &identity("a.ts"), &identity("b.ts")]);
        let baseline = Baseline::parse(NAME, &text).expect("it was just written");
        assert_eq!(baseline.entries.keys().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["a.ts", "b.ts"]);
        for (identity, line) in &baseline.entries {
            assert_eq!(text[line.clone()], identity.to_string());
        }
        let windows = Baseline::parse(NAME, &text.replace('\n', "\r\n")).expect("line breaks do not matter");
        assert_eq!(windows.entries.len(), 2);
    }

    #[test]
    fn both_sides_of_a_merge_are_read_and_conflict_markers_are_not() {
        let line = identity("a.ts").to_string();
        assert_eq!(Baseline::parse(NAME, &format!("{line}\n{line}\n")).expect("a line twice").entries.len(), 1);
        let error = Baseline::parse(NAME, &format!("{line}\n<<<<<<< ours\n")).expect_err("a marker");
        assert_eq!((error.line, error.text.as_str()), (2, "<<<<<<< ours"));
    }
}
