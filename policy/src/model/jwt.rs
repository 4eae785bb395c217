//! `[auth.jwt]`: signed tokens of an issuer, and what this server tells clients about where to get one.

use std::{ops::Range, path::PathBuf, time::Duration};

use super::secret::{self, Secret};
use crate::{
    checks,
    environment::Origin,
    keys,
    read::{Field, Reader, Section},
    show::Settings,
    values::{self, DAY, HOUR, MINUTE, Word, duration},
};

const SECRET: &str = "MCP_JWT_SECRET";
const AUDIENCE: &str = "MCP_JWT_AUDIENCE";
const SECOND: Duration = Duration::from_secs(1);
/// Longest text of an issuer, an audience or an address.
const LONGEST: usize = 512;

/// `[auth.jwt]`: tokens that are accepted (RFC 7519, RFC 9068), and the metadata that leads to them (RFC 9728).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Jwt {
    /// Who signs: what `iss` has to be. Needed with `jwks`; with `secrets` the secret names the issuer already.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub issuer: Option<String>,
    /// Names of this server, of which `aud` has to hold one. Default: `resource`.
    #[cfg_attr(feature = "schema", schemars(schema_with = "crate::schema::text_or_texts"))]
    pub audience: Vec<String>,
    /// Signature algorithms that are accepted. Needed with `jwks`; default HS256 with `secrets`.
    #[cfg_attr(feature = "schema", schemars(extend("uniqueItems" = true)))]
    pub algorithms: Vec<JwtAlgorithm>,
    /// Secrets shared with the issuer, each as `${VARIABLE}`; several while one is replaced.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<String>"))]
    pub secrets: Vec<Secret>,
    /// The issuer's public keys: `file:PATH` or an address with `https`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub jwks: Option<JwksSource>,
    /// File of the only authorities (PEM) that may vouch for the address of `jwks`. Default: those of the machine.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub jwks_ca: Option<PathBuf>,
    /// How old fetched keys get before they are fetched again. Default 10 minutes.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub jwks_refresh: Duration,
    /// Least time between two attempts to fetch, whatever tokens say. Default 30 seconds.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub jwks_pause: Duration,
    /// How long keys are used while they cannot be fetched again. Default 24 hours.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub jwks_keep: Duration,
    /// How far the clocks of issuer and server may differ; at most 5 minutes. Default 60 seconds.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::DurationText"))]
    pub leeway: Duration,
    /// The claim that names the caller. Default `sub`.
    pub subject_claim: String,
    /// The claim with scopes, as a text with blanks or as a list. Default: `scope`, else `scp`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub scope_claim: Option<String>,
    /// The claim with roles, such as `realm_access.roles`. Default: none is read.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub roles_claim: Option<String>,
    /// What the header's `typ` has to be, such as `at+jwt`. Default: `JWT`, `at+jwt` or nothing.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub token_type: Option<String>,
    /// The address of this server as clients know it (RFC 8707). With it, metadata is served.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub resource: Option<String>,
    /// Where clients get tokens. Default: the issuer, where that is an address.
    pub authorization_servers: Vec<String>,
    /// Scopes that clients may ask for.
    pub scopes_supported: Vec<String>,
}

impl Default for Jwt {
    fn default() -> Self {
        Self {
            issuer: None,
            audience: Vec::new(),
            algorithms: Vec::new(),
            secrets: Vec::new(),
            jwks: None,
            jwks_ca: None,
            jwks_refresh: 10 * MINUTE,
            jwks_pause: 30 * SECOND,
            jwks_keep: DAY,
            leeway: MINUTE,
            subject_claim: "sub".to_owned(),
            scope_claim: None,
            roles_claim: None,
            token_type: None,
            resource: None,
            authorization_servers: Vec::new(),
            scopes_supported: Vec::new(),
        }
    }
}

/// Where public keys come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum JwksSource {
    /// A file; read again when it changes.
    File(PathBuf),
    /// An address with `https`.
    Url(String),
}

