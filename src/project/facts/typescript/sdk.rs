//! The SDKs: which package a symbol belongs to, and what its servers do with capabilities.

use super::{
    super::{Facts, Mismatch},
    Scan, last,
};

/// The package that a symbol comes from: `@scope/name` or `name`.
pub(super) fn package(symbol: &str) -> &str {
    let symbol = symbol.split('(').next().unwrap_or(symbol);
    let mut slashes = symbol.match_indices('/').map(|(at, _)| at);
    let end = if symbol.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    let within = &symbol[..end.unwrap_or(symbol.len())];
    if end.is_some() {
        return within;
    }
    // No path inside the package: what follows its name is a member. Names of packages rarely hold dots.
    let start = within.rfind('/').unwrap_or(0);
    within[start..].find('.').map_or(within, |dot| &within[..start + dot])
}

/// A module that belongs to an SDK for servers or clients.
pub(super) fn is_sdk(module: &str) -> bool {
    module.starts_with("@modelcontextprotocol/")
        || matches!(
            package(module),
            "fastmcp"
                | "mcp-framework"
                | "litemcp"
                | "mcp-handler"
                | "@vercel/mcp-adapter"
                | "@hono/mcp"
                | "muppet"
                | "@rekog/mcp-nest"
                | "easy-mcp"
                | "mcp-use"
                | "xmcp"
                | "tmcp"
                | "@mastra/mcp"
        )
        || (package(module).contains("mcp") && !is_client_package(package(module)))
}

fn is_client_package(package: &str) -> bool {
    package.contains("client") || package.contains("inspector") || package == "mcp-remote"
}

/// A kind of server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Kind {
    /// The package.
    pub(super) sdk: String,
    /// The class or function.
    pub(super) name: String,
    /// Handlers are set for protocol methods.
    pub(super) low_level: bool,
}

impl Kind {
    /// The server that the construction of a symbol makes.
    pub(super) fn of(symbol: &str) -> Option<Self> {
        let package = package(symbol);
        let name = last(symbol.trim_end_matches("()"));
        let low_level = match name {
            "McpServer" | "MCPServer" | "FastMCP" | "LiteMCP" => false,
            "Server" if is_official(package) && symbol.contains("server") => true,
            _ => return None,
        };
        let known = is_official(package) || is_sdk(package);
        known.then(|| Self { sdk: package.to_owned(), name: name.to_owned(), low_level })
    }

    /// Capabilities are written by hand and compared with registrations.
    pub(super) fn is_official(&self) -> bool {
        is_official(&self.sdk)
    }

    /// What is declared and not registered, and what is registered and not declared (measured, see the rule's page).
    pub(super) fn mismatches(&self, version: Option<&str>) -> (Mismatch, Mismatch) {
        if !self.is_official() {
            return (Mismatch::Impossible, Mismatch::Impossible);
        }
        if self.low_level {
            return (Mismatch::MethodNotFound, Mismatch::FailsAtStart);
        }
        let answers_empty = match self.sdk.as_str() {
            // Handlers come with the first registration; since this version also with the declaration.
            "@modelcontextprotocol/sdk" => version.is_some_and(|version| at_least(version, [1, 32, 2])),
            _ => true,
        };
        let unregistered = if answers_empty { Mismatch::EmptyList } else { Mismatch::MethodNotFound };
        (unregistered, Mismatch::Impossible)
    }
}

fn is_official(package: &str) -> bool {
    matches!(
        package,
        "@modelcontextprotocol/sdk"
            | "@modelcontextprotocol/server"
            | "@modelcontextprotocol/core"
            | "@modelcontextprotocol/server-legacy"
    )
}

/// Whether a version, possibly with a range's mark before it, is this one or later.
pub(super) fn at_least(version: &str, floor: [u64; 3]) -> bool {
    let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    let release = digits.split(['-', '+', ' ']).next().unwrap_or(digits);
    let mut parts = release.split('.').map(|part| part.parse().unwrap_or(0));
    let found = [parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0)];
    found >= floor
}

/// Notes imports of an SDK, one per file, and clients.
pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for &file in &scan.files {
        let imports = &scan.program.units()[file].module.imports;
        if let Some(import) = imports.iter().find(|import| is_sdk(&import.module)) {
            facts.sdk_imports.push(scan.program.place(file, import.span));
        }
    }
    for known in scan.calls.iter().filter(|known| known.site.call.construction) {
        let symbol = known.symbol();
        let official = symbol.starts_with("@modelcontextprotocol/") && symbol.contains("client");
        if official && (known.last() == "Client" || known.last().ends_with("ClientTransport")) {
            facts.clients.push(scan.program.place(known.site.at.file, known.site.span));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_and_kinds_are_read_off_symbols() {
        assert_eq!(package("@modelcontextprotocol/sdk/server/mcp.js.McpServer"), "@modelcontextprotocol/sdk");
        assert_eq!(package("@modelcontextprotocol/server.McpServer"), "@modelcontextprotocol/server");
        assert_eq!(package("fastmcp.FastMCP"), "fastmcp");
        assert_eq!(package("express"), "express");
        assert_eq!(package("express().listen"), "express");
        let kind = |symbol| Kind::of(symbol).map(|kind| kind.low_level);
        assert_eq!(kind("@modelcontextprotocol/sdk/server/index.js.Server"), Some(true));
        assert_eq!(kind("@modelcontextprotocol/sdk/server/mcp.js.McpServer"), Some(false));
        assert_eq!(kind("@acme/mcp-kit.MCPServer"), Some(false));
        assert_eq!(kind("http.Server"), None);
        assert_eq!(kind("some-lib.McpServer"), None);
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(
            at_least("1.32.2", [1, 32, 2]) && at_least("^1.100.0", [1, 32, 2]) && at_least("2.0.0-beta.1", [1, 32, 2])
        );
        assert!(!at_least("1.9.0", [1, 32, 2]) && !at_least("~1.32.1", [1, 32, 2]) && !at_least("", [1, 0, 0]));
    }
}
