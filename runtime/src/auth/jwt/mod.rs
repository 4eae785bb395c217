//! Signed tokens of an issuer (RFC 7519), as an OAuth 2.1 resource server accepts them (A3).
//!
//! A token passes, in this order: its form and algorithm ([`token`]), its signature ([`keys`], from [`source`]),
//! issuer, audience and time ([`claims`]). The caller reads "expired", "not yet valid" or "not accepted"; the log says
//! more, and never the token. It does **not** ask the issuer about a token (introspection), so one that was withdrawn
//! is good until it expires: let the issuer make short ones. It does **not** accept tokens bound to a key (`cnf`), since nothing here
//! would check the binding.

mod claims;
#[cfg(feature = "jwks-url")]
mod fetch;
mod keys;
#[cfg(feature = "jwks-url")]
mod remote;
mod source;
mod strict;
mod token;

use std::{sync::Arc, time::SystemTime};

use futures::future::BoxFuture;
use jsonwebtoken::Algorithm;
use mcpsec_policy::{
    Identity,
    model::{Jwt, JwtAlgorithm},
};

use self::{
    claims::Rules,
    source::Source,
    token::{Fault, Token},
};
use super::{Credential, Method, NOT_ACCEPTED, Proof, Shown};
use crate::{audit::Audit, serve::ServeError};

/// `[auth.jwt]`, ready.
pub(super) struct Tokens {
    algorithms: Vec<Algorithm>,
    token_type: Option<String>,
    rules: Rules,
    source: Source,
}

impl Tokens {
    /// Makes ready what the policy says of tokens.
    ///
    /// # Errors
    ///
    /// When the keys cannot be read.
    pub(super) fn new(jwt: &Jwt, audit: &Arc<Audit>) -> Result<Self, ServeError> {
        let algorithms: Vec<Algorithm> = jwt.algorithms.iter().copied().map(algorithm).collect();
        Ok(Self {
            source: Source::new(jwt, &algorithms, audit)?,
            algorithms,
            token_type: jwt.token_type.clone(),
            rules: Rules::new(jwt),
        })
    }

    async fn judge(&self, text: &str, now: SystemTime) -> Result<Identity, Fault> {
        let token = Token::parse(text, &self.algorithms, self.token_type.as_deref())?;
        let keys = self.source.keys_for(&token).await.ok_or(Fault::NoKey)?;
        keys.verify(&token)?;
        self.rules.judge(&token.claims()?, now).map(|grant| grant.identity)
    }
}

impl Method for Tokens {
    fn prove<'a>(&'a self, shown: Shown<'a>) -> BoxFuture<'a, Proof> {
        Box::pin(async move {
            let text = match Credential::of(shown.headers) {
                Credential::Bearer(text) | Credential::Both(text, _) if text.contains('.') => text,
                _ => return Proof::Absent,
            };
            match self.judge(text, shown.now).await {
                Ok(identity) => Proof::Proven(identity),
                Err(fault) => {
                    tracing::debug!(%fault, "a token is not accepted");
                    Proof::Refused(match fault {
                        Fault::Expired => "the token has expired",
                        Fault::Early => "the token is not yet valid",
                        _ => NOT_ACCEPTED,
                    })
                }
            }
        })
    }
}

fn algorithm(algorithm: JwtAlgorithm) -> Algorithm {
    match algorithm {
        JwtAlgorithm::HS256 => Algorithm::HS256,
        JwtAlgorithm::HS384 => Algorithm::HS384,
        JwtAlgorithm::HS512 => Algorithm::HS512,
        JwtAlgorithm::RS256 => Algorithm::RS256,
        JwtAlgorithm::RS384 => Algorithm::RS384,
        JwtAlgorithm::RS512 => Algorithm::RS512,
        JwtAlgorithm::PS256 => Algorithm::PS256,
        JwtAlgorithm::PS384 => Algorithm::PS384,
        JwtAlgorithm::PS512 => Algorithm::PS512,
        JwtAlgorithm::ES256 => Algorithm::ES256,
        JwtAlgorithm::ES384 => Algorithm::ES384,
        JwtAlgorithm::EdDSA => Algorithm::EdDSA,
    }
}
