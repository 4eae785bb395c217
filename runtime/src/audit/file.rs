//! The file that records are appended to: its chain, its rotation, its end.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};

use mcpsec_policy::{
    audit_log::{Chain, segments},
    model::{self, Keep, OnFull, Rotate},
};

use super::{Record, checkpoints::Checkpoints, in_file, note::Note, recover, seal::Sealer};
use crate::{lines::Destination, serve::ServeError};

/// Pause after a rotation that failed.
const RETRY: Duration = Duration::from_secs(10);
/// How long another process may take to let go of the log.
const HANDOVER: Duration = Duration::from_secs(2);

/// One log, as long as a server writes it.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    /// Rendered and not yet written, from `written` on.
    buffer: Vec<u8>,
    written: usize,
    chain: Option<Chain>,
    checkpoints: Option<Checkpoints>,
    segment: Segment,
    rotation: Option<Rotation>,
    lost: Arc<AtomicU64>,
    on_full: OnFull,
    /// What is written has to reach the disk itself.
    unsynced: bool,
    /// Full files whose removal is about to be recorded.
    doomed: Vec<PathBuf>,
    /// Held as long as the log is written.
    _lock: Option<File>,
}

/// The file that is written to.
struct Segment {
    number: u64,
    size: u64,
    began: SystemTime,
    /// Whether it holds decisions.
    used: bool,
}

/// What happens to full files.
struct Rotation {
    when: Rotate,
    keep: Option<Keep>,
    sealer: Option<Sealer>,
    not_before: Instant,
}

impl LogFile {
    /// Opens the log at `path`, makes it readable by its owner alone if it is new, and goes on where it ends.
    ///
    /// # Errors
    ///
    /// See [`super::Audit::open`].
    pub(super) fn open(path: &Path, policy: &model::Audit, lost: Arc<AtomicU64>) -> Result<Self, ServeError> {
        let checkpoints = Checkpoints::open(policy)?;
        let sealer = Sealer::open(policy)?;
        // A device or a pipe has no end to go on from, and no neighbours.
        let regular = fs::metadata(path).map_or(true, |metadata| metadata.is_file());
        if !regular && policy.rotate.is_some() {
            let why = format!("`audit.rotate`: `{}` is not a regular file", path.display());
            return Err(ServeError::Configuration(why));
        }
        let lock = regular.then(|| lock(path)).transpose()?;
        let file = append(path).map_err(in_file(path))?;
        let left = regular.then(|| recover::recover(path, policy.chain)).transpose().map_err(in_file(path))?;
        let rotation =
            policy.rotate.map(|when| Rotation { when, keep: policy.keep, sealer, not_before: Instant::now() });
        let mut log = Self {
            path: path.to_owned(),
            file,
            buffer: Vec::with_capacity(crate::lines::BATCH),
            written: 0,
            chain: policy.chain.then(Chain::default),
            checkpoints,
            segment: Segment { number: 1, size: 0, began: SystemTime::now(), used: false },
            rotation,
            lost,
            on_full: policy.on_full,
            unsynced: false,
            doomed: Vec::new(),
            _lock: lock,
        };
        log.begin(left).map_err(in_file(path))?;
        Ok(log)
    }

    /// Takes over how the log was left, and says that a server begins.
    fn begin(&mut self, left: Option<recover::Left>) -> io::Result<()> {
        let mut torn = None;
        let mut fresh = true;
        if let Some(left) = left {
            self.chain = left.chain;
            let size = self.file.metadata()?.len();
            self.segment = Segment { number: left.segment, size, began: left.began, used: left.used };
            if left.unfinished {
                self.buffer.push(b'\n');
            }
            (torn, fresh) = (left.torn, left.empty);
            if let Some(sealer) = self.rotation.as_mut().and_then(|rotation| rotation.sealer.as_mut()) {
                sealer.catch_up(&segments::rotated(&self.path)?);
            }
        }
        if torn.is_some() {
            tracing::warn!("the audit log ends in the middle of a line: a server was stopped while it wrote");
        }
        if fresh {
            self.note(&Note::Segment { segment: self.segment.number });
        }
        self.note(&Note::Start { version: env!("CARGO_PKG_VERSION"), torn });
        // What a crash left unsigned counts towards the last checkpoint's promise.
        self.sign();
        Ok(())
    }

