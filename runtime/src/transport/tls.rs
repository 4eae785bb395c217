//! TLS for the listener of HTTP, and the certificates of clients (RFC 8446, RFC 5280, SPIFFE X509-SVID).
//!
//! Changed files are read again: a renewed certificate is used for connections that begin a few seconds later, and
//! those that are open go on. Files that cannot be used any more leave the old ones in place and are said in the log.
//!
//! It does **not** ask an authority whether a certificate was revoked: give clients certificates that end soon.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use mcpsec_policy::model::{self, ClientName, TlsVersion};
use tokio::{net::TcpStream, sync::Semaphore};
use tokio_rustls::rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::WebPkiClientVerifier,
    version::{TLS12, TLS13},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer as _};

use crate::serve::ServeError;

/// How often files are looked at.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Handshakes at once: each costs what thousands of calls cost.
const HANDSHAKES: usize = 64;

/// Certificates of the policy, ready to use.
#[derive(Clone)]
pub(crate) struct Tls(Arc<Shared>);

struct Shared {
    policy: model::Tls,
    current: Mutex<Current>,
    handshakes: Semaphore,
}

struct Current {
    config: Arc<ServerConfig>,
    /// When each file was changed.
    stamps: Vec<Option<SystemTime>>,
    looked: Instant,
}

/// Why the files of `[tls]` cannot be used: which one, and what is wrong with it.
#[derive(Debug)]
struct Unusable {
    path: PathBuf,
    why: String,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot use `{}` of [tls]: {}", self.path.display(), self.why)
    }
}

impl Tls {
    /// Reads what `policy` names; nothing where it names no certificate.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, holds something else, or holds a key that others can read.
    pub(crate) fn from_policy(policy: &model::Tls) -> Result<Option<Self>, ServeError> {
        if !policy.is_on() {
            return Ok(None);
        }
        let stamps = stamps(policy);
        let config = load(policy).map_err(|unusable| ServeError::Configuration(unusable.to_string()))?;
        let current = Mutex::new(Current { config, stamps, looked: Instant::now() });
        Ok(Some(Self(Arc::new(Shared { policy: policy.clone(), current, handshakes: Semaphore::new(HANDSHAKES) }))))
    }

    /// Shakes hands, and says which name the client's certificate proves, where it shows one.
    ///
    /// # Errors
    ///
    /// When the client cannot, or shows a certificate that is not let in.
    pub(crate) async fn greet(&self, stream: TcpStream) -> io::Result<(TlsStream<TcpStream>, Option<String>)> {
        let _turn = self.0.handshakes.acquire().await.map_err(io::Error::other)?;
        let stream = TlsAcceptor::from(self.config()).accept(stream).await?;
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let name = match shown {
            None => None,
            Some(certificate) => {
                let name = name_in(certificate, self.0.policy.client_name)
                    .filter(|name| self.0.policy.lets_in(name))
                    .ok_or_else(|| io::Error::other("the client's certificate has no name that is let in"))?;
                Some(name)
            }
        };
        Ok((stream, name))
    }

    /// What new connections use: what the files say now, or said when they could last be used.
    fn config(&self) -> Arc<ServerConfig> {
        let mut current = self.0.current.lock().unwrap_or_else(PoisonError::into_inner);
        if LOOK_AGAIN <= current.looked.elapsed() {
            current.looked = Instant::now();
            let stamps = stamps(&self.0.policy);
            if stamps != current.stamps {
                match load(&self.0.policy) {
                    Ok(config) => {
                        current.config = config;
                        current.stamps = stamps;
                        tracing::info!("the certificates of [tls] were read again");
                    }
                    // Perhaps it is only half written: the stamps stay old, so that it is tried again.
                    Err(unusable) => tracing::error!(%unusable, "the certificates in use stay"),
                }
            }
        }
        Arc::clone(&current.config)
    }
}

fn files(policy: &model::Tls) -> impl Iterator<Item = &Path> {
    [&policy.certificate, &policy.key, &policy.client_ca].into_iter().filter_map(|path| path.as_deref())
}

fn stamps(policy: &model::Tls) -> Vec<Option<SystemTime>> {
    files(policy).map(|path| fs::metadata(path).and_then(|file| file.modified()).ok()).collect()
}

fn load(policy: &model::Tls) -> Result<Arc<ServerConfig>, Unusable> {
    let (certificate, key) = (policy.certificate.as_deref(), policy.key.as_deref());
    let (Some(certificate), Some(key)) = (certificate, key) else {
        let path = PathBuf::from("[tls]");
        return Err(Unusable { path, why: "a certificate and its key are needed".to_owned() });
    };
    let chain = certificates(certificate)?;
    let versions: &[_] = match policy.min_version {
        TlsVersion::V1_2 => &[&TLS13, &TLS12],
        TlsVersion::V1_3 => &[&TLS13],
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(unusable(certificate))?;
    let builder = match &policy.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let mut roots = RootCertStore::empty();
            for authority in certificates(path)? {
                roots.add(authority).map_err(unusable(path))?;
            }
            // A client may prove itself in another way instead; whether it must, the HTTP layer decides.
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
                .allow_unauthenticated()
                .build()
                .map_err(unusable(path))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(chain, private_key(key)?).map_err(unusable(key))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn unusable<E: fmt::Display>(path: &Path) -> impl Fn(E) -> Unusable + '_ {
    |error| Unusable { path: path.to_owned(), why: error.to_string() }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let text = fs::read(path).map_err(unusable(path))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found.map_err(unusable(path))? {
        none if none.is_empty() => Err(unusable(path)("there is no certificate in it (PEM)")),
        found => Ok(found),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Unusable> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path).map_err(unusable(path))?.permissions().mode();
        if mode & 0o007 != 0 {
            let why = format!("everybody can read this private key: `chmod 600 {}`", path.display());
            return Err(unusable(path)(why));
        }
    }
    let text = fs::read(path).map_err(unusable(path))?;
    PrivateKeyDer::from_pem_slice(&text).map_err(unusable(path))
}

/// The name in a certificate that the policy asks for. More than one SPIFFE id is none, as its standard has it.
fn name_in(certificate: &CertificateDer<'_>, kind: ClientName) -> Option<String> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let mut found = names.value.general_names.iter().filter_map(|name| match (kind, name) {
        (ClientName::Spiffe, GeneralName::URI(uri)) => Some(*uri),
        (ClientName::Dns, GeneralName::DNSName(name)) => Some(*name),
        (ClientName::Email, GeneralName::RFC822Name(name)) => Some(*name),
        _ => None,
    });
    let name = found.next()?;
    let fits = match kind {
        ClientName::Spiffe => name.starts_with("spiffe://") && found.next().is_none(),
        ClientName::Dns | ClientName::Email => true,
    };
    let safe = name.len() <= 512 && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*');
    (fits && safe).then(|| name.to_owned())
}
