//! The flags that choose decisions, and how one is shown to people.

use std::{
    io::{self, Write},
    time::SystemTime,
};

use globset::{Glob, GlobMatcher};
use mcpsec_policy::{keys::time, units};

use super::Failure;
use crate::audit::{Entry, Filter};

/// Which decisions. All that is given has to hold.
#[derive(Debug, clap::Args)]
pub(super) struct Selection {
    /// Not before: a date, a moment such as 2027-03-31T12:00:00Z, or a time ago such as 7d
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Before: the same
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// Who asked, such as key:ab12cd34 or "key:*"
    #[arg(long, value_name = "PATTERN")]
    client: Option<String>,
    /// What was asked, such as tools/call or "tools/*"
    #[arg(long, value_name = "PATTERN")]
    method: Option<String>,
    /// The tool, prompt or resource
    #[arg(long, value_name = "PATTERN")]
    target: Option<String>,
    /// allowed, refused, failed, cancelled, timed_out or panicked; may be given again
    #[arg(long = "verdict", value_name = "VERDICT", value_parser = VERDICTS)]
    verdicts: Vec<String>,
    /// The id that an answer named
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
}

const VERDICTS: [&str; 6] = ["allowed", "refused", "failed", "cancelled", "timed_out", "panicked"];

impl Selection {
    pub(super) fn filter(&self) -> Result<Filter, Failure> {
        Ok(Filter {
            since: self.since.as_deref().map(|text| moment("--since", text)).transpose()?,
            until: self.until.as_deref().map(|text| moment("--until", text)).transpose()?,
            client: self.client.as_deref().map(|text| pattern("--client", text)).transpose()?,
            method: self.method.as_deref().map(|text| pattern("--method", text)).transpose()?,
            target: self.target.as_deref().map(|text| pattern("--target", text)).transpose()?,
            verdicts: self.verdicts.clone(),
            request_id: self.request_id.clone(),
            all: false,
        })
    }
}

/// The moment that `text` names; a date is its beginning.
pub(super) fn moment(flag: &str, text: &str) -> Result<SystemTime, Failure> {
    let date = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let ago = || units::parse_duration(text).ok().and_then(|ago| SystemTime::now().checked_sub(ago));
    time::parse(&date).or_else(ago).ok_or_else(|| {
        Failure::usage(format!("`{flag} {text}` is no time"))
            .help("write a date (2027-03-31), a moment (2027-03-31T12:00:00Z) or a time ago (7d, 12h)")
    })
}

fn pattern(flag: &str, text: &str) -> Result<GlobMatcher, Failure> {
    let glob = Glob::new(text).map_err(|error| Failure::usage(format!("`{flag}`: {error}")))?;
    Ok(glob.compile_matcher())
}

/// Writes a decision as a line for people.
pub(super) fn show(out: &mut dyn Write, entry: &Entry) -> io::Result<()> {
    let call = match &entry.target {
        Some(target) => format!("{} {target}", entry.method),
        None => entry.method.clone(),
    };
    let verdict = if entry.verdict.is_empty() { entry.kind.as_deref().unwrap_or("?") } else { &entry.verdict };
    let mut line = format!("{}  {verdict:<9}  {:<14}  {call}", entry.time, entry.client);
    if entry.is_decision() {
        line.push_str(&format!("  {:.1} ms", entry.duration_ms));
    }
    for said in [&entry.reason, &entry.request_id].into_iter().filter(|said| !said.is_empty()) {
        line.push_str("  ");
        line.push_str(said);
    }
    // Whoever can write the log can write to the terminal.
    writeln!(out, "{}", mcpsec_screen::hidden::neutralize(&line))
}
