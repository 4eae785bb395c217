//! A client downloads and runs whatever is newest, each time it starts.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        client::{ServerEntry, Word},
        container::{self, Pin},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-runner-unpinned",
    group: "clients",
    title: "a client starts a server without a version",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CWE-1357", "CWE-494", "MCP04", "SAFE-T1201"],
    docs: "
`npx -y package`, `uvx package`, `docker run image` in a client's configuration download whatever is newest at each start and
run it with the rights of the person, and with the tokens in the same entry. Whoever publishes the next version, by right or
with a stolen account, decides what that is, after everybody has reviewed and approved the entry.

Name the version: `package@1.2.3`, `package==1.2.3`, `image@sha256:...`; a commit for git. Ranges and tags such as `latest`
move, and are no version.

Programs that are installed already, local paths and scripts of the project are not reported. For packages of the protocol's
own project and of large vendors severity is low: their accounts are better guarded, and the version still moves.
",
    applies,
    check,
};

/// Publishers whose accounts are well guarded. Data: the beginning of a package's or image's name.
const WELL_KNOWN: &[&str] = &[
    "@anthropic-ai/",
    "@azure/",
    "@cloudflare/",
    "@github/",
    "@google/",
    "@google-cloud/",
    "@microsoft/",
    "@modelcontextprotocol/",
    "@playwright/",
    "awslabs.",
    "ghcr.io/github/",
    "mcp-server-fetch",
    "mcp-server-git",
    "mcp-server-time",
    "mcp/",
];

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.clients.is_empty() { Err("no client configuration was found") } else { Ok(()) }
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for server in project.clients.iter().flat_map(|client| &client.servers) {
        let Some((runner, package)) = package(server) else { continue };
        let mut finding = context::finding(
            project,
            &RULE,
            package.place.clone(),
            format!("`{runner}` starts the newest `{}` there is, each time", package.text),
            "whoever publishes the next version runs it on every machine that has this entry",
            "name an exact version or a digest",
        );
        if WELL_KNOWN.iter().any(|publisher| package.text.starts_with(publisher)) {
            finding.severity = context::lower(finding.severity, 1);
        }
        findings.push(finding);
    }
}

/// The runner and the package or image that it takes without a version.
fn package(server: &ServerEntry) -> Option<(String, Word)> {
    let words = words(server);
    let program = base_name(&words.first()?.text);
    let rest = &words[1..];
    let first = rest.first().map(|word| word.text.as_str());
    let (runner, found, pinned): (String, Option<&Word>, fn(&str) -> bool) = match (program.as_str(), first) {
        ("npx" | "bunx" | "pnpx", _) => (program, npm_package(rest), npm_pinned),
        ("npm", Some("exec" | "x")) => ("npm exec".to_owned(), npm_package(&rest[1..]), npm_pinned),
        ("pnpm" | "yarn", Some("dlx")) => (format!("{program} dlx"), npm_package(&rest[1..]), npm_pinned),
        ("bun", Some("x")) => ("bun x".to_owned(), npm_package(&rest[1..]), npm_pinned),
        ("uvx", _) => (program, python_package(rest), python_pinned),
        ("uv", Some("tool")) if rest.get(1)?.text == "run" => {
            ("uv tool run".to_owned(), python_package(&rest[2..]), python_pinned)
        }
        ("pipx", Some("run")) => ("pipx run".to_owned(), python_package(&rest[1..]), python_pinned),
        ("dnx", _) => (program, rest.iter().find(|word| !word.text.starts_with('-')), npm_pinned),
        ("go", Some("run")) => ("go run".to_owned(), rest[1..].iter().find(|word| word.text.contains('@')), go_pinned),
        ("docker" | "podman" | "nerdctl", _) => {
            let at = rest.iter().position(|word| word.text == "run")?;
            (format!("{program} run"), image(&rest[at + 1..]), image_pinned)
        }
        _ => return None,
    };
    let found = found?;
    let unknown = found.text.contains('$') || found.text.is_empty();
    (!unknown && !pinned(&found.text)).then(|| (runner, found.clone()))
}

/// Program and arguments, without the shells that only pass them on.
fn words(server: &ServerEntry) -> Vec<Word> {
    let mut words: Vec<Word> = server.command.iter().chain(&server.arguments).cloned().collect();
    // Some write the whole line into the command.
    if words.len() == 1 || words.first().is_some_and(|word| word.text.contains(' ') && !word.text.contains(['/', '\\']))
    {
        words = words.iter().take(1).flat_map(split).chain(words.iter().skip(1).cloned()).collect();
    }
    let program = words.first().map(|word| base_name(&word.text)).unwrap_or_default();
    let passes =
        words.get(1).is_some_and(|word| matches!(word.text.to_ascii_lowercase().as_str(), "/c" | "-c" | "-lc"));
    if passes && matches!(program.as_str(), "cmd" | "sh" | "bash" | "zsh" | "powershell" | "pwsh") {
        words = words.iter().skip(2).flat_map(split).collect();
    } else if program == "env" {
        words = words
            .into_iter()
            .skip(1)
            .skip_while(|word| word.text.contains('=') || word.text.starts_with('-'))
            .collect();
    }
    words
}

