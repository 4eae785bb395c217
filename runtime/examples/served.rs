//! Two tools, served under the policy file that the argument names: what the official clients call in `tests/clients`.

use std::process::ExitCode;

use rmcp::{ServerHandler, tool, tool_handler, tool_router};

#[derive(Clone)]
struct Server;

#[tool_router]
impl Server {
    #[tool(description = "Looks", annotations(read_only_hint = true))]
    async fn look(&self) -> String {
        "seen".to_owned()
    }

    #[tool(description = "Changes something")]
    async fn change(&self) -> String {
        "changed".to_owned()
    }
}

#[tool_handler]
impl ServerHandler for Server {}

#[tokio::main]
async fn main() -> ExitCode {
    let policy = std::env::args_os().nth(1).unwrap_or_else(|| "mcpsec.toml".into());
    mcpsec_runtime::run(policy, || Server).await
}
