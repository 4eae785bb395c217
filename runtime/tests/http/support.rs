//! A server under test and a client that can send anything.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use mcpsec_policy::{
    Policy,
    keys::{self, KeyRecord},
    model::{Access, AccessRule, Capabilities, Server as ServerSection, Transport},
};
use mcpsec_runtime::{HttpServer, Runtime, ServeError};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ListToolsResult, PaginatedRequestParams,
        ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// No answer takes longer, on a busy machine either.
const PATIENCE: Duration = Duration::from_secs(20);

/// A handler with one tool, `echo`, which answers `text` after `wait` milliseconds.
#[derive(Clone, Default)]
pub(crate) struct Echo {
    pub(crate) started: Arc<AtomicUsize>,
    /// Calls whose future was dropped before it ended.
    pub(crate) dropped: Arc<AtomicUsize>,
}

struct Running {
    dropped: Arc<AtomicUsize>,
    ended: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl ServerHandler for Echo {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(vec![echo()]))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        (name == "echo").then(echo)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let mut running = Running { dropped: Arc::clone(&self.dropped), ended: false };
        self.started.fetch_add(1, Ordering::SeqCst);
        let wait = arguments.get("wait").and_then(Value::as_u64).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        running.ended = true;
        let text = arguments.get("text").and_then(Value::as_str).unwrap_or_default();
        let parts = context.extensions.get::<http::request::Parts>();
        let leaked = parts.is_some_and(|parts| parts.headers.contains_key("authorization"));
        let text = if leaked { "the handler saw the credential" } else { text };
        Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
    }
}

fn echo() -> Tool {
    let schema = json!({
        "type": "object",
        "properties": { "text": { "type": "string" }, "wait": { "type": "integer" } },
    });
    let Value::Object(schema) = schema else { unreachable!("written above") };
    Tool::new("echo", "Answers its text", schema)
}

/// An API key and what the server stores of it.
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) record: KeyRecord,
}

impl Key {
    /// A key that may do everything.
    pub(crate) fn new() -> Self {
        Self::with_scopes(&["all"])
    }

    pub(crate) fn with_scopes(scopes: &[&str]) -> Self {
        let key = keys::Key::generate().expect("the system gives random bytes");
        let mut record = KeyRecord::of(&key);
        record.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect::<BTreeSet<_>>();
        Self { text: key.expose().to_owned(), record }
    }

    pub(crate) fn expired() -> Self {
        let mut key = Self::new();
        key.record.expires = Some(SystemTime::now() - Duration::from_secs(1));
        key
    }
}

/// A policy for HTTP on a free port. Whoever has a key may do everything.
pub(crate) fn policy(keys: &[&Key]) -> Policy {
    let mut policy = Policy {
        server: ServerSection {
            name: "under test".to_owned(),
            transports: vec![Transport::Http],
            listen: ([127, 0, 0, 1], 0).into(),
            ..ServerSection::default()
        },
        capabilities: Capabilities { tools: true, ..Capabilities::default() },
        access: Access {
            rules: vec![AccessRule { who: vec!["scope:all".to_owned()], may: vec!["**".to_owned()] }],
            ..Access::default()
        },
        ..Policy::default()
    };
    policy.auth.environment_keys = keys.iter().map(|key| key.record.clone()).collect();
    policy
}

/// A running server; it stops when this is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) handler: Echo,
    pub(crate) shutdown: CancellationToken,
    pub(crate) running: JoinHandle<Result<(), ServeError>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

pub(crate) async fn start(policy: Policy) -> Server {
    start_with(&Runtime::new(policy).expect("the policy is fine")).await
}

pub(crate) async fn start_with(runtime: &Arc<Runtime>) -> Server {
    let handler = Echo::default();
    let maker = handler.clone();
    let server = HttpServer::bind(runtime, move || maker.clone()).await.expect("a port is free");
    let (address, shutdown) = (server.local_addr().expect("a network address"), CancellationToken::new());
    let running = tokio::spawn(server.run(shutdown.clone()));
    Server { address, handler, shutdown, running }
}

/// A request as text; every part can be wrong on purpose.
#[derive(Clone)]
pub(crate) struct Request {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    /// A proper POST of `body` to the endpoint, without a credential.
    pub(crate) fn post(body: impl ToString) -> Self {
        let request = Self { line: "POST /mcp HTTP/1.1".to_owned(), headers: Vec::new(), body: body.to_string() };
        request
            .header("host", "localhost")
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .header("connection", "close")
    }

    pub(crate) fn get(path: &str) -> Self {
        let request = Self { line: format!("GET {path} HTTP/1.1"), headers: Vec::new(), body: String::new() };
        request.header("host", "localhost").header("connection", "close")
    }

    /// Another request line.
    pub(crate) fn line(mut self, line: &str) -> Self {
        line.clone_into(&mut self.line);
        self
    }

    /// One header more, instead of what was there under that name.
    pub(crate) fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Headers that a client of 2026-07-28 sends with a tool call.
    pub(crate) fn modern(self) -> Self {
        self.header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/call").header("mcp-name", "echo")
    }

    pub(crate) fn key(self, key: &Key) -> Self {
        self.header("authorization", format!("Bearer {}", key.text))
    }

    /// The bytes, with the right length.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let length = self.body.len();
        let mut text = self.clone().header("content-length", length).head();
        text.push_str(&self.body);
        text.into_bytes()
    }

    /// The bytes up to the body.
    pub(crate) fn head(&self) -> String {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{}\r\n{headers}\r\n", self.line)
    }

    pub(crate) async fn send(&self, server: &Server) -> Reply {
        send(server.address, &self.bytes()).await
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The JSON-RPC message, also where it came as an event.
    pub(crate) fn message(&self) -> Value {
        let mut data = self.body.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
        let text = data.rfind(|data| !data.is_empty()).unwrap_or(&self.body);
        serde_json::from_str(text).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The text that the tool answered.
    pub(crate) fn text(&self) -> String {
        let message = self.message();
        let text = message.pointer("/result/content/0/text").and_then(Value::as_str);
        text.unwrap_or_else(|| panic!("not a tool's answer: {self:?}")).to_owned()
    }
}

/// Sends `bytes` and reads until the server closes.
pub(crate) async fn send(address: SocketAddr, bytes: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    // The server may refuse and close before it has read everything.
    let _ = stream.write_all(bytes).await;
    read(&mut stream).await
}

pub(crate) async fn read(stream: &mut TcpStream) -> Reply {
    let mut bytes = Vec::new();
    let end = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    assert!(end.is_ok(), "no end after {PATIENCE:?}: {:?}", String::from_utf8_lossy(&bytes));
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let mut reply = Reply { status, head: head.to_owned(), body: body.to_owned() };
    if reply.header("transfer-encoding") == Some("chunked") {
        reply.body = unchunked(body);
    }
    reply
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        if size == 0 || rest.len() < size {
            break;
        }
        whole.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

/// A tool call of a client of 2026-07-28.
pub(crate) fn call(id: impl Into<Value>, arguments: Value) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "name": "echo", "arguments": arguments, "_meta": meta });
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": "tools/call", "params": params })
}

/// A handshake of a client of 2025-11-25.
pub(crate) fn initialize() -> Value {
    let client = json!({ "name": "test", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params })
}

/// Waits until `happened`.
pub(crate) async fn eventually(what: &str, happened: impl Fn() -> bool) {
    let waited = timeout(PATIENCE, async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert!(waited.await.is_ok(), "{what}");
}
