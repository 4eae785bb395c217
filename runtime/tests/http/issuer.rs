//! An issuer of tokens that signs whatever it is told.

use std::{
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto, jwk};
use mcpsec_policy::{
    Policy,
    model::{JwksSource, Jwt, JwtAlgorithm, Secret},
};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::support::{self, Request};

pub(crate) const NAME: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "https://mcp.example/mcp";
/// Bytes before the key proper in PKCS#8 of an RSA key of 2048 bits.
const RSA_PREFIX: usize = 26;

/// A key pair of an issuer.
pub(crate) struct Signer {
    pub(crate) algorithm: Algorithm,
    key: EncodingKey,
    pub(crate) kid: String,
    /// The public part.
    pub(crate) jwk: Value,
}

impl Signer {
    pub(crate) fn new(algorithm: Algorithm, kid: &str) -> Self {
        let (kind, der): (_, fn(&[u8]) -> EncodingKey) = match algorithm {
            Algorithm::ES256 => (&PKCS_ECDSA_P256_SHA256, EncodingKey::from_ec_der),
            Algorithm::ES384 => (&PKCS_ECDSA_P384_SHA384, EncodingKey::from_ec_der),
            Algorithm::EdDSA => (&PKCS_ED25519, EncodingKey::from_ed_der),
            _ => (&PKCS_RSA_SHA256, |der| EncodingKey::from_rsa_der(&der[RSA_PREFIX..])),
        };
        let pair = KeyPair::generate_for(kind).expect("a key");
        let key = der(&pair.serialize_der());
        let mut public = match algorithm {
            Algorithm::EdDSA => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair.public_key_raw()) })
            }
            _ => serde_json::to_value(jwk::Jwk::from_encoding_key(&key, algorithm).expect("a key")).expect("JSON"),
        };
        public["kid"] = kid.into();
        Self { algorithm, key, kid: kid.to_owned(), jwk: public }
    }

    pub(crate) fn secret(secret: &str) -> Self {
        let key = EncodingKey::from_secret(secret.as_bytes());
        Self { algorithm: Algorithm::HS256, key, kid: String::new(), jwk: Value::Null }
    }

    pub(crate) fn header(&self) -> Value {
        json!({ "alg": self.algorithm, "typ": "JWT", "kid": self.kid })
    }

    /// A token with these bytes as header and claims.
    pub(crate) fn sign_text(&self, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = crypto::sign(signed.as_bytes(), &self.key, self.algorithm).expect("signed");
        format!("{signed}.{signature}")
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_text(&self.header().to_string(), &claims.to_string())
    }

    /// A token that is good for a minute and everything.
    pub(crate) fn token(&self) -> String {
        self.sign(&claims(json!({})))
    }
}

/// Good claims with `changes`; null takes one out.
pub(crate) fn claims(changes: Value) -> Value {
    let mut claims =
        json!({ "iss": NAME, "aud": AUDIENCE, "sub": "ann", "scope": "all", "exp": now() + 60, "iat": now() });
    let all = claims.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        all.insert(name.clone(), value.clone());
    }
    all.retain(|_, value| !value.is_null());
    claims
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// The key set of these signers.
pub(crate) fn key_set(signers: &[&Signer]) -> String {
    let keys: Vec<&Value> = signers.iter().map(|signer| &signer.jwk).collect();
    json!({ "keys": keys }).to_string()
}

/// Writes a key set whole, as a careful issuer's script does.
pub(crate) fn publish(path: &Path, signers: &[&Signer]) {
    let new = path.with_extension("new");
    std::fs::write(&new, key_set(signers)).expect("written");
    std::fs::rename(new, path).expect("renamed");
}

/// What a policy says of an issuer whose keys are in `jwks`.
pub(crate) fn section(jwks: JwksSource, algorithms: &[JwtAlgorithm]) -> Jwt {
    Jwt {
        issuer: Some(NAME.to_owned()),
        audience: vec![AUDIENCE.to_owned()],
        algorithms: algorithms.to_vec(),
        jwks: Some(jwks),
        ..Jwt::default()
    }
}

pub(crate) fn policy(jwt: Jwt) -> Policy {
    let mut policy = support::policy(&[]);
    policy.auth.jwt = Some(jwt);
    policy
}

pub(crate) fn with_file(path: PathBuf, algorithms: &[JwtAlgorithm]) -> Policy {
    policy(section(JwksSource::File(path), algorithms))
}

pub(crate) fn with_secrets(secrets: &[&str]) -> Policy {
    let secrets = secrets.iter().map(|secret| Secret::new(*secret)).collect();
    policy(Jwt { secrets, jwks: None, ..section(JwksSource::File(PathBuf::new()), &[JwtAlgorithm::HS256]) })
}

/// A call with this token.
pub(crate) fn call(token: &str) -> Request {
    Request::post(support::call(1, json!({ "text": "hello" })))
        .modern()
        .header("authorization", format!("Bearer {token}"))
}
