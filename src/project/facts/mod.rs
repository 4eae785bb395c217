//! What follows from the sources, in words that are the same for every language.
//!
//! Facts say what is, with its place, and how sure that is. What could not be decided is said in `incomplete`, never
//! guessed. Rules read facts and nothing below them.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::{
    finding::{Confidence, Place},
    project::{File, Language, program::Program},
};

mod announced;
mod asserts;
mod bindings;
mod certificates;
mod cleartext;
mod comparisons;
mod conduct;
mod dispatch;
mod effects;
mod elicitations;
mod environment_reads;
mod flow;
mod go;
mod inherited;
mod json_rpc;
mod logs;
mod moments;
mod python;
mod query_tokens;
mod randomness;
mod revision;
mod rust;
mod secret_literals;
mod secret_names;
mod shared_cache;
mod strength;
mod tested;
pub mod tools;
mod typescript;
mod unchecked_types;

pub use self::{
    announced::{Announced, Promise},
    conduct::{
        Body, Conduct, Destructive, Exposure, Flaw, Handle, Keeping, Leak, Load, OpenGate, Opens, Outbound, Protects,
        RedirectCheck, Rights, Session, TokenCheck, TransportUse, Unbounded, WeakOption, WideScope,
    },
    dispatch::Dispatch,
    elicitations::Elicitation,
    environment_reads::EnvironmentRead,
    revision::Leftover,
    shared_cache::SharedCache,
    tested::Tested,
};
pub use asserts::AssertedInput;
pub use certificates::UncheckedCertificate;
pub use cleartext::CleartextEndpoint;
pub use comparisons::SecretComparison;
pub use inherited::InheritedEnvironment;
pub use logs::{Logged, LoggedKind};
pub use query_tokens::QueryToken;
pub use randomness::WeakRandom;
pub use secret_literals::SecretLiteral;
pub use unchecked_types::UncheckedType;

/// Everything known.
#[derive(Debug, Default)]
pub struct Facts {
    /// Server objects: one per construction (`new McpServer`, `FastMCP(..)`, `impl ServerHandler for X`, ...).
    pub servers: Vec<Server>,
    /// Where a server starts to listen on a network.
    pub endpoints: Vec<Endpoint>,
    /// Where a server is put on standard input and output.
    pub stdio: Vec<Place>,
    /// Writes to standard output, with when they happen.
    pub stdout_writes: Vec<StdoutWrite>,
    /// Cross-origin permissions.
    pub cors: Vec<Cors>,
    /// Limiters, effective or not.
    pub limiters: Vec<Limiter>,
    /// How the code treats requests, tokens, sessions and time.
    pub conduct: Conduct,
    /// Secrets read from the environment with a literal to fall back to.
    pub secret_defaults: Vec<SecretDefault>,
    /// Tools, prompts and resources, with what models read of them.
    pub offers: Vec<tools::Offer>,
    /// Where a handler replaces a description, and of what.
    pub rewritten_descriptions: Vec<(Place, String)>,
    /// Questions to the person who uses a server.
    pub elicitations: Vec<Elicitation>,
    /// Low-level servers: names that are listed, and names that are told apart.
    pub dispatches: Vec<Dispatch>,
    /// Promises of subscriptions and of changing lists.
    pub announced: Vec<Announced>,
    /// What a project for the newest revision uses of earlier ones.
    pub leftovers: Vec<(Leftover, Place)>,
    /// Results for anybody in functions that ask who the caller is.
    pub shared_caches: Vec<SharedCache>,
    /// What tests speak of.
    pub tested: Tested,
    /// From a caller's input to a sink.
    pub flows: Vec<Flow>,
    /// Places that load `.env` files.
    pub environment_files: Vec<Place>,
    /// Environment variables that the product reads by name.
    pub environment_reads: Vec<EnvironmentRead>,
    /// Test cases, by their place.
    pub tests: Vec<Place>,
    /// An MCP SDK (client or server side) is imported or depended on.
    pub sdk_imports: Vec<Place>,
    /// An MCP client is constructed (so that a project without servers is explained).
    pub clients: Vec<Place>,
    /// Credentials that are written into the source.
    pub secret_literals: Vec<SecretLiteral>,
    /// Credentials in the query of an address.
    pub query_tokens: Vec<QueryToken>,
    /// Secrets compared character by character.
    pub secret_comparisons: Vec<SecretComparison>,
    /// Secrets that others can predict.
    pub weak_randoms: Vec<WeakRandom>,
    /// Servers started with the whole environment of their client.
    pub inherited_environments: Vec<InheritedEnvironment>,
    /// What should not be in a log.
    pub logged: Vec<Logged>,
    /// Connections that take every certificate.
    pub unchecked_certificates: Vec<UncheckedCertificate>,
    /// Services reached without encryption.
    pub cleartext_endpoints: Vec<CleartextEndpoint>,
    /// Checks that vanish with an option of the interpreter.
    pub asserted_inputs: Vec<AssertedInput>,
    /// Arguments taken for a type without asking, where a panic ends the server.
    pub unchecked_types: Vec<UncheckedType>,
}

