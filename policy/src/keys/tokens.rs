//! The token file: a line for each caller, `NAME:TOKEN` or `NAME:sha256:HASH`, and perhaps `:SCOPE SCOPE ...`.
//!
//! For programs on the same machine and for what has no issuer and no `mcpsec key`. Only the owner may read the file,
//! since a token may stand in it as it is; a hash is better. It does **not** know when a token ends: take the line out.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use super::{PREFIX, check_scope, file};
use crate::{Identity, ProvenBy, model::check_secret};

/// What stands before a hash.
const HASHED: &str = "sha256:";

/// The tokens that a server accepts, by their hash.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenStore {
    holders: BTreeMap<[u8; 32], (String, BTreeSet<String>)>,
}

impl TokenStore {
    /// Reads the token file at `path`.
    ///
    /// # Errors
    ///
    /// When others than its owner can read or write it, and where a line is no token. Says which, and repeats no token.
    pub fn open(path: &Path) -> Result<Self, String> {
        let text = file::read_private(path).map_err(|error| format!("`{}`: {error}", path.display()))?;
        Self::parse(&text).map_err(|why| format!("`{}`: {why}", path.display()))
    }

    /// Reads the text of a token file.
    ///
    /// # Errors
    ///
    /// Names the first line that is none, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut store = Self::default();
        for (number, line) in (1_usize..).zip(text.lines()).filter(|(_, line)| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with('#')
        }) {
            store.add(line.trim()).map_err(|why| format!("line {number}: {why}"))?;
        }
        match store.holders.is_empty() {
            true => Err("there is no token in it".to_owned()),
            false => Ok(store),
        }
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let (name, rest) = line.split_once(':').ok_or("expected `NAME:TOKEN` or `NAME:sha256:HASH`")?;
        check_scope(name).map_err(|_| "a name is a word of ASCII letters, digits and signs".to_owned())?;
        let (hash, scopes) = match rest.strip_prefix(HASHED) {
            Some(rest) => {
                let (hash, scopes) = rest.split_once(':').unwrap_or((rest, ""));
                (digest(hash).ok_or("a SHA-256 has 64 hexadecimal digits")?, scopes)
            }
            None => {
                let (token, scopes) = rest.split_once(':').unwrap_or((rest, ""));
                check(token)?;
                (Sha256::digest(token.as_bytes()).into(), scopes)
            }
        };
        let scopes: BTreeSet<String> = scopes.split_whitespace().map(str::to_owned).collect();
        scopes.iter().try_for_each(|scope| check_scope(scope))?;
        if self.holders.values().any(|(known, _)| known == name) {
            return Err(format!("the name `{name}` is there twice"));
        }
        match self.holders.insert(hash, (name.to_owned(), scopes)) {
            Some(_) => Err("this token is there twice".to_owned()),
            None => Ok(()),
        }
    }

    /// Who holds the presented token. It is looked up by its hash, so time tells nothing about it.
    pub fn verify(&self, presented: &str) -> Option<Identity> {
        let hash: [u8; 32] = Sha256::digest(presented.as_bytes()).into();
        let (name, scopes) = self.holders.get(&hash)?;
        Some(Identity::new(format!("token:{name}"), ProvenBy::Token).with_scopes(scopes.iter().cloned()))
    }
}

/// Whether this can be told from keys and signed tokens, fits a header, and cannot be guessed.
fn check(token: &str) -> Result<(), String> {
    if token.starts_with(PREFIX) || !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_~+/=".contains(&byte))
    {
        return Err("a token has letters, digits and `-_~+/=`, and does not begin with `mcps_`".to_owned());
    }
    check_secret(token).map_err(|why| format!("the token {why}; make one with `openssl rand -base64 32`"))
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let nibbles: Vec<u8> =
        text.chars().map(|c| c.to_digit(16).and_then(|it| u8::try_from(it).ok())).collect::<Option<_>>()?;
    let bytes: Vec<u8> = nibbles.chunks(2).map(|pair| pair.iter().fold(0, |byte, nibble| byte * 16 + nibble)).collect();
    bytes.try_into().ok().filter(|_| nibbles.len() == 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "q8Zr1Lk0Vw3Xy6Bn9Tm2Pd5Fh7Jc4GsA+/u1";

    fn hex(text: &str) -> String {
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn a_line_in_either_form_proves_its_holder() {
        for line in [format!("ci:{TOKEN}:read write"), format!("ci:sha256:{}:read write", hex(TOKEN))] {
            let store = TokenStore::parse(&format!("# robots\n\n{line}\n")).expect("valid");
            let identity = store.verify(TOKEN).expect("known");
            assert_eq!((identity.subject.as_str(), identity.scopes.len()), ("token:ci", 2));
            assert_eq!(store.verify(&TOKEN[1..]), None);
            assert_eq!(store.verify(""), None);
            assert!(!format!("{store:?}").contains(TOKEN));
        }
        assert!(
            TokenStore::parse(&format!("ci:{TOKEN}")).expect("valid").verify(TOKEN).expect("known").scopes.is_empty()
        );
    }

    #[test]
    fn what_is_no_token_is_refused_with_its_line_and_not_repeated() {
        for line in [
            "ci".to_owned(),
            format!(":{TOKEN}"),
            format!("c i:{TOKEN}"),
            "ci:".to_owned(),
            "ci:ops-readonly".to_owned(),
            "ci:a.b.c".to_owned(),
            format!("ci:{}", "ab".repeat(20)),
            "ci:sha256:abcd".to_owned(),
            format!("ci:{TOKEN}:a\"b"),
            format!("other:{TOKEN}"),
            format!("first:{}", TOKEN.replace('q', "w")),
        ] {
            let error = TokenStore::parse(&format!("first:{TOKEN}\n{line}")).expect_err(&line);
            assert!(error.starts_with("line 2: ") && !error.contains(&TOKEN[1..]), "{line}: {error}");
        }
        assert!(TokenStore::parse("# nothing\n").is_err());
    }
}
