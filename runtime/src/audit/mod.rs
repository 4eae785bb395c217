//! The audit log: one JSON line for each decision.
//!
//! A record says who asked for what, when, and what became of it: `time`, `request_id`, `client`, `transport`,
//! `method`, `target`, `verdict`, `reason`, `duration_ms`. It never holds arguments or results.
//!
//! The lines of a file form a chain ([`mcpsec_policy::audit_log`]), which checkpoints sign where the policy names a key;
//! full files are rotated, kept for a time and encrypted as it says. All of that is done by the writing thread, never by
//! the call.
//!
//! With a file, a call whose record could not be written is not run: the place in the queue is reserved first. Under
//! `on_full = "count"` it runs, and the number of such calls is written as soon as there is room. On standard error,
//! which a client may leave unread, records are dropped.

mod checkpoints;
mod file;
mod note;
mod record;
mod recover;
mod seal;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mcpsec_policy::model::{self, AuditSink, OnFull};

use self::file::LogFile;
pub(crate) use self::record::Record;
use crate::{
    lines::{LineWriter, Reservation, Stderr},
    serve::ServeError,
};

/// Where records go.
pub(crate) struct Audit {
    lines: LineWriter<Record>,
    lost: Arc<AtomicU64>,
    must_write: bool,
}

/// The right to write one record.
pub(crate) struct Entry(Option<Reservation<Record>>);

impl Entry {
    /// Writes the record.
    pub(crate) fn write(self, record: Record) {
        if let Some(place) = self.0 {
            place.send(record);
        }
    }
}

impl Audit {
    /// Opens the sink.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened for appending, is written by another process or is no log of ours; when a key is
    /// missing or another can read it; when this build cannot do what the policy asks.
    pub(crate) fn open(policy: &model::Audit) -> Result<Self, ServeError> {
        let lost = Arc::new(AtomicU64::new(0));
        let (lines, must_write) = match &policy.sink {
            AuditSink::Stderr => (LineWriter::start(Stderr::default()).map_err(in_file(Path::new("-")))?, false),
            AuditSink::File(path) => {
                let file = LogFile::open(path, policy, Arc::clone(&lost))?;
                (LineWriter::start(file).map_err(in_file(path))?, policy.on_full == OnFull::Refuse)
            }
        };
        Ok(Self { lines, lost, must_write })
    }

    /// A place for the record of a call that is about to run; `None` when the record would be lost and must not be.
    pub(crate) fn entry(&self) -> Option<Entry> {
        let place = self.lines.reserve();
        if place.is_none() {
            self.lost.fetch_add(1, Ordering::Relaxed);
            if self.must_write {
                return None;
            }
        }
        Some(Entry(place))
    }

    /// Writes what the server itself noticed. Nothing runs on it, so a full log does not stop it.
    #[cfg(feature = "redis")]
    pub(crate) fn note(&self, method: &'static str, verdict: &'static str, reason: &'static str) {
        let Some(entry) = self.entry() else { return };
        entry.write(Record {
            time: std::time::SystemTime::now(),
            request_id: crate::guard::new_request_id(),
            client: "server".to_owned(),
            transport: "none",
            method: method.into(),
            target: None,
            verdict,
            reason: reason.into(),
            duration: Duration::ZERO,
        });
    }

    /// Waits until the records so far are written.
    #[cfg(feature = "http")]
    pub(crate) async fn flush(&self) {
        self.lines.flush(Duration::from_secs(2)).await;
    }

    /// Waits until the records so far are written, signed and, where the policy says so, encrypted: the server ends.
    pub(crate) async fn close(&self) {
        self.lines.close(Duration::from_secs(10)).await;
    }
}

/// What the operating system says about `path`, as the reason why nothing is served.
fn in_file(path: &Path) -> impl Fn(std::io::Error) -> ServeError {
    move |source| ServeError::Audit { path: path.to_owned(), source }
}
