//! `[limits]`: what one call may cost.

use std::time::Duration;

use super::Part;
use crate::{
    ByteSize,
    read::{Reader, Section},
    show::Settings,
    values::{DAY, HOUR, MILLISECOND, MINUTE, count, duration, size},
};

/// `[limits]`: what one call may cost.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Limits {
    /// Largest request body or stdio line. Default 1 MiB.
    pub body: ByteSize,
    /// Largest answer. Default 4 MiB.
    pub response: ByteSize,
    /// Calls that run at once. Default 32.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10000)))]
    pub concurrency: usize,
    /// Calls that wait for a place. Default 100.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 100000)))]
    pub queue: usize,
    /// Longest wait for a place. Default 5 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub queue_wait: Duration,
    /// Longest run of one call. Default 30 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub timeout: Duration,
    /// Longest time for a request's header to arrive. Default 10 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub header_timeout: Duration,
    /// Longest time for a request's body to arrive. Default 10 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub body_timeout: Duration,
    /// Longest time that running calls get when the server stops. Default 10 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub drain: Duration,
    /// Open connections. Default 1024.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000000)))]
    pub connections: usize,
    /// Deepest nesting of JSON in a request. Default 64.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 127)))]
    pub depth: usize,
    /// Most values (object members and array items, all levels) in the arguments of a call. Default 10000.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10000000)))]
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: ByteSize::mib(1),
            response: ByteSize::mib(4),
            concurrency: 32,
            queue: 100,
            queue_wait: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            drain: Duration::from_secs(10),
            connections: 1_024,
            depth: 64,
            values: 10_000,
        }
    }
}

impl Part for Limits {
    fn name(&self) -> &'static str {
        "limits"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "body", &mut self.body, size(ByteSize(1)..=ByteSize::mib(64)));
        section.set(reader, "response", &mut self.response, size(ByteSize(1)..=ByteSize::mib(256)));
        section.set(reader, "concurrency", &mut self.concurrency, count(1..=10_000));
        section.set(reader, "queue", &mut self.queue, count(0..=100_000));
        section.set(reader, "queue_wait", &mut self.queue_wait, duration(MILLISECOND..=HOUR));
        section.set(reader, "timeout", &mut self.timeout, duration(MILLISECOND..=DAY));
        section.set(reader, "header_timeout", &mut self.header_timeout, duration(MILLISECOND..=10 * MINUTE));
        section.set(reader, "body_timeout", &mut self.body_timeout, duration(MILLISECOND..=HOUR));
        section.set(reader, "drain", &mut self.drain, duration(Duration::ZERO..=HOUR));
        section.set(reader, "connections", &mut self.connections, count(1..=1_000_000));
        // The JSON parser itself ends at 128.
        section.set(reader, "depth", &mut self.depth, count(1..=127));
        section.set(reader, "values", &mut self.values, count(1..=10_000_000));
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("body", self.body);
        settings.add("response", self.response);
        settings.add("concurrency", self.concurrency);
        settings.add("queue", self.queue);
        settings.add("queue_wait", self.queue_wait);
        settings.add("timeout", self.timeout);
        settings.add("header_timeout", self.header_timeout);
        settings.add("body_timeout", self.body_timeout);
        settings.add("drain", self.drain);
        settings.add("connections", self.connections);
        settings.add("depth", self.depth);
        settings.add("values", self.values);
    }
}
