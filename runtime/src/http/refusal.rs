//! What a caller is told who is turned away before MCP: a status, a short JSON-RPC error, and the headers that say what
//! to do about it.
//!
//! The text never repeats what was sent and never says more than the caller needs.

use std::{convert::Infallible, time::Duration};

use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::body::Bytes;
use serde_json::{Value, json};

/// The body of every answer.
pub(crate) type Body = BoxBody<Bytes, Infallible>;

/// Invalid JSON, in JSON-RPC's words.
const PARSE_ERROR: i32 = -32_700;
/// Valid JSON that is no acceptable request, in JSON-RPC's words.
const INVALID_REQUEST: i32 = -32_600;

/// A request that is not answered by the server behind.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: i32,
    message: &'static str,
    /// Id of the request that is refused, where it is known.
    id: Value,
    /// `WWW-Authenticate`.
    challenge: Option<String>,
    retry_after: Option<Duration>,
    close: bool,
}

impl Refusal {
    fn new(status: StatusCode, message: &'static str) -> Self {
        // Our own codes lie outside the range that JSON-RPC reserves; the status is as good a number as any.
        let code = i32::from(status.as_u16());
        Self { status, code, message, id: Value::Null, challenge: None, retry_after: None, close: false }
    }

    /// 400: the header part of the request contradicts itself or HTTP.
    pub(crate) fn malformed(message: &'static str) -> Self {
        Self { code: INVALID_REQUEST, ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// 400: the body is not JSON, or nested too deeply to be looked at.
    pub(crate) fn unparsable(message: &'static str) -> Self {
        Self { code: PARSE_ERROR, ..Self::new(StatusCode::BAD_REQUEST, message) }
    }

    /// 403: a web page of another origin, or a name that is not this server's.
    pub(crate) fn foreign(message: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 401 with a challenge (A2, A3).
    pub(crate) fn unauthenticated(challenge: String, message: &'static str) -> Self {
        Self { challenge: Some(challenge), ..Self::new(StatusCode::UNAUTHORIZED, message) }
    }

    /// 404: nothing is served at this path, or this session is not the caller's.
    pub(crate) fn not_found(message: &'static str) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 408: the body did not arrive in time.
    pub(crate) fn slow_body() -> Self {
        Self { close: true, ..Self::new(StatusCode::REQUEST_TIMEOUT, "the request's body did not arrive in time") }
    }

    /// 413: the body is larger than `limits.body`.
    pub(crate) fn oversized() -> Self {
        Self { close: true, ..Self::new(StatusCode::PAYLOAD_TOO_LARGE, "the request's body is too large") }
    }

    /// 429: too many refused requests from this address.
    pub(crate) fn too_often(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            close: true,
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too many refused requests from this address")
        }
    }

    /// 503: no place for now.
    pub(crate) fn busy(message: &'static str, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message) }
    }

    /// 503: the server stops.
    pub(crate) fn draining() -> Self {
        Self { close: true, ..Self::busy("the server is shutting down", Duration::from_secs(1)) }
    }

    /// 500: the SDK failed. Its own words stay here.
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal error")
    }

    /// Names the request that is refused.
    pub(crate) fn of(mut self, id: Option<&Value>) -> Self {
        self.id = id.cloned().unwrap_or(Value::Null);
        self
    }

    pub(crate) fn message(&self) -> &'static str {
        self.message
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let error = json!({ "code": self.code, "message": self.message });
        let mut body = json!({ "jsonrpc": "2.0", "error": error });
        // MCP's schema knows no id of null: an unknown one is left out.
        if !self.id.is_null() {
            body["id"] = self.id;
        }
        let mut response = Response::new(full(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(challenge) = self.challenge.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, whole_seconds(wait));
        }
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// A wait as `Retry-After` has it, rounded up so that nobody comes back too early.
pub(crate) fn whole_seconds(wait: Duration) -> HeaderValue {
    HeaderValue::from(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

/// A body that is known at once.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_never_rounded_down() {
        for (wait, header) in [(0, "0"), (1, "1"), (999, "1"), (1_000, "1"), (1_001, "2")] {
            assert_eq!(whole_seconds(Duration::from_millis(wait)), header, "{wait} ms");
        }
    }
}
