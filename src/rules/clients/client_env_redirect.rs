//! A configuration sends a program somewhere else, or makes it load something else.

use crate::{
    finding::{Confidence, Finding, Severity},
    project::{
        Project,
        address::{Host, authority, host},
        client::Word,
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "client-env-redirect",
    group: "clients",
    title: "a client configuration redirects programs by variables",
    severity: Severity::High,
    confidence: Confidence::High,
    languages: &[],
    since: "0.1.0",
    references: &["CVE-2026-21852", "CWE-15", "CWE-427", "MCP09"],
    docs: "
Some variables decide where a program sends its requests (`ANTHROPIC_BASE_URL`, `HTTPS_PROXY`) or what it loads before its own
code (`NODE_OPTIONS=--require`, `LD_PRELOAD`). In the settings that a repository brings, they hold for everybody who opens it:
the first request carries the person's key to the address in the file, before any question is asked. `apiKeyHelper` is a
program that the client runs by itself.

Set such variables on the machine, not in the repository. If a team uses a gateway, name it in the documentation, and let each
person set it.

In the variables of a single server, an address is how the server is configured, and a proxy concerns that server alone:
severity is low for both, and addresses of the same machine and of documentation are not reported. Options that load no code
(`NODE_OPTIONS=--max-old-space-size`) are not reported either.
",
    applies: context::has_client,
    check,
};

/// Variables that make a program load code before its own.
const LOADERS: &[&str] = &[
    "LD_PRELOAD",
    "LD_AUDIT",
    "DYLD_INSERT_LIBRARIES",
    "BASH_ENV",
    "PYTHONSTARTUP",
    "PERL5OPT",
    "GIT_SSH_COMMAND",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
];

/// Options of Node.js that load code or open a debugger.
const NODE_OPTIONS: &[&str] = &["--require", "-r ", "--import", "--loader", "--experimental-loader", "--inspect"];

/// Proxies, in uppercase.
const PROXIES: &[&str] = &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// Addresses that receive a person's key, in uppercase.
const KEY_RECEIVERS: &[&str] = &[
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_BEDROCK_BASE_URL",
    "ANTHROPIC_VERTEX_BASE_URL",
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "GOOGLE_GEMINI_BASE_URL",
    "GEMINI_BASE_URL",
];

/// What a variable does, and whether it does so by an address.
enum Effect {
    Loads,
    Receives,
}

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for client in &project.clients {
        let own = client.settings.environment.iter().map(|pair| (pair, true));
        let servers = client.servers.iter().flat_map(|server| &server.environment).map(|pair| (pair, false));
        for ((name, word), of_client) in own.chain(servers) {
            let Some(effect) = effect(name, word) else { continue };
            let (message, attack) = match effect {
                Effect::Loads => (
                    format!("`{name}` makes programs load or run something before their own code"),
                    "whoever can change this file or what it names runs code in every program that the client starts",
                ),
                Effect::Receives => (
                    format!("`{name}` sends requests, and the keys in them, to `{}`", word.text),
                    "whoever runs that address reads the requests and the person's key, and answers as it likes",
                ),
            };
            let fix = "remove it here, and set it on the machines that need it";
            let mut finding = context::finding(project, &RULE, word.place.clone(), message, attack, fix);
            if matches!(effect, Effect::Receives) && !of_client {
                finding.severity = finding.severity.min(Severity::Low);
            }
            findings.push(finding);
        }
        for (_, word) in client.settings.programs.iter().filter(|(what, _)| what == "apiKeyHelper") {
            let mut finding = context::finding(
                project,
                &RULE,
                word.place.clone(),
                "the client runs this program by itself to get its key".to_owned(),
                "whoever changes this line runs a command on the machine of everybody who opens the repository",
                "move it to the settings of the person",
            );
            finding.severity = context::lower(finding.severity, 1);
            findings.push(finding);
        }
    }
}

fn effect(name: &str, word: &Word) -> Option<Effect> {
    let upper = name.to_ascii_uppercase();
    let value = word.text.trim();
    if value.is_empty() || value.starts_with("${env:") || value.starts_with("${input:") || value.starts_with('<') {
        return None;
    }
    if LOADERS.contains(&upper.as_str()) {
        // `ssh -i key` chooses a key; `ssh -o ProxyCommand` and anything else runs a program.
        let harmless = upper == "GIT_SSH_COMMAND" && value.starts_with("ssh ") && !value.contains("ProxyCommand");
        return (!harmless).then_some(Effect::Loads);
    }
    if upper == "NODE_OPTIONS" {
        return NODE_OPTIONS.iter().any(|option| value.contains(option)).then_some(Effect::Loads);
    }
    if PROXIES.contains(&upper.as_str()) || KEY_RECEIVERS.contains(&upper.as_str()) {
        let (_, rest) = value.split_once("://").unwrap_or(("", value));
        let far = matches!(host(authority(rest)), Host::Public | Host::Reserved);
        return (far && !is_vendor(authority(rest))).then_some(Effect::Receives);
    }
    None
}

/// The address that a program would use anyway, and large vendors' gateways.
fn is_vendor(authority: &str) -> bool {
    const VENDORS: &[&str] = &[
        "anthropic.com",
        "openai.com",
        "googleapis.com",
        "azure.com",
        "amazonaws.com",
        "openrouter.ai",
        "deepseek.com",
        "mistral.ai",
        "groq.com",
        "cloudflare.com",
    ];
    let name = authority.split(':').next().unwrap_or(authority);
    VENDORS.iter().any(|vendor| name.strip_suffix(vendor).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}
