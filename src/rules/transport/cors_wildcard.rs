//! Every web page may read the answers.

use crate::{
    finding::{Confidence, Finding, Fix, Severity},
    project::{Language, Project, facts::Bind},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "cors-wildcard",
    group: "transport",
    title: "any web page may read the server's answers",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::ALL,
    since: "0.1.0",
    references: &["CWE-942", "MCP07"],
    docs: "
`Access-Control-Allow-Origin: *`, or an echo of the caller's origin, lets the script of any web page read what the server
answers. A server that runs on its user's machine, or that trusts cookies, hands its tools to every page that is open.

Name the origins that may call, or drop CORS: clients that are no browsers do not need it.

It is high where credentials are allowed as well (browsers refuse them with a bare `*`), and where callers need not authenticate at
an address that is not a platform's. Metadata documents (`/.well-known/...`) are meant to be read by everybody and are not
reported, nor are answers of paths that the code tells apart from the server's.
",
    applies: context::has_endpoint,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    // What a platform serves in public, a page can ask for without its visitor as well.
    let open = project
        .facts
        .endpoints
        .iter()
        .any(|endpoint| !context::is_authenticated(endpoint) && endpoint.bind != Bind::Unknown);
    let authenticated = project.facts.endpoints.iter().all(context::is_authenticated);
    for cors in project.facts.cors.iter().filter(|cors| cors.any_origin && !cors.metadata_only) {
        let (severity, with) = match (cors.credentials, open) {
            (true, _) => (Severity::High, ", with cookies and authorization"),
            (false, true) => (Severity::High, ", and callers need not authenticate"),
            (false, false) => (Severity::Medium, ""),
        };
        let attack = match authenticated && !cors.credentials {
            true => "a web page that comes by a caller's token calls the tools with it, and reads what they return",
            false => "a web page that its user visits calls the tools and reads what they return",
        };
        let (severity, confidence) = context::weigh(project, &cors.place, severity, Confidence::High);
        findings.push(Finding {
            rule: RULE.id,
            severity,
            confidence,
            place: cors.place.clone(),
            message: format!("any origin may read the answers{with}"),
            attack: attack.to_owned(),
            related: Vec::new(),
            fix: Some(Fix::advice("name the origins that may call, or remove the permission")),
        });
    }
}
