//! One JSON-RPC message per WebSocket message, on the listener of HTTP (RFC 6455, T15).
//!
//! The handshake is a request like any other: it passed Host, Origin and authentication before it gets here. A message
//! has the size of a request's body at most, in one frame or several; compression is never agreed upon, so a small
//! message stays small. A client that is silent is pinged, and cut off when it stays silent; its credential is judged
//! again then, so that one that has ended or was taken back ends the connection, too.
//!
//! Behind the frames it is the same conversation as on stdio (`super::stream`), with the same limits.

use std::{
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::{SinkExt as _, StreamExt as _, future::BoxFuture, stream::SplitSink};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use rmcp::ServerHandler;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf, WriteHalf},
    time::{self, MissedTickBehavior},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Bytes, Message, Utf8Bytes,
        protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
    },
};
use tokio_util::sync::CancellationToken;

use super::stream;
use crate::{caller::Connection, runtime::Runtime};

/// Bytes on the way between frames and lines.
const PIPE: usize = 64 * 1024;

/// Asks whether the credential of the handshake is still good.
pub(crate) type StillGood = Box<dyn Fn() -> BoxFuture<'static, bool> + Send + Sync>;

/// What one connection needs.
pub(crate) struct Conversation<H> {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) handler: H,
    pub(crate) connection: Connection,
    pub(crate) still_good: StillGood,
    pub(crate) shutdown: CancellationToken,
}

type Frames = WebSocketStream<TokioIo<Upgraded>>;

/// Speaks with one client until either side has enough.
pub(crate) async fn converse<H: ServerHandler>(upgraded: Upgraded, conversation: Conversation<H>) {
    let Conversation { runtime, handler, connection, still_good, shutdown } = conversation;
    let policy = Arc::clone(runtime.policy());
    let most = policy.limits.body.as_usize();
    let config = WebSocketConfig::default()
        .max_message_size(Some(most))
        .max_frame_size(Some(most))
        // The answer that waits to be written, and no more.
        .max_write_buffer_size(policy.limits.response.as_usize().saturating_mul(2).saturating_add(PIPE));
    let frames = Frames::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
    let (near, far) = tokio::io::duplex(PIPE);
    let (answers, requests) = tokio::io::split(near);
    let (writer, reader) = frames.split();
    let heard = Arc::new(AtomicBool::new(true));
    let patience = Some(policy.limits.header_timeout);
    let lines = stream::converse(runtime, handler, tokio::io::split(far), connection, patience, shutdown);
    let listening = listen(reader, requests, Arc::clone(&heard));
    let speaking = speak(writer, answers, policy.websocket.ping, heard, still_good);
    // The lines end when `listening` does: it closes their input. `speaking` ends when the lines do.
    let (ended, ()) = tokio::join!(lines, async {
        let mut speaking = pin!(speaking);
        tokio::select! {
            () = listening => speaking.await,
            // Whoever cannot be spoken to is not listened to either.
            () = speaking.as_mut() => {}
        }
    });
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection failed");
    }
}

/// Hands messages on as lines.
async fn listen(
    mut frames: futures::stream::SplitStream<Frames>,
    mut lines: WriteHalf<DuplexStream>,
    heard: Arc<AtomicBool>,
) {
    while let Some(message) = frames.next().await {
        match message {
            Ok(Message::Text(text)) => {
                heard.store(true, Ordering::Relaxed);
                if lines.write_all(&as_line(&text)).await.is_err() {
                    break;
                }
            }
            Ok(Message::Pong(_) | Message::Ping(_)) => heard.store(true, Ordering::Relaxed),
            Ok(Message::Close(_)) => break,
            Ok(Message::Binary(_) | Message::Frame(_)) => {
                tracing::debug!("a message of a kind that MCP does not use ended the connection");
                break;
            }
            Err(error) => {
                tracing::debug!(error = reason(&error), "a connection failed");
                break;
            }
        }
    }
    let _ = lines.shutdown().await;
}

/// JSON text has line breaks only between its tokens, where a space means the same.
fn as_line(text: &str) -> Vec<u8> {
    let mut line = Vec::with_capacity(text.len() + 1);
    line.extend(text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
    line.push(b'\n');
    line
}

/// What went wrong, without what the client wrote.
fn reason(error: &tungstenite::Error) -> &'static str {
    match error {
        tungstenite::Error::Capacity(_) => "a message is too big",
        tungstenite::Error::Protocol(_) => "this is not WebSocket",
        tungstenite::Error::Utf8(_) => "a text is not UTF-8",
        _ => "the client is gone",
    }
}

/// Hands lines on as messages, and sees that somebody is there.
async fn speak(
    mut frames: SplitSink<Frames, Message>,
    lines: ReadHalf<DuplexStream>,
    every: Duration,
    heard: Arc<AtomicBool>,
    still_good: StillGood,
) {
    let mut lines = BufReader::with_capacity(PIPE, lines);
    let mut line = Vec::new();
    let mut ticks = time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    let mut waiting = false;
    let goodbye = loop {
        tokio::select! {
            read = lines.read_until(b'\n', &mut line) => match read {
                Ok(0) | Err(_) => break (CloseCode::Away, "the conversation has ended"),
                Ok(_) => {
                    let text = std::mem::take(&mut line);
                    // A client that does not read must not keep us for ever.
                    if !in_time(every, frames.send(as_message(text))).await {
                        return;
                    }
                }
            },
            _ = ticks.tick() => {
                if !still_good().await {
                    break (CloseCode::Policy, "the credential is not accepted any more");
                }
                if heard.swap(false, Ordering::Relaxed) {
                    waiting = false;
                } else if waiting {
                    break (CloseCode::Away, "nothing was heard for too long");
                } else {
                    waiting = true;
                    if !in_time(every, frames.send(Message::Ping(Bytes::new()))).await {
                        return;
                    }
                }
            }
        }
    };
    let close = Message::Close(Some(CloseFrame { code: goodbye.0, reason: Utf8Bytes::from_static(goodbye.1) }));
    in_time(every.min(Duration::from_secs(1)), frames.send(close)).await;
}

fn as_message(mut line: Vec<u8>) -> Message {
    line.pop();
    // Our own answers are JSON, hence UTF-8.
    Message::Text(Utf8Bytes::from(String::from_utf8(line).unwrap_or_default()))
}

async fn in_time(patience: Duration, sending: impl Future<Output = Result<(), tungstenite::Error>>) -> bool {
    let sent = time::timeout(patience, sending).await.map_err(io::Error::from);
    matches!(sent, Ok(Ok(())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_in_several_lines_is_one_line() {
        assert_eq!(as_line("{\n  \"a\": \"b\\n\"\r\n}"), b"{   \"a\": \"b\\n\"  }\n");
    }
}
