//! `[tls]`: certificates of the server, and of its clients.

use std::path::PathBuf;

use super::Part;
use crate::{
    checks, pattern,
    read::{Reader, Section},
    show::Settings,
    values::{self, Word, word},
};

/// Which name of a client certificate is the caller's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
pub enum ClientName {
    /// The one `spiffe://` address in its alternative names.
    Spiffe,
    /// The first DNS name in its alternative names.
    Dns,
    /// The first e-mail address in its alternative names.
    Email,
}

impl Word for ClientName {
    const WORDS: &'static [(&'static str, Self)] =
        &[("spiffe", Self::Spiffe), ("dns", Self::Dns), ("email", Self::Email)];
}

/// Oldest version of TLS that is spoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246), with forward secrecy only. TLS 1.3 is still preferred.
    #[cfg_attr(feature = "schema", schemars(rename = "1.2"))]
    V1_2,
    /// TLS 1.3 (RFC 8446).
    #[cfg_attr(feature = "schema", schemars(rename = "1.3"))]
    V1_3,
}

impl Word for TlsVersion {
    const WORDS: &'static [(&'static str, Self)] = &[("1.2", Self::V1_2), ("1.3", Self::V1_3)];
}

/// `[tls]`: with it, the listener of HTTP speaks TLS and nothing else. Changed files are read again while it runs.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Tls {
    /// Certificate chain (PEM), relative to the policy file's folder; absolute after loading.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub certificate: Option<PathBuf>,
    /// Private key (PEM) that not everybody can read.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub key: Option<PathBuf>,
    /// Oldest version that is spoken. Default 1.2; 1.3 is preferred whatever this says.
    pub min_version: TlsVersion,
    /// Authorities (PEM) whose certificates prove a client. With it, a certificate is a method of proof.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub client_ca: Option<PathBuf>,
    /// Which name of a client's certificate is the caller's: the subject is `cert:NAME`. Default spiffe.
    pub client_name: ClientName,
    /// Names that are let in, with wildcards as in access rules. Default: every name that an authority vouches for.
    pub client_names: Vec<String>,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            certificate: None,
            key: None,
            min_version: TlsVersion::V1_2,
            client_ca: None,
            client_name: ClientName::Spiffe,
            client_names: Vec::new(),
        }
    }
}

impl Tls {
    /// Whether the listener speaks TLS.
    pub fn is_on(&self) -> bool {
        self.certificate.is_some()
    }

    /// Whether a client with this name in its certificate is let in.
    pub fn lets_in(&self, name: &str) -> bool {
        self.client_names.is_empty() || self.client_names.iter().any(|allowed| pattern::matches_target(allowed, name))
    }
}

impl Part for Tls {
    fn name(&self) -> &'static str {
        "tls"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        let mut file = |reader: &mut Reader<'_>, key, slot: &mut Option<PathBuf>| {
            section.set(reader, key, slot, |reader, field| values::path(reader, field).map(Some));
        };
        file(reader, "certificate", &mut self.certificate);
        file(reader, "key", &mut self.key);
        file(reader, "client_ca", &mut self.client_ca);
        section.set(reader, "min_version", &mut self.min_version, word);
        section.set(reader, "client_name", &mut self.client_name, word);
        section.set(reader, "client_names", &mut self.client_names, |reader, field| {
            values::checked_texts(reader, field, checks::name_pattern)
        });
        let there = self.certificate.is_some() || self.key.is_some() || self.client_ca.is_some();
        if there
            && let Some(missing) =
                [("certificate", &self.certificate), ("key", &self.key)].iter().find(|it| it.1.is_none())
        {
            let span = section.any_span();
            let message = format!("[tls] has no `{}`: a server needs a certificate and its key", missing.0);
            reader
                .problem(span, message)
                .help
                .push("name two PEM files, such as \"server.pem\" and \"server.key\"".to_owned());
        }
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("certificate", self.certificate.as_deref());
        settings.add("key", self.key.as_deref());
        settings.add("client_ca", self.client_ca.as_deref());
        settings.add("min_version", self.min_version.as_word());
        settings.add("client_name", self.client_name.as_word());
        settings.add("client_names", &self.client_names);
    }
}