/// A signature algorithm of RFC 7518 or RFC 8037. There is no `none`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[allow(missing_docs)] // the names are the standard's
pub enum JwtAlgorithm {
    HS256,
    HS384,
    HS512,
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

impl Word for JwtAlgorithm {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("HS256", Self::HS256),
        ("HS384", Self::HS384),
        ("HS512", Self::HS512),
        ("RS256", Self::RS256),
        ("RS384", Self::RS384),
        ("RS512", Self::RS512),
        ("PS256", Self::PS256),
        ("PS384", Self::PS384),
        ("PS512", Self::PS512),
        ("ES256", Self::ES256),
        ("ES384", Self::ES384),
        ("EdDSA", Self::EdDSA),
    ];
}

impl JwtAlgorithm {
    /// The name in a token's header.
    pub fn as_str(self) -> &'static str {
        self.as_word()
    }

    /// Bytes that a shared secret needs (RFC 7518 3.2); 0 for algorithms with public keys.
    pub fn secret_bytes(self) -> usize {
        match self {
            Self::HS256 => 32,
            Self::HS384 => 48,
            Self::HS512 => 64,
            _ => 0,
        }
    }
}

/// `[auth.jwt]` and the variables that stand for parts of it; nothing where neither is there.
pub(super) fn read(reader: &mut Reader<'_>, field: Option<Field<'_>>) -> Option<Jwt> {
    let variables = [SECRET, AUDIENCE].iter().any(|name| reader.environment.get(name).is_some());
    if field.is_none() && !variables {
        return None;
    }
    let span = field.as_ref().map(|field| field.span.clone());
    let mut jwt = Jwt::default();
    let problems = reader.problems.len();
    let table = Section::of(reader, "auth.jwt", field);
    section(reader, table, &mut jwt);
    environment(reader, &mut jwt);
    if reader.problems.len() == problems {
        complete(reader, &mut jwt, span);
    }
    Some(jwt)
}

fn section(reader: &mut Reader<'_>, mut section: Section<'_>, jwt: &mut Jwt) {
    let name = |reader: &mut Reader<'_>, field: &Field<'_>| values::checked(reader, field, named).map(Some);
    let https = |reader: &mut Reader<'_>, field: &Field<'_>| values::checked(reader, field, checks::address).map(Some);
    section.set(reader, "issuer", &mut jwt.issuer, name);
    section.set(reader, "audience", &mut jwt.audience, |reader, field| match field.value.is_str() {
        true => values::checked(reader, field, named).map(|one| vec![one]),
        false => values::checked_texts(reader, field, named),
    });
    section.set(reader, "algorithms", &mut jwt.algorithms, algorithms);
    section.set(reader, "secrets", &mut jwt.secrets, secret::list);
    section.set(reader, "jwks", &mut jwt.jwks, |reader, field| source(reader, field).map(Some));
    section.set(reader, "jwks_ca", &mut jwt.jwks_ca, |reader, field| values::path(reader, field).map(Some));
    section.set(reader, "jwks_refresh", &mut jwt.jwks_refresh, duration(SECOND..=DAY));
    section.set(reader, "jwks_pause", &mut jwt.jwks_pause, duration(SECOND..=HOUR));
    section.set(reader, "jwks_keep", &mut jwt.jwks_keep, duration(MINUTE..=30 * DAY));
    section.set(reader, "leeway", &mut jwt.leeway, duration(Duration::ZERO..=5 * MINUTE));
    section.set(reader, "subject_claim", &mut jwt.subject_claim, |reader, field| values::checked(reader, field, named));
    section.set(reader, "scope_claim", &mut jwt.scope_claim, name);
    section.set(reader, "roles_claim", &mut jwt.roles_claim, name);
    section.set(reader, "token_type", &mut jwt.token_type, name);
    section.set(reader, "resource", &mut jwt.resource, https);
    section.set(reader, "authorization_servers", &mut jwt.authorization_servers, |reader, field| {
        values::checked_texts(reader, field, checks::address)
    });
    section.set(reader, "scopes_supported", &mut jwt.scopes_supported, |reader, field| {
        values::checked_texts(reader, field, |scope| match scope {
            "offline_access" => {
                Err("a server never asks for `offline_access`: that is between client and issuer".to_owned())
            }
            _ => keys::check_scope(scope),
        })
    });
    section.finish(reader);
}

