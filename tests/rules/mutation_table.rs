//! What is taken from generated projects, and the rules that must notice. Data only: `mutations.rs` runs it.

/// Something that hardens a generated project, taken away.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mutation {
    /// What was done, in words.
    pub(crate) name: &'static str,
    /// Where it makes sense; both where nothing is said.
    pub(crate) transport: Option<&'static str>,
    /// How it is done.
    pub(crate) changes: &'static [Change],
    /// The rules that must speak, and no other may.
    pub(crate) fires: &'static [&'static str],
}

/// A change of one file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// Takes away every line that begins with the text, after white space.
    Without(&'static str, &'static str),
    /// Writes the second text for the first, everywhere.
    Replace(&'static str, &'static str, &'static str),
    /// Adds text at the end.
    Append(&'static str, &'static str),
    /// Adds a file.
    Add(&'static str, &'static str),
    /// Takes away every file whose path begins so.
    Delete(&'static str),
}

use Change::{Add, Append, Delete, Replace, Without};

const fn both(name: &'static str, changes: &'static [Change], fires: &'static [&'static str]) -> Mutation {
    Mutation { name, transport: None, changes, fires }
}

const fn http(name: &'static str, changes: &'static [Change], fires: &'static [&'static str]) -> Mutation {
    Mutation { name, transport: Some("http"), changes, fires }
}

const fn stdio(name: &'static str, changes: &'static [Change], fires: &'static [&'static str]) -> Mutation {
    Mutation { name, transport: Some("stdio"), changes, fires }
}

/// A mutation that no rule sees, and why that is so.
const fn silent(mutation: Mutation, reason: &'static str) -> (Mutation, &'static str) {
    (mutation, reason)
}

const MAIN: &str = "src/main.rs";
const SERVER: &str = "src/server.rs";
const POLICY: &str = "mcpsec.toml";
const CI: &str = ".github/workflows/ci.yml";

/// A server that is served by the SDK alone, on every interface.
const BARE: &str = r#"//! Serves.
mod files;
mod prompts;
mod server;
mod tools;

use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
};

#[tokio::main]
async fn main() {
    let service = StreamableHttpService::new(
        || Ok(server::Server::new(files::Files::new())),
        LocalSessionManager::default().into(),
        StreamableHttpServerConfig::default().disable_allowed_hosts(),
    );
    let app = axum::Router::new().nest_service("/mcp", service);
    let listener = tokio::net::TcpListener::bind("0.0.0.0:8080").await.expect("the port is free");
    axum::serve(listener, app).await.expect("it serves");
}
"#;