    fn note(&mut self, note: &Note<'_>) {
        self.put(|out| note.write_json(SystemTime::now(), out));
    }

    /// Renders a line, and a checkpoint if it is one too many without.
    fn put(&mut self, render: impl FnOnce(&mut Vec<u8>)) {
        let Some(chain) = &mut self.chain else {
            render(&mut self.buffer);
            self.buffer.push(b'\n');
            return;
        };
        chain.append(&mut self.buffer, render);
        if let Some(checkpoints) = &mut self.checkpoints
            && checkpoints.count()
        {
            checkpoints.sign(chain, &mut self.buffer);
        }
    }

    /// Signs what waits for a signature, and says whether there was anything.
    fn sign(&mut self) -> bool {
        let (Some(chain), Some(checkpoints)) = (&mut self.chain, &mut self.checkpoints) else { return false };
        if !checkpoints.wanted() {
            return false;
        }
        checkpoints.sign(chain, &mut self.buffer);
        self.unsynced = true;
        // Beside the file, so that whoever cuts off its end can be found out.
        tracing::info!(seq = chain.last(), head = %chain.head(), "the audit log was signed");
        true
    }

    /// Writes down how many decisions have no record.
    fn admit_losses(&mut self) -> bool {
        let count = self.lost.swap(0, Ordering::Relaxed);
        if count > 0 {
            let calls = if self.on_full == OnFull::Refuse { "refused" } else { "run" };
            self.note(&Note::Lost { count, calls });
        }
        count > 0
    }

    /// What has to happen once lines are written.
    fn settle(&mut self) {
        if self.unsynced {
            self.unsynced = false;
            if let Err(error) = self.file.sync_data() {
                tracing::error!(%error, "the audit log may not survive a power failure");
            }
        }
        for path in self.doomed.drain(..) {
            if let Err(error) = fs::remove_file(&path) {
                tracing::error!(%error, path = %path.display(), "an old audit file cannot be removed");
            }
        }
    }

    /// When the file is full by its age; `None` if it does not get full that way, or holds nothing.
    fn full_at(&self) -> Option<SystemTime> {
        match self.rotation.as_ref()?.when {
            Rotate::Age(age) if self.segment.used => Some(self.segment.began + age),
            _ => None,
        }
    }

    fn is_full(&self) -> bool {
        let Some(rotation) = &self.rotation else { return false };
        let full = match rotation.when {
            Rotate::Size(size) => self.segment.used && size.0 <= self.segment.size,
            Rotate::Age(_) => self.full_at().is_some_and(|full_at| full_at <= SystemTime::now()),
        };
        full && rotation.not_before <= Instant::now()
    }

    /// Begins a new file. While that fails, lines go on into the old one.
    fn rotate(&mut self) -> bool {
        match self.exchange() {
            Ok(full) => {
                self.note(&Note::Segment { segment: self.segment.number });
                self.expire();
                if let Some(sealer) = self.rotation.as_mut().and_then(|rotation| rotation.sealer.as_mut()) {
                    sealer.seal(full);
                }
                true
            }
            Err(error) => {
                tracing::error!(%error, "the audit log cannot be rotated; it is written on");
                if let Some(rotation) = &mut self.rotation {
                    rotation.not_before = Instant::now() + RETRY;
                }
                false
            }
        }
    }

    /// Moves the full file away and puts an empty one in its place.
    fn exchange(&mut self) -> io::Result<PathBuf> {
        let full = segments::rotated_path(&self.path, self.segment.number);
        if full.symlink_metadata().is_ok() {
            return Err(io::Error::other(format!("`{}` is there already", full.display())));
        }
        let next = segments::with_suffix(&self.path, ".next");
        let file = append(&next)?;
        file.set_len(0)?;
        self.file.sync_data()?;
        fs::rename(&self.path, &full)?;
        if let Err(error) = fs::rename(&next, &self.path) {
            fs::rename(&full, &self.path)?;
            return Err(error);
        }
        self.file = file;
        self.segment = Segment { number: self.segment.number + 1, size: 0, began: SystemTime::now(), used: false };
        Ok(full)
    }

