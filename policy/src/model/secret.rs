//! A secret that the policy names and the environment holds: never shown, never weak.

use std::fmt;

use crate::{
    read::{Field, Reader},
    values,
};

/// A secret for HS256 is as long as its output (RFC 7518 3.2).
const SHORTEST: usize = 32;
/// What to do about a weak one.
pub(super) const HELP: &str = "make one with `openssl rand -base64 48`";
/// Parts of secrets that documentation, tutorials and tools print.
const WELL_KNOWN: [&str; 6] = ["your-", "secret", "changeme", "change-me", "password", "0123456789"];

/// A secret. `Debug` does not show it.
#[derive(Clone, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the code that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

/// Whether a machine can have drawn this secret. Says what is wrong without repeating it.
pub(crate) fn check(text: &str) -> Result<(), String> {
    if text.len() < SHORTEST {
        return Err(format!("has less than {SHORTEST} bytes: such a secret can be found by trying"));
    }
    let lower = text.to_ascii_lowercase();
    if WELL_KNOWN.iter().any(|known| lower.contains(known)) {
        return Err("is a value that others know or guess".to_owned());
    }
    let repeats =
        (1..=text.len() / 2).any(|period| text.as_bytes()[period..] == text.as_bytes()[..text.len() - period]);
    if repeats || !mixed(text.as_bytes()) {
        return Err("does not look random: such a secret can be found by trying".to_owned());
    }
    Ok(())
}

/// Least entropy that the characters of a secret have to show, in bits. Drawn ones of 32 characters show more.
const LEAST_ENTROPY: f64 = 96.0;
/// How often at least a digit meets a letter, or a capital follows a small letter. In words they hardly do.
const LEAST_CHANGES: usize = 4;

/// Whether a text mixes characters as a machine does, and as people with words, dates and names do not.
fn mixed(bytes: &[u8]) -> bool {
    let changes = bytes.windows(2).filter(|pair| {
        pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic()
            || pair[0].is_ascii_alphabetic() && pair[1].is_ascii_digit()
            || pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()
    });
    let mut counts = [0_usize; 256];
    bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let total = bytes.len() as f64;
    let entropy: f64 =
        counts.iter().filter(|count| **count > 0).map(|count| *count as f64 * (total / *count as f64).log2()).sum();
    changes.count() >= LEAST_CHANGES && entropy >= LEAST_ENTROPY
}

/// A list of secrets, each as `${VARIABLE}`: a policy file is committed, shown and copied.
pub(super) fn list(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Vec<Secret>> {
    let items = values::items(reader, field, "a list of secrets")?;
    let secrets: Vec<_> = items.iter().map(|item| one(reader, item)).collect();
    secrets.into_iter().collect()
}

fn one(reader: &mut Reader<'_>, item: &Field<'_>) -> Option<Secret> {
    let named = item.value.as_str().is_none_or(|text| text.starts_with("${") && text.ends_with('}'));
    if !named {
        let message = format!("`{}`: a secret does not stand in a policy file", item.path);
        let problem = reader.problem(item.span.clone(), message);
        problem.help.push("put it into the environment and write `${NAME}` here".to_owned());
        if let Some(place) = &mut problem.place {
            place.source.clear();
            place.text.clear();
        }
        return None;
    }
    let text = values::text(reader, item)?;
    match check(&text) {
        Ok(()) => Some(Secret(text)),
        Err(why) => {
            let message = format!("`{}`: the secret {why}", item.path);
            reader.problem(item.span.clone(), message).help.push(HELP.to_owned());
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, check};

    #[test]
    fn drawn_secrets_pass_and_others_do_not() {
        for _ in 0..2_000 {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).expect("randomness");
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(check(&hex), Ok(()), "{hex}");
            let letters: String = bytes
                .iter()
                .map(|byte| {
                    char::from(
                        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[usize::from(byte % 64)],
                    )
                })
                .collect();
            let letters = format!("{letters}{}", &hex[..11]);
            assert_eq!(check(&letters), Ok(()), "{letters}");
        }
        for weak in [
            "",
            "k3J9x0Qw7Zr5Tn8Vb2Lm6Yp4Hs1Gd0F",
            "your-256-bit-secret-your-256-bit-secret",
            "a-string-secret-at-least-256-bits-long",
            "correct horse battery staple and some more words",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "k3J9x0Qw7Zr5Tn8Vk3J9x0Qw7Zr5Tn8V",
            "12345678901234567890123456789012",
            "changemechangemechangemechangeme1Az",
        ] {
            assert!(check(weak).is_err(), "{weak}");
        }
    }

    #[test]
    fn debug_output_does_not_show_it() {
        assert_eq!(format!("{:?}", Secret::new("k3J9x0Qw7Zr5")), "Secret(hidden)");
    }
}
