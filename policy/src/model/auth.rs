//! `[auth]`: how a network caller proves who it is.

use std::path::PathBuf;

use super::{
    Part,
    jwt::{self, Jwt},
    replay::{self, Replay},
};
use crate::{
    read::{Reader, Section},
    show::Settings,
    values::{self, Word, boolean},
};

/// `[auth]`: how a network caller proves who it is.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Auth {
    /// File of API keys (hashes), relative to the policy file's folder; absolute after loading.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub api_keys: Option<PathBuf>,
    /// Keys given by the environment variable `MCP_API_KEYS`.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub environment_keys: Vec<crate::keys::KeyRecord>,
    /// File of tokens, a line for each: `NAME:TOKEN` or `NAME:sha256:HASH`. Only its owner may read it.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub tokens: Option<PathBuf>,
    /// Whether one of the methods suffices, or all are needed. Default any.
    pub require: Require,
    /// `[auth.jwt]`: signed tokens of an issuer.
    #[cfg_attr(feature = "schema", schemars(with = "Jwt"))]
    pub jwt: Option<Jwt>,
    /// `[auth.replay]`: calls that change things count once.
    pub replay: Replay,
    /// `insecure_allow_anyone = true`: an HTTP server starts although nobody is asked who they are.
    pub insecure_allow_anyone: bool,
}

/// How many of the methods a caller has to pass.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub enum Require {
    /// Any one.
    #[default]
    Any,
    /// Each. A signed token names the caller, else a key, else a token of the file, else the connection.
    All,
}

impl Word for Require {
    const WORDS: &'static [(&'static str, Self)] = &[("any", Self::Any), ("all", Self::All)];
}

impl Part for Auth {
    fn name(&self) -> &'static str {
        "auth"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "api_keys", &mut self.api_keys, |reader, field| values::path(reader, field).map(Some));
        section.set(reader, "tokens", &mut self.tokens, |reader, field| values::path(reader, field).map(Some));
        section.set(reader, "require", &mut self.require, values::word);
        section.set(reader, "insecure_allow_anyone", &mut self.insecure_allow_anyone, boolean);
        let field = section.get("jwt");
        self.jwt = jwt::read(reader, field);
        let field = section.get("replay");
        replay::read(reader, field, &mut self.replay);
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("api_keys", self.api_keys.as_deref());
        if !self.environment_keys.is_empty() {
            let ids: Vec<String> = self.environment_keys.iter().map(|record| record.id.clone()).collect();
            settings.add("environment_keys", &ids);
        }
        settings.add("tokens", self.tokens.as_deref());
        settings.add("require", self.require.as_word());
        settings.add("insecure_allow_anyone", self.insecure_allow_anyone);
        if let Some(jwt) = &self.jwt {
            jwt::show(jwt, settings);
        }
        replay::show(&self.replay, settings);
    }
}
