//! The keys that verify tokens: shared secrets, or the public keys of a JSON Web Key Set (RFC 7517).
//!
//! A key serves the algorithms that fit its type and its own `alg`, whatever a token says. Keys of other kinds, for
//! encryption, too short or of unknown curves are left out. A set that holds a secret or private key is refused: what
//! signs does not belong where tokens are checked, and a symmetric key in a public set lets anybody sign.

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use mcpsec_policy::model::Jwt;
use serde::Deserialize;
use serde_json::Value;

use super::token::{Fault, Token};

/// More keys than any issuer has at once.
const MOST_KEYS: usize = 200;
/// Most signatures that are tried for one token: several secrets, or keys without a name.
const MOST_TRIES: usize = 8;
/// Longest RSA modulus that is worked with: 8192 bits in base64url.
const LONGEST_MODULUS: usize = 1_366;
/// Shortest one: 2048 bits in base64url.
const SHORTEST_MODULUS: usize = 342;

/// Keys by name.
pub(super) struct Keys(Vec<Key>);

struct Key {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// The secrets of the policy; each may have signed any token.
    pub(super) fn secrets(jwt: &Jwt, algorithms: &[Algorithm]) -> Self {
        let key = |secret: &mcpsec_policy::model::Secret| Key {
            kid: None,
            algorithms: algorithms.to_vec(),
            key: DecodingKey::from_secret(secret.expose().as_bytes()),
        };
        Self(jwt.secrets.iter().map(key).collect())
    }

    /// Reads a key set.
    ///
    /// # Errors
    ///
    /// When it is no key set, holds what is not public, or no key for `algorithms`.
    pub(super) fn parse(bytes: &[u8], algorithms: &[Algorithm]) -> Result<Self, String> {
        let set: Set = serde_json::from_slice(bytes).map_err(|_| "this is not a JSON Web Key Set".to_owned())?;
        if MOST_KEYS < set.keys.len() {
            return Err(format!("the key set has more than {MOST_KEYS} keys"));
        }
        if set.keys.iter().any(|key| key.get("d").is_some() || key.get("k").is_some()) {
            return Err("the key set holds a private or secret key: only public keys belong here".to_owned());
        }
        let keys: Vec<Key> = set.keys.into_iter().filter_map(|key| read(key, algorithms)).collect();
        match keys.is_empty() {
            true => Err("the key set has no key for `auth.jwt.algorithms`".to_owned()),
            false => Ok(Self(keys)),
        }
    }

    /// Whether a key could have signed this token.
    #[cfg(feature = "jwks-url")]
    pub(super) fn know(&self, token: &Token<'_>) -> bool {
        self.0.iter().any(|key| key.may_have_signed(token))
    }

    /// Whether one of the keys signed this token. Takes one signature where none can have, too.
    pub(super) fn verify(&self, token: &Token<'_>) -> Result<(), Fault> {
        let mut candidates = self.0.iter().filter(|key| key.may_have_signed(token)).take(MOST_TRIES).peekable();
        if candidates.peek().is_none() {
            let any = self.0.iter().find(|key| key.algorithms.contains(&token.algorithm));
            std::hint::black_box(any.is_some_and(|key| key.signed(token)));
            return Err(Fault::NoKey);
        }
        // No early end: with several secrets, the time would tell which of them is in use.
        let good = candidates.fold(false, |good, key| key.signed(token) | good);
        if good { Ok(()) } else { Err(Fault::Signature) }
    }
}

impl Key {
    /// A key with a name serves tokens that name it, and those that name none.
    fn may_have_signed(&self, token: &Token<'_>) -> bool {
        let named = match (&token.kid, &self.kid) {
            (Some(wanted), Some(kid)) => wanted == kid,
            _ => true,
        };
        named && self.algorithms.contains(&token.algorithm)
    }

    fn signed(&self, token: &Token<'_>) -> bool {
        crypto::verify(token.signature, token.signed.as_bytes(), &self.key, token.algorithm).unwrap_or(false)
    }
}

