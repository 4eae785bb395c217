//! `[tools.NAME]`: limits of one tool.

use std::{collections::BTreeMap, time::Duration};

use super::Part;
use crate::{
    Rate,
    read::{Reader, Section},
    show::Settings,
    values::{self, DAY, MILLISECOND, duration},
};

/// `[tools.NAME]`: limits of one tool.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Tool {
    /// Calls per client, beside the rate per method.
    #[cfg_attr(feature = "schema", schemars(with = "Rate"))]
    pub rate: Option<Rate>,
    /// Longest run, instead of `limits.timeout`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub timeout: Option<Duration>,
}

impl Part for BTreeMap<String, Tool> {
    fn name(&self) -> &'static str {
        "tools"
    }

    fn read(&mut self, reader: &mut Reader<'_>, section: Section<'_>) {
        for (name, field) in section.entries() {
            let mut tool = Tool::default();
            let path = field.path.clone();
            let mut section = Section::of(reader, &path, Some(field));
            section.set(reader, "rate", &mut tool.rate, |reader, field| values::rate(reader, field).map(Some));
            section.set(reader, "timeout", &mut tool.timeout, |reader, field| {
                duration(MILLISECOND..=DAY)(reader, field).map(Some)
            });
            section.finish(reader);
            self.insert(name.to_owned(), tool);
        }
    }

    fn show(&self, settings: &mut Settings) {
        for (name, tool) in self {
            settings.add(format!("{name}.rate"), tool.rate);
            settings.add(format!("{name}.timeout"), tool.timeout);
        }
    }
}