/// What a server can offer.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Capability {
    /// `tools`
    Tools,
    /// `resources`
    Resources,
    /// `prompts`
    Prompts,
    /// `completions`
    Completions,
    /// `logging`
    Logging,
}

impl Capability {
    /// The key in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Resources => "resources",
            Self::Prompts => "prompts",
            Self::Completions => "completions",
            Self::Logging => "logging",
        }
    }
}

/// What a client meets when declaration and registration differ (measured per SDK and version).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mismatch {
    /// It cannot: the SDK keeps both in step.
    Impossible,
    /// An empty list.
    EmptyList,
    /// `-32601` method not found.
    MethodNotFound,
    /// The server throws when it starts.
    FailsAtStart,
    /// The feature is there and no client sees it.
    Hidden,
}

/// A server object.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it is made.
    pub place: Place,
    /// The language.
    pub language: Language,
    /// Package of the SDK: `@modelcontextprotocol/sdk`, `mcp`, `fastmcp`, `rmcp`, `github.com/mark3labs/mcp-go`, ...
    pub sdk: String,
    /// The version that is really installed (lockfile), or the least that the manifest allows.
    pub sdk_version: Option<String>,
    /// The class or function: `McpServer`, `Server`, `FastMCP`, ...
    pub kind: String,
    /// The name it gives itself.
    pub name: Option<String>,
    /// Capabilities announced in so many words. Automatic announcements are not listed.
    pub declared: Vec<Declared>,
    /// Handlers and registrations.
    pub registered: Vec<Registered>,
    /// Tools with what is known of them.
    pub tools: Vec<Tool>,
    /// What happens to what is declared and not registered.
    pub unregistered: Mismatch,
    /// What happens to what is registered and not declared.
    pub undeclared: Mismatch,
    /// Reasons why declarations or registrations may not be complete: loops, plugins, proxies, computed values.
    pub incomplete: Vec<String>,
}

/// An announced capability.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Which.
    pub capability: Capability,
    /// Where.
    pub place: Place,
}

/// A registration or handler.
#[derive(Clone, Debug)]
pub struct Registered {
    /// What it serves.
    pub capability: Capability,
    /// For low-level handlers the protocol method, such as `tools/list`; nothing for high-level registrations.
    pub method: Option<&'static str>,
    /// Where.
    pub place: Place,
}

/// A tool.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name, where it is known.
    pub name: Option<String>,
    /// What it says about itself, with its place.
    pub description: Option<(String, Place)>,
    /// Where it is registered.
    pub place: Place,
}

/// What protects something, as far as it could be seen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Protection {
    /// In force, from here.
    Present(Place),
    /// There, and off unless somebody turns it on: an optional token, a flag with an unsafe default.
    Optional(Place),
    /// Switched off in so many words.
    Disabled(Place),
    /// Nothing was found.
    Absent,
    /// Something is there that could not be judged.
    Unknown(String),
}

