//! The policy as typed sections, with the defaults that a missing key has.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, time::Duration};

use crate::units::{ByteSize, Rate};

/// The whole policy. Holding one means that every value is possible and enforced by this build.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Policy {
    /// `[server]`: how the server is reached.
    pub server: Server,
    /// `[capabilities]`: what may be announced; the doctor holds the code against it.
    pub capabilities: Capabilities,
    /// `[auth]`: how a network caller proves who it is.
    pub auth: Auth,
    /// `[limits]`: what one call may cost.
    pub limits: Limits,
    /// `[rate]`: how often a client may call.
    pub rate: Rates,
    /// `[access]`: who may do what; without a rule nothing but handshake, discovery and ping is allowed.
    pub access: Access,
    /// `[paths]`: folders that file tools and resources may read, by name.
    #[cfg_attr(feature = "schema", schemars(with = "BTreeMap<String, String>"))]
    pub paths: Paths,
    /// `[redact]`: what must not leave.
    pub redact: Redact,
    /// `[log]`: structured lines on standard error.
    pub log: Log,
    /// `[audit]`: one JSON line per decision.
    pub audit: Audit,
    /// `[doctor]`: what `mcpsec doctor` reads.
    pub doctor: Doctor,
    /// `[tools.NAME]`: limits of one tool.
    pub tools: BTreeMap<String, Tool>,
}

/// How the server is reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum Transport {
    /// Standard input and output of a child process.
    Stdio,
    /// Streamable HTTP.
    Http,
}

/// Whether older clients get a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum Sessions {
    /// No session is kept: each request stands alone.
    Stateless,
    /// Sessions for clients of 2025-11-25 and earlier, capped in number and bound to their owner.
    Bounded,
}

/// `[server]`: name, transports and what HTTP accepts.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Server {
    /// Name of the server, for logs and audit.
    pub name: String,
    /// Transports that may be served; at least one.
    #[cfg_attr(feature = "schema", schemars(length(min = 1), extend("uniqueItems" = true)))]
    pub transports: Vec<Transport>,
    /// Address of the HTTP listener. Default `127.0.0.1:8080`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub listen: SocketAddr,
    /// Default stateless.
    pub sessions: Sessions,
    /// Most sessions alive at once with `sessions = "bounded"`. Default 1000.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1_000_000)))]
    pub max_sessions: usize,
    /// Origins accepted beside the server's own. Default none.
    pub allowed_origins: Vec<String>,
    /// Host names accepted beside the listener's own address and loopback names. Default none.
    pub allowed_hosts: Vec<String>,
    /// Addresses or networks (CIDR) of proxies whose `X-Forwarded-For` is believed. Default none.
    pub trusted_proxies: Vec<String>,
}

/// `[capabilities]`: what may be announced. All false by default.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Capabilities {
    /// Tools may be listed and called.
    pub tools: bool,
    /// Resources may be listed and read.
    pub resources: bool,
    /// Prompts may be listed and got.
    pub prompts: bool,
    /// Arguments may be completed.
    pub completions: bool,
    /// Log messages may be sent to the client.
    pub logging: bool,
}

/// `[auth]`: how a network caller proves who it is.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Auth {
    /// File of API keys (hashes), relative to the policy file's folder; absolute after loading.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub api_keys: Option<PathBuf>,
    /// Keys given by the environment variable `MCP_API_KEYS`.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub environment_keys: Vec<crate::keys::KeyRecord>,
    /// `insecure_allow_anyone = true`: an HTTP server starts although nobody is asked who they are.
    pub insecure_allow_anyone: bool,
}

/// `[limits]`: what one call may cost.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Limits {
    /// Largest request body or stdio line. Default 1 MiB.
    pub body: ByteSize,
    /// Largest answer. Default 4 MiB.
    pub response: ByteSize,
    /// Calls that run at once. Default 32.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10000)))]
    pub concurrency: usize,
    /// Calls that wait for a place. Default 100.
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 100000)))]
    pub queue: usize,
    /// Longest wait for a place. Default 5 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub queue_wait: Duration,
    /// Longest run of one call. Default 30 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub timeout: Duration,
    /// Longest time for a request's header to arrive. Default 10 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub header_timeout: Duration,
    /// Longest time for a request's body to arrive. Default 10 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub body_timeout: Duration,
    /// Longest time that running calls get when the server stops. Default 10 s.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub drain: Duration,
    /// Open connections. Default 1024.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 1000000)))]
    pub connections: usize,
    /// Deepest nesting of JSON in a request. Default 64.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 127)))]
    pub depth: usize,
    /// Most values (object members and array items, all levels) in the arguments of a call. Default 10000.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10000000)))]
    pub values: usize,
}

