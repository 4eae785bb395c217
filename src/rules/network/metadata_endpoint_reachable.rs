//! A tool asks the service that tells a cloud's machines who they are.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Language, Project},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "metadata-endpoint-reachable",
    group: "network",
    title: "a tool asks the metadata service of the cloud",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-918", "CWE-200", "MCP10", "MSSS NET-01"],
    docs: "
A tool sends a request to `169.254.169.254`, `metadata.google.internal`, `fd00:ec2::254` or `100.100.100.200`. That service tells a machine of the
cloud who it is: its role, its start script, and the credentials with which it may do what the role allows. Called by a tool, its
answer is one prompt away from whoever speaks to the model, and the machine must allow what other flaws need as well.

Let the cloud's SDK fetch credentials, once, when the server starts; read the name of the machine and the like from the environment; and
require IMDSv2 with a hop limit of 1, so that nothing else on the machine can ask.

Only targets of requests are looked at: an address in a list of blocked hosts is a guard. Not reported are requests outside of tools, and
functions that speak of tokens, credentials or regions, for a server may need its own.
",
    applies: context::has_server,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for request in &project.facts.conduct.metadata_requests {
        let of = request.tool.as_ref().map(|tool| format!(" of `{tool}`")).unwrap_or_default();
        findings.push(context::finding(
            project,
            &RULE,
            request.place.clone(),
            format!("`{}`{of} asks `{}`, the metadata service of the cloud", request.call, request.host),
            "whoever writes a text that the model reads has the tool called and reads what the machine is told about itself",
            "read what is needed when the server starts, by the cloud's SDK or from the environment",
        ));
    }
}
