//! What a server holds, and where it should not end.

use super::flows::Hop;
use crate::finding::{Confidence, Place};

/// What a server does with something that it holds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Misuse {
    /// A secret becomes a part of what a tool, resource or prompt answers.
    SecretAnswered,
    /// The token that a caller showed is shown to another server.
    TokenPassedOn,
    /// What was downloaded is run.
    DownloadRun,
}

/// A value that the server holds, and the place where it should not be.
#[derive(Clone, Debug)]
pub struct HeldFlow {
    /// What is wrong.
    pub misuse: Misuse,
    /// The answer, request or call.
    pub place: Place,
    /// The call, as written; nothing for an answer.
    pub call: String,
    /// The tool, where it has a name.
    pub tool: Option<String>,
    /// What is held: the name of a variable, `the whole environment`, `authInfo.token`.
    pub name: String,
    /// From where it is read to where it ends.
    pub hops: Vec<Hop>,
    /// How sure it is.
    pub confidence: Confidence,
}
