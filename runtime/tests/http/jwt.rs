//! Tokens of an issuer: what is accepted, and every way that is known to forge one.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use mcpsec_policy::model::{Jwt, JwtAlgorithm, Sessions};
use serde_json::{Value, json};

use crate::{
    issuer::{AUDIENCE, Signer, call, claims, now, publish, with_file, with_secrets},
    support::{Request, Server, initialize, start},
};

const SECRET: &str = "8f1c02d97ab34e65c0f7d1293b84ae5f60c7d2e91b3f4a8857e6d0c1b2a39f84";
const OTHER: &str = "0b1c02d97ab34e65c0f7d1293b84ae5f60c7d2e91b3f4a8857e6d0c1b2a39f84";

/// What the challenge says is wrong with a token.
async fn refused(server: &Server, token: &str) -> String {
    let reply = call(token).send(server).await;
    assert_eq!(reply.status, 401, "{token}: {reply:?}");
    assert!(!reply.body.contains(token) && server.handler.started.load(std::sync::atomic::Ordering::SeqCst) == 0);
    let challenge = reply.header("www-authenticate").unwrap_or_default().to_owned();
    let (_, rest) = challenge.split_once("error_description=\"").unwrap_or_else(|| panic!("{challenge}"));
    rest.trim_end_matches('"').split('"').next().unwrap_or_default().to_owned()
}

const NO: &str = "the credential is not accepted";

#[tokio::test]
async fn every_algorithm_that_the_policy_names_opens_the_door() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    let rsa = Signer::new(Algorithm::RS256, "rsa");
    let signers = [
        Signer::new(Algorithm::ES256, "p256"),
        Signer::new(Algorithm::ES384, "p384"),
        Signer::new(Algorithm::EdDSA, "ed"),
    ];
    publish(&path, &[&rsa, &signers[0], &signers[1], &signers[2]]);
    use JwtAlgorithm::{ES256, ES384, EdDSA, RS256};
    let server = start(with_file(path, &[RS256, ES256, ES384, EdDSA])).await;
    for signer in signers.iter().chain([&rsa]) {
        let reply = call(&signer.token()).send(&server).await;
        assert_eq!((reply.status, reply.text().as_str()), (200, "hello"), "{:?} {reply:?}", signer.algorithm);
        // Without a name, whatever fits is tried.
        let unnamed = signer.sign_text(&json!({ "alg": signer.algorithm }).to_string(), &claims(json!({})).to_string());
        assert_eq!(call(&unnamed).send(&server).await.status, 200, "{:?}", signer.algorithm);
    }
}

#[tokio::test]
async fn a_public_key_is_no_secret_and_no_signature_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    let rsa = Signer::new(Algorithm::RS256, "a");
    publish(&path, &[&rsa]);
    let text = std::fs::read_to_string(&path).expect("written");
    let server = start(with_file(path, &[JwtAlgorithm::RS256])).await;
    // The public key, in each form that somebody might take for a secret.
    let modulus = rsa.jwk["n"].as_str().expect("a modulus");
    for secret in [modulus, &text, &rsa.jwk.to_string()] {
        let forger = Signer::secret(secret);
        let header = json!({ "alg": "HS256", "kid": "a" }).to_string();
        assert_eq!(refused(&server, &forger.sign_text(&header, &claims(json!({})).to_string())).await, NO);
        // The same with the name of the algorithm that is accepted.
        let header = json!({ "alg": "RS256", "kid": "a" }).to_string();
        assert_eq!(refused(&server, &forger.sign_text(&header, &claims(json!({})).to_string())).await, NO);
    }
    let good = rsa.token();
    let payload = good.split('.').nth(1).expect("three parts");
    for alg in ["none", "NONE", "nOnE", "PS256"] {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "kid": "a" }).to_string());
        for token in [format!("{header}.{payload}."), format!("{header}.{payload}.AA"), format!("{header}.{payload}")] {
            assert_eq!(refused(&server, &token).await, NO, "{token}");
        }
    }
    // Another payload under a good signature, and a signature that is one bit off.
    let parts: Vec<&str> = good.split('.').collect();
    let forged = URL_SAFE_NO_PAD.encode(claims(json!({ "sub": "root" })).to_string());
    assert_eq!(refused(&server, &format!("{}.{forged}.{}", parts[0], parts[2])).await, NO);
    let flipped = if parts[2].starts_with('A') { "B" } else { "A" };
    assert_eq!(refused(&server, &format!("{}.{}.{flipped}{}", parts[0], parts[1], &parts[2][1..])).await, NO);
}

