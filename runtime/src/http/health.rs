//! `/healthz` and `/readyz`: for whoever starts, stops and routes to this process.
//!
//! No credential is asked and nothing is told but yes or no. The host name is not checked either, because probes use
//! the address of a container.

use http::{HeaderValue, Method, Response, StatusCode, header};

use super::refusal::{Body, full};

/// The answer to a probe, if `path` is one: `ready` decides `/readyz`.
pub(crate) fn answer(method: &Method, path: &str, ready: bool) -> Option<Response<Body>> {
    let healthy = match path {
        "/healthz" => true,
        "/readyz" => ready,
        _ => return None,
    };
    let (status, text) = match (method, healthy) {
        (&Method::GET | &Method::HEAD, true) => (StatusCode::OK, "ok\n"),
        (&Method::GET | &Method::HEAD, false) => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
        _ => (StatusCode::METHOD_NOT_ALLOWED, "only GET\n"),
    };
    let mut response = Response::new(full(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    Some(response)
}
