//! What a client meets where a server declares one thing and registers another: the SDK's answer, but for some kinds.

use super::{
    go::{GO_SDK, MCP_GO},
    servers::{Capability, Mismatch, Registered, Server},
    strength::older,
};
use crate::project::Language;

impl Server {
    /// What happens to what is declared when nothing serves it.
    pub fn unserved(&self, declared: Capability) -> Mismatch {
        match (self.unregistered, declared, self.language) {
            (Mismatch::Impossible, ..) => Mismatch::Impossible,
            // This SDK answers `logging/setLevel` itself.
            (_, Capability::Logging, Language::TypeScript) => Mismatch::Impossible,
            // What is no list has no empty answer: the method comes with the first completion, or with the handler.
            (_, Capability::Completions, Language::TypeScript) | (_, Capability::Logging, Language::Rust) => {
                Mismatch::MethodNotFound
            }
            (_, Capability::Completions, _) if self.sdk == GO_SDK => Mismatch::MethodNotFound,
            (_, Capability::Logging, _) if self.sdk == MCP_GO => Mismatch::MethodNotFound,
            (sdk, ..) => sdk,
        }
    }

    /// What happens to what is registered when its capability is not declared.
    pub fn unannounced(&self, registered: &Registered) -> Mismatch {
        match registered.capability {
            // A high-level server of TypeScript has no registration for logging: who handles it, does so on the
            // low-level server inside, and that one refuses what is not declared.
            Capability::Logging
                if self.language == Language::TypeScript
                    && self.sdk.starts_with("@modelcontextprotocol/")
                    && registered.method == Some("logging/setLevel") =>
            {
                Mismatch::FailsAtStart
            }
            // What gives completions is an option beside the one that announces them.
            Capability::Completions if self.sdk == MCP_GO => Mismatch::Hidden,
            // Until this version, a registration panics unless it was announced.
            Capability::Resources | Capability::Prompts
                if self.sdk == MCP_GO && older(self.sdk_version.as_deref(), [0, 11, 1]) == Some(true) =>
            {
                Mismatch::FailsAtStart
            }
            _ => self.undeclared,
        }
    }
}
