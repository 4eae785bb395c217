//! Reads a request's body once, under a cap on its size and on the time it takes.
//!
//! The cap holds with and without `Content-Length`, and before anything is parsed. What is refused is read on for a
//! moment, without keeping it, because a client that is still writing would see a broken connection instead of its
//! answer. It does **not** slow a client down that reads its answers slowly; the number of connections bounds what such
//! clients can hold.

use std::time::Duration;

use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Bytes, Incoming};

use super::refusal::Refusal;

/// How long a refused body is read on.
const LINGER: Duration = Duration::from_secs(1);

/// What a body may cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimit {
    pub(crate) bytes: usize,
    pub(crate) time: Duration,
}

impl BodyLimit {
    /// The whole body.
    pub(crate) async fn read(self, headers: &HeaderMap, body: &mut Incoming) -> Result<Bytes, Refusal> {
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > self.bytes as u64) {
            return Err(Refusal::oversized());
        }
        match tokio::time::timeout(self.time, Limited::new(body, self.bytes).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refusal::oversized()),
            Ok(Err(_)) => Err(Refusal::malformed("the request's body ended early")),
            Err(_) => Err(Refusal::slow_body()),
        }
    }
}

/// Reads what a refused client still sends, for at most [`LINGER`].
pub(crate) async fn discard(mut body: Incoming) {
    if !body.is_end_stream() {
        let rest = async { while let Some(Ok(_)) = body.frame().await {} };
        let _ = tokio::time::timeout(LINGER, rest).await;
    }
}
