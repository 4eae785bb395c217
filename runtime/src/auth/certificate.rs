//! Client certificates.
//!
//! The handshake has already decided whether an authority of the policy vouches for the certificate, and which of its
//! names counts (`crate::transport`); here that name becomes a caller.

use std::future::ready;

use futures::future::BoxFuture;
use mcpsec_policy::{Identity, ProvenBy};

use super::{Method, Proof, Shown};

/// The name in the certificate of the connection.
pub(super) struct Certificates;

impl Method for Certificates {
    fn prove<'a>(&'a self, shown: Shown<'a>) -> BoxFuture<'a, Proof> {
        Box::pin(ready(match &shown.peer.certificate {
            Some(name) => Proof::Proven(Identity::new(format!("cert:{name}"), ProvenBy::Certificate)),
            None => Proof::Absent,
        }))
    }
}
