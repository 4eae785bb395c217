//! What everybody copies from the readme opens something.

use std::sync::LazyLock;

use regex::Regex;

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{Project, readme},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "quickstart-insecure",
    group: "docs",
    title: "the readme shows an insecure way to start",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1188", "CWE-295", "CWE-319", "MCP04"],
    docs: "
A block of the readme, which people copy as it stands, switches off certificates, authentication or the client's questions, gives
a container the whole machine, or connects to a server by `http://` over a network. What stands there is how most installations
run, for years.

Show the way you would install it yourself. Where something has to be switched off for a first try, say so in the sentence before,
and how it is switched on again.

Only blocks of the readme at the top are read. Blocks below a heading or sentence that warns (`never`, `do not`, `insecure`,
`development only`, ...) are not reported, nor is `http://` to this machine, to names without a dot and to `example` addresses.
Literal keys have a rule of their own. That a package is started without a version is what nearly every readme shows: it is not
reported here (see client-runner-unpinned).
",
    applies,
    check,
};

static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (
            r"NODE_TLS_REJECT_UNAUTHORIZED[^0-9A-Za-z_]{1,6}0|PYTHONHTTPSVERIFY[^0-9A-Za-z_]{1,6}0|\bcurl\s[^|]*\s(?:-k|--insecure)\b",
            "certificates are not checked",
        ),
        (r"DANGEROUSLY_OMIT_AUTH[^0-9A-Za-z_]{1,6}(?:true|1)", "the inspector's authentication is switched off"),
        (r"--dangerously-skip-permissions|--yolo\b", "the client no longer asks"),
        (r"\bdocker\s+run\b.*--privileged\b", "the container is privileged"),
        (r"/var/run/docker\.sock:/var/run/docker\.sock", "the container controls the container engine"),
        (r"(?:-v|--volume)[\s=]+/:/", "the container has the host's files"),
        (r"\bchmod\s+(?:-R\s+)?(?:a\+rwx|0?777)\b", "everybody may write"),
        (
            r"\bsudo\s+(?:npm\s+(?:i|install)|npx|pip3?\s+install|uvx)\b",
            "a package from the registry is installed as root",
        ),
        (r#""(?:url|serverUrl|httpUrl)"\s*:\s*"http://"#, "calls and keys travel in the clear"),
    ]
    .into_iter()
    .map(|(pattern, what)| (Regex::new(pattern).expect("the patterns of readmes are valid"), what))
    .collect()
});

fn applies(project: &Project) -> Result<(), &'static str> {
    if readme::lines(project).is_empty() { Err("no readme with an example was found") } else { Ok(()) }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let lines = readme::lines(project);
    for (pattern, what) in PATTERNS.iter() {
        let mut found = lines.iter().filter(|line| {
            !line.is_warned && pattern.is_match(line.text) && !(line.text.contains("http://") && is_near(line.text))
        });
        let Some(first) = found.next() else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            first.place.clone(),
            format!("people copy this, and {what}"),
            "whoever attacks such an installation finds the door that the readme has opened",
            "show the safe way, and say before a block what it switches off",
        );
        finding.related =
            found.map(|line| Related { place: line.place.clone(), message: "here, too".to_owned() }).collect();
        findings.push(finding);
    }
}

/// An address of this machine or its container network, or a made-up one.
fn is_near(text: &str) -> bool {
    let host = text.split("http://").nth(1).unwrap_or_default();
    let host = host.split(['/', '"', '?']).next().unwrap_or_default();
    let name = if host.starts_with('[') { host } else { host.split(':').next().unwrap_or(host) };
    let local = ["localhost", "127.", "0.0.0.0", "[::1]", "10.", "192.168.", "host.docker.internal"];
    local.iter().any(|start| name.starts_with(start))
        || !name.contains('.')
        || ["example", "your", "<", "$", "{", ".local", ".internal"].iter().any(|word| name.contains(word))
}
