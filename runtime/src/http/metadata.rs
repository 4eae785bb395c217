//! Where clients get tokens for this server: the protected resource metadata of RFC 9728 (A1, A2).
//!
//! It is served to whoever asks, under both well-known forms: the one with the path of the resource, and the one at the
//! root. It says what a client needs before it has a token, and nothing that depends on who asks. Only a policy that names
//! `auth.jwt.resource` has it: what this server is called from outside, it cannot know by itself.

use http::{HeaderValue, Method, Response, Uri, header};
use hyper::body::Bytes;
use mcpsec_policy::{Policy, model::Jwt};
use serde_json::json;

use super::{
    ENDPOINT,
    refusal::{Body, full},
};

/// Where RFC 9728 puts it.
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The document, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    url: String,
    paths: [String; 3],
    document: Bytes,
}

impl Metadata {
    /// What `policy` says of this server, if it says what the server is called.
    pub(crate) fn new(policy: &Policy) -> Option<Self> {
        let jwt = policy.auth.jwt.as_ref()?;
        let resource = jwt.resource.as_ref()?;
        let uri: Uri = resource.parse().ok()?;
        let path = uri.path().trim_end_matches('/');
        let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
        let url = format!("{scheme}://{authority}{WELL_KNOWN}{path}");
        // A proxy may have taken a prefix off the path, or not.
        let paths = [WELL_KNOWN.to_owned(), format!("{WELL_KNOWN}{path}"), format!("{WELL_KNOWN}{ENDPOINT}")];
        Some(Self { url, paths, document: document(&policy.server.name, resource, jwt).into() })
    }

    /// Its address, for challenges.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The document, if that is what a request is for.
    pub(crate) fn answer(&self, method: &Method, path: &str) -> Option<Response<Body>> {
        if !self.paths.iter().any(|known| known == path) || !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let mut response = Response::new(full(self.document.clone()));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Some(response)
    }
}

fn document(name: &str, resource: &str, jwt: &Jwt) -> String {
    let mut document = json!({
        "resource": resource,
        "resource_name": name,
        "authorization_servers": jwt.authorization_servers,
        "bearer_methods_supported": ["header"],
    });
    if !jwt.scopes_supported.is_empty() {
        document["scopes_supported"] = jwt.scopes_supported.clone().into();
    }
    document.to_string()
}
