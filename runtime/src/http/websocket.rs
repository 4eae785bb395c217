//! The handshake of a WebSocket: from a request that was let in to a conversation.
//!
//! A page in a browser cannot set `Authorization` on a WebSocket. It offers the credential as a subprotocol instead:
//! `Sec-WebSocket-Protocol: mcp, bearer.TOKEN`. The answer names `mcp` alone.

use std::{sync::Arc, time::SystemTime};

use http::{HeaderMap, HeaderValue, Request, Response, header, request::Parts};
use http_body_util::{BodyExt as _, Empty};
use hyper::upgrade::OnUpgrade;
use rmcp::ServerHandler;
use tokio_tungstenite::tungstenite::handshake::server::create_response;

use super::{
    Front,
    refusal::{Body, Refusal},
};
use crate::{
    auth::{Proof, Shown},
    caller::{Caller, Connection},
    peer::Peer,
    transport::websocket::{self, Conversation, StillGood},
};

/// The subprotocol that is spoken.
const PROTOCOL: &str = "mcp";
/// What a subprotocol begins with that is a credential.
const BEARER: &str = "bearer.";

/// The request with a credential that is offered as a subprotocol where credentials are looked for.
pub(super) fn with_credential(mut head: Parts) -> Parts {
    let credential = protocols(&head.headers).find_map(|protocol| protocol.strip_prefix(BEARER)).map(str::to_owned);
    if let Some(Ok(mut value)) = credential.map(|credential| HeaderValue::try_from(format!("Bearer {credential}"))) {
        value.set_sensitive(true);
        head.headers.append(header::AUTHORIZATION, value);
    }
    head
}

fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lists = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    lists.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(',')).map(str::trim)
}

impl<H: ServerHandler> Front<H> {
    /// Answers the handshake, and begins the conversation behind it.
    pub(super) fn upgrade(
        self: &Arc<Self>,
        mut head: Parts,
        caller: Caller,
        peer: &Arc<Peer>,
    ) -> Result<Response<Body>, Refusal> {
        let upgrade = head.extensions.remove::<OnUpgrade>();
        let request = Request::from_parts(head, ());
        let response =
            create_response(&request).map_err(|_| Refusal::malformed("this is no handshake of WebSocket"))?;
        let upgrade = upgrade.ok_or(Refusal::malformed("this connection cannot become a WebSocket"))?;
        let headers = request.into_parts().0.headers;
        let (mut head, ()) = response.into_parts();
        if protocols(&headers).any(|protocol| protocol == PROTOCOL) {
            head.headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(PROTOCOL));
        }
        let conversation = Conversation {
            runtime: Arc::clone(&self.runtime),
            handler: (self.make)(),
            still_good: self.still_good(&headers, &caller, peer),
            connection: Connection { transport: "websocket", caller },
            shutdown: self.draining.clone(),
        };
        // It takes up the place of its connection until it ends.
        let peer = Arc::clone(peer);
        self.sockets.spawn(async move {
            match upgrade.await {
                Ok(upgraded) => websocket::converse(upgraded, conversation).await,
                Err(error) => tracing::debug!(%error, "a handshake failed"),
            }
            drop(peer);
        });
        Ok(Response::from_parts(head, Empty::new().map_err(|never| match never {}).boxed()))
    }

    /// Whether the handshake would be let in now, as the same caller.
    fn still_good(self: &Arc<Self>, headers: &HeaderMap, caller: &Caller, peer: &Arc<Peer>) -> StillGood {
        let mut credentials = HeaderMap::new();
        for name in [header::AUTHORIZATION, crate::auth::KEY_HEADER] {
            for value in headers.get_all(&name) {
                credentials.append(name.clone(), value.clone());
            }
        }
        let (front, caller, peer) = (Arc::clone(self), caller.clone(), Arc::clone(peer));
        let credentials = Arc::new(credentials);
        Box::new(move || {
            let (front, caller, peer) = (Arc::clone(&front), caller.clone(), Arc::clone(&peer));
            let credentials = Arc::clone(&credentials);
            Box::pin(async move {
                let shown = Shown { headers: &credentials, peer: &peer, now: SystemTime::now() };
                match front.authenticator.prove(shown).await {
                    Proof::Proven(identity) => identity.is_same_as(&caller.0),
                    Proof::Absent | Proof::Refused(_) => false,
                }
            })
        })
    }
}
