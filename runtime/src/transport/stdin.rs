//! Standard input as a stream that never holds up the end of the process.
//!
//! Tokio reads standard input on a thread that it waits for at the end, and a read ends only with input: a server that
//! was asked to stop would stay until its client closes the pipe. Pipes on Linux can be read without a thread; for
//! everything else (sockets, as Node makes them; terminals; other systems) this file reads on a thread that nobody
//! waits for.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    thread,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::mpsc,
};

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;
/// Chunks read ahead.
const AHEAD: usize = 2;

/// Both streams of this process.
///
/// # Errors
///
/// When no thread can be started.
pub(crate) fn streams()
-> io::Result<(Box<dyn AsyncRead + Send + Unpin + 'static>, Box<dyn AsyncWrite + Send + Unpin + 'static>)> {
    if is_pipe(0) && is_pipe(1) {
        let (input, output) = rmcp::transport::io::stdio_pipes();
        return Ok((Box::new(input), Box::new(output)));
    }
    let input = Stdin::open(io::stdin())?;
    Ok((Box::new(input), Box::new(tokio::io::stdout())))
}

#[cfg(target_os = "linux")]
fn is_pipe(descriptor: u8) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    std::fs::metadata(format!("/proc/self/fd/{descriptor}")).is_ok_and(|file| file.file_type().is_fifo())
}

#[cfg(not(target_os = "linux"))]
fn is_pipe(_: u8) -> bool {
    false
}

/// What the thread has read.
struct Stdin {
    chunks: mpsc::Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    taken: usize,
}

impl Stdin {
    fn open(mut input: impl io::Read + Send + 'static) -> io::Result<Self> {
        let (sender, chunks) = mpsc::channel(AHEAD);
        thread::Builder::new().name("mcpsec-stdin".to_owned()).spawn(move || {
            let mut buffer = vec![0; CHUNK];
            loop {
                let chunk = match input.by_ref().read(&mut buffer) {
                    Ok(0) => break,
                    Ok(count) => Ok(buffer[..count].to_vec()),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => Err(error),
                };
                let failed = chunk.is_err();
                if sender.blocking_send(chunk).is_err() || failed {
                    break;
                }
            }
        })?;
        Ok(Self { chunks, chunk: Vec::new(), taken: 0 })
    }
}

impl AsyncRead for Stdin {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.taken == self.chunk.len() {
            match ready!(self.chunks.poll_recv(context)) {
                // The thread has ended, and so has the input.
                None => return Poll::Ready(Ok(())),
                Some(chunk) => (self.chunk, self.taken) = (chunk?, 0),
            }
        }
        let rest = &self.chunk[self.taken..];
        let count = rest.len().min(into.remaining());
        into.put_slice(&rest[..count]);
        self.taken += count;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn everything_arrives_in_order_and_then_the_end() {
        let sent: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut stdin = Stdin::open(io::Cursor::new(sent.clone())).unwrap();
        let mut received = Vec::new();
        stdin.read_to_end(&mut received).await.unwrap();
        assert!(received == sent);
    }
}
