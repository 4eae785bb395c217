//! Where HTTP listens, and what a connection proves before its first request.

use std::{fmt, io, net::SocketAddr};

use mcpsec_policy::{Policy, model::Listen};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};

#[cfg(unix)]
use super::socket::Socket;
#[cfg(feature = "tls")]
use super::tls::Tls;
#[cfg(unix)]
use crate::peer::Process;
use crate::{peer::Peer, serve::ServeError};

/// For a connection too many.
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Bytes in both directions.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A listening socket of some kind.
pub(crate) struct Listener {
    socket: Kind,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

enum Kind {
    Network(TcpListener, SocketAddr),
    #[cfg(unix)]
    Local(Socket),
}

/// A connection whose other end is not known yet.
pub(crate) enum Arrival {
    Network(TcpStream, SocketAddr),
    #[cfg(feature = "tls")]
    Encrypted(TcpStream, SocketAddr, Tls),
    #[cfg(unix)]
    Local(tokio::net::UnixStream, Process),
}

impl Listener {
    /// Listens where `policy` says.
    ///
    /// # Errors
    ///
    /// When the address is taken, a certificate cannot be used, or the policy asks for what this build lacks.
    pub(crate) async fn bind(policy: &Policy) -> Result<Self, ServeError> {
        #[cfg(not(feature = "tls"))]
        if policy.tls.is_on() {
            return Err(ServeError::lacks("[tls]", "tls"));
        }
        let socket = match &policy.server.listen {
            Listen::Address(address) => {
                let failed = |source| ServeError::Io { context: format!("cannot listen on `{address}`"), source };
                let listener = TcpListener::bind(address).await.map_err(failed)?;
                let local = listener.local_addr().map_err(failed)?;
                Kind::Network(listener, local)
            }
            #[cfg(unix)]
            Listen::Socket(path) => Kind::Local(Socket::bind(path, &policy.unix).await?),
            #[cfg(not(unix))]
            Listen::Socket(_) => {
                return Err(ServeError::Configuration(
                    "this system has no UNIX sockets: see `server.listen`".to_owned(),
                ));
            }
        };
        Ok(Self {
            socket,
            #[cfg(feature = "tls")]
            tls: Tls::from_policy(&policy.tls)?,
        })
    }

    /// The next connection.
    ///
    /// # Errors
    ///
    /// When the operating system gives none.
    pub(crate) async fn accept(&self) -> io::Result<Arrival> {
        match &self.socket {
            Kind::Network(listener, _) => {
                let (stream, peer) = listener.accept().await?;
                let _ = stream.set_nodelay(true);
                #[cfg(feature = "tls")]
                if let Some(tls) = &self.tls {
                    return Ok(Arrival::Encrypted(stream, peer, tls.clone()));
                }
                Ok(Arrival::Network(stream, peer))
            }
            #[cfg(unix)]
            Kind::Local(socket) => socket.accept().await.map(|(stream, process)| Arrival::Local(stream, process)),
        }
    }

    /// The network address; a UNIX socket has none.
    pub(crate) fn local_addr(&self) -> Option<SocketAddr> {
        match &self.socket {
            Kind::Network(_, local) => Some(*local),
            #[cfg(unix)]
            Kind::Local(_) => None,
        }
    }

    /// Whether what is said can be read on a network.
    pub(crate) fn is_open_network(&self) -> bool {
        self.local_addr().is_some_and(|local| !local.ip().is_loopback()) && !self.is_encrypted()
    }

    #[cfg(feature = "tls")]
    fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    #[cfg(not(feature = "tls"))]
    fn is_encrypted(&self) -> bool {
        false
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.socket {
            Kind::Network(_, local) => local.fmt(f),
            #[cfg(unix)]
            Kind::Local(socket) => write!(f, "unix:{}", socket.path().display()),
        }
    }
}

impl Arrival {
    /// Learns who is at the other end, as far as the connection tells.
    ///
    /// # Errors
    ///
    /// When the handshake of TLS fails, or shows no certificate that the policy lets in.
    pub(crate) async fn greet(self) -> io::Result<(Box<dyn Stream>, Peer)> {
        match self {
            Self::Network(stream, peer) => Ok((Box::new(stream), Peer::network(peer.ip()))),
            #[cfg(feature = "tls")]
            Self::Encrypted(stream, peer, tls) => {
                let (stream, certificate) = tls.greet(stream).await?;
                Ok((Box::new(stream), Peer { certificate, ..Peer::network(peer.ip()) }))
            }
            #[cfg(unix)]
            Self::Local(stream, process) => Ok((Box::new(stream), Peer::local(process))),
        }
    }

    /// Says that there is no place: best effort and without waiting, since who comes too late must not cost anything.
    pub(crate) fn turn_away(self) {
        match self {
            Self::Network(stream, _) => drop(stream.try_write(FULL)),
            #[cfg(feature = "tls")]
            Self::Encrypted(..) => {}
            #[cfg(unix)]
            Self::Local(stream, _) => drop(stream.try_write(FULL)),
        }
    }
}
