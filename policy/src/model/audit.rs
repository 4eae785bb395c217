//! `[audit]`: one JSON line per decision.

use std::path::PathBuf;

use super::Part;
use crate::{
    checks,
    read::{Reader, Section},
    show::Settings,
    values,
};

/// Where audit records go.
#[derive(Clone, Debug, PartialEq)]
pub enum AuditSink {
    /// Standard error, beside the log. The default.
    Stderr,
    /// Appended to a file, relative to the policy file's folder; absolute after loading.
    File(PathBuf),
}

/// `[audit]`: one JSON line per decision.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Audit {
    /// `sink = "stderr"` or `sink = "file:PATH"`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::SinkText"))]
    pub sink: AuditSink,
}

impl Default for Audit {
    fn default() -> Self {
        Self { sink: AuditSink::Stderr }
    }
}

impl Part for Audit {
    fn name(&self) -> &'static str {
        "audit"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "sink", &mut self.sink, |reader, field| {
            let text = values::text(reader, field)?;
            match (text.as_str(), text.strip_prefix("file:")) {
                ("stderr", _) => Some(AuditSink::Stderr),
                (_, Some(path)) if checks::path(path).is_ok() => Some(AuditSink::File(reader.base.join(path))),
                _ => {
                    field.impossible(reader, "expected \"stderr\" or \"file:PATH\"");
                    None
                }
            }
        });
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        match &self.sink {
            AuditSink::Stderr => settings.add("sink", "stderr"),
            AuditSink::File(file) => settings.add("sink", format!("file:{}", file.display()).as_str()),
        }
    }
}
