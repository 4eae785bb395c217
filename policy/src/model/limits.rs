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
    /// Calls of one client that run at once. Default three quarters of `concurrency`. The parent of a stdio server has no
    /// such bound.
    #[cfg_attr(feature = "schema", schemars(with = "usize", range(min = 1, max = 10000)))]
    pub client_concurrency: Option<usize>,
    /// Calls of one client that wait for a place. Default three quarters of `queue`.
    #[cfg_attr(feature = "schema", schemars(with = "usize", range(min = 0, max = 100000)))]
    pub client_queue: Option<usize>,
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
            client_concurrency: None,
            client_queue: None,
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

impl Limits {
    /// How many calls of one client run at once.
    pub fn client_concurrency(&self) -> usize {
        self.client_concurrency.unwrap_or(three_quarters(self.concurrency).max(1)).min(self.concurrency)
    }

    /// How many calls of one client wait for a place.
    pub fn client_queue(&self) -> usize {
        let own = three_quarters(self.queue).max(self.queue.min(1));
        self.client_queue.unwrap_or(own).min(self.queue)
    }
}

fn three_quarters(of: usize) -> usize {
    of - of.div_ceil(4)
}

impl Part for Limits {
    fn name(&self) -> &'static str {
        "limits"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "body", &mut self.body, size(ByteSize(1)..=ByteSize::mib(64)));
        section.set(reader, "response", &mut self.response, size(ByteSize(1)..=ByteSize::mib(256)));
        section.set(reader, "concurrency", &mut self.concurrency, count(1..=10_000));
        section.set(reader, "client_concurrency", &mut self.client_concurrency, |reader, field| {
            count(1..=10_000)(reader, field).map(Some)
        });
        section.set(reader, "client_queue", &mut self.client_queue, |reader, field| {
            count(0..=100_000)(reader, field).map(Some)
        });
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
        settings.add("client_concurrency", self.client_concurrency);
        settings.add("client_queue", self.client_queue);
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
