//! Which network transports a project speaks, wherever they are made: also those that no listener was found for.

use super::{super::last, Conduct, Network, survey::Survey};
use crate::{
    finding::Place,
    project::{Language, syntax::Kind},
};

/// A transport of an SDK.
#[derive(Clone, Debug)]
pub struct TransportUse {
    /// Which.
    pub network: Network,
    /// Where it is made or chosen.
    pub place: Place,
}

/// Packages of SDKs, as paths begin.
const SDKS: &[&str] = &[
    "@modelcontextprotocol/",
    "mcp.",
    "fastmcp",
    "rmcp.",
    "rust_mcp_sdk.",
    "github.com/mark3labs/mcp-go",
    "github.com/modelcontextprotocol/go-sdk",
];

pub(super) fn add(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    for known in &survey.calls {
        let of_sdk = SDKS.iter().any(|sdk| known.symbol.starts_with(sdk)) && !known.symbol.contains("client");
        let network = match last(&known.symbol) {
            _ if !of_sdk => continue,
            "SSEServerTransport" | "SseServerTransport" | "sse_app" | "create_sse_app" | "NewSSEServer"
            | "NewSSEHandler" => Network::Sse,
            "serve" | "serve_with_config" | "new" if known.symbol.contains("SseServer.") => Network::Sse,
            "new" if known.symbol.contains("StreamableHttpService") => Network::Http,
            "StreamableHTTPServerTransport"
            | "NodeStreamableHTTPServerTransport"
            | "WebStandardStreamableHTTPServerTransport"
            | "StreamableHTTPTransport"
            | "StreamableHTTPSessionManager"
            | "streamable_http_app"
            | "http_app"
            | "createMcpHandler"
            | "NewStreamableHTTPHandler"
            | "NewStreamableHTTPServer" => Network::Http,
            _ => continue,
        };
        conduct.transports.push(TransportUse { network, place: survey.site(known) });
    }
    // The transport may be a word of the configuration.
    for &file in &survey.files {
        survey.program.units()[file].expressions(&mut |_, expression| {
            if let Kind::Text(text) = &expression.kind
                && matches!(text.as_str(), "streamable-http" | "streamable_http" | "streamableHttp")
            {
                let place = survey.program.place(file, expression.span);
                conduct.transports.push(TransportUse { network: Network::Http, place });
            }
        });
    }
    legacy(survey, conduct);
    for endpoint in &survey.facts.endpoints {
        conduct.transports.push(TransportUse { network: endpoint.network, place: endpoint.route.clone() });
    }
}

/// ASP.NET: `options.EnableLegacySse = true` beside the transport that is there anyway.
fn legacy(survey: &Survey<'_, '_>, conduct: &mut Conduct) {
    for file in survey.program.files_of(Language::CSharp, false) {
        let unit = &survey.program.units()[file];
        if !unit.text.contains("EnableLegacySse") {
            continue;
        }
        unit.module.expressions(&mut |_, expression| {
            let Kind::Assign(target, value) = &expression.kind else { return };
            let Kind::Member(_, name) = &target.kind else { return };
            if name.value == "EnableLegacySse" && matches!(value.kind, Kind::Boolean(true)) {
                let place = survey.program.place(file, expression.span);
                conduct.transports.push(TransportUse { network: Network::Sse, place });
            }
        });
    }
}
