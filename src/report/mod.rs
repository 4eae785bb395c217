//! Reports: one file per format. A report formats, and decides nothing: the same findings, the same exit code in each.
//!
//! A [`Report`] is what formats may tell of one project. Nothing in it is a secret: texts and lines of source pass
//! `redact` first. Outputs hold no time and no absolute path, so that the same project gives the same bytes.

use std::{
    fmt,
    io::{self, Write},
};

use crate::doctor::Verdict;

mod agent;
mod concise;
mod content;
mod coverage;
mod excerpt;
mod fingerprint;
mod frame;
mod gather;
mod github;
mod gitlab_codequality;
mod gitlab_sast;
mod html;
mod human;
mod json;
mod jsonl;
mod junit;
mod markdown;
mod masks;
pub mod page;
mod paths;
mod sarif;
pub mod suppression;
mod unread;

pub use content::Report;

/// A format of the doctor's report: one file, one value, one line in [`Format::ALL`].
#[derive(Clone, Copy)]
pub struct Format {
    /// The word on the command line.
    pub name: &'static str,
    /// For whom, in one line.
    pub about: &'static str,
    /// Writes reports about one project or several, the worst first.
    write: fn(&[&Report], Presentation, &mut dyn Write) -> io::Result<()>,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[
        human::FORMAT,
        concise::FORMAT,
        agent::FORMAT,
        markdown::FORMAT,
        json::FORMAT,
        jsonl::FORMAT,
        sarif::FORMAT,
        github::FORMAT,
        gitlab_codequality::FORMAT,
        gitlab_sast::FORMAT,
        junit::FORMAT,
        html::FORMAT,
    ];

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name == name)
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

/// What people want to see besides the findings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Presentation {
    /// Escape sequences for colours.
    pub colors: bool,
    /// Findings that somebody suppressed.
    pub suppressed: bool,
    /// How often each rule spoke.
    pub statistics: bool,
    /// Every file that was read, and every one that was not.
    pub files: bool,
    /// The form for several projects; of one, too.
    pub several: bool,
}

/// Writes one report about all projects, the worst first.
///
/// # Errors
/// Where `out` cannot be written.
pub fn write(format: Format, reports: &[Report], how: Presentation, out: &mut dyn Write) -> io::Result<()> {
    let mut sorted: Vec<&Report> = reports.iter().collect();
    sorted.sort_by_cached_key(|report| report.rank());
    (format.write)(&sorted, Presentation { several: how.several || reports.len() > 1, ..how }, out)
}

impl Report {
    /// What came of the run, in a word or two.
    fn result(&self) -> &'static str {
        match self.verdict {
            Verdict::Clean => "clean",
            Verdict::Findings => "findings",
            Verdict::Incomplete => "incomplete",
            Verdict::Nothing => "nothing to check",
            Verdict::Unusable | Verdict::Stopped => "not checked",
        }
    }
}

/// `1 file`, `2 files`
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A text that was found in a project, fit for a terminal: control characters cannot move the cursor.
fn clean(text: &str) -> String {
    let text = annotate_snippets::normalize_untrusted_str(text);
    // Some terminals obey these as they obey an escape character with a letter.
    text.replace(|character| matches!(character, '\u{80}'..='\u{9f}'), "\u{fffd}")
}

/// The same, in one line.
fn line(text: &str) -> String {
    clean(&text.replace(['\r', '\n', '\u{2028}', '\u{2029}'], " "))
}