#[rustfmt::skip]
pub(crate) const MUTATIONS: &[Mutation] = &[
    // Ignore files.
    both("`.env` is not ignored", &[Without(".gitignore", ".env\n")], &["env-not-ignored"]),
    both("no ignore file", &[Delete(".gitignore")], &["env-not-ignored"]),
    both("a variant of `.env` with a password is committed",
        &[Without(".gitignore", ".env.*"), Add(".env.production", "DATABASE_PASSWORD=Vb7qLw9zKp2r\n")],
        &["env-file-committed", "env-not-ignored"]),
    both("example values that are real", &[Append(".env.example", "DATABASE_URL=postgres://svc:Vk93hfQw02nd84hZ@db.internal.net:5432/app\n")],
        &["secret-in-source"]),
    // The policy.
    both("a misspelt section", &[Replace(POLICY, "[limits]", "[limit]")], &["policy-invalid"]),
    both("a misspelt key", &[Replace(POLICY, "queue_wait", "queue_wiat")], &["policy-invalid"]),
    both("a limit that is no size", &[Replace(POLICY, "\"1MiB\"", "\"much\"")], &["policy-invalid"]),
    both("a body of a gigabyte", &[Replace(POLICY, "\"1MiB\"", "\"1GiB\"")], &["policy-invalid"]),
    both("a rate that is no rate", &[Replace(POLICY, "\"100/min\"", "\"unlimited\"")], &["policy-invalid"]),
    both("no version", &[Without(POLICY, "version = 1")], &["policy-invalid"]),
    both("a rule for nobody", &[Without(POLICY, "who = ")], &["policy-invalid"]),
    both("a tool that does not exist", &[Replace(POLICY, "measure_text", "measure_test")], &["policy-name-unknown"]),
    both("tools are not allowed", &[Without(POLICY, "tools = true")], &["policy-capability-mismatch"]),
    both("resources are not allowed", &[Without(POLICY, "resources = true")], &["policy-capability-mismatch"]),
    both("prompts are not allowed", &[Without(POLICY, "prompts = true")], &["policy-capability-mismatch"]),
    http("no keys", &[Without(POLICY, "api_keys = ")], &["policy-invalid"]),
    http("anyone instead of keys", &[Replace(POLICY, "api_keys = \"keys.toml\"", "insecure_allow_anyone = true")], &["policy-open-to-anyone"]),
    http("every web page may call", &[Replace(POLICY, "allowed_origins = []", "allowed_origins = [\"*\"]")], &["policy-invalid"]),
    // Container.
    both("no user", &[Without("Dockerfile", "USER ")], &["container-root"]),
    both("the user is root", &[Replace("Dockerfile", "USER 10001:10001", "USER root")], &["container-root"]),
    both("a base image without a version", &[Replace("Dockerfile", "FROM debian:trixie-slim", "FROM debian")], &["container-image-unpinned"]),
    both("the latest base image", &[Replace("Dockerfile", "FROM debian:trixie-slim", "FROM debian:latest")], &["container-image-unpinned"]),
    both("a build image without a version", &[Replace("Dockerfile", "FROM rust:1.95-slim-trixie", "FROM rust")], &["container-image-unpinned"]),
    // Workflow.
    both("every permission", &[Replace(CI, "permissions: {}", "permissions: write-all")], &["workflow-permissions"]),
    both("an action by its tag", &[Replace(CI, "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1", "actions/checkout@v7")], &["action-unpinned"]),
    both("the workflow runs no tests", &[Without(CI, "- run: cargo test")], &["tests-not-in-ci"]),
    // Sources.
    stdio("a greeting on standard output", &[Replace(MAIN, "let argument = ", "println!(\"ready\");\n    let argument = ")], &["stdout-noise"]),
    stdio("a tool that prints", &[Replace("src/tools.rs", "Json(measure(", "println!(\"called\");\n        Json(measure(")], &["stdout-noise"]),
    both("tools are not announced", &[Without(SERVER, ".enable_tools()")], &["capability-undeclared"]),
    both("prompts are not announced", &[Without(SERVER, ".enable_prompts()")], &["capability-undeclared"]),
    both("a hidden character in a description", &[Replace("src/tools.rs", "Count the characters", "Count the\u{202e} characters")], &["hidden-unicode"]),
    http("the SDK serves alone, on every interface", &[Delete(MAIN), Add(MAIN, BARE)],
        &["bind-all-interfaces", "host-check-disabled", "http-auth-missing", "rate-limit-missing"]),
    both("a file name reaches a shell", &[Replace("src/files.rs", "let mut file = root.open(&range.path)?;",
        "std::process::Command::new(\"sh\").arg(\"-c\").arg(format!(\"touch {}\", range.path)).status()?;\n    let mut file = root.open(&range.path)?;")],
        &["shell-injection"]),
    both("no test", &[
        Delete("tests/"), Replace("src/tools.rs", "#[cfg(test)]", ""), Replace("src/tools.rs", "#[test]", ""),
        Replace("src/files.rs", "#[cfg(test)]", ""), Replace("src/files.rs", "#[tokio::test]", ""),
        Replace("src/prompts.rs", "#[cfg(test)]", ""), Replace("src/prompts.rs", "#[test]", "")],
        &["tests-missing"]),
    both("a password in a source", &[Append("src/tools.rs", "const URL: &str = \"postgres://svc:Vk93hfQw02nd84hZ@db.internal.net:5432/app\";\n")],
        &["secret-in-source"]),
    both("a default for a secret", &[Append(MAIN, "fn secret() -> String { std::env::var(\"JWT_SECRET\").unwrap_or_else(|_| \"hunter2hunter2\".to_owned()) }\n")],
        &["environment-undocumented", "secret-default"]),
    // Dependencies.
    both("no workflow, and with it no audit", &[Delete(".github/")], &["dependency-updates-missing"]),
    both("any version of the SDK", &[Replace("Cargo.toml", "version = \"3.9\"", "version = \"*\"")], &["dependency-unpinned"]),
    both("no lockfile", &[Delete("Cargo.lock")], &["lockfile-missing"]),
    both("the copy of the runtime is changed", &[Append("vendor/mcpsec-runtime/src/lib.rs", "// changed\n")], &["runtime-copy-changed"]),
    both("a file of the runtime is gone", &[Delete("vendor/mcpsec-runtime/src/guard/panic.rs")], &["runtime-copy-changed"]),
    // Documents.
    both("no license", &[Delete("LICENSE-")], &["license-missing"]),
    both("no word on security", &[Delete("SECURITY.md")], &["security-policy-missing"]),
    // Files.
    both("files are opened without the folder", &[Replace("src/files.rs", "root.open(&range.path)", "std::fs::File::open(&range.path)")],
        &["resource-uri-traversal"]),
];

