//! Structured log lines, one JSON object each, on standard error.
//!
//! rmcp's own lines are held to `warn`: below that it writes whole requests and results. Lines of a call carry its request
//! id in `span.request_id`. A reader that does not read loses lines; it never stops a call.

use std::{
    io::{self, Write},
    panic::PanicHookInfo,
    sync::{Arc, OnceLock},
    time::Duration,
};

use mcpsec_policy::model::{Log, LogLevel};
use mcpsec_screen::{hidden, secrets};
use tracing_subscriber::{
    EnvFilter, fmt::MakeWriter, layer::SubscriberExt as _, registry::Registry, util::SubscriberInitExt as _,
};

use crate::lines::{LineWriter, Stderr};

/// The process has one log.
static LINES: OnceLock<Arc<LineWriter<Vec<u8>>>> = OnceLock::new();

/// Starts the log, unless the program has set up its own, and takes panics into it.
///
/// # Errors
///
/// When the writing thread cannot be started.
pub(crate) fn start(log: Log) -> io::Result<()> {
    let lines = Arc::new(LineWriter::start(Stderr::default())?);
    let format = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(Lines(Arc::clone(&lines)));
    let started = Registry::default().with(filter(log.level)).with(format).try_init().is_ok();
    if started && LINES.set(lines).is_ok() {
        std::panic::set_hook(Box::new(report_panic));
    }
    Ok(())
}

/// Waits until what was logged so far is written.
pub(crate) async fn flush() {
    if let Some(lines) = LINES.get() {
        lines.flush(Duration::from_secs(1)).await;
    }
}

fn filter(level: LogLevel) -> EnvFilter {
    let (ours, theirs) = match level {
        LogLevel::Error => ("error", "error"),
        LogLevel::Warn => ("warn", "warn"),
        LogLevel::Info => ("info", "warn"),
        LogLevel::Debug => ("debug", "warn"),
    };
    // The environment has no say: `RUST_LOG=trace` would write arguments and results.
    EnvFilter::new(format!("{ours},rmcp={theirs},hyper={theirs},h2={theirs}"))
}

/// One line in place of the default report, whose text could hold anything.
fn report_panic(panic: &PanicHookInfo<'_>) {
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let said = text.unwrap_or("no text");
    let said = hidden::neutralize(said).into_owned();
    let said: String = secrets::redact(&said).chars().take(500).collect();
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(panic = said, place, "panicked");
}

/// Gathers one event and queues it.
struct Lines(Arc<LineWriter<Vec<u8>>>);

/// The line of one event.
struct EventLine {
    lines: Arc<LineWriter<Vec<u8>>>,
    text: Vec<u8>,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = EventLine;

    fn make_writer(&'a self) -> EventLine {
        EventLine { lines: Arc::clone(&self.0), text: Vec::new() }
    }
}

impl Write for EventLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for EventLine {
    fn drop(&mut self) {
        if !self.text.is_empty() {
            self.lines.offer(std::mem::take(&mut self.text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rmcp_never_logs_below_warn() {
        for level in [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug] {
            let text = filter(level).to_string();
            assert!(text.contains("rmcp=warn") || text.contains("rmcp=error"), "{text}");
        }
    }
}
