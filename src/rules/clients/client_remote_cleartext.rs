//! A client reaches a server without encryption.

use mcpsec_screen::secrets;

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        address::{Host, cleartext},
        client::{ServerEntry, Word},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-remote-cleartext",
    group: "clients",
    title: "a client reaches a server without encryption",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-319", "MCP07"],
    docs: "
Over `http://` everybody on the way reads what the model is told and what it answers, and can change both: descriptions of
tools and results are orders to the model. A token that is sent along is theirs, too: then severity is high.

Use `https://`. For a server of your own put a proxy with a certificate before it, or reach it through a tunnel and write its
local end.

Addresses of the same machine (`localhost`, `127.0.0.1`, `host.docker.internal`) are not reported, nor are those that are filled
in elsewhere. For private networks and names without a domain severity is low.
",
    applies: context::has_client,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in project.clients.iter().flat_map(|client| &client.servers) {
        let Some((word, host)) = address(server) else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            word.place.clone(),
            format!("`{}` is reached over `http://`", server.name),
            "whoever sits on the way reads the conversation and answers in the server's name",
            "use `https://`",
        );
        if host == Host::Local {
            finding.severity = context::lower(finding.severity, 1);
        } else if finding.severity == RULE.severity && sends_credential(server) {
            finding.severity = Severity::High;
            finding.message += ", with a credential";
        }
        findings.push(finding);
    }
}

/// Its address, or the one that a bridge such as `mcp-remote` is given.
fn address(server: &ServerEntry) -> Option<(&Word, Host)> {
    let bridge = server
        .arguments
        .iter()
        .any(|word| ["mcp-remote", "mcp-proxy", "supergateway"].iter().any(|name| word.text.contains(name)));
    let arguments = server.arguments.iter().filter(|_| bridge);
    server.url.iter().chain(arguments).find_map(|word| {
        let host = cleartext(&word.text)?;
        matches!(host, Host::Public | Host::Local | Host::Reserved).then_some((word, host))
    })
}

fn sends_credential(server: &ServerEntry) -> bool {
    let named = |name: &str| secrets::credential_name(name) || name.eq_ignore_ascii_case("authorization");
    server.headers.iter().any(|(name, _)| named(name))
        || server.arguments.iter().any(|word| word.text.split_once(':').is_some_and(|(name, _)| named(name)))
}