/// Who can connect to an endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Bind {
    /// This machine only.
    Loopback,
    /// Every interface, in so many words or by default.
    All,
    /// Loopback unless configuration says otherwise.
    ConfiguredLoopback,
    /// Every interface unless configuration says otherwise.
    ConfiguredAll,
    /// Some other fixed address.
    Address(String),
    /// Not decided here.
    Unknown,
}

/// Which network transport.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Network {
    /// Streamable HTTP.
    Http,
    /// The older HTTP with server-sent events.
    Sse,
    /// WebSocket.
    WebSocket,
}

/// A place where a server starts to listen.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where it starts to listen.
    pub place: Place,
    /// How it is reached.
    pub network: Network,
    /// Who can connect.
    pub bind: Bind,
    /// Where the address is written; the listen call where it is not.
    pub bind_place: Place,
    /// Callers prove who they are.
    pub authentication: Protection,
    /// Host and Origin are checked.
    pub host_check: Protection,
    /// Where the transport or route is made: what is missing there is reported there.
    pub route: Place,
    /// Calls are limited.
    pub rate_limit: Protection,
}

/// When a write to standard output happens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Moment {
    /// In a handler or in something that a handler calls.
    Serving,
    /// While the server starts, before or after the transport is connected.
    Starting,
    /// While it stops.
    Stopping,
    /// Only in a branch that does not serve stdio: `--help`, HTTP mode, tests.
    Elsewhere,
    /// Not known to be reachable from a stdio server.
    Unknown,
}

/// A write to standard output.
#[derive(Clone, Debug)]
pub struct StdoutWrite {
    /// The call.
    pub place: Place,
    /// As written: `console.log`, `print`, `println!`.
    pub call: String,
    /// When.
    pub moment: Moment,
}

/// A cross-origin permission.
#[derive(Clone, Debug)]
pub struct Cors {
    /// Where.
    pub place: Place,
    /// Any origin is allowed, or the caller's is echoed.
    pub any_origin: bool,
    /// Cookies and authorization are allowed with it.
    pub credentials: bool,
    /// It covers only metadata documents.
    pub metadata_only: bool,
}

/// A limiter.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// Where it is made.
    pub place: Place,
    /// Why it does not limit, where that is so.
    pub weakness: Option<String>,
}

/// A secret with a literal to fall back to.
#[derive(Clone, Debug)]
pub struct SecretDefault {
    /// The literal.
    pub place: Place,
    /// The variable that is read.
    pub variable: String,
}

/// What input must not reach unguarded.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Sink {
    /// A command line that a shell parses.
    Shell,
    /// An argument of a program.
    Argument,
    /// The program that is started.
    Program,
    /// Code that is evaluated.
    Code,
    /// SQL text.
    Sql,
    /// Text of another query language: Cypher, LDAP, SPARQL.
    NoSql,
    /// A path that is opened or listed.
    PathRead,
    /// A path that is written, moved or removed.
    PathWrite,
    /// A URL that is requested.
    Url,
    /// A URL that a browser opens.
    Navigation,
    /// A URL or file that the desktop opens.
    OpenUrl,
    /// The source of a template.
    Template,
    /// Bytes that become objects of any class.
    Deserialize,
    /// XML that is parsed with entities.
    Xml,
    /// The command of a server that a client starts.
    Launch,
    /// A script of the desktop: AppleScript, JXA.
    Script,
    /// A regular expression that is matched by backtracking.
    Regex,
}

/// The part of a URL that input decides.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UrlPart {
    /// Where the request goes.
    Host,
    /// The path below a fixed host.
    Path,
    /// The query below a fixed host.
    Query,
}

