//! Calls that change things count once.

use mcpsec_policy::{Policy, model::Replay};
use serde_json::{Value, json};

use crate::support::{Key, Request, call, policy, start};

fn with(nonces: bool, tokens_once: bool) -> impl FnOnce(&mut Policy) {
    move |policy| policy.auth.replay = Replay { nonces, tokens_once, ..Replay::default() }
}

fn now() -> f64 {
    std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_secs_f64()
}

/// A call with these in its `_meta`.
fn marked(nonce: Value, time: Value) -> Request {
    let mut body = call(1, json!({ "text": "hello" }));
    body["params"]["_meta"]["io.github.mcpsec/nonce"] = nonce;
    body["params"]["_meta"]["io.github.mcpsec/time"] = time;
    Request::post(body).modern()
}

#[tokio::test]
async fn a_call_that_was_there_before_does_not_run_again() {
    let (ann, bob) = (Key::new(), Key::new());
    let mut policy = policy(&[&ann, &bob]);
    with(true, false)(&mut policy);
    let server = start(policy).await;
    let once = marked(json!("0123456789abcdef"), json!(now()));
    let runs = || server.handler.started.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(once.clone().key(&ann).send(&server).await.status, 200);
    let again = once.clone().key(&ann).send(&server).await;
    assert_eq!((again.status, runs()), (403, 1), "{again:?}");
    // A caller's nonces are its own.
    assert_eq!(once.key(&bob).send(&server).await.status, 200);
    for (nonce, time) in [
        (json!(null), json!(now())),
        (json!("0123456789abcdeX"), json!(null)),
        (json!("short"), json!(now())),
        (json!("x".repeat(129)), json!(now())),
        (json!("0123456789abcde f"), json!(now())),
        (json!(["0123456789abcdeX"]), json!(now())),
        (json!("0123456789abcdeX"), json!(now() - 310.0)),
        (json!("0123456789abcdeX"), json!(now() + 310.0)),
        (json!("0123456789abcdeX"), json!("now")),
        (json!("0123456789abcdeX"), json!(-1)),
        (json!("0123456789abcdeX"), json!(1e300)),
    ] {
        let reply = marked(nonce.clone(), time.clone()).key(&ann).send(&server).await;
        let message = reply.message();
        let refused = message.get("error").is_some() || message.pointer("/result/isError") == Some(&json!(true));
        assert!(refused && runs() == 2, "{nonce} {time}: {reply:?}");
    }
    assert_eq!(marked(json!("0123456789abcdeX"), json!(now() - 290.0)).key(&ann).send(&server).await.status, 200);
    // What changes nothing needs no nonce.
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": { "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} } } });
    let list = Request::post(list).header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/list");
    assert_eq!(list.key(&ann).send(&server).await.status, 200);
}

#[cfg(feature = "jwt")]
#[tokio::test]
async fn a_token_serves_for_one_call_that_changes_something() {
    use crate::issuer::{self, Signer, claims, with_secrets};
    const SECRET: &str = "8f1c02d97ab34e65c0f7d1293b84ae5f60c7d2e91b3f4a8857e6d0c1b2a39f84";
    let mut policy = with_secrets(&[SECRET]);
    with(false, true)(&mut policy);
    let server = start(policy).await;
    let signer = Signer::secret(SECRET);
    let token = |jti: Value| signer.sign(&claims(json!({ "jti": jti })));
    let first = token(json!("1"));
    assert_eq!(issuer::call(&first).send(&server).await.status, 200);
    assert_eq!(issuer::call(&first).send(&server).await.status, 403);
    // The same `jti` in another token is the same.
    assert_eq!(issuer::call(&token(json!("1"))).send(&server).await.status, 403);
    assert_eq!(issuer::call(&token(json!("2"))).send(&server).await.status, 200);
    assert_eq!(issuer::call(&token(json!(null))).send(&server).await.status, 403);
}
