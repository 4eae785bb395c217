//! Orders to a model that hide in texts which should only describe: descriptions of tools, prompts, results.
//!
//! A description says what a tool does and how it is used; "always pass an absolute path", "you must call `list` first"
//! and "IMPORTANT: ..." belong there. [`find`] looks for what does not: keeping something from the person, overriding
//! other instructions, fetching secrets, sending things away. One of them may be a mention (a scanner's description
//! names attacks); several in one text are an attack. [`about_others`] finds orders about tools of other servers.
//!
//! Judged are phrases within one sentence, in English. It does **not** understand paraphrases or other languages, and
//! what it misses is not thereby harmless.

use std::ops::Range;

mod conceal;
mod others;
mod signals;
mod words;

pub use others::{Mention, about_others};

/// What an order wants.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Aim {
    /// The person shall not learn of something: "do not tell the user".
    Conceal,
    /// Other instructions shall not count: "ignore previous instructions".
    Override,
    /// A mark that looks as if the system spoke: `<IMPORTANT>`, `[SYSTEM]`.
    Authority,
    /// A file or resource with secrets is fetched: "read ~/.ssh/id_rsa".
    Fetch,
    /// Something is sent to an address that is written down, or put where an attacker reads it.
    Send,
    /// Secrets or the whole conversation are handed over: "include all API keys".
    HandOver,
    /// A threat: "otherwise the tool will not work".
    Threat,
    /// Text that people cannot read: base64 or hexadecimal of some length.
    Encoded,
}

impl Aim {
    /// As a clause: "keeps something from the user".
    pub fn clause(self) -> &'static str {
        match self {
            Self::Conceal => "keeps something from the user",
            Self::Override => "overrides other instructions",
            Self::Authority => "speaks as if it were the system",
            Self::Fetch => "has secrets fetched",
            Self::Send => "has something sent away",
            Self::HandOver => "has secrets or the conversation handed over",
            Self::Threat => "threatens that the tool fails otherwise",
            Self::Encoded => "holds text that people cannot read",
        }
    }
}

/// An order, and where it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Order {
    /// What it wants.
    pub aim: Aim,
    /// Byte range in the text.
    pub range: Range<usize>,
}

/// Orders in `text`, in order of position; at most one of an aim for each sentence.
pub fn find(text: &str) -> Vec<Order> {
    let mut found = signals::marks(text);
    for sentence in words::sentences(text) {
        let mut add = |aim: Aim, at: Option<usize>| {
            if let Some(first) = at.and_then(|at| sentence.get(at))
                && let Some(last) = sentence.last()
            {
                found.push(Order { aim, range: first.range.start..last.range.end });
            }
        };
        add(Aim::Conceal, conceal::find(&sentence));
        add(Aim::Override, signals::overrides(&sentence));
        add(Aim::Fetch, signals::fetches(&sentence));
        add(Aim::Send, signals::sends(&sentence));
        add(Aim::HandOver, signals::hands_over(&sentence));
        add(Aim::Threat, signals::threatens(&sentence));
    }
    found.sort_by_key(|order| (order.range.start, order.range.end, order.aim));
    found
}

#[cfg(test)]
mod tests;
