//! Who is calling: one file per method of proof.
//!
//! A method looks at the headers of a request and says one of three things: nothing was shown to it, what was shown is
//! not good, or this is who it is. What is not good stays refused, whatever another method or
//! `auth.insecure_allow_anyone` says: a caller who shows a key expects to be the owner of that key.

mod api_key;
mod certificate;
#[cfg(feature = "jwt")]
mod jwt;
mod process;
mod reload;
mod token_file;

use std::{sync::Arc, time::SystemTime};

use futures::future::BoxFuture;
use http::{HeaderMap, HeaderName, header};
use mcpsec_policy::{
    Identity, Policy,
    model::{Jwt, Listen, Require},
};

use crate::{audit::Audit, peer::Peer, serve::ServeError};

/// The header that some clients use for a key instead of `Authorization`.
pub(crate) const KEY_HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// What a caller is told whose credential is wrong in whatever way.
const NOT_ACCEPTED: &str = "the credential is not accepted";

/// What a method of proof makes of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Proof {
    /// The request shows nothing that this method knows.
    Absent,
    /// It shows something that is not good, for the reason that the caller is told.
    Refused(&'static str),
    /// It proves this identity.
    Proven(Identity),
}

/// What a caller shows: the headers of its request, and what its connection proves.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) peer: &'a Peer,
    pub(crate) now: SystemTime,
}

/// One way to prove who is calling.
trait Method: Send + Sync {
    fn prove<'a>(&'a self, shown: Shown<'a>) -> BoxFuture<'a, Proof>;
}

/// The one credential of a request, in `Authorization: Bearer` or `X-API-Key`.
#[derive(Debug, Eq, PartialEq)]
enum Credential<'a> {
    /// None is shown.
    Absent,
    /// More than one, another scheme, or bytes that no credential has.
    Unclear,
    /// In `Authorization: Bearer`.
    Bearer(&'a str),
    /// In `X-API-Key`.
    Key(&'a str),
    /// One in each, for a policy that asks for more than one.
    Both(&'a str, &'a str),
}

impl<'a> Credential<'a> {
    fn of(headers: &'a HeaderMap) -> Self {
        let one = |name| {
            let mut shown = headers.get_all(name).iter();
            match (shown.next(), shown.next()) {
                (None, _) => Ok(None),
                (Some(value), None) => value.to_str().map(|text| Some(text.trim())).map_err(drop),
                (Some(_), Some(_)) => Err(()),
            }
        };
        let (Ok(authorization), Ok(key)) = (one(&header::AUTHORIZATION), one(&KEY_HEADER)) else {
            return Self::Unclear;
        };
        let bearer = match authorization.map(|value| value.split_once(' ')) {
            None => None,
            Some(Some((scheme, token))) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
            Some(_) => return Self::Unclear,
        };
        match (bearer, key) {
            (None, None) => Self::Absent,
            (Some(bearer), None) => Self::Bearer(bearer),
            (None, Some(key)) => Self::Key(key),
            (Some(bearer), Some(key)) => Self::Both(bearer, key),
        }
    }
}

/// Every method that the policy names.
pub(crate) struct Authenticator {
    methods: Vec<Box<dyn Method>>,
    anyone: bool,
    /// Each method has to prove the caller. They are in the order in which they name it.
    all: bool,
}

impl Authenticator {
    /// Makes the methods of `policy` ready.
    ///
    /// # Errors
    ///
    /// When the policy names no method and does not say `insecure_allow_anyone = true` either, or when the keys cannot
    /// be read.
    pub(crate) fn new(policy: &Policy, audit: &Arc<Audit>) -> Result<Self, ServeError> {
        let mut methods: Vec<Box<dyn Method>> = Vec::new();
        if let Some(jwt) = &policy.auth.jwt {
            methods.push(tokens(jwt, audit)?);
        }
        if let Some(keys) = api_key::ApiKeys::from_policy(&policy.auth, audit)? {
            methods.push(Box::new(keys));
        }
        if let Some(path) = &policy.auth.tokens {
            methods.push(Box::new(token_file::FileTokens::open(path, audit)?));
        }
        if policy.tls.client_ca.is_some() {
            methods.push(Box::new(certificate::Certificates));
        }
        if matches!(policy.server.listen, Listen::Socket(_)) {
            methods.push(Box::new(process::Peers));
        }
        let anyone = policy.auth.insecure_allow_anyone;
        if methods.is_empty() && !anyone {
            return Err(ServeError::Configuration(
                "`[auth]` names no method, so anybody could call this server over HTTP: set `auth.api_keys` and make a \
                 key with `mcpsec key new`, write `[auth.jwt]`, or write `auth.insecure_allow_anyone = true`"
                    .to_owned(),
            ));
        }
        Ok(Self { methods, anyone, all: policy.auth.require == Require::All })
    }

    /// Whether callers without proof are let in, as the subject `anonymous`.
    pub(crate) fn allows_anyone(&self) -> bool {
        self.anyone
    }

    /// Who sent a request that shows this.
    pub(crate) async fn prove(&self, shown: Shown<'_>) -> Proof {
        if self.all { self.prove_all(shown).await } else { self.prove_any(shown).await }
    }

    /// Each method has to prove an identity. The first one names the caller, the others are kept beside it.
    async fn prove_all(&self, shown: Shown<'_>) -> Proof {
        let mut caller: Option<Identity> = None;
        let mut lacking = false;
        for method in &self.methods {
            match method.prove(shown).await {
                Proof::Refused(why) => return Proof::Refused(why),
                Proof::Absent => lacking = true,
                Proof::Proven(identity) => match &mut caller {
                    None => caller = Some(identity),
                    Some(caller) => {
                        caller.valid_until = [caller.valid_until, identity.valid_until].into_iter().flatten().min();
                        caller.witnesses.insert(identity.subject);
                    }
                },
            }
        }
        match caller {
            Some(caller) if !lacking => Proof::Proven(caller),
            Some(_) => Proof::Refused("one more credential is needed"),
            None if Credential::of(shown.headers) == Credential::Absent => Proof::Absent,
            None => Proof::Refused(NOT_ACCEPTED),
        }
    }

    /// One method that proves an identity suffices.
    async fn prove_any(&self, shown: Shown<'_>) -> Proof {
        let credential = Credential::of(shown.headers);
        if matches!(credential, Credential::Both(..)) {
            return Proof::Refused(NOT_ACCEPTED);
        }
        let refused = (credential != Credential::Absent).then_some(NOT_ACCEPTED);
        for method in &self.methods {
            match method.prove(shown).await {
                Proof::Proven(identity) => return Proof::Proven(identity),
                Proof::Refused(why) => return Proof::Refused(why),
                Proof::Absent => {}
            }
        }
        match (refused, self.anyone) {
            (Some(why), _) => Proof::Refused(why),
            (None, true) => Proof::Proven(Identity::anonymous()),
            (None, false) => Proof::Absent,
        }
    }
}

#[cfg(feature = "jwt")]
fn tokens(jwt: &Jwt, audit: &Arc<Audit>) -> Result<Box<dyn Method>, ServeError> {
    Ok(Box::new(jwt::Tokens::new(jwt, audit)?))
}

#[cfg(not(feature = "jwt"))]
fn tokens(_: &Jwt, _: &Arc<Audit>) -> Result<Box<dyn Method>, ServeError> {
    Err(ServeError::Configuration(
        "`[auth.jwt]` is in the policy, and this build has no feature `jwt` of `mcpsec-runtime`: build with it, or use \
         `auth.api_keys`"
            .to_owned(),
    ))
}

/// Takes the credentials out of a request that is handed on, so that no handler can log or forward them (A4, A8).
pub(crate) fn strip_credentials(headers: &mut HeaderMap) {
    headers.remove(header::AUTHORIZATION);
    headers.remove(header::COOKIE);
    headers.remove(KEY_HEADER);
    headers.remove(header::SEC_WEBSOCKET_PROTOCOL);
}

/// Whether an address carries what belongs into a header (A5): addresses end up in logs, histories and referrers.
pub(crate) fn query_carries_credentials(query: &str) -> bool {
    const NAMES: [&str; 7] = ["access_token", "token", "api_key", "apikey", "api-key", "x-api-key", "authorization"];
    query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
            || [name, value].iter().any(|text| text.contains("mcps_") || looks_signed(text))
    })
}