    /// Records which full files are removed, oldest first; they are, once that is written.
    fn expire(&mut self) {
        let Some(keep) = self.rotation.as_ref().and_then(|rotation| rotation.keep) else { return };
        let Ok(rotated) = segments::rotated(&self.path) else { return };
        let newest = self.segment.number - 1;
        for segment in rotated {
            let over = match keep {
                Keep::Files(count) => segment.number + (count as u64) <= newest,
                Keep::Age(age) => fs::metadata(&segment.path)
                    .and_then(|metadata| metadata.modified())
                    .is_ok_and(|modified| modified.elapsed().is_ok_and(|elapsed| age <= elapsed)),
            };
            if !over {
                break;
            }
            self.note(&Note::Retention { removed: segment.number });
            self.doomed.push(segment.path);
        }
    }
}

impl Destination<Record> for LogFile {
    fn add(&mut self, record: Record) {
        self.segment.used = true;
        self.put(|out| record.write_json(out));
    }

    fn pending(&self) -> usize {
        self.buffer.len() - self.written
    }

    fn write(&mut self) -> io::Result<()> {
        while self.written < self.buffer.len() {
            match self.file.write(&self.buffer[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.written += count;
                    self.segment.size += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.buffer.clear();
        self.written = 0;
        Ok(())
    }

    fn complain(&self, error: &io::Error) {
        match self.on_full {
            OnFull::Refuse => {
                tracing::error!(%error, "the audit log cannot be written: calls are refused until it can")
            }
            OnFull::Count => tracing::error!(%error, "the audit log cannot be written: calls are counted until it can"),
        }
    }

    fn due(&self) -> Option<Instant> {
        let sign = self.checkpoints.as_ref().and_then(Checkpoints::due);
        let rotate = self.full_at().map(|full_at| {
            let wait = full_at.duration_since(SystemTime::now()).unwrap_or_default();
            // Clocks are set: look again from time to time.
            let at = Instant::now() + wait.min(Duration::from_secs(3_600));
            self.rotation.as_ref().map_or(at, |rotation| at.max(rotation.not_before))
        });
        sign.into_iter().chain(rotate).min()
    }

    fn tend(&mut self) -> bool {
        self.settle();
        if self.admit_losses() {
            return true;
        }
        if self.is_full() {
            // The signature belongs into the file that it covers.
            return self.sign() || self.rotate();
        }
        self.checkpoints.as_ref().and_then(Checkpoints::due).is_some_and(|due| due <= Instant::now()) && self.sign()
    }

    fn close(&mut self) -> bool {
        self.settle();
        if self.admit_losses() || self.sign() {
            return true;
        }
        let seals = self.rotation.as_ref().is_some_and(|rotation| rotation.sealer.is_some());
        if seals && self.segment.used && self.rotate() {
            return true;
        }
        if let Some(sealer) = self.rotation.as_mut().and_then(|rotation| rotation.sealer.as_mut()) {
            sealer.wait();
        }
        let _ = self.file.sync_data();
        false
    }
}

/// Two servers that append to one log would break its chain.
fn lock(path: &Path) -> Result<File, ServeError> {
    let beside = segments::with_suffix(path, ".lock");
    let file = append(&beside).map_err(in_file(path))?;
    let until = Instant::now() + HANDOVER;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(Duration::from_millis(50)),
            Err(TryLockError::WouldBlock) => {
                return Err(ServeError::Configuration(format!(
                    "`audit.sink`: another process writes the audit log `{}`; give each server a log of its own",
                    path.display()
                )));
            }
            Err(TryLockError::Error(error)) => return Err(in_file(path)(error)),
        }
    }
}

fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
