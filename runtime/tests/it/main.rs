//! Each guard through a real transport: what a client sees, and what the audit log keeps. One file per guard.
#![allow(clippy::unwrap_used)] // a test that cannot go on says so

mod access;
mod admission;
mod arguments;
mod audit;
mod audit_file;
#[cfg(unix)]
mod audit_process;
mod cancellation;
mod capability;
mod deadline;
mod errors;
mod forwarding;
mod lines;
mod output;
mod panic;
mod rate;
mod resilience;
mod serve;
mod server;
mod wire;
