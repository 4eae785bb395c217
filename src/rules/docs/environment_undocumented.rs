//! The server reads variables that nobody knows of.

use crate::{
    finding::{Confidence, Finding, Related, Severity},
    project::{File, Language, Project, Role, facts::EnvironmentRead, options::Options},
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "environment-undocumented",
    group: "docs",
    title: "the server reads variables that no document names",
    severity: Severity::Low,
    confidence: Confidence::Medium,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["CWE-1059", "CWE-1188"],
    docs: "
The code reads environment variables that neither the readme, `.env.example`, `server.json` nor any other document or
configuration names. Whoever runs the server does not know which switches it has: the one that turns a check off among them, and
the one that would have turned it on.

Name each in the readme or in `.env.example`, with its default and what it opens.

Variables of the system and of tools (`PATH`, `HOME`, `PORT`, `NODE_ENV`, `HTTP_PROXY`, `CI`, `AWS_...`, ...) are not asked for.
Names that are computed are not known, nor are those that a settings class derives from its fields. All text files in the
project that are no source are searched, tests left out. What lies beside the server's folder at the top (an installer, a
build script) is not read. All variables together are one finding.
",
    applies: context::has_server,
    check,
};

/// Variables of systems, shells, platforms and tools.
const COMMON: &[&str] = &[
    "APPDATA",
    "CI",
    "COLORTERM",
    "COLUMNS",
    "COMSPEC",
    "DEBUG",
    "DISPLAY",
    "DO_NOT_TRACK",
    "TOKENIZERS_PARALLELISM",
    "DOCKER_HOST",
    "EDITOR",
    "FORCE_COLOR",
    "GOPATH",
    "HOME",
    "HOMEDRIVE",
    "HOMEPATH",
    "HOST",
    "HOSTNAME",
    "KUBECONFIG",
    "LANG",
    "LOCALAPPDATA",
    "LOGNAME",
    "LOG_LEVEL",
    "NODE_ENV",
    "NODE_OPTIONS",
    "NO_COLOR",
    "NO_PROXY",
    "OUT_DIR",
    "PAGER",
    "PATH",
    "PORT",
    "PREFIX",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PWD",
    "CONTAINER",
    "SSH_CLIENT",
    "SSH_CONNECTION",
    "SSH_TTY",
    "DBUS_SESSION_BUS_ADDRESS",
    "PUBLIC_URL",
    "RUNTIME",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "SHELL",
    "SSH_AUTH_SOCK",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERNAME",
    "USERPROFILE",
    "VERCEL",
    "VIRTUAL_ENV",
    "VISUAL",
    "WAYLAND_DISPLAY",
    "WINDIR",
];

/// Beginnings of names that belong to a platform or tool.
const PREFIXES: &[&str] = &[
    "AWS_",
    "AZURE_",
    "CARGO_",
    "CF_",
    "CLAUDE_CODE",
    "CLAUDECODE",
    "CLOUD_RUN",
    "CURSOR_",
    "DENO_",
    "ELECTRON_",
    "VSCODE_",
    "UVX",
    "CONDA_",
    "FASTMCP_",
    "TERM_",
    "WT_",
    "DYNO",
    "FLY_",
    "GCP_",
    "GITHUB_ACTION",
    "GITHUB_RUN",
    "GOOGLE_",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "JEST_",
    "KUBERNETES_",
    "K_",
    "LAMBDA_",
    "NPM_",
    "OTEL_",
    "PIP_",
    "PYTEST_",
    "PYTHON",
    "RAILWAY_",
    "RENDER",
    "SSL_CERT_",
    "UV_",
    "VERCEL_",
    "VITEST",
    "WSL_",
    "XDG_",
];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let documents: Vec<&File> =
        project.files.iter().chain(&project.above.files).filter(|file| is_document(file)).collect();
    let options = Options::of(&project.files);
    let own = |name: &str| {
        let mut patterns = options.texts(RULE.id, "variables").iter();
        patterns.any(|it| it.strip_suffix('*').map_or(it == name, |begin| name.starts_with(begin)))
    };
    let mut missing: Vec<&EnvironmentRead> = Vec::new();
    for read in project.facts.environment_reads.iter().filter(|read| belongs_to_server(project, &read.place.path)) {
        let name = read.name.as_str();
        let common = COMMON.contains(&name) || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        let common = common || own(name);
        let known = missing.iter().any(|other| other.name == name);
        if !common && !known && !documents.iter().any(|file| file.text.contains(name)) {
            missing.push(read);
        }
    }
    let Some(first) = missing.first() else { return };
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let mut finding = context::finding(
        project,
        &RULE,
        first.place.clone(),
        format!(
            "{} {verb} read and named in no document",
            context::names(missing.iter().map(|read| read.name.as_str()))
        ),
        "a switch that opens the server stays unknown to whoever runs it",
        "name each variable in the readme or in `.env.example`, with its default",
    );
    finding.related = missing[1..]
        .iter()
        .map(|read| Related { place: read.place.clone(), message: format!("`{}` is read here", read.name) })
        .collect();
    findings.push(finding);
}

/// It lies in the same folder at the top as a server: what installs or builds is started by other people.
fn belongs_to_server(project: &Project, path: &str) -> bool {
    let top = |path: &str| path.split_once('/').map(|(top, _)| top.to_owned());
    let servers = project.facts.servers.iter().filter(|server| context::role(project, &server.place) == Role::Product);
    servers.map(|server| top(&server.place.path)).any(|folder| folder.is_none() || folder == top(path))
}

fn is_document(file: &File) -> bool {
    file.language.is_none() && !matches!(file.role, Role::Test | Role::Foreign)
}