/// `[rate]`: how often.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Rates {
    /// Per client and method. Default 100/min.
    pub default: Rate,
    /// Per address, before it is known who calls. Default 20/min of refused (unauthenticated) requests.
    pub unauthenticated: Rate,
    /// Most clients remembered; the least recently seen is forgotten. Default 10000.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 10000000)))]
    pub max_clients: usize,
}

/// `[access]`: who may do what. Without a rule nothing but handshake, discovery and ping is allowed.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Access {
    /// One that matches allows; none forbids.
    pub rules: Vec<AccessRule>,
}

/// One `[[access.rules]]` entry.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct AccessRule {
    /// `local`, `anonymous`, `key:<id>`, `scope:<name>` or `*` (any proven caller).
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub who: Vec<String>,
    /// `method` or `method:target`, such as `tools/list` or `tools/call:search_*`. `*` stands for any characters but
    /// `/`, `**` for any characters, and `*` alone for any target.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub may: Vec<String>,
}

/// `[paths]`: folders that a server's file tools and resources may read, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paths {
    /// Name to folder, relative to the policy file's folder; absolute after loading.
    pub roots: BTreeMap<String, PathBuf>,
}

/// `[redact]`: what must not leave.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Redact {
    /// Well-known shapes of keys and tokens, and high-entropy values beside credential words. Default true.
    pub secrets: bool,
    /// Names of JSON fields whose values are always replaced, compared without case.
    pub fields: Vec<String>,
}

/// Least severe log line that is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum LogLevel {
    /// Only failures.
    Error,
    /// And what should be looked at.
    Warn,
    /// And the usual events. The default.
    Info,
    /// And details; never a call's arguments.
    Debug,
}

/// `[log]`: structured JSON lines on standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Log {
    /// Default info. The SDK's own lines are held to `warn` whatever this says.
    pub level: LogLevel,
}

/// Where audit records go.
#[derive(Clone, Debug, PartialEq)]
pub enum AuditSink {
    /// Standard error, beside the log. The default.
    Stderr,
    /// Appended to a file, relative to the policy file's folder; absolute after loading.
    File(PathBuf),
}

/// `[audit]`: one JSON line per decision.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Audit {
    /// `sink = "stderr"` or `sink = "file:PATH"`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::SinkText"))]
    pub sink: AuditSink,
}

/// `[doctor]`: what `mcpsec doctor` reads; severities and rule ids are checked by the command.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Doctor {
    /// Least severity that fails a run: `low`, `medium`, `high`, `critical` or `never`. Default `medium`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["low", "medium", "high", "critical", "never"])))]
    pub fail_on: String,
    /// Globs of paths that are not read.
    pub exclude: Vec<String>,
    /// Rules that are switched off, by id.
    pub ignore: Vec<String>,
    /// Clients are authenticated by something in front of this server.
    pub behind_gateway: bool,
    /// Severities of rules, by id, where this project sees them otherwise: `cors-wildcard = "high"`.
    #[cfg_attr(feature = "schema", schemars(with = "std::collections::BTreeMap<String, crate::schema::SeverityText>"))]
    pub severity: BTreeMap<String, String>,
    /// File with findings that are accepted because they were there before. Without it, `.mcpsec-baseline` where that
    /// exists.
    pub baseline: Option<String>,
}

/// `[tools.NAME]`: limits of one tool.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Tool {
    /// Calls per client, beside the rate per method.
    #[cfg_attr(feature = "schema", schemars(with = "Rate"))]
    pub rate: Option<Rate>,
    /// Longest run, instead of `limits.timeout`.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub timeout: Option<Duration>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            name: "mcp-server".to_owned(),
            transports: vec![Transport::Stdio],
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            sessions: Sessions::Stateless,
            max_sessions: 1_000,
            allowed_origins: Vec::new(),
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: ByteSize::mib(1),
            response: ByteSize::mib(4),
            concurrency: 32,
            queue: 100,
            queue_wait: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            drain: Duration::from_secs(10),
            connections: 1_024,
            depth: 64,
            values: 10_000,
        }
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self { default: Rate::per_minute(100), unauthenticated: Rate::per_minute(20), max_clients: 10_000 }
    }
}

impl Default for Redact {
    fn default() -> Self {
        Self { secrets: true, fields: Vec::new() }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: LogLevel::Info }
    }
}

impl Default for Audit {
    fn default() -> Self {
        Self { sink: AuditSink::Stderr }
    }
}

impl Default for Doctor {
    fn default() -> Self {
        Self {
            fail_on: "medium".to_owned(),
            exclude: Vec::new(),
            ignore: Vec::new(),
            behind_gateway: false,
            severity: BTreeMap::new(),
            baseline: None,
        }
    }
}