#[tokio::test]
async fn keys_that_the_token_brings_or_names_elsewhere_are_not_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    let (issuer, forger) = (Signer::new(Algorithm::ES256, "a"), Signer::new(Algorithm::ES256, "a"));
    publish(&path, &[&issuer]);
    let server = start(with_file(path, &[JwtAlgorithm::ES256])).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let url = format!("https://{}/keys.json", listener.local_addr().expect("an address"));
    for extra in [
        json!({ "jwk": forger.jwk }),
        json!({ "jku": url }),
        json!({ "x5u": url }),
        json!({ "x5c": ["MIIB"] }),
        json!({ "kid": "../../../../dev/null" }),
        json!({ "kid": "a' OR '1'='1" }),
        json!({ "kid": "k".repeat(300) }),
        json!({ "kid": ["a"] }),
        json!({ "kid": null }),
    ] {
        let mut header = forger.header();
        header.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        let token = forger.sign_text(&header.to_string(), &claims(json!({})).to_string());
        assert_eq!(refused(&server, &token).await, NO, "{extra}");
    }
    let called = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
    assert!(called.is_err(), "the server followed an address in a token");
}

#[tokio::test]
async fn a_token_is_for_this_server_and_for_now() {
    let server = start(with_secrets(&[SECRET])).await;
    let issuer = Signer::secret(SECRET);
    let expired = "the token has expired";
    let early = "the token is not yet valid";
    for (changes, says) in [
        (json!({ "aud": "https://other.example/mcp" }), NO),
        (json!({ "aud": ["https://other.example/mcp"] }), NO),
        (json!({ "aud": null }), NO),
        (json!({ "iss": "https://evil.example" }), NO),
        (json!({ "iss": null }), NO),
        (json!({ "sub": null }), NO),
        (json!({ "exp": null }), NO),
        (json!({ "exp": "never" }), NO),
        (json!({ "exp": now() - 61 }), expired),
        (json!({ "nbf": now() + 70 }), early),
        (json!({ "iat": now() + 70 }), early),
        (json!({ "cnf": { "jkt": "x" } }), NO),
    ] {
        assert_eq!(refused(&server, &issuer.sign(&claims(changes.clone()))).await, says, "{changes}");
    }
    // Who did not get it from the issuer does not learn that a token has expired either.
    let stranger = Signer::secret(OTHER);
    assert_eq!(refused(&server, &stranger.sign(&claims(json!({ "exp": now() - 61 })))).await, NO);
    for changes in [json!({ "exp": now() - 50 }), json!({ "nbf": now() + 50 }), json!({ "aud": ["x", AUDIENCE] })] {
        assert_eq!(call(&issuer.sign(&claims(changes))).send(&server).await.status, 200);
    }
}

