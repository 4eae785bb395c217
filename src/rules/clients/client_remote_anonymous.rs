//! A client tells a remote server nothing about who asks.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        address::{Host, authority, host},
        client::ServerEntry,
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-remote-anonymous",
    group: "clients",
    title: "a client reaches a remote server without a credential",
    severity: Severity::Info,
    confidence: Confidence::Low,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-306", "MCP07"],
    docs: "
The entry of a remote server has no header, no key and nothing about signing in. Either the server asks at run time (OAuth), or it
answers everybody: then everybody who knows the address uses it, and whatever stands behind it.

If the server is yours, see that it asks for a token. If it is not, know that what the model sends there is not bound to you.

Nothing in the file tells the two apart, so that this is information and never more, with low confidence. Servers of the same
machine or network are not reported.
",
    applies: context::has_client,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in project.clients.iter().flat_map(|client| &client.servers).filter(|server| is_anonymous(server)) {
        findings.push(context::finding(
            project,
            &RULE,
            server.url.as_ref().map_or(&server.place, |url| &url.place).clone(),
            format!("`{}` is reached without a credential", server.name),
            "if the server asks nobody, everybody who knows the address uses what stands behind it",
            "see that the server asks for a token or lets the client sign in",
        ));
    }
}

fn is_anonymous(server: &ServerEntry) -> bool {
    let Some(url) = server.url.as_ref().map(|url| url.text.as_str()) else { return false };
    let Some((_, rest)) = url.split_once("://") else { return false };
    let remote = matches!(host(authority(rest)), Host::Public | Host::Reserved);
    remote && server.headers.is_empty() && !server.signs_in && !rest.contains(['?', '$', '@', '<'])
}