/// Whether a text has the form of a signed token: three parts, of which the first is an object in base64url.
fn looks_signed(text: &str) -> bool {
    text.starts_with("eyJ") && text.split('.').count() == 3
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_credential_is_found_in_either_header_and_only_once() {
        let check = |pairs: &[_], expected| assert_eq!(Credential::of(&headers(pairs)), expected);
        check(&[], Credential::Absent);
        check(&[("authorization", "Bearer mcps_a")], Credential::Bearer("mcps_a"));
        check(&[("authorization", "bearer  mcps_a ")], Credential::Bearer("mcps_a"));
        check(&[("x-api-key", "mcps_a")], Credential::Key("mcps_a"));
        check(&[("authorization", "Basic mcps_a")], Credential::Unclear);
        check(&[("authorization", "mcps_a")], Credential::Unclear);
        check(&[("x-api-key", "mcps_a"), ("x-api-key", "mcps_b")], Credential::Unclear);
        check(&[("x-api-key", "a"), ("authorization", "Bearer b")], Credential::Both("b", "a"));
        check(&[("x-api-key", "a"), ("authorization", "Basic b")], Credential::Unclear);
    }

    #[test]
    fn a_key_in_the_query_is_seen_under_any_name() {
        for query in ["api_key=x", "a=b&TOKEN=x", "whatever=mcps_abc", "mcps_abc", "Access_Token=", "x=eyJh.eyJi.c2ln"]
        {
            assert!(query_carries_credentials(query), "{query}");
        }
        for query in ["", "session=1", "tokens=3&page=2"] {
            assert!(!query_carries_credentials(query), "{query}");
        }
    }

    #[tokio::test]
    async fn a_wrong_credential_is_refused_even_where_anyone_may_call() {
        let authenticator = Authenticator { methods: Vec::new(), anyone: true, all: false };
        let peer = Peer::default();
        for (headers, expected) in [
            (headers(&[]), Proof::Proven(Identity::anonymous())),
            (headers(&[("authorization", "Bearer nonsense")]), Proof::Refused(NOT_ACCEPTED)),
        ] {
            let shown = Shown { headers: &headers, peer: &peer, now: SystemTime::now() };
            assert_eq!(authenticator.prove(shown).await, expected);
        }
    }
}