/// Why a check on the way does not hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Weakness {
    /// A path's beginning is compared as text, so that `/data-old` lies inside of `/data`.
    Prefix,
    /// The check comes before `..` is resolved.
    Unresolved,
    /// `..` is searched for, and absolute paths pass.
    Parent,
    /// `..` is searched for instead of checking where the path leads.
    ParentOnly,
    /// The text of the path is checked, and links are followed.
    Links,
    /// The check runs only when something is configured.
    Optional,
    /// Only the scheme of a URL is checked.
    Scheme,
    /// The host is compared with a list of bad ones, or by a part of its text.
    Hosts,
    /// Addresses are judged before the request resolves the name anew.
    Addresses,
}

impl Weakness {
    /// Whether it says something about this sink.
    pub fn concerns(self, sink: Sink) -> bool {
        match self {
            Self::Prefix | Self::Unresolved | Self::Parent | Self::ParentOnly | Self::Links => {
                matches!(sink, Sink::PathRead | Sink::PathWrite)
            }
            Self::Scheme | Self::Hosts | Self::Addresses => sink == Sink::Url,
            Self::Optional => matches!(sink, Sink::PathRead | Sink::PathWrite | Sink::Url),
        }
    }

    /// In a clause.
    pub fn note(self) -> &'static str {
        match self {
            Self::Prefix => "compares the beginning of the text, so a sibling with the same beginning passes",
            Self::Unresolved => "is made before `..` is resolved",
            Self::Parent => "searches for `..`, and absolute paths pass",
            Self::ParentOnly => "searches for `..` instead of checking where the path leads",
            Self::Links => "judges the text of the path, and links lead out of the folder",
            Self::Optional => "is made only when something is configured",
            Self::Scheme => "judges the scheme, and any host passes",
            Self::Hosts => "compares the host as text, and other names of it pass",
            Self::Addresses => "judges addresses before the request resolves the name again",
        }
    }
}

/// A step of a flow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hop {
    /// Where.
    pub place: Place,
    /// What happens, in one lowercase clause.
    pub note: String,
}

/// Input of a caller that reaches a sink.
#[derive(Clone, Debug)]
pub struct Flow {
    /// What it reaches.
    pub sink: Sink,
    /// Where: the call.
    pub place: Place,
    /// As written: `exec`, `subprocess.run`.
    pub call: String,
    /// The tool, prompt or resource whose input it is, where known.
    pub tool: Option<String>,
    /// The parameter, where known.
    pub parameter: String,
    /// From the parameter to the sink, both included.
    pub hops: Vec<Hop>,
    /// Guards on the way that hold.
    pub guards: Vec<Hop>,
    /// The purpose of the tool is to do just this (run a command).
    pub by_design: bool,
    /// How sure it is.
    pub confidence: Confidence,
    /// The input is a piece of a larger text.
    pub embedded: bool,
    /// The text before the input, `?` for what is not written down.
    pub before: String,
    /// The part of a URL that it decides.
    pub part: UrlPart,
    /// A check on the way that does not hold, and where.
    pub weakness: Option<(Weakness, Place)>,
    /// It is the value of an option, as far as can be told by what stands before it.
    pub after_option: bool,
    /// The program or library is known to be dangerous with such input.
    pub known: bool,
    /// The request carries a credential of the server.
    pub credential: bool,
    /// It is the URI of a resource, or a part of it.
    pub resource: bool,
}

