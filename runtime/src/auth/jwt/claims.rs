//! What a token says once its signature is known to be good: for whom, until when, and who the caller is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mcpsec_policy::{Identity, ProvenBy, keys, model::Jwt};
use serde_json::{Map, Value};

use super::token::Fault;

/// Most scopes or roles that are taken over from one token.
const MOST_NAMES: usize = 256;
/// Longest name of a caller.
const LONGEST_SUBJECT: usize = 256;

/// What is asked of claims.
#[derive(Debug)]
pub(super) struct Rules {
    issuer: Option<String>,
    audience: Vec<String>,
    leeway: Duration,
    subject: String,
    scope: Option<String>,
    roles: Option<String>,
}

/// A caller, and when that ends to be true.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) identity: Identity,
    not_before: f64,
    expires: f64,
}

impl Rules {
    pub(super) fn new(jwt: &Jwt) -> Self {
        Self {
            issuer: jwt.issuer.clone(),
            audience: jwt.audience.clone(),
            leeway: jwt.leeway,
            subject: jwt.subject_claim.clone(),
            scope: jwt.scope_claim.clone(),
            roles: jwt.roles_claim.clone(),
        }
    }

    /// Who the caller is, if the token is for this server and its time is now.
    pub(super) fn judge(&self, claims: &Map<String, Value>, now: SystemTime) -> Result<Grant, Fault> {
        if claims.contains_key("cnf") {
            return Err(Fault::Bound);
        }
        if let Some(issuer) = &self.issuer
            && claims.get("iss").and_then(Value::as_str) != Some(issuer)
        {
            return Err(Fault::Issuer);
        }
        if !self.is_audience(claims.get("aud")) {
            return Err(Fault::Audience);
        }
        let expires = time(claims, "exp")?.ok_or(Fault::Time)?;
        let begins = [time(claims, "nbf")?, time(claims, "iat")?];
        let not_before = begins.into_iter().flatten().fold(0.0, f64::max);
        let identity = self.identity(claims)?;
        let mut identity = identity;
        identity.valid_until = UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(expires).map_err(|_| Fault::Time)?);
        let grant = Grant { identity, not_before, expires };
        self.judge_time(&grant, now)?;
        Ok(grant)
    }

    /// Whether the time of a token is now. A token ends in the second that `exp` names (RFC 7519 4.1.4).
    pub(super) fn judge_time(&self, grant: &Grant, now: SystemTime) -> Result<(), Fault> {
        let now = now.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        let leeway = self.leeway.as_secs_f64();
        if grant.expires + leeway <= now {
            return Err(Fault::Expired);
        }
        if now + leeway < grant.not_before {
            return Err(Fault::Early);
        }
        Ok(())
    }

    fn is_audience(&self, claim: Option<&Value>) -> bool {
        let is_ours = |value: &Value| value.as_str().is_some_and(|name| self.audience.iter().any(|ours| ours == name));
        match claim {
            Some(Value::Array(names)) => names.iter().any(is_ours),
            Some(name) => is_ours(name),
            None => false,
        }
    }

    fn identity(&self, claims: &Map<String, Value>) -> Result<Identity, Fault> {
        let subject = claim(claims, &self.subject).and_then(Value::as_str).filter(|name| is_name(name));
        let mut identity = Identity::new(format!("user:{}", subject.ok_or(Fault::Subject)?), ProvenBy::Jwt);
        let client = ["client_id", "azp"].iter().find_map(|name| claims.get(*name)?.as_str());
        identity.client = client.filter(|name| is_name(name)).map(str::to_owned);
        identity.credential = claims.get("jti").and_then(Value::as_str).filter(|id| is_name(id)).map(str::to_owned);
        let scopes = match &self.scope {
            Some(name) => claim(claims, name),
            None => claims.get("scope").or_else(|| claims.get("scp")),
        };
        identity.scopes = names(scopes).collect();
        identity.roles = names(self.roles.as_deref().and_then(|name| claim(claims, name))).collect();
        Ok(identity)
    }
}

/// A claim by its name, or by its path: `realm_access.roles`.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let mut steps = name.split('.');
    let first = claims.get(steps.next()?)?;
    steps.try_fold(first, |value, step| value.get(step))
}

