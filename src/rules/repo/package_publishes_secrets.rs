//! `npm publish` takes `.env` along.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Project, packaging},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "package-publishes-secrets",
    group: "repo",
    title: "the published package would contain `.env`",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-538", "CWE-200", "MCP01", "MCP04"],
    docs: "
A `.npmignore` takes the place of `.gitignore`: what only the latter names is published. `files` with `.` or `**` takes in
everything as well, and `MANIFEST.in` what it names. The `.env` beside the package, with the keys of whoever publishes, is then
in the registry for everybody, and in its mirrors after it was taken back.

List what is meant to be published: `\"files\": [\"dist\"]`, and look at `npm pack --dry-run`. Or name `.env`, `.env.*`, `*.pem` and
`*.key` in `.npmignore`.

Private packages are not reported, nor those without a `.npmignore`, where npm goes by `.gitignore` (see env-not-ignored).
Severity is medium where nothing loads a `.env` file and none is there. Cargo, and most build systems of Python, publish what
git tracks.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    let known = |path: &str| path.ends_with("package.json") || path.ends_with("MANIFEST.in");
    if project.files.iter().any(|file| known(&file.path)) {
        Ok(())
    } else {
        Err("no package of npm or Python was found")
    }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for leak in packaging::leaks(project) {
        let mut finding = context::finding(
            project,
            &RULE,
            leak.place,
            format!("`.env` would be published: {}", leak.reason),
            "whoever installs the package has the keys of whoever published it",
            "list what is published: `\"files\": [\"dist\"]`",
        );
        let join =
            |name: &str| if leak.folder.is_empty() { name.to_owned() } else { format!("{}/{name}", leak.folder) };
        let there = project.file(&join(".env")).is_some() || project.file(&join(".env.example")).is_some();
        if !there && project.facts.environment_files.is_empty() {
            finding.severity = finding.severity.min(Severity::Medium);
        }
        findings.push(finding);
    }
}
