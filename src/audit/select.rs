//! Which decisions are wanted.

use std::time::SystemTime;

use globset::GlobMatcher;

use super::Entry;

/// What all of an entry's fields have to be. What is not set lets everything pass.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Not before.
    pub since: Option<SystemTime>,
    /// Not at or after.
    pub until: Option<SystemTime>,
    /// Subject of the caller.
    pub client: Option<GlobMatcher>,
    /// JSON-RPC method.
    pub method: Option<GlobMatcher>,
    /// Tool, prompt or resource.
    pub target: Option<GlobMatcher>,
    /// One of these.
    pub verdicts: Vec<String>,
    /// The id in an answer.
    pub request_id: Option<String>,
    /// Also lines that are about the log itself.
    pub all: bool,
}

impl Filter {
    /// Whether `entry` is wanted.
    pub fn accepts(&self, entry: &Entry) -> bool {
        let fits = |pattern: &Option<GlobMatcher>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| !text.is_empty() && pattern.is_match(text))
        };
        (self.all || entry.is_decision())
            && self.in_time(entry)
            && fits(&self.client, &entry.client)
            && fits(&self.method, &entry.method)
            && fits(&self.target, entry.target.as_deref().unwrap_or_default())
            && (self.verdicts.is_empty() || self.verdicts.contains(&entry.verdict))
            && self.request_id.as_ref().is_none_or(|id| *id == entry.request_id)
    }

    fn in_time(&self, entry: &Entry) -> bool {
        if self.since.is_none() && self.until.is_none() {
            return true;
        }
        let Some(moment) = entry.moment() else { return false };
        self.since.is_none_or(|since| since <= moment) && self.until.is_none_or(|until| moment < until)
    }
}
