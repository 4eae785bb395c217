//! `[capabilities]`: what may be announced; the doctor holds the code against it.

use super::Part;
use crate::{
    read::{Reader, Section},
    show::Settings,
    values::boolean,
};

/// `[capabilities]`: what may be announced. All false by default.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Capabilities {
    /// Tools may be listed and called.
    pub tools: bool,
    /// Resources may be listed and read.
    pub resources: bool,
    /// Prompts may be listed and got.
    pub prompts: bool,
    /// Arguments may be completed.
    pub completions: bool,
    /// Log messages may be sent to the client.
    pub logging: bool,
}

impl Part for Capabilities {
    fn name(&self) -> &'static str {
        "capabilities"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "tools", &mut self.tools, boolean);
        section.set(reader, "resources", &mut self.resources, boolean);
        section.set(reader, "prompts", &mut self.prompts, boolean);
        section.set(reader, "completions", &mut self.completions, boolean);
        section.set(reader, "logging", &mut self.logging, boolean);
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("tools", self.tools);
        settings.add("resources", self.resources);
        settings.add("prompts", self.prompts);
        settings.add("completions", self.completions);
        settings.add("logging", self.logging);
    }
}
