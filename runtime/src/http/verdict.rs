//! Turns a refusal that was made deep inside into an HTTP status (A6).
//!
//! Scopes and rates are judged in the pipeline, which knows the tool, but only here can a status still be set: as long
//! as the answer's first message is not out. So an event stream is held back until its first message; what was read is
//! sent on unchanged when there is no refusal.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use hyper::body::{Body as HttpBody, Bytes, Frame};

use super::{
    challenge::Challenge,
    refusal::{Body, full, whole_seconds},
};
use crate::caller::RefusalSlot;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// The answer with the status that the pipeline asked for, if it did, and with what the caller may still do.
pub(crate) async fn surface(response: Response<Body>, slot: &RefusalSlot, challenge: &Challenge) -> Response<Body> {
    let mut response = status(response, slot, challenge).await;
    if let Some(quota) = slot.quota() {
        response.headers_mut().insert(POLICY, quota.policy.clone());
        response.headers_mut().insert(STATE, quota.state.clone());
    }
    response
}

async fn status(response: Response<Body>, slot: &RefusalSlot, challenge: &Challenge) -> Response<Body> {
    let streamed = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
    if !streamed {
        return apply(response, slot, challenge);
    }
    let (head, mut body) = response.into_parts();
    let mut held = VecDeque::new();
    let mut seen = Vec::new();
    while !begins(&seen) {
        let Some(Ok(frame)) = body.frame().await else { break };
        if let Ok(bytes) = frame.into_data() {
            seen.extend_from_slice(&bytes);
            held.push_back(bytes);
        }
    }
    if slot.get().is_none() {
        return Response::from_parts(head, Held { held, rest: body }.boxed());
    }
    let mut response = Response::from_parts(head, full(message(&seen).to_vec()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    apply(response, slot, challenge)
}

fn apply(mut response: Response<Body>, slot: &RefusalSlot, challenge: &Challenge) -> Response<Body> {
    let Some(refusal) = slot.get() else { return response };
    let Ok(status) = StatusCode::from_u16(refusal.status) else { return response };
    *response.status_mut() = status;
    if status == StatusCode::FORBIDDEN
        && let Ok(challenge) = HeaderValue::from_str(&challenge.insufficient(&refusal.scopes))
    {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    if let Some(wait) = refusal.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, whole_seconds(wait));
    }
    response
}

/// Whether what was read of a stream holds its first message, or a sign of life: then no refusal will come.
fn begins(seen: &[u8]) -> bool {
    seen.ends_with(b"\n\n") && (seen.starts_with(b":") || !message(seen).is_empty())
}

/// The first event's data that is not empty; the event that only primes reconnection has none.
fn message(seen: &[u8]) -> &[u8] {
    seen.split(|byte| *byte == b'\n')
        .filter_map(|line| line.strip_prefix(b"data:"))
        .map(<[u8]>::trim_ascii)
        .find(|data| !data.is_empty())
        .unwrap_or_default()
}

/// What was read already, then the rest.
struct Held {
    held: VecDeque<Bytes>,
    rest: Body,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.held.pop_front() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && self.rest.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_begins_with_its_first_message() {
        for quiet in ["", "data:\nid: 0\nretry: 3000\n\n", "id: 0\ndata: \n\n", "data: {\"id\"", "data: {}\n"] {
            assert!(!begins(quiet.as_bytes()), "{quiet:?}");
        }
        for begun in ["data: {}\n\n", "id: 0\ndata:\n\ndata: {}\nid: 1\n\n", ":\n\n"] {
            assert!(begins(begun.as_bytes()), "{begun:?}");
        }
        assert_eq!(message(b"data:\n\nid: 1\ndata: {\"a\":1}\n\n"), b"{\"a\":1}");
    }
}