/// Adds the facts of one kind or language.
type Add = fn(&Program<'_>, &[File], &mut Facts);

/// Everything that finds facts. Each begins with none and sees no other's.
const PARTS: &[Add] = &[
    |program, _, facts| environment_reads::add(program, facts),
    |program, _, facts| flow::add(program, facts),
    |program, _, facts| secret_literals::add(program, facts),
    |program, _, facts| query_tokens::add(program, facts),
    |program, _, facts| comparisons::add(program, facts),
    |program, _, facts| randomness::add(program, facts),
    |program, _, facts| inherited::add(program, facts),
    |program, _, facts| logs::add(program, facts),
    |program, _, facts| certificates::add(program, facts),
    |program, _, facts| cleartext::add(program, facts),
    |program, _, facts| {
        json_rpc::add(program, Language::Go, facts);
        go::add(program, facts);
    },
    |program, _, facts| asserts::add(program, facts),
    |program, _, facts| unchecked_types::add(program, facts),
    |program, _, facts| typescript::add(program, facts),
    |program, _, facts| {
        json_rpc::add(program, Language::Python, facts);
        python::add(program, facts);
    },
    |program, files, facts| {
        json_rpc::add(program, Language::Rust, facts);
        rust::add(program, files, facts);
    },
    |program, _, facts| tools::add(program, facts),
    |program, _, facts| {
        elicitations::add(program, facts);
        dispatch::add(program, facts);
        shared_cache::add(program, facts);
        tested::add(program, facts);
    },
];

/// Computes every fact from the lowered sources. `versions` maps packages to what is installed.
pub(super) fn compute(files: &[File], versions: &BTreeMap<String, String>) -> Facts {
    let program = Program::new(files, versions);
    let parts: Vec<Facts> = PARTS
        .par_iter()
        .map(|add| {
            let mut facts = Facts::default();
            add(&program, files, &mut facts);
            facts
        })
        .collect();
    let mut facts = Facts::default();
    parts.into_iter().for_each(|part| facts.absorb(part));
    // What these say depends on the servers that were found.
    announced::add(&program, &mut facts);
    revision::add(&program, &mut facts);
    facts.conduct = conduct::of(&program, &facts);
    facts
}

impl Facts {
    /// Takes over what another part found. Named field by field: a new one cannot be forgotten.
    #[expect(clippy::too_many_lines, reason = "two lines for each field, and nothing else")]
    fn absorb(&mut self, other: Self) {
        let Self {
            servers,
            endpoints,
            stdio,
            stdout_writes,
            cors,
            limiters,
            // Follows from the other parts, afterwards.
            conduct: _,
            secret_defaults,
            flows,
            offers,
            rewritten_descriptions,
            elicitations,
            dispatches,
            announced,
            leftovers,
            shared_caches,
            tested,
            environment_files,
            environment_reads,
            tests,
            sdk_imports,
            clients,
            secret_literals,
            query_tokens,
            secret_comparisons,
            weak_randoms,
            inherited_environments,
            logged,
            unchecked_certificates,
            cleartext_endpoints,
            asserted_inputs,
            unchecked_types,
        } = other;
        self.servers.extend(servers);
        self.endpoints.extend(endpoints);
        self.stdio.extend(stdio);
        self.stdout_writes.extend(stdout_writes);
        self.cors.extend(cors);
        self.limiters.extend(limiters);
        self.secret_defaults.extend(secret_defaults);
        self.flows.extend(flows);
        self.offers.extend(offers);
        self.rewritten_descriptions.extend(rewritten_descriptions);
        self.elicitations.extend(elicitations);
        self.dispatches.extend(dispatches);
        self.announced.extend(announced);
        self.leftovers.extend(leftovers);
        self.shared_caches.extend(shared_caches);
        self.tested.absorb(tested);
        self.environment_files.extend(environment_files);
        self.environment_reads.extend(environment_reads);
        self.tests.extend(tests);
        self.sdk_imports.extend(sdk_imports);
        self.clients.extend(clients);
        self.secret_literals.extend(secret_literals);
        self.query_tokens.extend(query_tokens);
        self.secret_comparisons.extend(secret_comparisons);
        self.weak_randoms.extend(weak_randoms);
        self.inherited_environments.extend(inherited_environments);
        self.logged.extend(logged);
        self.unchecked_certificates.extend(unchecked_certificates);
        self.cleartext_endpoints.extend(cleartext_endpoints);
        self.asserted_inputs.extend(asserted_inputs);
        self.unchecked_types.extend(unchecked_types);
    }
}

/// The last word of a dotted path, calls left out.
fn last(path: &str) -> &str {
    let path = path.trim_end_matches("()");
    path.rsplit(['.', '#']).next().unwrap_or(path)
}
