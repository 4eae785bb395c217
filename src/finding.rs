//! Findings: what a rule says about a place.

use serde::Serialize;

/// How much an attacker gains.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nobody gains anything.
    Info,
    /// Hygiene, or a step towards something else.
    Low,
    /// Exploitable under conditions.
    Medium,
    /// Exploitable by who can reach the server or the model.
    High,
    /// Full control, or a live credential in the open.
    Critical,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word in every output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure the doctor is. What depends on a guess is low and never fails a run by default.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A guess.
    Low,
    /// A pattern with its context.
    Medium,
    /// An exact artifact or a complete path from source to sink.
    High,
}

impl Confidence {
    /// The word in every output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A place in a project's file: byte offsets, start inclusive, end exclusive. Lines and columns are computed by reports.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Place {
    /// Relative to the project's folder, with forward slashes.
    pub path: String,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Place {
    /// The bytes `start..end` of `path`.
    pub fn new(path: &str, start: usize, end: usize) -> Self {
        Self { path: path.to_owned(), start, end }
    }

    /// The beginning of a file, for what is said of the whole file or of something absent.
    pub fn top(path: &str) -> Self {
        Self::new(path, 0, 0)
    }
}

/// A further place that belongs to the finding: a hop of a flow, the declaration that has no registration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is there, in one lowercase clause.
    pub message: String,
}

/// Whether an edit can be applied without thinking.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// Changes nothing that anybody could rely on.
    Safe,
    /// May change behaviour: a person must look.
    Unsafe,
}

/// Replaces the bytes of a place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub place: Place,
    /// The new text.
    pub replacement: String,
}

/// What to change, in words and, where it is mechanical, as edits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fix {
    /// Imperative, one clause.
    pub title: String,
    /// Whether the edits can be applied without thinking.
    pub safety: Safety,
    /// May be empty: then the title is advice.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// Advice without a mechanical edit.
    pub fn advice(title: impl Into<String>) -> Self {
        Self { title: title.into(), safety: Safety::Unsafe, edits: Vec::new() }
    }
}

/// One weakness at one place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// Id of the rule.
    pub rule: &'static str,
    /// Usually the rule's; context may lower or raise it.
    pub severity: Severity,
    /// Usually the rule's; context may lower it.
    pub confidence: Confidence,
    /// Where.
    pub place: Place,
    /// What is wrong here, one lowercase sentence without final period.
    pub message: String,
    /// What an attacker does with it, one sentence.
    pub attack: String,
    /// Hops and further places, in the order of the story.
    pub related: Vec<Related>,
    /// What to change.
    pub fix: Option<Fix>,
}

impl Finding {
    /// Whether the further places are the steps of a way that ends at the finding's place.
    pub fn is_flow(&self) -> bool {
        self.related.len() > 1 && self.related.last().is_some_and(|last| last.place == self.place)
    }
}
