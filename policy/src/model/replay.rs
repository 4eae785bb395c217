//! `[auth.replay]`: calls that change things count once.

use std::time::Duration;

use crate::{
    read::{Field, Reader, Section},
    show::Settings,
    values::{HOUR, MINUTE, boolean, count, duration},
};

/// `[auth.replay]`: what a call that changes things has to bring, so that nobody can repeat it. On stdio nobody is asked.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Replay {
    /// Every changing call brings a nonce and a time in its `_meta`. Default false.
    pub nonces: bool,
    /// A signed token serves for one changing call; it needs a `jti`. Default false.
    pub tokens_once: bool,
    /// How far the time of a call may be from this server's. Default 5 minutes.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub window: Duration,
    /// Most nonces and tokens that are remembered; beyond, changing calls are refused. Default 100,000.
    #[cfg_attr(feature = "schema", schemars(range(min = 100, max = 10_000_000)))]
    pub remembered: usize,
}

impl Default for Replay {
    fn default() -> Self {
        Self { nonces: false, tokens_once: false, window: 5 * MINUTE, remembered: 100_000 }
    }
}

pub(super) fn read(reader: &mut Reader<'_>, field: Option<Field<'_>>, replay: &mut Replay) {
    let mut section = Section::of(reader, "auth.replay", field);
    section.set(reader, "nonces", &mut replay.nonces, boolean);
    section.set(reader, "tokens_once", &mut replay.tokens_once, boolean);
    section.set(reader, "window", &mut replay.window, duration(Duration::from_secs(1)..=HOUR));
    section.set(reader, "remembered", &mut replay.remembered, count(100..=10_000_000));
    section.finish(reader);
}

pub(super) fn show(replay: &Replay, settings: &mut Settings) {
    settings.add("replay.nonces", replay.nonces);
    settings.add("replay.tokens_once", replay.tokens_once);
    settings.add("replay.window", replay.window);
    settings.add("replay.remembered", replay.remembered);
}