fn read(key: Value, algorithms: &[Algorithm]) -> Option<Key> {
    let jwk: Jwk = serde_json::from_value(key).ok()?;
    let signs = jwk.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
        && jwk.key_ops.as_ref().is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
    if !signs {
        return None;
    }
    let (fitting, key) = material(&jwk)?;
    let own = |algorithm: &Algorithm| jwk.alg.as_deref().is_none_or(|alg| alg.parse() == Ok(*algorithm));
    let algorithms: Vec<Algorithm> =
        algorithms.iter().copied().filter(|algorithm| fitting.contains(algorithm) && own(algorithm)).collect();
    (!algorithms.is_empty()).then_some(Key { kid: jwk.kid, algorithms, key })
}

/// What a key can verify, and the key.
fn material(jwk: &Jwk) -> Option<(&'static [Algorithm], DecodingKey)> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let (x, y) = (jwk.x.as_deref(), jwk.y.as_deref());
    let ec = |bytes: usize| {
        let length = (bytes * 8).div_ceil(6);
        let (x, y) = (x.filter(|x| x.len() == length)?, y.filter(|y| y.len() == length)?);
        DecodingKey::from_ec_components(x, y).ok()
    };
    Some(match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", _) => {
            let modulus = jwk.n.as_deref().filter(|n| (SHORTEST_MODULUS..=LONGEST_MODULUS).contains(&n.len()))?;
            let exponent = jwk.e.as_deref().filter(|e| e.len() <= 8)?;
            let key = DecodingKey::from_rsa_components(modulus, exponent).ok()?;
            (&[RS256, RS384, RS512, PS256, PS384, PS512], key)
        }
        ("EC", Some("P-256")) => (&[ES256], ec(32)?),
        ("EC", Some("P-384")) => (&[ES384], ec(48)?),
        ("OKP", Some("Ed25519")) => (&[EdDSA], DecodingKey::from_ed_components(x.filter(|x| x.len() == 43)?).ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ALL: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn parse(keys: Value) -> Result<usize, String> {
        Keys::parse(json!({ "keys": keys }).to_string().as_bytes(), &ALL).map(|keys| keys.0.len())
    }

    #[test]
    fn keys_that_cannot_verify_are_left_out() {
        let good = json!({ "kty": "OKP", "crv": "Ed25519", "x": X, "kid": "a" });
        let with = |name: &str, value: Value| {
            let mut key = good.clone();
            key[name] = value;
            key
        };
        assert_eq!(parse(json!([good.clone()])), Ok(1));
        assert_eq!(parse(json!([good.clone(), with("use", json!("sig")), with("key_ops", json!(["verify"]))])), Ok(3));
        for odd in [
            with("use", json!("enc")),
            with("key_ops", json!(["encrypt"])),
            with("alg", json!("ES256")),
            with("alg", json!("none")),
            with("crv", json!("X25519")),
            with("kty", json!("EC")),
            with("x", json!("AAAA")),
            with("kid", json!(1)),
            json!({ "kty": "RSA", "n": "x".repeat(341), "e": "AQAB" }),
            json!({ "kty": "RSA", "n": "x".repeat(2_000), "e": "AQAB" }),
            json!(null),
        ] {
            assert_eq!(parse(json!([good.clone(), odd.clone()])), Ok(1), "{odd}");
        }
    }

    #[test]
    fn a_set_without_a_key_or_with_a_secret_is_refused() {
        assert!(parse(json!([])).is_err());
        assert!(parse(json!([{ "kty": "OKP", "crv": "Ed25519", "x": X, "d": X }])).is_err());
        assert!(parse(json!([{ "kty": "OKP", "crv": "Ed25519", "x": X }, { "kty": "oct", "k": "AAAA" }])).is_err());
        assert!(parse(json!("keys")).is_err());
        assert!(Keys::parse(b"<html>", &ALL).is_err());
    }
}
