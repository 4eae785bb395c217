//! How a client without a token finds out where to get one, and one with too little what to ask for.

use mcpsec_policy::{Policy, model::Jwt};
use serde_json::{Value, json};

use crate::{
    issuer::{NAME, Signer, call, claims, with_secrets},
    support::{Request, start},
};

const SECRET: &str = "8f1c02d97ab34e65c0f7d1293b84ae5f60c7d2e91b3f4a8857e6d0c1b2a39f84";
const RESOURCE: &str = "https://mcp.example/team/mcp";
const METADATA: &str = "resource_metadata=\"https://mcp.example/.well-known/oauth-protected-resource/team/mcp\"";

fn policy() -> Policy {
    let mut policy = with_secrets(&[SECRET]);
    policy.auth.jwt = policy.auth.jwt.map(|jwt| Jwt {
        resource: Some(RESOURCE.to_owned()),
        authorization_servers: vec![NAME.to_owned()],
        scopes_supported: vec!["all".to_owned()],
        ..jwt
    });
    policy
}

#[tokio::test]
async fn the_metadata_is_at_both_well_known_places_and_needs_no_token() {
    let server = start(policy()).await;
    let root = "/.well-known/oauth-protected-resource";
    for path in [root.to_owned(), format!("{root}/team/mcp"), format!("{root}/mcp")] {
        let reply = Request::get(&path).send(&server).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")), "{reply:?}");
        let document: Value = serde_json::from_str(&reply.body).expect("JSON");
        assert_eq!(
            document,
            json!({
                "resource": RESOURCE,
                "resource_name": "under test",
                "authorization_servers": [NAME],
                "bearer_methods_supported": ["header"],
                "scopes_supported": ["all"],
            })
        );
    }
    for path in [format!("{root}/other"), format!("{root}/"), "/.well-known/x".to_owned()] {
        assert_eq!(Request::get(&path).send(&server).await.status, 404, "{path}");
    }
    assert_eq!(Request::get(root).line(&format!("POST {root} HTTP/1.1")).send(&server).await.status, 404);
    assert_eq!(Request::get(root).header("origin", "https://evil.example").send(&server).await.status, 403);
    // Who has not named the server has no metadata to show.
    let server = start(with_secrets(&[SECRET])).await;
    assert_eq!(Request::get(root).send(&server).await.status, 404);
}

#[tokio::test]
async fn every_challenge_leads_to_the_metadata() {
    let mut policy = policy();
    policy.access.rules[0].who = vec!["scope:admin".to_owned(), "scope:write".to_owned()];
    policy.access.scopes.insert("admin".to_owned(), vec!["write".to_owned()]);
    let server = start(policy).await;
    let challenge = async |request: Request, status: u16| {
        let reply = request.send(&server).await;
        assert_eq!(reply.status, status, "{reply:?}");
        reply.header("www-authenticate").expect("a challenge").to_owned()
    };
    let post = Request::post(crate::support::call(1, json!({}))).modern();
    assert_eq!(challenge(post, 401).await, format!("Bearer realm=\"under test\", {METADATA}"));
    let invalid = challenge(call("a.b.c"), 401).await;
    assert!(invalid.contains("error=\"invalid_token\"") && invalid.ends_with(METADATA), "{invalid}");
    let issuer = Signer::secret(SECRET);
    let little = challenge(call(&issuer.token()), 403).await;
    assert_eq!(
        little,
        format!("Bearer realm=\"under test\", error=\"insufficient_scope\", scope=\"write\", {METADATA}")
    );
    // What the challenge names is enough, and so is what includes it.
    for scope in ["write", "admin"] {
        let token = issuer.sign(&claims(json!({ "scope": scope })));
        assert_eq!(call(&token).send(&server).await.status, 200, "{scope}");
    }
}
