//! A real nginx in front, from the Debian package `nginx-light`: it speaks for clients, and is believed only where the
//! policy trusts it.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use mcpsec_policy::{Policy, Rate};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Key, Request, Server, call, policy, send, start};

/// A running nginx; it ends when this is dropped.
struct Nginx {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Nginx {
    /// Hands requests on to `server`, and says that they came over `scheme`.
    async fn start(server: &Server, scheme: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        drop(listener);
        std::fs::write(folder.path().join("nginx.conf"), configuration(folder.path(), address, server.address, scheme))
            .expect("our folder");
        let process = Command::new("nginx")
            .args(["-p", &folder.path().display().to_string(), "-c", "nginx.conf", "-e", "error.log"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx can be started: install the Debian package nginx-light");
        let nginx = Self { process, address, _folder: folder };
        for _ in 0..500 {
            if TcpStream::connect(address).await.is_ok() {
                return nginx;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nginx does not listen");
    }

    async fn ask(&self, request: &Request) -> u16 {
        send(self.address, &request.bytes()).await.status
    }
}

fn configuration(folder: &Path, address: SocketAddr, server: SocketAddr, scheme: &str) -> String {
    let folder = folder.display();
    format!(
        "daemon off;
        master_process off;
        pid {folder}/pid;
        events {{}}
        http {{
            access_log off;
            client_body_temp_path {folder}/body;
            proxy_temp_path {folder}/proxy;
            fastcgi_temp_path {folder}/fastcgi;
            uwsgi_temp_path {folder}/uwsgi;
            scgi_temp_path {folder}/scgi;
            server {{
                listen {address};
                location / {{
                    proxy_pass http://{server};
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    proxy_set_header X-Forwarded-Proto {scheme};
                }}
            }}
        }}"
    )
}

fn trusting(key: &Key) -> Policy {
    let mut policy = policy(&[key]);
    policy.server.trusted_proxies = vec!["127.0.0.0/8".to_owned()];
    policy
}

fn hello() -> Request {
    Request::post(call(1, json!({ "text": "hello" }))).modern()
}

#[tokio::test]
async fn a_proxy_that_speaks_https_is_let_in_and_one_that_does_not_is_not() {
    let key = Key::new();
    let server = start(trusting(&key)).await;
    let encrypted = Nginx::start(&server, "https").await;
    assert_eq!(encrypted.ask(&hello().key(&key)).await, 200);
    let plain = Nginx::start(&server, "http").await;
    assert_eq!(plain.ask(&hello().key(&key)).await, 403);
    // Whoever says so himself in front of the proxy is not believed.
    assert_eq!(plain.ask(&hello().key(&key).header("x-forwarded-proto", "https")).await, 403);
    assert_eq!(plain.ask(&hello().key(&key).header("forwarded", "for=1.1.1.1;proto=https")).await, 403);
}

#[tokio::test]
async fn refusals_are_counted_for_whom_the_proxy_speaks() {
    let key = Key::new();
    let mut policy = trusting(&key);
    policy.server.trusted_proxies = vec!["127.0.0.1".to_owned()];
    policy.rate.unauthenticated = Rate::per_minute(3);
    let server = start(policy).await;
    let nginx = Nginx::start(&server, "https").await;
    // 127.0.0.1 is the proxy's own address, so the entry before it counts: what a proxy further out would have written.
    let from = |address: &str| hello().header("x-forwarded-for", address);
    for _ in 0..3 {
        assert_eq!(nginx.ask(&from("203.0.113.1")).await, 401);
    }
    assert_eq!(nginx.ask(&from("203.0.113.1")).await, 429);
    assert_eq!(nginx.ask(&from("203.0.113.2")).await, 401);
}
