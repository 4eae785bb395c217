//! What a report tells of a project: owned and small, so that many can be held while their projects are gone.
//!
//! Everything in it has passed [`super::redact`]: no format can write a secret. The names of fields are those of the
//! JSON report, `docs/json.md`.

use serde::Serialize;

use super::excerpt::Excerpt;
use crate::{
    doctor::Verdict,
    finding::{Confidence, Safety, Severity},
    rules::Rule,
};

/// What is told of one project, in every format.
#[derive(Clone, Debug)]
pub struct Report {
    /// The project's folder as it was given.
    pub(super) name: String,
    /// Its folder below the repository's; empty where they are the same, or where there is no repository.
    pub(super) below: String,
    pub(super) verdict: Verdict,
    /// In the order of paths and positions.
    pub(super) findings: Vec<Finding>,
    /// What was found and is nothing new.
    pub(super) known: Known,
    /// How many were left out for want of confidence or severity.
    pub(super) hidden: usize,
    pub(super) servers: Vec<Server>,
    pub(super) transports: Vec<Transport>,
    pub(super) flows: Vec<Flow>,
    /// The rules that ran.
    pub(super) rules: Vec<&'static Rule>,
    pub(super) not_applicable: Vec<NotApplicable>,
    pub(super) incomplete: Vec<Incomplete>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) coverage: Coverage,
}

/// How many findings are nothing new.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    /// There was a baseline or another revision: what is reported is new.
    pub(super) compared: bool,
    /// A baseline has them.
    pub(super) baseline: usize,
    /// The other revision has them.
    pub(super) before: usize,
}

/// How much was read.
#[derive(Clone, Debug)]
pub(super) struct Coverage {
    pub(super) files: usize,
    /// Sources that a server needs.
    pub(super) parsed: usize,
    /// Sources that were read as text.
    pub(super) apart: usize,
    /// Every file that was read, where somebody asked: path, language, and whether it was read as text only.
    pub(super) listing: Vec<(String, Option<&'static str>, bool)>,
}

/// A finding.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    pub(super) confidence: Confidence,
    pub(super) message: String,
    pub(super) attack: String,
    #[serde(flatten)]
    pub(super) location: Location,
    pub(super) related: Vec<Related>,
    pub(super) fix: Option<Fix>,
    pub(super) suppressed: Option<Suppression>,
    /// Where it was known before: `baseline` or `before`, which is the compared revision.
    pub(super) known: Option<&'static str>,
    /// It fails the run.
    pub(super) failing: bool,
    /// The further places are the steps of a way that ends at the finding's place.
    #[serde(skip)]
    pub(super) flow: bool,
    /// The code, a part for each file.
    #[serde(skip)]
    pub(super) excerpts: Vec<Excerpt>,
    /// Its name in a baseline.
    #[serde(skip)]
    pub(super) identity: String,
    /// What somebody pastes who accepts it.
    #[serde(skip)]
    pub(super) suppress: String,
    /// What [`super::fingerprint`] says of its line; nothing where the file is not there.
    #[serde(skip)]
    pub(super) fingerprint: Option<String>,
}

impl Finding {
    /// Whether it counts: nobody accepted it, and it is new.
    pub(super) fn counts(&self) -> bool {
        self.suppressed.is_none() && self.known.is_none()
    }

    /// Why it does not count, in two words.
    pub(super) fn excuse(&self) -> Option<&'static str> {
        match self.known {
            _ if self.suppressed.is_some() => Some("suppressed"),
            Some("baseline") => Some("in the baseline"),
            Some(_) => Some("there before"),
            None => None,
        }
    }
}