/// What the variables say wins over the file.
fn environment(reader: &mut Reader<'_>, jwt: &mut Jwt) {
    if let Some(text) = reader.environment.get(SECRET) {
        if let Err(why) = secret::check(text) {
            return reader.environment_problem(format!("`{SECRET}` {why}"), secret::HELP);
        }
        jwt.secrets = vec![Secret::new(text)];
        reader.origins.set("auth.jwt.secrets", Origin::Environment(SECRET.to_owned()));
    }
    if let Some(text) = reader.environment.get(AUDIENCE) {
        if let Err(why) = named(text) {
            return reader.environment_problem(format!("`{AUDIENCE}`: {why}"), "write the name of this server");
        }
        jwt.audience = vec![text.to_owned()];
        reader.origins.set("auth.jwt.audience", Origin::Environment(AUDIENCE.to_owned()));
    }
}

/// What follows from other keys, and what is missing.
fn complete(reader: &mut Reader<'_>, jwt: &mut Jwt, span: Option<Range<usize>>) {
    if jwt.audience.is_empty() {
        jwt.audience.extend(jwt.resource.clone());
    }
    if jwt.algorithms.is_empty() && jwt.jwks.is_none() {
        jwt.algorithms.push(JwtAlgorithm::HS256);
    }
    if jwt.authorization_servers.is_empty() {
        jwt.authorization_servers.extend(jwt.issuer.iter().filter(|issuer| checks::address(issuer).is_ok()).cloned());
    }
    let Err((what, help)) = whole(jwt) else { return };
    match span {
        Some(span) => reader.problem(span, format!("`auth.jwt`: {what}")).help.push(help.to_owned()),
        None => reader.environment_problem(format!("`{SECRET}` and `{AUDIENCE}`: {what}"), help),
    }
}

/// Whether what is there can be enforced.
fn whole(jwt: &Jwt) -> Result<(), (&'static str, &'static str)> {
    let shared = jwt.algorithms.iter().any(|algorithm| algorithm.secret_bytes() > 0);
    let public = jwt.algorithms.iter().any(|algorithm| algorithm.secret_bytes() == 0);
    let longest = jwt.algorithms.iter().map(|algorithm| algorithm.secret_bytes()).max().unwrap_or(0);
    let by_address = matches!(jwt.jwks, Some(JwksSource::Url(_)));
    let keys = "write `jwks = \"file:keys.json\"`, `jwks = \"https://...\"`, or `secrets = [\"${MCP_JWT_SECRET}\"]`";
    Err(match () {
        () if jwt.secrets.is_empty() && jwt.jwks.is_none() => ("nothing says with which key tokens are signed", keys),
        () if !jwt.secrets.is_empty() && jwt.jwks.is_some() => (
            "`secrets` and `jwks` are both there",
            "a public key that is taken for a secret lets anybody sign: keep one of them",
        ),
        () if shared && public => (
            "`algorithms` mixes those with a shared secret and those with public keys",
            "a public key that is taken for a secret lets anybody sign: keep one kind",
        ),
        () if jwt.algorithms.is_empty() => {
            ("`algorithms` is missing", "name what the issuer signs with, such as `algorithms = [\"RS256\"]`")
        }
        () if jwt.jwks.is_some() && shared => ("`algorithms` does not fit `jwks`", "HS256 and its like need `secrets`"),
        () if jwt.jwks.is_none() && public => {
            ("`algorithms` does not fit `secrets`", "a secret serves HS256, HS384 and HS512 alone")
        }
        () if jwt.secrets.iter().any(|secret| secret.expose().len() < longest) => {
            ("a secret is too short for its algorithm", "HS384 needs 48 bytes, HS512 needs 64 (RFC 7518)")
        }
        () if jwt.audience.is_empty() => (
            "`audience` is missing",
            "without it, a token that was made for any other server would be accepted here: name this server",
        ),
        () if jwt.jwks.is_some() && jwt.issuer.is_none() => ("`issuer` is missing", "write what `iss` of a token is"),
        () if !by_address && jwt.jwks_ca.is_some() => {
            ("`jwks_ca` has no effect", "it belongs to `jwks = \"https://...\"`")
        }
        () if jwt.resource.is_some() && jwt.authorization_servers.is_empty() => {
            ("`authorization_servers` is missing", "the metadata has to name one (RFC 9728): clients ask it for tokens")
        }
        () => return Ok(()),
    })
}

