//! Servers that a client starts.

use super::{Row, Takes};
use crate::project::facts::Sink;

pub(super) const ROWS: &[Row] = &[Row {
    sink: Sink::Launch,
    takes: Takes::Argument(0, &["command"]),
    calls: &[
        "@modelcontextprotocol/sdk/client/stdio.js.StdioClientTransport",
        "@modelcontextprotocol/sdk/client/stdio.StdioClientTransport",
        "@modelcontextprotocol/client.StdioClientTransport",
        "@modelcontextprotocol/client/stdio.StdioClientTransport",
        "mcp.StdioServerParameters",
        "mcp.client.stdio.StdioServerParameters",
        "fastmcp.client.transports.StdioTransport",
        "github.com/mark3labs/mcp-go/client.NewStdioMCPClient",
        "rmcp.transport.TokioChildProcess.new",
        "rmcp.transport.child_process.TokioChildProcess.new",
    ],
}];
