//! `[log]`: structured JSON lines on standard error.

use super::Part;
use crate::{
    read::{Reader, Section},
    show::Settings,
    values::{Word, word},
};

/// Least severe log line that is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum LogLevel {
    /// Only failures.
    Error,
    /// And what should be looked at.
    Warn,
    /// And the usual events. The default.
    Info,
    /// And details; never a call's arguments.
    Debug,
}

/// `[log]`: structured JSON lines on standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Log {
    /// Default info. The SDK's own lines are held to `warn` whatever this says.
    pub level: LogLevel,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: LogLevel::Info }
    }
}

impl Word for LogLevel {
    const WORDS: &'static [(&'static str, Self)] =
        &[("error", Self::Error), ("warn", Self::Warn), ("info", Self::Info), ("debug", Self::Debug)];
}

impl Part for Log {
    fn name(&self) -> &'static str {
        "log"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "level", &mut self.level, word);
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("level", self.level.as_word());
    }
}
