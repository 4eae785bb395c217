//! A live credential lies in the open.

use mcpsec_screen::secrets;

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{File, Project, credential_file},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "secret-in-source",
    group: "secrets",
    title: "a credential is written in a file of the repository",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-798", "MCP01"],
    docs: "
A text has the exact shape of a credential of a known service: its prefix, its length, and its checksum where the service has
one; or it is a private key, or an address with a password. Bots find such texts in public repositories within minutes, and
in private ones everybody who can read, or who steals a laptop, has them.

Revoke the credential first: deleting the line does not delete it from the history. Then read it from the environment or a
secret store.

All text files are read, whatever git tracks of them. Placeholders, sequences, documented examples such as
`AKIAIOSFODNN7EXAMPLE` and texts whose checksum fails are not reported. In documentation, examples and tests severity is two
levels lower: often the credential is made up, and where it is not it is just as public. Environment files, client
configurations and files that exist to hold a key have rules of their own.
",
    applies: always,
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in project.files.iter().filter(|file| !has_own_rule(project, file)) {
        for secret in secrets::find(&file.text) {
            let place = Place::new(&file.path, secret.range.start, secret.range.end);
            let mut finding = context::finding(
                project,
                &RULE,
                place,
                format!("a {} is written here", secret.kind),
                "whoever reads the repository or its history acts with this credential",
                "revoke it, and read its successor from the environment",
            );
            if is_documentation(&file.path) {
                finding.severity = finding.severity.min(context::lower(RULE.severity, 2));
            }
            findings.push(finding);
        }
    }
}

fn has_own_rule(project: &Project, file: &File) -> bool {
    let client = project.clients.iter().any(|client| client.path == file.path && !client.servers.is_empty());
    let key = || credential_file::find(&file.path, &file.text).is_some();
    client || file.tracked == Some(true) && (context::is_environment(&file.path) || key())
}

fn is_documentation(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, ending)| matches!(ending, "md" | "mdx" | "rst" | "adoc"))
}
