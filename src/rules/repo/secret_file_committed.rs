//! A file that exists to hold a credential is part of the repository.

use crate::{
    finding::{Confidence, Finding, Place, Severity},
    project::{Project, credential_file},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "secret-file-committed",
    group: "repo",
    title: "a key or login file is committed",
    severity: Severity::Critical,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-312", "CWE-321", "CWE-540", "MCP01"],
    docs: "
A private key, a key store, or the login of a package manager, cloud account or cluster is in git's index: `server.key`,
`id_ed25519`, `.npmrc` with a token, `.pypirc`, `.netrc`, `credentials.json`, `token.json`, a kubeconfig. Whoever can read the
repository, today or in a clone from last year, acts with it.

First revoke or replace it: removing the file does not remove it from the history. Then `git rm --cached` it, ignore it, and let
the program read it from a path outside of the repository.

Name and content are both looked at: certificates, public and encrypted keys, variables (`${NPM_TOKEN}`) and placeholders are not
reported. Keys of tests and examples are two levels lower with low confidence, also where the name says so
(`localhost.key`, `test.pem`): they open nothing, as long as nobody uses them elsewhere. A key store is a guess of medium
confidence, since what is in it cannot be seen.
",
    applies: always,
    check,
};

const HARMLESS: &[&str] =
    &["test", "example", "sample", "dummy", "fake", "localhost", "snakeoil", "selfsigned", "self-signed"];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in project.files.iter().filter(|file| file.tracked == Some(true)) {
        let Some(found) = credential_file::find(&file.path, &file.text) else { continue };
        let place = Place::new(&file.path, found.span.start, found.span.end);
        push(project, place, format!("`{}` holds {}", file.path, found.kind), Confidence::High, findings);
    }
    let unread = project.skipped.iter().map(|skipped| skipped.path.as_str());
    for path in unread.filter(|path| credential_file::is_store(path) && project.git.tracks(path) == Some(true)) {
        push(project, Place::top(path), format!("`{path}` is a key store"), Confidence::Medium, findings);
    }
}

fn push(project: &Project, place: Place, message: String, confidence: Confidence, findings: &mut Vec<Finding>) {
    let name = place.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let harmless = HARMLESS.iter().any(|word| name.contains(word));
    let mut finding = context::finding(
        project,
        &RULE,
        place,
        message,
        "whoever can read the repository or an old clone acts with the credential",
        "revoke it, take the file out of git and ignore it",
    );
    finding.confidence = finding.confidence.min(confidence);
    if harmless {
        finding.severity = finding.severity.min(context::lower(RULE.severity, 2));
        finding.confidence = Confidence::Low;
    }
    findings.push(finding);
}