fn split(word: &Word) -> Vec<Word> {
    word.text.split_whitespace().map(|part| Word { text: part.to_owned(), place: word.place.clone() }).collect()
}

fn base_name(program: &str) -> String {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).to_ascii_lowercase();
    [".exe", ".cmd", ".bat", ".ps1"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).to_owned()
}

fn npm_package(words: &[Word]) -> Option<&Word> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "-p" | "--package" => return words.next(),
            "--no-install" | "--offline" => return None,
            "-c" | "--call" => return None,
            "--" => {}
            flag if flag.starts_with("--package=") || !flag.starts_with('-') => return Some(word),
            _ => {}
        }
    }
    None
}

fn npm_pinned(package: &str) -> bool {
    let package = package.strip_prefix("--package=").unwrap_or(package);
    if package.starts_with(['.', '/', '~']) || package.starts_with("file:") {
        return true;
    }
    if package.contains("://") || package.starts_with("github:") || package.starts_with("git+") {
        return package.rsplit_once('#').is_some_and(|(_, revision)| is_commit(revision));
    }
    let version = package.rfind('@').filter(|&at| at > 0).map(|at| &package[at + 1..]);
    version.is_some_and(|version| is_exact(version.trim_start_matches('v')))
}

fn python_package(words: &[Word]) -> Option<&Word> {
    const VALUED: &[&str] = &[
        "--with",
        "--python",
        "-p",
        "--index",
        "--index-url",
        "-i",
        "--default-index",
        "--extra-index-url",
        "--directory",
        "--env-file",
        "--spec",
        "--prerelease",
        "--refresh-package",
        "--with-requirements",
        "-w",
    ];
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.text.as_str() {
            "--from" | "--spec" => return words.next(),
            "--offline" => return None,
            flag if VALUED.contains(&flag) => {
                words.next();
            }
            flag if flag.starts_with('-') => {}
            _ => return Some(word),
        }
    }
    None
}

fn python_pinned(package: &str) -> bool {
    if package.starts_with(['.', '/', '~']) || package.ends_with(".whl") {
        return true;
    }
    if package.contains("git+") {
        let path = package.split('#').next().unwrap_or(package);
        return path
            .rsplit('/')
            .next()
            .and_then(|name| name.rsplit_once('@'))
            .is_some_and(|(_, revision)| is_commit(revision));
    }
    package.split_once("==").or_else(|| package.split_once('@')).is_some_and(|(_, version)| is_exact(version))
}

fn go_pinned(package: &str) -> bool {
    package.rsplit_once('@').is_some_and(|(_, version)| is_exact(version.trim_start_matches('v')) || is_commit(version))
}

/// The image is the first word that is neither an option nor the value of one.
fn image(words: &[Word]) -> Option<&Word> {
    const SWITCHES: &[&str] = &[
        "--rm",
        "--init",
        "--interactive",
        "--tty",
        "--privileged",
        "--read-only",
        "--detach",
        "--no-healthcheck",
        "--quiet",
    ];
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let text = word.text.as_str();
        if !text.starts_with('-') {
            return Some(word);
        }
        let switch = SWITCHES.contains(&text)
            || !text.starts_with("--") && text[1..].chars().all(|letter| "itdqP".contains(letter));
        let joined = text.contains('=') || !text.starts_with("--") && text.len() > 2;
        if !switch && !joined {
            words.next();
        }
    }
    None
}

fn image_pinned(name: &str) -> bool {
    match container::pin(name) {
        Pin::Digest | Pin::Unknown | Pin::Scratch => true,
        // A tag with a number names a version, `main` and `stable` do not.
        Pin::Tag => name.rsplit(':').next().is_some_and(|tag| tag.contains(|letter: char| letter.is_ascii_digit())),
        Pin::Latest | Pin::None => false,
    }
}

/// Whether a version is one version: three numbers, whatever follows them.
fn is_exact(version: &str) -> bool {
    let core = version.split(['-', '+', 'a', 'b', 'r']).next().unwrap_or(version);
    let parts: Vec<&str> = core.trim_end_matches('.').split('.').collect();
    parts.len() >= 2
        && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
        && (parts.len() >= 3 || version.len() > core.len() || !version.contains('@'))
}

fn is_commit(revision: &str) -> bool {
    (7..=64).contains(&revision.len()) && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}
