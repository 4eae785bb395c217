//! `json`: everything, for programs. The format is described in `docs/json.md`, which changes with [`VERSION`].

use std::io::{self, Write};

use serde::Serialize;

use super::{
    Format, Presentation, Report,
    content::{Finding, Incomplete, NotApplicable, Server, Skipped, Summary, Transport},
};
use crate::doctor::Verdict;

pub(super) const FORMAT: Format = Format { name: "json", about: "Everything, for programs: docs/json.md", write };

/// Grows when a field changes its meaning or goes; new fields do not count.
pub(super) const VERSION: u32 = 1;

/// What wrote a report.
pub(super) const TOOL: Tool = Tool { name: "mcpsec", version: env!("CARGO_PKG_VERSION") };

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

/// One project: the document begins with its version.
#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    #[serde(flatten)]
    project: Project<'a>,
}

/// Several projects, the worst first.
#[derive(Serialize)]
struct Documents<'a> {
    version: u32,
    tool: Tool,
    exit_code: u8,
    projects: Vec<Named<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    #[serde(flatten)]
    project: Project<'a>,
}

/// What is said of one project.
#[derive(Serialize)]
pub(super) struct Project<'a> {
    exit_code: u8,
    summary: Summary,
    transports: &'a [Transport],
    servers: &'a [Server],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) findings: Option<Vec<&'a Finding>>,
    not_applicable: &'a [NotApplicable],
    incomplete: &'a [Incomplete],
    skipped: &'a [Skipped],
}

fn write(reports: &[&Report], how: Presentation, out: &mut dyn Write) -> io::Result<()> {
    if let ([report], false) = (reports, how.several) {
        serde_json::to_writer(&mut *out, &Document { version: VERSION, tool: TOOL, project: project(report, how) })?;
    } else {
        let projects = reports.iter().map(|report| Named { name: &report.name, project: project(report, how) });
        let documents = Documents {
            version: VERSION,
            tool: TOOL,
            exit_code: Verdict::of_several(reports.iter().map(|report| report.verdict)).code(),
            projects: projects.collect(),
        };
        serde_json::to_writer(&mut *out, &documents)?;
    }
    out.write_all(b"\n")
}

pub(super) fn project(report: &Report, how: Presentation) -> Project<'_> {
    Project {
        exit_code: report.verdict.code(),
        summary: report.summary(),
        transports: &report.transports,
        servers: &report.servers,
        findings: Some(report.told(how.suppressed)),
        not_applicable: &report.not_applicable,
        incomplete: &report.incomplete,
        skipped: &report.skipped,
    }
}
