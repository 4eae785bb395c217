//! TLS with certificates of a test authority, from both sides.

use std::{fs, path::Path, sync::Arc, time::Duration};

use mcpsec_policy::{
    Policy,
    model::{AccessRule, ClientName, TlsVersion},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _},
    version::{TLS12, TLS13},
};

use crate::support::{Key, Request, Server, call, policy, send, start};

const PATIENCE: Duration = Duration::from_secs(20);

/// An authority that signs whatever a test needs.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
struct Signed {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(parameters, key).expect("an authority"))
    }

    fn sign(&self, names: Vec<SanType>) -> Signed {
        let mut parameters = CertificateParams::default();
        parameters.subject_alt_names = names;
        let key = KeyPair::generate().expect("a key");
        let certificate = parameters.signed_by(&key, &self.0).expect("a certificate");
        Signed { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    fn server(&self) -> Signed {
        self.sign(vec![SanType::DnsName("localhost".try_into().expect("a name"))])
    }

    fn client(&self, spiffe: &str) -> Signed {
        self.sign(vec![SanType::URI(spiffe.try_into().expect("a name"))])
    }
}

/// A server with TLS that trusts `clients` and its key; the folder holds its files.
struct Setup {
    folder: tempfile::TempDir,
    authority: Authority,
}

impl Setup {
    fn new() -> Self {
        let setup = Self { folder: tempfile::tempdir().expect("a folder"), authority: Authority::new() };
        setup.install(&setup.authority.server());
        setup
    }

    fn install(&self, signed: &Signed) {
        write(&self.folder.path().join("key.pem"), &signed.key);
        write(&self.folder.path().join("cert.pem"), &signed.certificate);
    }

    fn policy(&self, keys: &[&Key]) -> Policy {
        let mut policy = policy(keys);
        policy.tls.certificate = Some(self.folder.path().join("cert.pem"));
        policy.tls.key = Some(self.folder.path().join("key.pem"));
        policy
    }

    /// Clients of `authority` are let in, and those below `spiffe://example.org/ops/` may do everything.
    fn trusting(&self, keys: &[&Key], authority: &Authority) -> Policy {
        let path = self.folder.path().join("clients.pem");
        write(&path, &authority.0.pem());
        let mut policy = self.policy(keys);
        policy.tls.client_ca = Some(path);
        let who = vec!["cert:spiffe://example.org/ops/*".to_owned(), "scope:all".to_owned()];
        policy.access.rules = vec![AccessRule { who, may: vec!["**".to_owned()] }];
        policy
    }

    async fn ask(&self, server: &Server, client: Option<&Signed>, request: &Request) -> Result<String, std::io::Error> {
        self.ask_with(server, client, request, &[&TLS13, &TLS12]).await.map(|(text, _)| text)
    }

    /// What the server answers, and the certificate that it shows.
    async fn ask_with(
        &self,
        server: &Server,
        client: Option<&Signed>,
        request: &Request,
        versions: &[&'static tokio_rustls::rustls::SupportedProtocolVersion],
    ) -> Result<(String, CertificateDer<'static>), std::io::Error> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.0.der().clone()).expect("an authority");
        let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .expect("known versions")
            .with_root_certificates(roots);
        let config = match client {
            None => config.with_no_client_auth(),
            Some(signed) => {
                let chain = vec![CertificateDer::from_pem_slice(signed.certificate.as_bytes()).expect("PEM")];
                let key = PrivateKeyDer::from_pem_slice(signed.key.as_bytes()).expect("PEM");
                config.with_client_auth_cert(chain, key).expect("a pair")
            }
        };
        let stream = TcpStream::connect(server.address).await?;
        let name = ServerName::try_from("localhost").expect("a name");
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let shown = stream.get_ref().1.peer_certificates().expect("the server shows one")[0].clone().into_owned();
        stream.write_all(&request.bytes()).await?;
        let mut text = String::new();
        let read = timeout(PATIENCE, stream.read_to_string(&mut text)).await.expect("an end in time");
        if text.is_empty() {
            read?;
        }
        Ok((text, shown))
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("our folder");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our file");
    }
}

fn hello() -> Request {
    Request::post(call(1, json!({ "text": "hello" }))).modern()
}

#[tokio::test]
async fn a_key_is_served_over_tls_and_nothing_else_is_spoken() {
    let (setup, key) = (Setup::new(), Key::new());
    let server = start(setup.policy(&[&key])).await;
    let said = setup.ask(&server, None, &hello().key(&key)).await.expect("an answer");
    assert!(said.starts_with("HTTP/1.1 200") && said.contains("hello"), "{said}");
    let plain = send(server.address, &hello().key(&key).bytes()).await;
    assert_eq!(plain.status, 0, "{plain:?}");
}

#[tokio::test]
async fn a_certificate_proves_its_name() {
    let (setup, clients) = (Setup::new(), Authority::new());
    let server = start(setup.trusting(&[], &clients)).await;
    let said =
        setup.ask(&server, Some(&clients.client("spiffe://example.org/ops/ann")), &hello()).await.expect("an answer");
    assert!(said.starts_with("HTTP/1.1 200") && said.contains("hello"), "{said}");
    let said =
        setup.ask(&server, Some(&clients.client("spiffe://example.org/dev/bob")), &hello()).await.expect("an answer");
    assert!(said.starts_with("HTTP/1.1 403"), "{said}");
    let said = setup.ask(&server, None, &hello()).await.expect("an answer");
    assert!(said.starts_with("HTTP/1.1 401"), "{said}");
}

#[tokio::test]
async fn a_certificate_of_a_stranger_or_without_a_name_is_no_proof() {
    let (setup, clients, key) = (Setup::new(), Authority::new(), Key::new());
    let mut policy = setup.trusting(&[&key], &clients);
    policy.tls.client_names = vec!["spiffe://example.org/**".to_owned()];
    let server = start(policy).await;
    let stranger = Authority::new().client("spiffe://example.org/ops/ann");
    let elsewhere = clients.client("spiffe://evil.example/ops/ann");
    let nameless = clients.sign(vec![SanType::DnsName("ops".try_into().expect("a name"))]);
    for signed in [&stranger, &elsewhere, &nameless] {
        // Not even with a key that is good: what is shown and is no proof is refused.
        let said = setup.ask(&server, Some(signed), &hello().key(&key)).await;
        assert!(said.is_err(), "{said:?}");
    }
    let said = setup.ask(&server, None, &hello().key(&key)).await.expect("a key suffices");
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
}

#[tokio::test]
async fn the_policy_says_which_name_counts() {
    let (setup, clients) = (Setup::new(), Authority::new());
    let mut policy = setup.trusting(&[], &clients);
    policy.tls.client_name = ClientName::Dns;
    policy.access.rules[0].who = vec!["cert:ops".to_owned()];
    let server = start(policy).await;
    let both = clients.sign(vec![
        SanType::URI("spiffe://example.org/x".try_into().expect("a name")),
        SanType::DnsName("ops".try_into().expect("a name")),
    ]);
    let said = setup.ask(&server, Some(&both), &hello()).await.expect("an answer");
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
}

#[tokio::test]
async fn an_old_version_can_be_switched_off() {
    let (setup, key) = (Setup::new(), Key::new());
    let mut policy = setup.policy(&[&key]);
    let server = start(policy.clone()).await;
    assert!(setup.ask_with(&server, None, &hello().key(&key), &[&TLS12]).await.is_ok());
    policy.tls.min_version = TlsVersion::V1_3;
    let server = start(policy).await;
    assert!(setup.ask_with(&server, None, &hello().key(&key), &[&TLS12]).await.is_err());
    assert!(setup.ask_with(&server, None, &hello().key(&key), &[&TLS13]).await.is_ok());
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_and_a_broken_one_is_not() {
    let (setup, key) = (Setup::new(), Key::new());
    let server = start(setup.policy(&[&key])).await;
    let shown = async |setup: &Setup| {
        let answer = setup.ask_with(&server, None, &hello().key(&key), &[&TLS13]).await;
        answer.expect("an answer").1
    };
    let before = shown(&setup).await;
    write(&setup.folder.path().join("cert.pem"), "broken");
    tokio::time::sleep(Duration::from_millis(2_200)).await;
    assert_eq!(shown(&setup).await, before);
    setup.install(&setup.authority.server());
    let renewed = timeout(PATIENCE, async {
        while shown(&setup).await == before {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    renewed.await.expect("the new certificate is used");
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_that_everybody_can_read_stops_the_start() {
    use std::os::unix::fs::PermissionsExt as _;
    let setup = Setup::new();
    let key = setup.folder.path().join("key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("our file");
    let runtime = mcpsec_runtime::Runtime::new(setup.policy(&[&Key::new()])).expect("the policy is fine");
    let handler = crate::support::Echo::default();
    let refused = mcpsec_runtime::HttpServer::bind(&runtime, move || handler.clone()).await.err().expect("refused");
    assert!(refused.is_configuration() && refused.to_string().contains("chmod 600"), "{refused}");
}

#[tokio::test]
async fn who_never_shakes_hands_is_cut_off() {
    let (setup, key) = (Setup::new(), Key::new());
    let mut policy = setup.policy(&[&key]);
    policy.limits.header_timeout = Duration::from_millis(200);
    let server = start(policy).await;
    let mut stream = TcpStream::connect(server.address).await.expect("the server listens");
    let mut said = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut said)).await;
    assert!(ended.is_ok(), "the connection stays open");
}
