//! What an address answers is run at once.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{Project, command},
    rules::{Rule, always, context},
};

pub(super) static RULE: Rule = Rule {
    id: "curl-pipe-shell",
    group: "supply_chain",
    title: "a download is run without being looked at",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-494", "CWE-829", "MCP04"],
    docs: "
A script, container file, workflow or makefile pipes a download into a shell or interpreter: `curl ... | sh`,
`bash <(curl ...)`, `iwr ... | iex`. Nothing is compared with anything: whoever controls the address, its account, or the way to
it runs commands in the build, with its tokens, and in the image.

Download a version, compare its checksum, then run it:

    curl -fsSLo install.sh https://example.com/v1.2.3/install.sh
    echo \"<sha256>  install.sh\" | sha256sum --check && sh install.sh

or take the tool from a package, an image or an action with a fixed version.

Downloads that are data (`| jq`, `| tar`, `| python -c ...`, `| python -m json.tool`) are not reported, nor is an address with a
full commit, whose content cannot change. For the documented
installers of large projects over https severity is medium: their accounts are better guarded, and the script still changes. So it
is for a file of a release that the address names by its version.
What a readme tells people to type is not judged here.
",
    applies: always,
    check,
};

static PIPED: LazyLock<Regex> = LazyLock::new(|| {
    let download = r"\b(?:curl|wget|iwr|irm|invoke-webrequest|invoke-restmethod)\b";
    let shell = r"(?:sudo\s+(?:-\w+\s+)*)?(?:env\s+)?(?:\w+=\S+\s+)*(?:/bin/|/usr/bin/)?(?:(?:ba|da|z|k|a)?sh|iex|invoke-expression)\b";
    let interpreter = r"(?:sudo\s+)?(?:python3?|node|perl|ruby|php)\s*(?:-\s|-$|$|[;&|)])";
    Regex::new(&format!(
        r#"(?i){download}[^|;\n]*\|\s*(?:tee\s+\S+\s*\|\s*)?(?:{shell}|{interpreter})|(?:(?:ba|z|da)?sh|source|\.|eval|python3?)\s+(?:-\w+\s+)*["']?(?:<\(|\$\(|`)\s*{download}|\biex\s*[("'&]+\s*(?:\(?new-object|{download})"#
    ))
    .expect("the pattern of piped downloads is valid")
});

/// Words of which each such line has one.
const WORDS: &[&str] = &["curl", "wget", "iwr", "irm", "iex", "invoke-webrequest", "invoke-restmethod"];

static WORD: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS).expect("a constant list of short words")
});

/// A file of a release that the address names by its version.
static RELEASE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"https://github\.com/[\w.-]+/[\w.-]+/releases/download/v?\d+\.\d+").expect("a constant pattern")
});

/// Where the installers of large projects lie.
const INSTALLERS: &[&str] = &[
    "https://sh.rustup.rs",
    "https://astral.sh/",
    "https://get.pnpm.io/",
    "https://bun.sh/install",
    "https://bun.com/install",
    "https://deno.land/install",
    "https://deb.nodesource.com/",
    "https://raw.githubusercontent.com/nvm-sh/nvm/",
    "https://install.python-poetry.org",
    "https://get.docker.com",
    "https://mise.run",
    "https://claude.ai/install",
    "https://cli.github.com/",
    "https://just.systems/install",
    "https://raw.githubusercontent.com/golangci/golangci-lint/",
    "https://raw.githubusercontent.com/helm/helm/",
    "https://raw.githubusercontent.com/Homebrew/install/",
    "https://raw.githubusercontent.com/k3d-io/k3d/",
];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for line in command::lines(project).into_iter().filter(|line| WORD.is_match(&line.text)) {
        // Words that are only shown to somebody.
        let shown = line.text.trim_start_matches('@').starts_with("echo ") || line.text.starts_with("printf ");
        let Some(found) = PIPED.find(&line.text).filter(|_| !shown && !names_commit(&line.text)) else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            line.place.clone(),
            "what the address answers is run at once".to_owned(),
            "whoever controls the address, or the way to it, runs commands with the tokens of this build",
            "download a fixed version, compare its checksum, then run it",
        );
        let from = found.start()..line.text.len();
        let text = line.text.get(from).unwrap_or_default();
        if INSTALLERS.iter().any(|address| text.contains(address)) || RELEASE.is_match(text) {
            finding.severity = finding.severity.min(Severity::Medium);
        }
        findings.push(finding);
    }
}

/// An address with a full commit always answers the same.
fn names_commit(text: &str) -> bool {
    let parts = text.split(['/', '@', ' ']);
    parts.into_iter().any(|part| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
