//! `[resilience]`: what happens when a tool, or what it depends on, fails.

use std::time::Duration;

use super::Part;
use crate::{
    read::{Reader, Section},
    show::Settings,
    values::{HOUR, MILLISECOND, boolean, count, duration},
};

/// `[resilience]`: breakers, and calls that are made again.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Resilience {
    /// So many failed calls within `window`, where they are at least half of all, open a breaker. Default 5.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10000)))]
    pub failures: usize,
    /// How long failures count. Default 30 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub window: Duration,
    /// How long an open breaker refuses before it lets one call try. Default 30 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub open_for: Duration,
    /// A result with `isError` counts as failed, too. Default false: a tool may say that of its arguments.
    pub tool_errors: bool,
    /// How often a call of a tool with `idempotent = true` is made again when it fails. Default 2.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 10)))]
    pub retries: usize,
    /// Wait before the first time; it doubles, and a random part of up to a half is left out. Default 100 ms.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub retry_wait: Duration,
    /// Calls that are made again, in percent of all calls of such tools. Default 10.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 100)))]
    pub retry_budget: usize,
}

impl Default for Resilience {
    fn default() -> Self {
        Self {
            failures: 5,
            window: Duration::from_secs(30),
            open_for: Duration::from_secs(30),
            tool_errors: false,
            retries: 2,
            retry_wait: Duration::from_millis(100),
            retry_budget: 10,
        }
    }
}

impl Part for Resilience {
    fn name(&self) -> &'static str {
        "resilience"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "failures", &mut self.failures, count(1..=10_000));
        section.set(reader, "window", &mut self.window, duration(MILLISECOND..=HOUR));
        section.set(reader, "open_for", &mut self.open_for, duration(MILLISECOND..=HOUR));
        section.set(reader, "tool_errors", &mut self.tool_errors, boolean);
        section.set(reader, "retries", &mut self.retries, count(0..=10));
        section.set(reader, "retry_wait", &mut self.retry_wait, duration(MILLISECOND..=HOUR));
        section.set(reader, "retry_budget", &mut self.retry_budget, count(0..=100));
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("failures", self.failures);
        settings.add("window", self.window);
        settings.add("open_for", self.open_for);
        settings.add("tool_errors", self.tool_errors);
        settings.add("retries", self.retries);
        settings.add("retry_wait", self.retry_wait);
        settings.add("retry_budget", self.retry_budget);
    }
}
