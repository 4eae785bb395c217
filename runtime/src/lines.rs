//! Takes lines from a bounded queue to their destination on a thread of its own, so that a slow disk or a reader that does
//! not read never stops a call.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::{
    runtime,
    sync::{mpsc, oneshot},
};

/// Lines that may wait. Beyond that, [`LineWriter::reserve`] and [`LineWriter::offer`] say no.
const CAPACITY: usize = 8_192;
/// Bytes gathered into one write.
pub(crate) const BATCH: usize = 64 * 1024;
/// Pause after a write. Lines that come meanwhile go out with the next one: under load, waking a thread and writing for
/// each line would cost more than the line. A line that comes after a quiet time is written at once.
const GATHER: Duration = Duration::from_millis(2);
/// Pause before a failed write is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Where lines end. Used by the writing thread alone.
pub(crate) trait Destination<T>: Send + 'static {
    /// Renders a line into what is to be written next.
    fn add(&mut self, line: T);
    /// Bytes that are to be written.
    fn pending(&self) -> usize;
    /// Writes them.
    ///
    /// # Errors
    ///
    /// What could not be written stays pending.
    fn write(&mut self) -> io::Result<()>;
    /// Says once that writing fails; it is tried again until it does not.
    fn complain(&self, _error: &io::Error) {}
    /// When it wants to be tended though no line comes.
    fn due(&self) -> Option<Instant> {
        None
    }
    /// Does what is due while nothing is pending. Says whether there is something to write now.
    fn tend(&mut self) -> bool {
        false
    }
    /// Like [`Destination::tend`], for the last time before a server ends; lines may still come.
    fn close(&mut self) -> bool {
        false
    }
}

enum Message<T> {
    Line(T),
    Flush(oneshot::Sender<()>),
    Close(oneshot::Sender<()>),
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

impl<T: Send + 'static> LineWriter<T> {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When no thread can be started.
    pub(crate) fn start(destination: impl Destination<T>) -> io::Result<Self> {
        let (queue, lines) = mpsc::channel(CAPACITY);
        let working = Arc::new(AtomicBool::new(true));
        let clock = runtime::Builder::new_current_thread().enable_time().build()?;
        let writer = Writer { destination, lines, working: Arc::clone(&working), clock };
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
        self.wait(Message::Flush, patience).await;
    }

    /// Like [`LineWriter::flush`], and has the destination closed.
    pub(crate) async fn close(&self, patience: Duration) {
        self.wait(Message::Close, patience).await;
    }

    async fn wait(&self, message: impl FnOnce(oneshot::Sender<()>) -> Message<T>, patience: Duration) {
        let (written, done) = oneshot::channel();
        let _ = tokio::time::timeout(patience, async {
            if self.queue.send(message(written)).await.is_ok() {
                let _ = done.await;
            }
        })
        .await;
    }
}

/// Standard error. Errors are ignored: nobody reads it.
#[derive(Default)]
pub(crate) struct Stderr(Vec<u8>);

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

impl<T: Line> Destination<T> for Stderr {
    fn add(&mut self, line: T) {
        line.render(&mut self.0);
    }

    fn pending(&self) -> usize {
        self.0.len()
    }

    fn write(&mut self) -> io::Result<()> {
        let _ = io::stderr().lock().write_all(&self.0);
        self.0.clear();
        Ok(())
    }
}

/// The far end of the queue.
struct Writer<T, D> {
    destination: D,
    lines: mpsc::Receiver<Message<T>>,
    working: Arc<AtomicBool>,
    /// Waits with an end; it drives nothing else.
    clock: runtime::Runtime,
}

/// What ends a wait.
enum Event<T> {
    Message(Message<T>),
    Due,
    End,
}

impl<T: Send + 'static, D: Destination<T>> Writer<T, D> {
    fn run(mut self) {
        self.write_out();
        loop {
            match self.next() {
                Event::Message(first) => {
                    self.gather(first);
                    thread::sleep(GATHER);
                }
                Event::Due => self.write_out(),
                Event::End => break,
            }
        }
        self.close();
    }

    fn next(&mut self) -> Event<T> {
        let message = match self.destination.due() {
            None => self.lines.blocking_recv(),
            Some(due) => {
                let lines = &mut self.lines;
                let until = tokio::time::Instant::from_std(due);
                match self.clock.block_on(async { tokio::time::timeout_at(until, lines.recv()).await }) {
                    Ok(message) => message,
                    Err(_) => return Event::Due,
                }
            }
        };
        message.map_or(Event::End, Event::Message)
    }

    /// Writes `first` and what waits behind it.
    fn gather(&mut self, first: Message<T>) {
        let (mut waiting, mut closing) = (Vec::new(), false);
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Line(line) => self.destination.add(line),
                Message::Flush(done) => waiting.push(done),
                Message::Close(done) => {
                    waiting.push(done);
                    closing = true;
                }
            }
            next = if self.destination.pending() < BATCH { self.lines.try_recv().ok() } else { None };
        }
        self.write_out();
        if closing {
            self.close();
        }
        for done in waiting {
            let _ = done.send(());
        }
    }

    fn write_out(&mut self) {
        while self.write_pending() && self.destination.tend() {}
    }

    fn close(&mut self) {
        while self.write_pending() && self.destination.close() {}
    }

    /// Writes to the end of what is pending. While that fails, the writer says that it does not work, and tries again.
    /// Gives up, and says so, when nobody is left to send a line.
    fn write_pending(&mut self) -> bool {
        while let Err(error) = self.destination.write() {
            if self.working.swap(false, Ordering::AcqRel) {
                self.destination.complain(&error);
            }
            if self.lines.is_closed() {
                return false;
            }
            thread::sleep(RETRY);
        }
        self.working.store(true, Ordering::Release);
        true
    }
}
