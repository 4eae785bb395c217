//! Writes lines from a bounded queue on its own thread, so that a slow disk or a reader that does not read never stops
//! a call.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

/// Lines that may wait. Beyond that, [`LineWriter::reserve`] and [`LineWriter::offer`] say no.
const CAPACITY: usize = 8_192;
/// Bytes gathered into one write.
const BATCH: usize = 64 * 1024;
/// Pause after a write. Lines that come meanwhile go out with the next one: under load, waking a thread and writing for
/// each line would cost more than the line. A line that comes after a quiet time is written at once.
const GATHER: Duration = Duration::from_millis(2);
/// Pause before a failed write is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Something that becomes one line.
pub(crate) trait Line: Send + 'static {
    /// Appends the line, with its newline.
    fn render(&self, out: &mut Vec<u8>);
}

impl Line for Vec<u8> {
    fn render(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

/// Where lines go.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// Standard error. Errors are ignored: nobody reads it.
    Stderr,
    /// Appended to a file, created readable by its owner alone.
    File(PathBuf),
}

enum Message<T> {
    Line(T),
    Flush(oneshot::Sender<()>),
}

/// The near end of the queue.
pub(crate) struct LineWriter<T> {
    queue: mpsc::Sender<Message<T>>,
    working: Arc<AtomicBool>,
}

/// A place in the queue: the line that takes it is written.
pub(crate) struct Reservation<T>(mpsc::OwnedPermit<Message<T>>);

impl<T> Reservation<T> {
    /// Queues the line.
    pub(crate) fn send(self, line: T) {
        self.0.send(Message::Line(line));
    }
}

impl<T: Line> LineWriter<T> {
    /// Opens `target` and starts the thread.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened for appending, or no thread can be started.
    pub(crate) fn open(target: Target) -> io::Result<Self> {
        let output = Output::open(target)?;
        let (queue, lines) = mpsc::channel(CAPACITY);
        let working = Arc::new(AtomicBool::new(true));
        let writer = Writer { output, lines, working: Arc::clone(&working), batch: Vec::with_capacity(BATCH) };
        thread::Builder::new().name("mcpsec-lines".to_owned()).spawn(move || writer.run())?;
        Ok(Self { queue, working })
    }

    /// A place for a line that must not get lost; `None` while writing fails or the queue is full.
    pub(crate) fn reserve(&self) -> Option<Reservation<T>> {
        if !self.working.load(Ordering::Acquire) {
            return None;
        }
        self.queue.clone().try_reserve_owned().ok().map(Reservation)
    }

    /// Queues a line that may get lost. Says whether it was taken.
    pub(crate) fn offer(&self, line: T) -> bool {
        self.queue.try_send(Message::Line(line)).is_ok()
    }

    /// Waits until what was queued so far is written, at most `patience`.
    pub(crate) async fn flush(&self, patience: Duration) {
        let (written, done) = oneshot::channel();
        let _ = tokio::time::timeout(patience, async {
            if self.queue.send(Message::Flush(written)).await.is_ok() {
                let _ = done.await;
            }
        })
        .await;
    }
}

enum Output {
    Stderr,
    File { path: PathBuf, file: File },
}

impl Output {
    fn open(target: Target) -> io::Result<Self> {
        Ok(match target {
            Target::Stderr => Self::Stderr,
            Target::File(path) => Self::File { file: append(&path)?, path },
        })
    }

    /// Writes a part and says how much.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stderr => {
                let _ = io::stderr().lock().write_all(bytes);
                Ok(bytes.len())
            }
            Self::File { file, .. } => file.write(bytes),
        }
    }

    /// Opens the file again: it may have been rotated away, or its disk may be back.
    fn reopen(&mut self) {
        if let Self::File { path, file } = self
            && let Ok(fresh) = append(path)
        {
            *file = fresh;
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

/// The far end of the queue.
struct Writer<T> {
    output: Output,
    lines: mpsc::Receiver<Message<T>>,
    working: Arc<AtomicBool>,
    batch: Vec<u8>,
}

impl<T: Line> Writer<T> {
    fn run(mut self) {
        while let Some(first) = self.lines.blocking_recv() {
            let mut flushes = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Line(line) => line.render(&mut self.batch),
                    Message::Flush(done) => flushes.push(done),
                }
                next = if self.batch.len() < BATCH { self.lines.try_recv().ok() } else { None };
            }
            self.write_batch();
            for done in flushes {
                let _ = done.send(());
            }
            thread::sleep(GATHER);
        }
    }

    /// Writes the batch to its end. While that fails, the writer says that it does not work, and tries again.
    fn write_batch(&mut self) {
        let mut written = 0;
        while written < self.batch.len() {
            match self.output.write(&self.batch[written..]) {
                Ok(0) | Err(_) => {
                    if self.working.swap(false, Ordering::AcqRel) {
                        tracing::error!("the audit log cannot be written: calls are refused until it can");
                    }
                    if self.lines.is_closed() {
                        break;
                    }
                    thread::sleep(RETRY);
                    self.output.reopen();
                }
                Ok(count) => written += count,
            }
        }
        self.batch.clear();
        self.working.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_reach_the_file_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let writer = LineWriter::<Vec<u8>>::open(Target::File(path.clone())).unwrap();
        for n in 0..100 {
            writer.reserve().unwrap().send(format!("{n}\n").into_bytes());
        }
        writer.flush(Duration::from_secs(5)).await;
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().map(|line| line.parse().unwrap()).collect::<Vec<u32>>(), (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("absent").join("audit.jsonl");
        assert!(LineWriter::<Vec<u8>>::open(Target::File(missing)).is_err());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_file_that_cannot_be_written_gives_no_more_reservations() {
        let writer = LineWriter::<Vec<u8>>::open(Target::File(PathBuf::from("/dev/full"))).unwrap();
        writer.reserve().unwrap().send(b"lost\n".to_vec());
        for _ in 0..500 {
            if writer.reserve().is_none() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("a full disk went unnoticed");
    }
}
