//! What the connection itself proves of the other end.

#[cfg(feature = "http")]
use std::{net::IpAddr, sync::Arc};

use mcpsec_policy::{Identity, ProvenBy};
#[cfg(feature = "http")]
use tokio::sync::OwnedSemaphorePermit;

/// The other end of a connection that carries HTTP.
#[cfg(feature = "http")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    /// Its network address; a UNIX socket has none.
    pub(crate) address: Option<IpAddr>,
    /// What the kernel says of the process at the other end of a UNIX socket.
    pub(crate) process: Option<Process>,
    /// The name in its certificate, where one was shown and an authority of the policy vouches for it.
    pub(crate) certificate: Option<String>,
    /// Its place among the connections, which is free again when nobody holds this any more.
    pub(crate) _place: Option<Arc<OwnedSemaphorePermit>>,
}

/// A process of this machine, as the kernel saw it when it connected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Process {
    pub(crate) user: u32,
    pub(crate) group: u32,
    pub(crate) process: Option<i32>,
}

impl Process {
    /// Who its user is.
    pub(crate) fn identity(self) -> Identity {
        Identity::new(format!("uid:{}", self.user), ProvenBy::Peer)
    }
}

#[cfg(feature = "http")]
impl Peer {
    /// A peer on the network.
    pub(crate) fn network(address: IpAddr) -> Self {
        Self { address: Some(address), ..Self::default() }
    }

    /// A process of this machine, over a UNIX socket.
    #[cfg(unix)]
    pub(crate) fn local(process: Process) -> Self {
        Self { process: Some(process), ..Self::default() }
    }
}
