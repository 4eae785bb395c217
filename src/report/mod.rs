//! Reports: one file per format. A report formats, and decides nothing: the same findings, the same exit code in each.
//!
//! Nothing here writes a secret: texts and lines of source pass [`redact`] first. Outputs hold no time and no absolute
//! path, so that the same project gives the same bytes.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use crate::{
    doctor::{Outcome, Reported},
    finding::{Finding, Place},
    lines::{Lines, Position},
    project::Project,
    redact,
};

mod fingerprint;
mod frame;
mod human;
mod json;
pub mod page;
mod sarif;

pub(crate) use human::counted;

/// A format of the doctor's report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// Code frames for people.
    Human,
    /// `docs/json.md`.
    Json,
    /// SARIF 2.1.0.
    Sarif,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Human, Self::Json, Self::Sarif];

    /// The word on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
        }
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
}

/// What a report is about.
#[derive(Debug)]
pub struct Report<'a> {
    project: &'a Project,
    outcome: &'a Outcome,
    /// Text without secrets of the files that findings point into.
    texts: BTreeMap<&'a str, String>,
    regions: BTreeMap<&'a Place, Region>,
}

/// Where something begins and ends, as people count; the end is one column behind the last character.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Region {
    start: Position,
    end: Position,
}

/// What is said of a whole file, or of one that is not there.
const TOP: Region = Region { start: Position { line: 1, column: 1 }, end: Position { line: 1, column: 1 } };

impl<'a> Report<'a> {
    /// Prepares the sources and positions that the findings need.
    pub fn new(project: &'a Project, outcome: &'a Outcome) -> Self {
        let findings: Vec<&Finding> = outcome.findings.iter().map(|reported| &reported.finding).collect();
        let mut places: BTreeMap<&str, Vec<&'a Place>> = BTreeMap::new();
        for place in
            project.facts.servers.iter().map(|server| &server.place).chain(outcome.findings.iter().flat_map(of))
        {
            places.entry(&place.path).or_default().push(place);
        }
        let (mut texts, mut regions) = (BTreeMap::new(), BTreeMap::new());
        for (path, places) in places {
            let Some(file) = project.file(path) else { continue };
            let lines = Lines::new(&file.text);
            for place in places {
                let region = Region { start: lines.position(place.start), end: lines.position(place.end) };
                regions.insert(place, region);
            }
            texts.insert(file.path.as_str(), redact::source(path, &file.text, &findings));
        }
        Self { project, outcome, texts, regions }
    }

    /// Writes the report.
    pub fn write(&self, format: Format, presentation: Presentation, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Human => human::write(self, presentation, out),
            Format::Json => json::write(self, out),
            Format::Sarif => sarif::write(self, out),
        }
    }

    fn region(&self, place: &Place) -> Region {
        self.regions.get(place).copied().unwrap_or(TOP)
    }
}

/// Every place that a finding names.
fn of(reported: &Reported) -> impl Iterator<Item = &Place> {
    let Reported { finding, suppression, .. } = reported;
    let edits = finding.fix.iter().flat_map(|fix| fix.edits.iter().map(|edit| &edit.place));
    let related = finding.related.iter().map(|related| &related.place);
    std::iter::once(&finding.place).chain(related).chain(edits).chain(suppression.iter().map(|it| &it.place))
}
