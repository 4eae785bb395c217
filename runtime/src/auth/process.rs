//! The process at the other end of a UNIX socket, as the kernel names it.
//!
//! Whether it may connect at all is the socket's to say (`[unix]`); who gets here is proven.

use std::future::ready;

use futures::future::BoxFuture;

use super::{Method, Proof, Shown};

/// The kernel's word.
pub(super) struct Peers;

impl Method for Peers {
    fn prove<'a>(&'a self, shown: Shown<'a>) -> BoxFuture<'a, Proof> {
        Box::pin(ready(match shown.peer.process {
            Some(process) => Proof::Proven(process.identity()),
            None => Proof::Absent,
        }))
    }
}
