//! An MCP SDK is there, and no server was recognised.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{Language, Project, Role, manifest::Purpose},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "no-mcp-surface",
    group: "doctor",
    title: "an MCP SDK is used and no server was recognised",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &[Language::TypeScript],
    since: "0.1.0",
    references: &["CWE-1059"],
    docs: "
The project depends on an MCP SDK, and the doctor has found neither a server nor a client in it. Either the server is built in
a way that is not recognised, or it lies in a folder that was not read. Rules about tools, transports and capabilities had
nothing to look at: that they are silent says nothing.

Check the folder that holds the server, look at `--show-files`, and report the way the server is built if it is an ordinary
one. Projects that only use an MCP client are recognised and not reported.
",
    applies,
    check,
};

/// Packages of servers' SDKs.
const SDKS: &[&str] = &[
    "@modelcontextprotocol/sdk",
    "@modelcontextprotocol/server",
    "fastmcp",
    "github.com/mark3labs/mcp-go",
    "github.com/modelcontextprotocol/go-sdk",
    "mcp",
    "mcp-framework",
    "rmcp",
];

fn applies(project: &Project) -> Result<(), &'static str> {
    if place(project).is_some() { Ok(()) } else { Err("no MCP SDK is used") }
}

/// Where the SDK is depended on or imported.
fn place(project: &Project) -> Option<Place> {
    let own = |place: &&Place| !place.path.starts_with("../") && context::role(project, place) == Role::Product;
    let dependencies = project.manifests.iter().flat_map(|manifest| &manifest.dependencies);
    let runtime = dependencies.filter(|dependency| dependency.purpose == Purpose::Runtime);
    let named =
        runtime.filter(|dependency| SDKS.contains(&dependency.name.as_str())).map(|dependency| &dependency.place);
    project.facts.sdk_imports.iter().chain(named).find(own).cloned()
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let facts = &project.facts;
    if !facts.servers.is_empty() || !facts.clients.is_empty() {
        return;
    }
    let Some(place) = place(project) else { return };
    findings.push(context::finding(
        project,
        &RULE,
        place,
        "an MCP SDK is used here, and no server was recognised: nothing about tools and transports was checked"
            .to_owned(),
        "a weakness in a server that was not seen is reported by nobody",
        "check the folder that holds the server",
    ));
}