/// Where something begins and ends, as people count; the end is one column behind the last character.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(super) struct Location {
    /// Relative to the project's folder.
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Related {
    pub(super) message: String,
    #[serde(flatten)]
    pub(super) location: Location,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Fix {
    pub(super) title: String,
    pub(super) safety: Safety,
    pub(super) edits: Vec<Edit>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Edit {
    #[serde(flatten)]
    pub(super) location: Location,
    pub(super) replacement: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Suppression {
    pub(super) reason: String,
    pub(super) expires: Option<String>,
    #[serde(flatten)]
    pub(super) location: Location,
}

/// A server that was found.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Server {
    #[serde(flatten)]
    pub(super) location: Location,
    pub(super) language: &'static str,
    pub(super) sdk: String,
    pub(super) sdk_version: Option<String>,
    pub(super) kind: String,
    pub(super) name: Option<String>,
    /// Nothing where a name is computed.
    pub(super) tools: Vec<Option<String>>,
    /// What it declares or serves, each once.
    pub(super) capabilities: Vec<&'static str>,
    pub(super) incomplete: Vec<String>,
}

/// A way to reach the project's servers.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Transport {
    /// `stdio`, `http`, `sse`, `websocket`
    pub(super) kind: &'static str,
    /// Who can connect: `client` on stdio, else `loopback`, `network`, `unknown`.
    pub(super) reach: &'static str,
    #[serde(flatten)]
    pub(super) location: Location,
}

/// Input of a caller that reaches something.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Flow {
    pub(super) tool: Option<String>,
    pub(super) parameter: String,
    pub(super) sink: &'static str,
    pub(super) call: String,
    #[serde(flatten)]
    pub(super) location: Location,
    pub(super) hops: Vec<Related>,
    /// Checks on the way that hold.
    pub(super) guards: Vec<Related>,
    /// A check on the way, and why it does not hold.
    pub(super) weakness: Option<Related>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct NotApplicable {
    pub(super) rule: &'static str,
    pub(super) reason: &'static str,
}

/// What should have been checked and was not.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Incomplete {
    pub(super) file: Option<String>,
    pub(super) message: String,
}

/// A file or folder that was not wholly read.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Skipped {
    pub(super) file: String,
    pub(super) reason: String,
    pub(super) incomplete: bool,
}

/// Counts of findings that count, by severity, and the others.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Summary {
    pub(super) files: usize,
    pub(super) parsed: usize,
    pub(super) rules: usize,
    pub(super) critical: usize,
    pub(super) high: usize,
    pub(super) medium: usize,
    pub(super) low: usize,
    pub(super) info: usize,
    pub(super) suppressed: usize,
    pub(super) hidden: usize,
    /// In the baseline.
    pub(super) accepted: usize,
    /// In the revision that this one is compared with.
    pub(super) before: usize,
}

impl Report {
    pub(super) fn summary(&self) -> Summary {
        let count = |severity| self.counted().filter(|it| it.severity == severity).count();
        Summary {
            files: self.coverage.files,
            parsed: self.coverage.parsed,
            rules: self.rules.len(),
            critical: count(Severity::Critical),
            high: count(Severity::High),
            medium: count(Severity::Medium),
            low: count(Severity::Low),
            info: count(Severity::Info),
            suppressed: self.findings.iter().filter(|it| it.suppressed.is_some()).count(),
            hidden: self.hidden,
            accepted: self.known.baseline,
            before: self.known.before,
        }
    }

    /// The findings that count.
    pub(super) fn counted(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.counts())
    }

    /// What formats for programs tell: what is suppressed, too, and what was known before where somebody asked.
    pub(super) fn told(&self, known: bool) -> Vec<&Finding> {
        self.findings.iter().filter(|it| known || it.known.is_none()).collect()
    }

    /// The findings that count, and the others where somebody asked; the gravest first: what is read first should be
    /// mended first.
    pub(super) fn gravest_first(&self, suppressed: bool) -> Vec<&Finding> {
        let mut shown: Vec<&Finding> = self.findings.iter().filter(|it| suppressed || it.counts()).collect();
        shown.sort_by_key(|it| std::cmp::Reverse((it.counts(), it.severity)));
        shown
    }

    /// How many findings count, of each severity that there is, the gravest first.
    pub(super) fn severities(&self) -> Vec<(Severity, usize)> {
        severities(self.counted())
    }

    /// What sorts the worst project first.
    pub(super) fn rank(&self) -> impl Ord + use<> {
        let Summary { critical, high, medium, low, info, .. } = self.summary();
        let verdict = match self.verdict {
            Verdict::Unusable | Verdict::Stopped => 0,
            Verdict::Findings => 1,
            Verdict::Incomplete => 2,
            Verdict::Nothing => 3,
            Verdict::Clean => 4,
        };
        // Of what was not checked nobody knows how bad it is.
        (!self.is_unread(), std::cmp::Reverse((critical, high, medium, low, info)), verdict, self.name.clone())
    }
}

/// How many findings there are of each severity, the gravest first.
pub(super) fn severities<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<(Severity, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    findings.for_each(|it| *counts.entry(it.severity).or_default() += 1);
    counts.into_iter().rev().collect()
}
