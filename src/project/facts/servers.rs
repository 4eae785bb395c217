//! Servers, and what they declare, register and offer.

use crate::{finding::Place, project::Language};

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
    /// What happens to most of what is declared and not registered; `unserved` knows the exceptions.
    pub unregistered: Mismatch,
    /// What happens to most of what is registered and not declared; `unannounced` knows the exceptions.
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
