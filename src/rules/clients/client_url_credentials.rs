//! A credential travels in an address.

use mcpsec_screen::secrets;

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        client::{ServerEntry, Word},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-url-credentials",
    group: "clients",
    title: "a credential is sent in the address of a server",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-598", "MCP01"],
    docs: "
What stands in an address (`https://host/mcp?api_key=...`, `https://user:password@host/`) is written into the logs of the server
and of every proxy on the way, into the history and error messages of the client, and is handed on in `Referer`. A header is not.

Send it as a header: `\"headers\": { \"Authorization\": \"Bearer ${API_KEY}\" }`. Where a hosted service only takes a key in its
address, use a key of its own with few rights and change it often; suppress this rule with that reason.

This rule speaks of the way, whatever the value: references (`${API_KEY}`) and placeholders are reported, too. A credential that is
written out is reported by `client-secret-inline` and not a second time.
",
    applies: context::has_client,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in project.clients.iter().flat_map(|client| &client.servers) {
        for word in addresses(server) {
            let Some(what) = credential(&word.text) else { continue };
            findings.push(context::finding(
                project,
                &RULE,
                word.place.clone(),
                format!("{what} is part of the address of `{}`", server.name),
                "whoever reads a log of the server, of a proxy or of the client acts with this credential",
                "send it in a header",
            ));
        }
    }
}

fn addresses(server: &ServerEntry) -> impl Iterator<Item = &Word> {
    let arguments = server.arguments.iter().filter(|word| word.text.starts_with("http"));
    server.url.iter().chain(arguments)
}

fn credential(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    if !scheme.starts_with("http") && !scheme.starts_with("ws") {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    if let Some((_, password)) = user.and_then(|user| user.split_once(':'))
        && is_stand_in(password)
    {
        return Some("a password".to_owned());
    }
    let (_, query) = rest.split_once('?')?;
    query.split(['&', '#']).filter_map(|pair| pair.split_once('=')).find_map(|(name, value)| {
        let named = secrets::credential_name(name) || matches!(name.to_ascii_lowercase().as_str(), "key" | "apikey");
        (named && is_stand_in(value)).then(|| format!("`{name}`"))
    })
}

/// A reference or a placeholder: what is written out is another rule's.
fn is_stand_in(value: &str) -> bool {
    value.contains(['$', '{', '<', '%']) || secrets::placeholder(value)
}
