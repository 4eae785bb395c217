//! `jsonl`: an object per line, for pipes and logs. The fields are those of `docs/json.md`.

use std::io::{self, Write};

use serde::Serialize;

use super::{
    Format, Presentation, Report,
    content::Finding,
    json::{self, Project},
};

pub(super) const FORMAT: Format =
    Format { name: "jsonl", about: "An object per line, for pipes and logs: docs/json.md", write };

/// What a line is about; its project where there are several.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Project {
        project: Option<&'a str>,
        version: u32,
        tool: json::Tool,
        #[serde(flatten)]
        about: Box<Project<'a>>,
    },
    Finding {
        project: Option<&'a str>,
        #[serde(flatten)]
        finding: &'a Finding,
    },
}

fn write(reports: &[&Report], how: Presentation, out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        let project = how.several.then_some(report.name.as_str());
        let mut about = Box::new(json::project(report, how));
        let findings = about.findings.take().unwrap_or_default();
        line(&Line::Project { project, version: json::VERSION, tool: json::TOOL, about }, out)?;
        for finding in findings {
            line(&Line::Finding { project, finding }, out)?;
        }
    }
    Ok(())
}

fn line(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