/// Words of a text, or texts of a list; what no rule could name is left out.
fn names(value: Option<&Value>) -> impl Iterator<Item = String> {
    let words: Vec<&str> = match value {
        Some(Value::String(text)) => text.split(' ').collect(),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let words: Vec<String> =
        words.into_iter().filter(|name| keys::check_scope(name).is_ok()).take(MOST_NAMES).map(str::to_owned).collect();
    words.into_iter()
}

/// What can stand in rules, logs and audit without being taken for something else.
fn is_name(name: &str) -> bool {
    (1..=LONGEST_SUBJECT).contains(&name.len())
        && !name.chars().any(|c| c.is_control() || c.is_whitespace())
        && mcpsec_screen::hidden::find(name).is_empty()
}

/// Seconds since 1970; fractions are allowed.
fn time(claims: &Map<String, Value>, name: &str) -> Result<Option<f64>, Fault> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().filter(|time| 0.0 <= *time).map(Some).ok_or(Fault::Time),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: f64 = 1_800_000_000.0;

    fn rules() -> Rules {
        Rules {
            issuer: Some("https://i.example".to_owned()),
            audience: vec!["mcp".to_owned(), "https://mcp.example/mcp".to_owned()],
            leeway: Duration::from_secs(60),
            subject: "sub".to_owned(),
            scope: None,
            roles: Some("realm_access.roles".to_owned()),
        }
    }

    /// Good claims with `changes` in them; null takes one out.
    fn judge(changes: Value) -> Result<Identity, Fault> {
        let mut claims = json!({ "iss": "https://i.example", "aud": "mcp", "sub": "ann", "exp": NOW + 10.0 });
        for (name, value) in changes.as_object().expect("an object") {
            match value {
                Value::Null => claims.as_object_mut().and_then(|claims| claims.remove(name)),
                value => claims.as_object_mut().and_then(|claims| claims.insert(name.clone(), value.clone())),
            };
        }
        let now = UNIX_EPOCH + Duration::from_secs_f64(NOW);
        rules().judge(claims.as_object().expect("an object"), now).map(|grant| grant.identity)
    }

    #[test]
    fn time_is_bounded_on_both_sides_with_leeway() {
        let check = |changes: Value, expected| assert_eq!(judge(changes.clone()).err(), expected, "{changes}");
        check(json!({ "exp": NOW - 59.0 }), None);
        check(json!({ "exp": NOW - 60.0 }), Some(Fault::Expired));
        check(json!({ "exp": null }), Some(Fault::Time));
        check(json!({ "exp": "1900000000" }), Some(Fault::Time));
        check(json!({ "exp": -1 }), Some(Fault::Time));
        check(json!({ "nbf": NOW + 60.0 }), None);
        check(json!({ "nbf": NOW + 61.0 }), Some(Fault::Early));
        check(json!({ "iat": NOW + 61.0 }), Some(Fault::Early));
        check(json!({ "nbf": "soon" }), Some(Fault::Time));
    }

    #[test]
    fn issuer_and_audience_are_compared_whole() {
        let check = |changes: Value, expected| assert_eq!(judge(changes.clone()).err(), expected, "{changes}");
        for issuer in
            [json!(null), json!("https://i.example/"), json!("https://I.example"), json!(["https://i.example"])]
        {
            check(json!({ "iss": issuer }), Some(Fault::Issuer));
        }
        check(json!({ "aud": ["other", "mcp"] }), None);
        check(json!({ "aud": "https://mcp.example/mcp" }), None);
        for audience in [json!(null), json!("mc"), json!("mcp2"), json!([]), json!([["mcp"]]), json!({ "mcp": 1 })] {
            check(json!({ "aud": audience }), Some(Fault::Audience));
        }
    }

    #[test]
    fn a_caller_has_a_name_that_can_be_printed() {
        assert_eq!(judge(json!({})).expect("good").subject, "user:ann");
        for name in
            [json!(null), json!(""), json!(7), json!("a b"), json!("a\u{200b}"), json!("a\n"), json!("a".repeat(257))]
        {
            assert_eq!(judge(json!({ "sub": name })).err(), Some(Fault::Subject), "{name}");
        }
    }

    #[test]
    fn scopes_roles_and_client_come_from_their_claims() {
        let scopes = |changes: Value| judge(changes).expect("good").scopes.into_iter().collect::<Vec<_>>();
        assert_eq!(scopes(json!({ "scope": "write read  read" })), ["read", "write"]);
        assert_eq!(scopes(json!({ "scp": ["read", 1, "a\"b", "*"] })), ["read"]);
        assert_eq!(scopes(json!({ "scope": "read", "scp": ["admin"] })), ["read"]);
        let caller =
            judge(json!({ "azp": "app", "realm_access": { "roles": ["ops"] }, "roles": ["root"] })).expect("good");
        assert_eq!((caller.client.as_deref(), caller.roles.len()), (Some("app"), 1));
        assert!(caller.roles.contains("ops"));
    }
}
