//! Enforces an mcpsec policy inside an rmcp server.
//!
//! A server author writes an ordinary rmcp `ServerHandler`. One line hardens it and serves it under the policy file, on
//! the transports that the file names; that line is all of `main`:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! #[derive(Clone)]
//! struct Server;
//!
//! impl rmcp::ServerHandler for Server {}
//!
//! #[tokio::main]
//! async fn main() -> ExitCode {
//!     mcpsec_runtime::run("mcpsec.toml", || Server).await
//! }
//! ```
//!
//! What the handler sees has passed every guard; what it answers passes them again on the way out. Here a tool is called
//! with an argument that its schema does not allow: the handler never runs, and the client reads why.
//!
//! ```
//! use mcpsec_runtime::{Runtime, policy::Policy, serve_streams};
//! use rmcp::{ServiceExt, handler::server::wrapper::Parameters, model::*, schemars, tool, tool_handler, tool_router};
//! use serde_json::json;
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Name {
//!     #[schemars(length(max = 10))]
//!     name: String,
//! }
//!
//! #[derive(Clone)]
//! struct Server;
//!
//! #[tool_router]
//! impl Server {
//!     #[tool(description = "Greets")]
//!     async fn greet(&self, Parameters(Name { name }): Parameters<Name>) -> String {
//!         format!("Hello, {name}")
//!     }
//! }
//!
//! #[tool_handler]
//! impl rmcp::ServerHandler for Server {}
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let text = r#"
//!     version = 1
//!     [server]
//!     name = "greeter"
//!     transports = ["stdio"]
//!     [capabilities]
//!     tools = true
//!     [[access.rules]]
//!     who = ["local"]
//!     may = ["tools/list", "tools/call:greet"]
//! "#;
//! let policy = Policy::parse(text, "mcpsec.toml", &Default::default())?.policy;
//! let (client_end, server_end) = tokio::io::duplex(64 * 1024);
//! let (input, output) = tokio::io::split(server_end);
//! tokio::spawn(serve_streams(Runtime::new(policy)?, Server, input, output, Default::default()));
//!
//! let client = ().serve(client_end).await?;
//! let arguments = json!({"name": "somebody with a very long name"}).as_object().cloned().unwrap();
//! let result = client.call_tool(CallToolRequestParams::new("greet").with_arguments(arguments)).await?;
//! assert_eq!(result.is_error, Some(true));
//! let said = &result.content[0].as_text().unwrap().text;
//! assert_eq!(said, "invalid arguments for the tool `greet`: `/name` must have at most 10 characters (maxLength)");
//! # Ok(())
//! # }
//! ```
//!
//! Reading order: [`caller`], `guard`, [`harden`], [`runtime`], `transport`, [`serve`](mod@serve). It does **not** write
//! the handler's own checks: a path that a tool opens, a query that it sends are still the handler's to judge.

mod audit;
#[cfg(feature = "http")]
mod auth;
pub mod caller;
mod clean;
mod guard;
pub mod harden;
#[cfg(feature = "http")]
mod http;
mod inspect;
mod lines;
mod log;
#[cfg(any(feature = "http", all(unix, feature = "unix")))]
mod peer;
mod rate;
pub mod runtime;
mod schema;
pub mod serve;
mod transport;

pub use caller::{Caller, Connection, HttpRefusal, RefusalSlot};
pub use guard::{BreakerPosition, BreakerState, Load};
pub use harden::Hardened;
pub use mcpsec_policy as policy;
pub use rate::StoreState;
pub use runtime::Runtime;
pub use serve::{ServeError, run, run_with, serve};
#[cfg(feature = "http")]
pub use transport::http::HttpServer;
#[cfg(any(feature = "stdio", feature = "unix", feature = "websocket"))]
pub use transport::stream::serve_streams;
