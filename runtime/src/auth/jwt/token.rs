//! A token's form, looked at before any key is: what is refused here costs no signature.
//!
//! `jwk`, `jku`, `x5u` and `x5c` in the header are the caller's words about which key to trust, and are never read. It
//! does **not** read encrypted tokens (five parts), and no unencoded payload (`b64`, which needs `crit`).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::strict;

/// Longer tokens are refused unread: what fits in a header line has half of this.
const LONGEST: usize = 16 * 1024;
/// Longest name of a key.
const LONGEST_KID: usize = 256;

/// Why a token is not accepted. For our log; the caller learns of `Expired` and `Early` and no more.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is longer than {LONGEST} bytes")]
    Long,
    #[error("it does not have three parts in base64url")]
    Shape,
    #[error("its header is not an object with each name once")]
    Header,
    #[error("its algorithm is not in `auth.jwt.algorithms`")]
    Algorithm,
    #[error("it demands an extension (`crit`) that nobody here knows")]
    Critical,
    #[error("its header has a `kid` that is no short text")]
    KeyName,
    #[error("its `typ` is another")]
    Type,
    #[error("no key of the issuer has its name and algorithm")]
    NoKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("its claims are not an object with each name once")]
    Claims,
    #[error("it is bound to a key (`cnf`), which nothing here would check")]
    Bound,
    #[error("it has no `exp`, or a time that is no number")]
    Time,
    #[error("it has expired")]
    Expired,
    #[error("it is not yet valid")]
    Early,
    #[error("another issuer made it")]
    Issuer,
    #[error("it was made for another server")]
    Audience,
    #[error("the claim that names the caller is missing or no printable text")]
    Subject,
}

/// A token whose form is right. Nothing in it is proven.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
    /// What is signed: header and claims as they were sent.
    pub(super) signed: &'a str,
    pub(super) signature: &'a str,
    claims: &'a str,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    pub(super) fn parse(text: &'a str, algorithms: &[Algorithm], token_type: Option<&str>) -> Result<Self, Fault> {
        if LONGEST < text.len() {
            return Err(Fault::Long);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(Fault::Shape)?;
        let (header, claims) = signed.split_once('.').ok_or(Fault::Shape)?;
        if claims.contains('.') || [header, claims, signature].iter().any(|part| part.is_empty()) {
            return Err(Fault::Shape);
        }
        let header = decode(header).ok_or(Fault::Shape)?;
        let header = strict::object(&header).ok_or(Fault::Header)?;
        let algorithm = header.get("alg").and_then(Value::as_str).and_then(|name| name.parse().ok());
        let algorithm = algorithm.filter(|algorithm| algorithms.contains(algorithm)).ok_or(Fault::Algorithm)?;
        if header.contains_key("crit") {
            return Err(Fault::Critical);
        }
        check_type(header.get("typ"), token_type)?;
        Ok(Self { algorithm, kid: kid(&header)?, signed, signature, claims })
    }

    /// The claims. Call it after the signature was found good.
    pub(super) fn claims(&self) -> Result<Map<String, Value>, Fault> {
        decode(self.claims).and_then(|bytes| strict::object(&bytes)).ok_or(Fault::Claims)
    }
}

/// Base64url without padding, in its one canonical form.
fn decode(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

fn kid(header: &Map<String, Value>) -> Result<Option<String>, Fault> {
    match header.get("kid") {
        None => Ok(None),
        Some(Value::String(kid)) if kid.len() <= LONGEST_KID && !kid.chars().any(char::is_control) => {
            Ok(Some(kid.clone()))
        }
        Some(_) => Err(Fault::KeyName),
    }
}

/// Tokens of other kinds (`logout+jwt`) are signed with the same keys and mean something else (RFC 8725 3.11).
fn check_type(shown: Option<&Value>, wanted: Option<&str>) -> Result<(), Fault> {
    let short = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.strip_prefix("application/").map(str::to_owned).unwrap_or(name)
    };
    let fits = match (shown, wanted) {
        (None, None) => true,
        (Some(Value::String(shown)), None) => matches!(short(shown).as_str(), "jwt" | "at+jwt"),
        (Some(Value::String(shown)), Some(wanted)) => short(shown) == short(wanted),
        _ => false,
    };
    if fits { Ok(()) } else { Err(Fault::Type) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(header: &str, wanted: Option<&str>) -> Result<Option<String>, Fault> {
        let text = format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(header));
        Token::parse(&text, &[Algorithm::ES256], wanted).map(|token| token.kid)
    }

    #[test]
    fn a_header_says_little_and_nothing_twice() {
        let check = |header: &str, expected| assert_eq!(parse(header, None), expected, "{header}");
        check(r#"{"alg":"ES256"}"#, Ok(None));
        check(r#"{"alg":"ES256","typ":"at+JWT","kid":"a"}"#, Ok(Some("a".to_owned())));
        check(r#"{"alg":"ES256","jku":"https://evil.example","x5u":"https://evil.example","jwk":{}}"#, Ok(None));
        for alg in ["none", "None", "HS256", "es256", "", "RS256", "ES256 "] {
            check(&format!(r#"{{"alg":"{alg}"}}"#), Err(Fault::Algorithm));
        }
        check("{}", Err(Fault::Algorithm));
        check(r#"{"alg":["ES256"]}"#, Err(Fault::Algorithm));
        check(r#"{"alg":"ES256","alg":"none"}"#, Err(Fault::Header));
        check("[]", Err(Fault::Header));
        check(r#"{"alg":"ES256","crit":["exp"]}"#, Err(Fault::Critical));
        check(r#"{"alg":"ES256","crit":[]}"#, Err(Fault::Critical));
        check(r#"{"alg":"ES256","kid":1}"#, Err(Fault::KeyName));
        check(r#"{"alg":"ES256","kid":"a\n"}"#, Err(Fault::KeyName));
        check(&format!(r#"{{"alg":"ES256","kid":"{}"}}"#, "k".repeat(257)), Err(Fault::KeyName));
        check(r#"{"alg":"ES256","typ":"logout+jwt"}"#, Err(Fault::Type));
        check(r#"{"alg":"ES256","typ":null}"#, Err(Fault::Type));
    }

    #[test]
    fn a_type_that_is_asked_for_has_to_be_there() {
        for (typ, fits) in [("at+jwt", true), ("application/AT+jwt", true), ("JWT", false)] {
            let header = format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#);
            assert_eq!(parse(&header, Some("at+jwt")).is_ok(), fits, "{typ}");
        }
        assert_eq!(parse(r#"{"alg":"ES256"}"#, Some("at+jwt")), Err(Fault::Type));
    }

    #[test]
    fn three_parts_and_no_more_than_so_many_bytes() {
        for text in ["", ".", "..", "a.b", "a.b.c.d", "e30.e30.", "e30..c2ln", "e30=.e30.c2ln", "e3 .e30.c2ln"] {
            assert_eq!(Token::parse(text, &[], None).err(), Some(Fault::Shape), "{text}");
        }
        let long = "a".repeat(LONGEST + 1);
        assert_eq!(Token::parse(&long, &[], None).err(), Some(Fault::Long));
        assert_eq!(Token::parse(&long[1..], &[], None).err(), Some(Fault::Shape));
    }
}
