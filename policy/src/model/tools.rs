//! `[tools.NAME]`: limits of one tool.

use std::{collections::BTreeMap, time::Duration};

use super::Part;
use crate::{
    Rate, keys,
    read::{Reader, Section},
    show::Settings,
    values::{self, DAY, MILLISECOND, boolean, count, duration},
};

/// `[tools.NAME]`: limits of one tool.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Tool {
    /// Calls per client, beside the rate per method.
    #[cfg_attr(feature = "schema", schemars(with = "Rate"))]
    pub rate: Option<Rate>,
    /// Longest run, instead of `limits.timeout`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub timeout: Option<Duration>,
    /// The tool has a breaker: see `[resilience]`. Default false.
    pub breaker: bool,
    /// What the tool depends on: all tools that name the same have one breaker together.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub dependency: Option<String>,
    /// A second call does no harm, so a failed one may be made again: see `[resilience]`. Default false.
    pub idempotent: bool,
    /// How often, instead of `resilience.retries`.
    #[cfg_attr(feature = "schema", schemars(with = "usize", range(min = 0, max = 10)))]
    pub retries: Option<usize>,
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
            section.set(reader, "breaker", &mut tool.breaker, boolean);
            section.set(reader, "dependency", &mut tool.dependency, |reader, field| {
                values::checked(reader, field, keys::check_scope).map(Some)
            });
            section.set(reader, "idempotent", &mut tool.idempotent, boolean);
            let retries = section.key_span("retries");
            section.set(reader, "retries", &mut tool.retries, |reader, field| count(0..=10)(reader, field).map(Some));
            if let (Some(place), false) = (retries, tool.idempotent) {
                let message = format!("`{path}.retries`: a call is made again only where a second one does no harm");
                reader.problem(place, message).help.push("write `idempotent = true` if that is so".to_owned());
            }
            section.finish(reader);
            self.insert(name.to_owned(), tool);
        }
    }

    fn show(&self, settings: &mut Settings) {
        for (name, tool) in self {
            settings.add(format!("{name}.rate"), tool.rate);
            settings.add(format!("{name}.timeout"), tool.timeout);
            settings.add(format!("{name}.breaker"), tool.breaker);
            settings.add(format!("{name}.dependency"), tool.dependency.as_deref());
            settings.add(format!("{name}.idempotent"), tool.idempotent);
            settings.add(format!("{name}.retries"), tool.retries);
        }
    }
}
