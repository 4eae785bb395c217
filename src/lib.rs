//! Scaffolds, checks and hardens MCP servers, around one policy file: `mcpsec.toml`.
//!
//! Modules stand in reading order: each uses only those above it, and a test holds it.

mod edits;
pub mod embedded;
pub mod finding;
pub mod lines;
pub mod project;
pub mod rules;

mod redact;

pub mod doctor;
pub mod report;

pub mod scaffold;

pub mod fix;

pub mod adopt;

pub mod audit;

pub mod cli;