fn algorithms(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Vec<JwtAlgorithm>> {
    let items = values::items(reader, field, "a list of algorithms")?;
    if items.is_empty() {
        field.impossible(reader, "a list without an algorithm accepts no token");
        return None;
    }
    let words: Vec<_> = items.iter().map(|item| values::word(reader, item)).collect();
    words.into_iter().collect()
}

fn source(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<JwksSource> {
    let text = values::text(reader, field)?;
    if let Some(path) = text.strip_prefix("file:") {
        return checks::path(path)
            .map_err(|why| field.impossible(reader, why))
            .ok()
            .map(|()| JwksSource::File(reader.base.join(path)));
    }
    let checked = match text.starts_with("https://") {
        true => checks::address(&text),
        false => Err("expected \"file:PATH\" or an address with https: keys over http can be exchanged".to_owned()),
    };
    checked.map_err(|why| field.impossible(reader, why)).ok().map(|()| JwksSource::Url(text))
}

/// A name that is compared byte by byte.
fn named(text: &str) -> Result<(), String> {
    let valid = (1..=LONGEST).contains(&text.len()) && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    if valid { Ok(()) } else { Err(format!("expected 1 to {LONGEST} bytes without blanks")) }
}

pub(super) fn show(jwt: &Jwt, settings: &mut Settings) {
    let text = |settings: &mut Settings, key: &str, value: &Option<String>| {
        settings.add(format!("jwt.{key}"), value.as_deref());
    };
    text(settings, "issuer", &jwt.issuer);
    settings.add("jwt.audience", &jwt.audience);
    let algorithms: Vec<_> = jwt.algorithms.iter().map(|algorithm| algorithm.as_word().to_owned()).collect();
    settings.add("jwt.algorithms", &algorithms);
    if !jwt.secrets.is_empty() {
        settings.add("jwt.secrets", &vec!["(hidden)".to_owned(); jwt.secrets.len()]);
    }
    if let Some(source) = &jwt.jwks {
        let source = match source {
            JwksSource::File(path) => format!("file:{}", path.display()),
            JwksSource::Url(url) => url.clone(),
        };
        settings.add("jwt.jwks", source.as_str());
        settings.add("jwt.jwks_ca", jwt.jwks_ca.as_deref());
        settings.add("jwt.jwks_refresh", jwt.jwks_refresh);
        settings.add("jwt.jwks_pause", jwt.jwks_pause);
        settings.add("jwt.jwks_keep", jwt.jwks_keep);
    }
    settings.add("jwt.leeway", jwt.leeway);
    settings.add("jwt.subject_claim", jwt.subject_claim.as_str());
    text(settings, "scope_claim", &jwt.scope_claim);
    text(settings, "roles_claim", &jwt.roles_claim);
    text(settings, "token_type", &jwt.token_type);
    text(settings, "resource", &jwt.resource);
    settings.add("jwt.authorization_servers", &jwt.authorization_servers);
    settings.add("jwt.scopes_supported", &jwt.scopes_supported);
}
