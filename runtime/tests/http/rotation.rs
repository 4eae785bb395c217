//! An issuer on loopback over TLS, with an authority of its own: keys that change, and everything that goes wrong.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use jsonwebtoken::Algorithm;
use mcpsec_policy::{
    Policy,
    model::{JwksSource, Jwt, JwtAlgorithm},
};
use mcpsec_runtime::{HttpServer, Runtime};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

use crate::{
    issuer::{Signer, call, key_set, policy, section},
    support::{Echo, Server, start},
};

/// What the issuer answers with.
#[derive(Clone)]
enum Manner {
    /// This, as a key set.
    Keys(String),
    /// This status line and these headers.
    Odd(String),
    /// Nothing, ever.
    Silent,
}

/// A web server over TLS that answers every request alike.
struct Web {
    port: u16,
    manner: Arc<Mutex<Manner>>,
    asked: Arc<AtomicUsize>,
    /// `ca.pem`.
    folder: TempDir,
    running: JoinHandle<()>,
}

impl Drop for Web {
    fn drop(&mut self) {
        self.running.abort();
    }
}

impl Web {
    async fn start(manner: Manner) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("signed");
        let key = KeyPair::generate().expect("a key");
        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let certificate = CertificateParams::new(names).expect("names").signed_by(&key, &authority).expect("signed");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).expect("written");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a certificate and its key");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("an address").port();
        let (manner, asked) = (Arc::new(Mutex::new(manner)), Arc::new(AtomicUsize::new(0)));
        let (answer, counter) = (Arc::clone(&manner), Arc::clone(&asked));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let running = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answer, counter) = (acceptor.clone(), Arc::clone(&answer), Arc::clone(&counter));
                tokio::spawn(async move {
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut buffer = [0; 4_096];
                    let read = stream.read(&mut buffer).await.unwrap_or(0);
                    assert!(buffer[..read].starts_with(b"GET /keys.json HTTP/1.1\r\n"));
                    counter.fetch_add(1, Ordering::SeqCst);
                    let manner = answer.lock().expect("no panic").clone();
                    let text = match manner {
                        Manner::Keys(keys) => {
                            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{keys}", keys.len())
                        }
                        Manner::Odd(text) => text,
                        Manner::Silent => return std::future::pending().await,
                    };
                    let _ = stream.write_all(text.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { port, manner, asked, folder, running }
    }

    fn becomes(&self, manner: Manner) {
        *self.manner.lock().expect("no panic") = manner;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A policy that believes this issuer, and asks it as often as it may.
    fn policy(&self, change: impl FnOnce(&mut Jwt)) -> Policy {
        let url = format!("https://127.0.0.1:{}/keys.json", self.port);
        let mut jwt = section(JwksSource::Url(url), &[JwtAlgorithm::EdDSA]);
        jwt.jwks_ca = Some(self.authority());
        jwt.jwks_pause = Duration::ZERO;
        change(&mut jwt);
        policy(jwt)
    }
}

fn signer(kid: &str) -> Signer {
    Signer::new(Algorithm::EdDSA, kid)
}

async fn status(server: &Server, signer: &Signer) -> u16 {
    call(&signer.token()).send(server).await.status
}

#[tokio::test]
async fn keys_are_fetched_once_and_a_new_one_when_a_token_names_it() {
    let (old, new) = (signer("old"), signer("new"));
    let web = Web::start(Manner::Keys(key_set(&[&old]))).await;
    let server = start(web.policy(|_| {})).await;
    for _ in 0..5 {
        assert_eq!(status(&server, &old).await, 200);
    }
    assert_eq!(web.asked(), 1);
    web.becomes(Manner::Keys(key_set(&[&new])));
    assert_eq!(status(&server, &new).await, 200);
    assert_eq!(web.asked(), 2);
    // The one that was taken out is no longer good.
    assert_eq!(status(&server, &old).await, 401);
}

#[tokio::test]
async fn tokens_of_strangers_do_not_make_this_server_ask_more_than_once_in_a_while() {
    let known = signer("known");
    let web = Web::start(Manner::Keys(key_set(&[&known]))).await;
    let server = start(web.policy(|jwt| jwt.jwks_pause = Duration::from_secs(3_600))).await;
    assert_eq!(status(&server, &known).await, 200);
    let strangers: Vec<Signer> = (0..20).map(|at| signer(&format!("stranger-{at}"))).collect();
    let calls = strangers.iter().map(|stranger| status(&server, stranger));
    assert!(futures::future::join_all(calls).await.iter().all(|status| *status == 401));
    assert_eq!(web.asked(), 1);
    assert_eq!(status(&server, &known).await, 200);
}

#[tokio::test]
async fn many_who_wait_share_one_fetch() {
    let known = signer("known");
    let web = Web::start(Manner::Keys(key_set(&[&known]))).await;
    let server = start(web.policy(|jwt| jwt.jwks_pause = Duration::from_secs(3_600))).await;
    let calls = (0..20).map(|_| status(&server, &known));
    assert!(futures::future::join_all(calls).await.iter().all(|status| *status == 200));
    assert_eq!(web.asked(), 1);
}

#[tokio::test]
async fn an_issuer_that_is_down_or_silent_stops_nobody_who_is_known() {
    let (known, stranger) = (signer("known"), signer("stranger"));
    let web = Web::start(Manner::Keys(key_set(&[&known]))).await;
    let server = start(web.policy(|jwt| jwt.jwks_refresh = Duration::ZERO)).await;
    assert_eq!(status(&server, &known).await, 200);
    for manner in [
        Manner::Odd("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n".to_owned()),
        Manner::Keys("{\"keys\":[]}".to_owned()),
        Manner::Keys("<html>".to_owned()),
        Manner::Silent,
    ] {
        web.becomes(manner);
        let begun = Instant::now();
        for _ in 0..3 {
            assert_eq!(status(&server, &known).await, 200);
        }
        assert!(begun.elapsed() < Duration::from_secs(4), "nobody waits for the issuer");
    }
    assert_eq!(status(&server, &stranger).await, 401);
    web.becomes(Manner::Keys(key_set(&[&stranger])));
    for _ in 0..100 {
        if status(&server, &stranger).await == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the keys never became fresh");
}

#[tokio::test]
async fn keys_that_nobody_could_renew_for_too_long_are_not_believed() {
    let known = signer("known");
    let web = Web::start(Manner::Keys(key_set(&[&known]))).await;
    let server = start(web.policy(|jwt| jwt.jwks_keep = Duration::from_secs(1))).await;
    assert_eq!(status(&server, &known).await, 200);
    web.becomes(Manner::Odd("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n".to_owned()));
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(status(&server, &known).await, 401);
    web.becomes(Manner::Keys(key_set(&[&known])));
    assert_eq!(status(&server, &known).await, 200);
}

#[tokio::test]
async fn odd_answers_are_no_keys() {
    let known = signer("known");
    let other = Web::start(Manner::Keys(key_set(&[&known]))).await;
    let set = key_set(&[&known]);
    let padded = format!("{}{}", " ".repeat(1024 * 1024), set);
    for odd in [
        format!(
            "HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1:{}/keys.json\r\ncontent-length: 0\r\n\r\n",
            other.port
        ),
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{padded}", padded.len()),
        format!("HTTP/1.1 404 No\r\ncontent-length: {}\r\n\r\n{set}", set.len()),
        "nonsense".to_owned(),
    ] {
        let web = Web::start(Manner::Odd(odd.clone())).await;
        let server = start(web.policy(|_| {})).await;
        assert_eq!(status(&server, &known).await, 401, "{}", &odd[..40.min(odd.len())]);
        assert!(web.asked() >= 1);
    }
    assert_eq!(other.asked(), 0, "a redirect was followed");
}

#[tokio::test]
async fn a_certificate_of_another_authority_or_name_is_not_believed() {
    let known = signer("known");
    let (web, other) = (Web::start(Manner::Keys(key_set(&[&known]))).await, Web::start(Manner::Silent).await);
    let server = start(web.policy(|jwt| jwt.jwks_ca = Some(other.authority()))).await;
    assert_eq!(status(&server, &known).await, 401);
    let port = web.port;
    let by_name = |name: &str| JwksSource::Url(format!("https://{name}:{port}/keys.json"));
    // The certificate has the names 127.0.0.1 and localhost.
    let server = start(web.policy(|jwt| jwt.jwks = Some(by_name("127.0.0.2")))).await;
    assert_eq!(status(&server, &known).await, 401);
    assert_eq!(web.asked(), 0);
    let server = start(web.policy(|jwt| jwt.jwks = Some(by_name("localhost")))).await;
    assert_eq!(status(&server, &known).await, 200);
}

#[tokio::test]
async fn authorities_that_cannot_be_read_stop_the_start() {
    let web = Web::start(Manner::Silent).await;
    let empty = web.folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").expect("written");
    for path in [empty, web.folder.path().join("missing.pem")] {
        let runtime = Runtime::new(web.policy(|jwt| jwt.jwks_ca = Some(path.clone()))).expect("the policy is fine");
        let error = HttpServer::bind(&runtime, Echo::default).await.err().expect("no authority");
        assert!(error.is_configuration() && error.to_string().contains("auth.jwt.jwks_ca"), "{error}");
    }
}
