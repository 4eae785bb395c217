//! Any text is a source in Rust, of a server and of the body of its tool: from the parser to the rules.
#![no_main]

use libfuzzer_sys::fuzz_target;

const BEFORE: &str = r#"
use rmcp::{ServerHandler, tool, tool_router, tool_handler, handler::server::wrapper::Parameters};
mod other;
struct A;
#[tool_router]
impl A {
    #[tool(description = "a")]
    async fn a(&self, Parameters(b): Parameters<B>) -> String {
"#;
const AFTER: &str = r#"
    }
}
#[tool_handler]
impl ServerHandler for A {}
"#;

fuzz_target!(|text: &str| {
    let tool = format!("{BEFORE}{text}{AFTER}");
    mcpsec_fuzz::project([("src/other.rs", text), ("src/main.rs", tool.as_str())]);
});