#[tokio::test]
async fn a_token_says_nothing_twice_and_demands_nothing_unknown() {
    let server = start(with_secrets(&[SECRET])).await;
    let issuer = Signer::secret(SECRET);
    let (header, body) = (r#"{"alg":"HS256"}"#, claims(json!({})).to_string());
    let doubled = |claim: &str| format!("{{{claim},{}", &body[1..]);
    for (header, body) in [
        (header, doubled(r#""aud":"https://other.example""#)),
        (header, doubled(r#""sub":"root""#)),
        (header, doubled(r#""x":{"a":1,"a":2}"#)),
        (r#"{"alg":"HS256","alg":"HS256"}"#, body.clone()),
        (r#"{"alg":"HS256","crit":["exp"],"exp":1}"#, body.clone()),
        (r#"{"alg":"HS256","crit":["b64"],"b64":false}"#, body.clone()),
        (r#"{"alg":"HS256","typ":"logout+jwt"}"#, body.clone()),
        (header, "[]".to_owned()),
        (header, "x".to_owned()),
    ] {
        assert_eq!(refused(&server, &issuer.sign_text(header, &body)).await, NO, "{header} {body}");
    }
    let token = issuer.sign_text(header, &body);
    assert_eq!(refused(&server, &format!("{token}=")).await, NO);
    assert_eq!(refused(&server, &format!("{token}.{token}")).await, NO);
    let huge = issuer.sign(&claims(json!({ "x": "x".repeat(20_000) })));
    assert!([401, 431].contains(&call(&huge).send(&server).await.status));
    assert_eq!(call(&token).send(&server).await.status, 200);
}

#[tokio::test]
async fn a_token_in_the_address_is_refused_even_if_it_is_good() {
    let server = start(with_secrets(&[SECRET])).await;
    let token = Signer::secret(SECRET).token();
    for query in [format!("access_token={token}"), format!("x={token}"), token.clone()] {
        let request = call(&token).line(&format!("POST /mcp?{query} HTTP/1.1"));
        assert_eq!(request.send(&server).await.status, 400, "{query}");
    }
    let both = call(&token).header("x-api-key", &token);
    assert_eq!(both.send(&server).await.status, 401);
    let elsewhere = Request::post(crate::support::call(1, json!({}))).modern().header("x-api-key", &token);
    assert_eq!(elsewhere.send(&server).await.status, 401);
}

#[tokio::test]
async fn two_secrets_are_good_while_one_replaces_the_other() {
    let server = start(with_secrets(&[SECRET, OTHER])).await;
    for secret in [SECRET, OTHER] {
        assert_eq!(call(&Signer::secret(secret).token()).send(&server).await.status, 200);
    }
    let server = start(with_secrets(&[OTHER])).await;
    assert_eq!(refused(&server, &Signer::secret(SECRET).token()).await, NO);
}

#[tokio::test]
async fn a_type_that_the_policy_asks_for_is_asked_of_tokens() {
    let mut policy = with_secrets(&[SECRET]);
    policy.auth.jwt = policy.auth.jwt.map(|jwt| Jwt { token_type: Some("at+jwt".to_owned()), ..jwt });
    let server = start(policy).await;
    let issuer = Signer::secret(SECRET);
    assert_eq!(refused(&server, &issuer.token()).await, NO);
    let token = issuer.sign_text(r#"{"alg":"HS256","typ":"at+jwt"}"#, &claims(json!({})).to_string());
    assert_eq!(call(&token).send(&server).await.status, 200);
}

#[tokio::test]
async fn the_caller_is_the_subject_and_a_fresh_token_keeps_its_session() {
    let mut policy = with_secrets(&[SECRET]);
    policy.server.sessions = Sessions::Bounded;
    let server = start(policy).await;
    let issuer = Signer::secret(SECRET);
    let bearer = |sub: &str| format!("Bearer {}", issuer.sign(&claims(json!({ "sub": sub, "jti": rand() }))));
    let opened = Request::post(initialize()).header("authorization", bearer("ann")).send(&server).await;
    let session = opened.header("mcp-session-id").expect("a session").to_owned();
    let ping = |who: &str, id: u64| {
        Request::post(json!({ "jsonrpc": "2.0", "id": id, "method": "ping" }))
            .header("mcp-session-id", &session)
            .header("mcp-protocol-version", "2025-11-25")
            .header("authorization", bearer(who))
    };
    assert_eq!(ping("bob", 1).send(&server).await.status, 404);
    let reply = ping("ann", 2).send(&server).await;
    assert_eq!((reply.status, reply.message().get("result")), (200, Some(&json!({}))), "{reply:?}");
}

fn rand() -> Value {
    uuid::Uuid::new_v4().to_string().into()
}

#[tokio::test]
async fn scopes_of_a_token_decide_and_a_scope_may_include_another() {
    let mut policy = with_secrets(&[SECRET]);
    policy.access.rules[0].who = vec!["scope:read".to_owned(), "role:ops".to_owned()];
    policy.access.scopes.insert("admin".to_owned(), vec!["write".to_owned()]);
    policy.access.scopes.insert("write".to_owned(), vec!["read".to_owned()]);
    policy.auth.jwt = policy.auth.jwt.map(|jwt| Jwt { roles_claim: Some("realm_access.roles".to_owned()), ..jwt });
    let server = start(policy).await;
    let issuer = Signer::secret(SECRET);
    for (changes, status) in [
        (json!({ "scope": "openid read" }), 200),
        (json!({ "scope": null, "scp": ["read"] }), 200),
        (json!({ "scope": "admin" }), 200),
        (json!({ "scope": "reader" }), 403),
        (json!({ "scope": null }), 403),
        (json!({ "scope": null, "realm_access": { "roles": ["ops"] } }), 200),
        (json!({ "scope": null, "roles": ["ops"] }), 403),
    ] {
        let reply = call(&issuer.sign(&claims(changes.clone()))).send(&server).await;
        assert_eq!(reply.status, status, "{changes} {reply:?}");
    }
}

#[tokio::test]
async fn a_changed_key_file_is_in_force_within_seconds_and_a_broken_one_never() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    let (old, new) = (Signer::new(Algorithm::EdDSA, "old"), Signer::new(Algorithm::EdDSA, "new"));
    publish(&path, &[&old]);
    let server = start(with_file(path.clone(), &[JwtAlgorithm::EdDSA])).await;
    let becomes = async |signer: &Signer, status: u16| {
        for _ in 0..100 {
            if call(&signer.token()).send(&server).await.status == status {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("`{}` never became {status}", signer.kid);
    };
    becomes(&old, 200).await;
    assert_eq!(call(&new.token()).send(&server).await.status, 401);
    publish(&path, &[&old, &new]);
    becomes(&new, 200).await;
    becomes(&old, 200).await;
    publish(&path, &[&new]);
    becomes(&old, 401).await;
    std::fs::write(&path, "{\"keys\":").expect("written");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    becomes(&new, 200).await;
    std::fs::remove_file(&path).expect("removed");
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    becomes(&new, 200).await;
    publish(&path, &[&old]);
    becomes(&old, 200).await;
    becomes(&new, 401).await;
}
