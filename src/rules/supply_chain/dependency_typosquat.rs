//! The name of a package is nearly the name of another one.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        installed::{self, Installed},
        manifest::Ecosystem,
        options::Options,
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "dependency-typosquat",
    group: "supply_chain",
    title: "the name of a package is nearly that of a well-known one",
    severity: Severity::High,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1357", "CWE-506", "MCP04"],
    docs: "
A dependency's name differs by one letter from that of a package which everybody who writes an MCP server knows, or is that name
without its scope: `@modelcontextprotocl/sdk`, `modelcontextprotocol-sdk`, `fastmpc`. Such names are registered to be mistyped, and
what is behind them runs when it is installed.

Look who publishes it. Where the well-known package was meant, correct the name, remove what was installed, and replace the
credentials of the machine. Where it is really meant, suppress the finding with that reason.

Only names around MCP are compared, and only with packages that come from the registry; known neighbours (`mcp`, `fastmcp`,
`mcp-use`, `rmcp`) are not reported, nor packages of this repository.
",
    applies,
    check,
};

/// Names that are worth being mistaken for, by ecosystem.
const KNOWN: &[(Ecosystem, &str)] = &[
    (Ecosystem::Npm, "fastmcp"),
    (Ecosystem::Npm, "mcp-framework"),
    (Ecosystem::Npm, "mcp-remote"),
    (Ecosystem::Npm, "mcp-handler"),
    (Ecosystem::Npm, "supergateway"),
    (Ecosystem::Python, "fastmcp"),
    (Ecosystem::Python, "langchain-mcp-adapters"),
    (Ecosystem::Python, "mcp-server-fetch"),
    (Ecosystem::Python, "mcp-server-git"),
    (Ecosystem::Python, "mcp-server-time"),
    (Ecosystem::Python, "pydantic-ai"),
];

/// Names near those that belong to honest packages.
const NEIGHBOURS: &[&str] = &["fastmcp", "fast-mcp", "fastmcp2", "mcp-remote2", "mcp-use", "mcp-handlers"];

/// The official scope of npm packages.
const SCOPE: &str = "@modelcontextprotocol";

/// Names of official packages with their scope dropped or turned into a word.
const DROPPED: &[&str] = &[
    "modelcontextprotocol-sdk",
    "model-context-protocol-sdk",
    "modelcontextprotocol-server",
    "modelcontextprotocol-client",
    "modelcontextprotocol-inspector",
];

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.manifests.iter().any(|manifest| !manifest.dependencies.is_empty()) || !project.clients.is_empty() {
        Ok(())
    } else {
        Err("no manifest with dependencies was found")
    }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let options = Options::of(&project.files);
    let intended = options.texts(RULE.id, "packages");
    for package in installed::direct(project) {
        let own = project.manifests.iter().any(|manifest| manifest.name.as_deref() == Some(&package.name));
        let Some(meant) = meant(&package).filter(|_| !own && !intended.contains(&package.name)) else { continue };
        findings.push(context::finding(
            project,
            &RULE,
            package.place,
            format!("`{}` is nearly `{meant}`", package.name),
            "whoever registered the mistyped name runs code in every installation",
            format!("look who publishes it; where `{meant}` was meant, correct the name"),
        ));
    }
}

/// The package that was probably meant.
fn meant(package: &Installed) -> Option<String> {
    let name = package.name.as_str();
    if let Some((scope, rest)) = name.split_once('/').filter(|_| package.ecosystem == Ecosystem::Npm) {
        let dashed = scope.replace(['-', '_'], "") == SCOPE;
        return (scope != SCOPE && (dashed || is_one_apart(scope, SCOPE))).then(|| format!("{SCOPE}/{rest}"));
    }
    if package.ecosystem == Ecosystem::Npm && DROPPED.contains(&name) {
        let rest = name.rsplit('-').next().unwrap_or(name);
        return Some(format!("{SCOPE}/{rest}"));
    }
    if NEIGHBOURS.contains(&name) || KNOWN.iter().any(|(_, known)| *known == name) {
        return None;
    }
    let near = KNOWN.iter().filter(|(ecosystem, _)| *ecosystem == package.ecosystem);
    near.map(|(_, known)| *known).find(|known| is_one_apart(name, known)).map(str::to_owned)
}

/// One letter is missing, too much or another, or two neighbours have changed places.
fn is_one_apart(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - end], &b[..b.len() - end]) {
        ([_], [] | [_]) | ([], [_]) => true,
        ([x, y], [v, w]) => x == w && y == v,
        _ => false,
    }
}
