//! What the connection itself proves of the other end.

use std::net::IpAddr;

/// The other end of a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peer {
    /// Its network address; a UNIX socket has none.
    pub(crate) address: Option<IpAddr>,
    /// What the kernel says of the process at the other end of a UNIX socket.
    pub(crate) process: Option<Process>,
    /// What its certificate says, where one was shown and is good.
    pub(crate) certificate: Option<Certificate>,
    /// The connection is encrypted, or never leaves this machine's kernel.
    pub(crate) private: bool,
}

/// A process of this machine, as the kernel saw it when it connected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Process {
    pub(crate) user: u32,
    pub(crate) group: u32,
    pub(crate) process: Option<i32>,
}

/// A client certificate that an authority of the policy signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Certificate {
    /// Names in it, the one that the policy asks for first: `spiffe://...`, a DNS name, an address.
    pub(crate) names: Vec<String>,
}

impl Peer {
    /// A peer on the network, over a connection that is not encrypted.
    pub(crate) fn network(address: IpAddr) -> Self {
        Self { address: Some(address), ..Self::default() }
    }
}
