//! Gets a key set from an address with `https`, and nothing else from nowhere else.
//!
//! The certificate is checked against the authorities of `auth.jwt.jwks_ca`, or those of the machine. Redirects are not
//! followed, no more than [`LARGEST`] is read, and all of it takes no longer than [`PATIENCE`]. Names that lead into a
//! private network are refused, so that whoever answers for a name cannot point this server at its neighbours: an issuer
//! in there is named by its address, or has its own authority in `jwks_ca`. It does **not** use a proxy
//! (`HTTPS_PROXY`), and ignores `Cache-Control`: the policy says how often keys are fetched.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use mcpsec_policy::{keys::read_file, model::Jwt};
use tokio::{net::TcpStream, time};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use tokio_util::task::AbortOnDropHandle;

use crate::serve::ServeError;

/// Larger answers are no key sets.
const LARGEST: usize = 1024 * 1024;
/// From the look-up of the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the keys are, and whom to believe.
pub(super) struct Address {
    host: String,
    port: u16,
    path: String,
    name: ServerName<'static>,
    tls: TlsConnector,
    /// Whether the address itself says that a private network is meant.
    private: bool,
}

impl Address {
    /// Makes `url` ready to be fetched.
    ///
    /// # Errors
    ///
    /// When it is no address with a host, and when the authorities cannot be read.
    pub(super) fn new(url: &str, jwt: &Jwt) -> Result<Self, ServeError> {
        let wrong = |why: &str| ServeError::Configuration(format!("`auth.jwt.jwks`: `{url}`: {why}"));
        let uri: Uri = url.parse().map_err(|_| wrong("this is no address"))?;
        let host = uri.host().filter(|_| uri.scheme_str() == Some("https")).ok_or_else(|| wrong("this needs https"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| wrong("this host has no name for a certificate"))?;
        let roots = match &jwt.jwks_ca {
            Some(path) => own_roots(path)?,
            None => machine_roots()?,
        };
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(&error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            port: uri.port_u16().unwrap_or(443),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            private: jwt.jwks_ca.is_some() || host == "localhost" || host.parse::<IpAddr>().is_ok(),
            name,
            host,
            tls: TlsConnector::from(Arc::new(config)),
        })
    }

    /// The bytes of the key set, or why there are none.
    pub(super) async fn fetch(&self) -> Result<Bytes, String> {
        time::timeout(PATIENCE, self.get()).await.map_err(|_| format!("no answer within {PATIENCE:?}"))?
    }

    async fn get(&self) -> Result<Bytes, String> {
        let stream = self.connect().await?;
        let stream = self.tls.connect(self.name.clone(), stream).await.map_err(|error| error.to_string())?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
        let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
        let authority = match (self.port, self.host.contains(':')) {
            (443, false) => self.host.clone(),
            (port, false) => format!("{}:{port}", self.host),
            (port, true) => format!("[{}]:{port}", self.host),
        };
        let request = Request::get(&self.path)
            .header(header::HOST, authority)
            .header(header::ACCEPT, "application/jwk-set+json, application/json")
            .header(header::USER_AGENT, concat!("mcpsec-runtime/", env!("CARGO_PKG_VERSION")))
            .body(Empty::<Bytes>::new())
            .map_err(|error| error.to_string())?;
        let response = sender.send_request(request).await.map_err(|error| error.to_string())?;
        if response.status() != StatusCode::OK {
            return Err(format!("the answer is {}; redirects are not followed", response.status()));
        }
        let body = Limited::new(response.into_body(), LARGEST).collect().await;
        body.map(|body| body.to_bytes()).map_err(|error| error.to_string())
    }

    /// A connection to the first of the host's addresses that answers. What was judged is what is connected to.
    async fn connect(&self) -> Result<TcpStream, String> {
        let found =
            tokio::net::lookup_host((self.host.as_str(), self.port)).await.map_err(|error| error.to_string())?;
        let allowed: Vec<SocketAddr> = found.filter(|address| self.private || is_public(address.ip())).collect();
        let mut why = "its name leads to no address outside of private networks".to_owned();
        for address in allowed {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => why = error.to_string(),
            }
        }
        Err(why)
    }
}

fn own_roots(path: &Path) -> Result<RootCertStore, ServeError> {
    let wrong = |why: String| ServeError::Configuration(format!("`auth.jwt.jwks_ca`: `{}`: {why}", path.display()));
    let text = read_file(path).map_err(|error| wrong(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
        let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
        roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
    }
    if roots.is_empty() { Err(wrong("there is no certificate in it".to_owned())) } else { Ok(roots) }
}

fn machine_roots() -> Result<RootCertStore, ServeError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(ServeError::Configuration(
            "`auth.jwt.jwks`: this machine has no authorities to check certificates with: install `ca-certificates`, or \
             name a file in `auth.jwt.jwks_ca`"
                .to_owned(),
        ));
    }
    Ok(roots)
}

/// Whether an address is one of the open network (IANA's special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => is_public_v4(inner),
            None => {
                let first = address.segments()[0];
                // 2000::/3 is all that is given out; documentation is in there, too.
                first & 0xe000 == 0x2000 && !(first == 0x2001 && address.segments()[1] == 0x0db8)
            }
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b)))
}

/// The IPv4 address that an IPv6 address stands for: mapped, or behind NAT64 or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let [[w, x], [y, z]] = match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => [g.to_be_bytes(), h.to_be_bytes()],
        (0x2002, ..) => [b.to_be_bytes(), c.to_be_bytes()],
        _ => return None,
    };
    Some(Ipv4Addr::new(w, x, y, z))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_told_in_every_spelling() {
        for address in ["1.1.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
        {
            assert!(is_public(address.parse().expect("an address")), "{address}");
        }
        for address in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.1",
            "198.18.0.1",
            "::",
            "::1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2001:db8::1",
            "::127.0.0.1",
        ] {
            assert!(!is_public(address.parse().expect("an address")), "{address}");
        }
    }
}