/// What is taken away and not noticed.
#[rustfmt::skip]
pub(crate) const SILENT: &[(Mutation, &str)] = &[
    // Ignore files.
    silent(both("`.env.*` is not ignored", &[Without(".gitignore", ".env.*")], &[]),
        "variants count where they exist, and none does"),
    silent(both("keys are not ignored", &[Without(".gitignore", "keys.toml"), Without(".gitignore", "*.pem"), Without(".gitignore", "*.key")], &[]),
        "no such file exists, and `keys.toml` has hashes"),
    silent(both("`.env` gets into the image", &[Without(".dockerignore", ".env")], &[]),
        "no rule reads `.dockerignore` yet; the stage that is delivered copies three named paths"),
    // The policy. What is not written takes the runtime's defaults, which are as strict.
    silent(both("no limits", &[Without(POLICY, "[limits]"), Without(POLICY, "body = "), Without(POLICY, "response = "), Without(POLICY, "concurrency = "),
        Without(POLICY, "queue = "), Without(POLICY, "queue_wait = "), Replace(POLICY, "timeout = \"30s\"\n", "")], &[]),
        "the runtime's own defaults hold"),
    silent(both("a rate that limits nothing", &[Replace(POLICY, "default = \"100/min\"", "default = \"1000000/s\"")], &[]),
        "no rule weighs rates of the policy yet"),
    silent(both("no audit", &[Without(POLICY, "[audit]"), Without(POLICY, "sink = ")], &[]),
        "the runtime's own default holds"),
    silent(both("everything is allowed", &[Replace(POLICY, "\"tools/call:measure_text\"", "\"tools/call:*\"")], &[]),
        "one tool and every tool are the same here"),
    silent(both("no run fails", &[Replace(POLICY, "fail_on = \"medium\"", "fail_on = \"never\"")], &[]),
        "how strict a gate is, is for its owner to say"),
    silent(http("the policy listens everywhere", &[Replace(POLICY, "listen = \"127.0.0.1:8080\"", "listen = \"0.0.0.0:8080\"")], &[]),
        "every caller still has to show a key"),
    // Container.
    silent(both("the build takes other versions", &[Replace("Dockerfile", "--locked ", "")], &[]),
        "no rule reads build commands yet"),
    silent(http("no health check", &[Without("Dockerfile", "HEALTHCHECK"), Without("Dockerfile", "CMD [\"bash\"")], &[]),
        "an orchestrator may bring its own"),
    // Workflow.
    silent(both("credentials stay in the checkout", &[Without(CI, "persist-credentials: false")], &[]), "the job may only read, and runs nothing of others"),
    silent(both("the workflow looks for no advisories", &[Without(CI, "- run: cargo audit")], &[]), "no rule asks for a look at advisories"),
    silent(both("the workflow runs no doctor", &[Without(CI, "mcpsec doctor")], &[]), "no rule asks for itself"),
    silent(both("jobs have the pipeline's permissions", &[Without(CI, "permissions: {}")], &[]), "each job names its own"),
    // Sources and manifests.
    silent(stdio("a greeting while the server is made", &[Replace(MAIN, "let server = ", "println!(\"ready\");\n        let server = ")], &[]),
        "it is not known when the runtime calls a closure that it is handed"),
    silent(both("arguments without bounds", &[Without("src/tools.rs", "#[schemars(length"), Without("src/tools.rs", "#[serde(deny_unknown_fields)]")], &[]),
        "no rule asks for bounds in schemas; a test of the project does"),
    silent(both("unsafe code is allowed", &[Without("Cargo.toml", "unsafe_code")], &[]), "the compiler's lints are the project's own choice"),
    silent(both("printing is allowed", &[Without("Cargo.toml", "print_stdout")], &[]), "the linter's rules are the project's own choice"),
    silent(both("no hook before commits", &[Delete(".pre-commit-config.yaml")], &[]), "the workflow checks the same"),
];
