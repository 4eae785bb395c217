//! `WWW-Authenticate`: what a caller has to show (RFC 6750, A2, A6).

/// Writes challenges for one server.
#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    realm: String,
}

impl Challenge {
    pub(crate) fn new(server: &str) -> Self {
        Self { realm: quoted(server) }
    }

    /// For a request without a credential: no error, since nothing was wrong.
    pub(crate) fn missing(&self) -> String {
        format!("Bearer realm=\"{}\"", self.realm)
    }

    /// For a credential that is not accepted.
    pub(crate) fn invalid(&self, why: &str) -> String {
        format!("Bearer realm=\"{}\", error=\"invalid_token\", error_description=\"{}\"", self.realm, quoted(why))
    }

    /// For a caller who is known and not allowed.
    pub(crate) fn insufficient(&self, scopes: &[String]) -> String {
        let scopes: Vec<String> = scopes.iter().map(|scope| quoted(scope)).collect();
        match scopes.as_slice() {
            [] => format!("Bearer realm=\"{}\", error=\"insufficient_scope\"", self.realm),
            _ => {
                format!("Bearer realm=\"{}\", error=\"insufficient_scope\", scope=\"{}\"", self.realm, scopes.join(" "))
            }
        }
    }
}

/// What may stand between quotes in a header; anything else is left out.
fn quoted(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_breaks_out_of_the_quotes() {
        let challenge = Challenge::new("a\"b\\c\r\nd\u{e9}");
        assert_eq!(challenge.missing(), "Bearer realm=\"abcd\"");
        let scopes = ["read\", x=\"y".to_owned(), "write".to_owned()];
        assert_eq!(
            challenge.insufficient(&scopes),
            "Bearer realm=\"abcd\", error=\"insufficient_scope\", scope=\"read, x=y write\""
        );
    }
}
