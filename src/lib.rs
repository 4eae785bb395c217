//! Scaffolds, checks and hardens MCP servers.
