//! The table of vendors' formats, and the one pass that finds their beginnings.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::{Proof, Secret, aws, entropy::looks_random, jwt, pem, placeholders::placeholder, url};
use crate::checksum;

/// A token: a prefix that gives it away and a run of characters of one alphabet.
struct Token {
    prefix: &'static str,
    kind: &'static str,
    alphabet: fn(u8) -> bool,
    /// Least and greatest number of characters after the prefix.
    length: (usize, usize),
    /// What the characters after the prefix must fulfil to be called a secret.
    proof: fn(&str) -> bool,
}

/// What a literal in the text may begin.
enum Start {
    Token(Token),
    /// A format with a shape of its own: its literal, and what finds it around the place of that literal.
    Special(&'static str, fn(&str, usize, Proof) -> Option<Secret>),
}

/// Longer runs are data, not tokens. Also keeps the work per beginning constant.
const LONGEST_RUN: usize = 520;

static AUTOMATON: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(STARTS.iter().map(Start::literal)).expect("the literals are few and constant"));

/// Adds every well-known shape in `text` to `found`; ranges may overlap.
pub(super) fn find(text: &str, proof: Proof, found: &mut Vec<Secret>) {
    for hit in AUTOMATON.find_overlapping_iter(text) {
        match &STARTS[hit.pattern().as_usize()] {
            Start::Token(token) => found.extend(token.at(text, hit.start(), proof)),
            Start::Special(_, find) => found.extend(find(text, hit.start(), proof)),
        }
    }
    aws::secrets_beside_ids(text, found);
}

impl Start {
    fn literal(&self) -> &'static str {
        match self {
            Self::Token(token) => token.prefix,
            Self::Special(literal, _) => literal,
        }
    }
}

impl Token {
    fn at(&self, text: &str, start: usize, proof: Proof) -> Option<Secret> {
        let body_at = start + self.prefix.len();
        let (least, greatest) = self.length;
        let alone = begins_word(text, start);
        // A full stop or a dash at the end belongs to the sentence.
        let body = run(text, body_at, self.alphabet).trim_end_matches(['.', '-', '=']);
        let (accepted, end) = match proof {
            Proof::Full => (alone && body.len() <= greatest && (self.proof)(body), body_at + body.len()),
            // What is glued to a token is taken with it. `sk-` alone is too common to redact any word after it.
            Proof::Shape => (
                (alone && self.prefix != "sk-") || ((alone || body.len() <= greatest) && looks_random(body)),
                body_at + body.len().max(run(text, body_at, word).len()),
            ),
        };
        (body.len() >= least && accepted).then_some(Secret { kind: self.kind, range: start..end })
    }
}

/// Whether no word goes on at `start`, so that `task-…` does not begin `sk-`.
pub(super) fn begins_word(text: &str, start: usize) -> bool {
    match text.as_bytes()[..start].last() {
        None => true,
        // After an escape in source text, such as `\nghp_…`, the letter belongs to the escape.
        Some(b'n' | b't' | b'r') if start >= 2 && text.as_bytes()[start - 2] == b'\\' => true,
        Some(byte) => !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-'),
    }
}

/// The run of `alphabet`, which is ASCII, from `start`, as long as a token can be.
pub(super) fn run(text: &str, start: usize, alphabet: fn(u8) -> bool) -> &str {
    bounded_run(text, start, alphabet, LONGEST_RUN)
}

/// The run of `alphabet`, which is ASCII, from `start`, as long as a web token with many claims can be.
pub(super) fn long_run(text: &str, start: usize, alphabet: fn(u8) -> bool) -> &str {
    bounded_run(text, start, alphabet, 8 * 1024)
}

fn bounded_run(text: &str, start: usize, alphabet: fn(u8) -> bool, longest: usize) -> &str {
    let bytes = &text.as_bytes()[start..];
    let length = bytes.iter().take(longest).take_while(|byte| alphabet(**byte)).count();
    &text[start..start + length]
}

fn alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn dotted(byte: u8) -> bool {
    word(byte) || byte == b'.'
}

fn base64(byte: u8) -> bool {
    word(byte) || matches!(byte, b'+' | b'/' | b'=')
}

fn path(byte: u8) -> bool {
    word(byte) || byte == b'/'
}

fn hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn base32(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7')
}

/// Random, and nobody's example.
fn random(body: &str) -> bool {
    looks_random(body) && !placeholder(body)
}

fn slack(body: &str) -> bool {
    let parts: Vec<&str> = body.split('-').collect();
    let digits = |part: &&str| part.len() >= 9 && part.bytes().all(|byte| byte.is_ascii_digit());
    let numbered = parts.first().is_some_and(digits);
    let last = parts.last().copied().unwrap_or_default();
    parts.len() >= 3 && numbered && last.len() >= 24 && last.bytes().all(alnum) && random(last)
}

fn slack_app(body: &str) -> bool {
    body.rsplit('-').next().is_some_and(|last| last.len() == 64 && last.bytes().all(hex) && random(last))
}

fn slack_webhook(body: &str) -> bool {
    match body.split('/').collect::<Vec<_>>()[..] {
        [team, hook, secret] => {
            team.starts_with('T') && hook.starts_with('B') && secret.len() == 24 && !placeholder(team) && random(secret)
        }
        _ => false,
    }
}

fn openai(body: &str) -> bool {
    // The middle is "OpenAI" in base64: a mark put there for scanners.
    let mut parts = body.split("T3BlbkFJ");
    match (parts.next(), parts.next(), parts.next()) {
        (Some(before), Some(after), None) => {
            before.len() >= 20 && after.len() >= 20 && random(after) && !placeholder(before)
        }
        _ => false,
    }
}

fn anthropic(body: &str) -> bool {
    body.split_once('-').is_some_and(|(kind, rest)| {
        kind.len() == 5 && kind.ends_with(|c: char| c.is_ascii_digit()) && rest.len() >= 80 && random(rest)
    })
}

fn pypi(body: &str) -> bool {
    // A macaroon of version 2 whose location is the package index or its test index.
    (body.starts_with("AgEIcHlwaS5vcmc") || body.starts_with("AgENdGVzdC5weXBpLm9yZw")) && !placeholder(body)
}

fn gitlab(body: &str) -> bool {
    let parts: Vec<&str> = body.split('.').collect();
    match parts[..] {
        [body] => body.len() == 20 && random(body),
        // Routable tokens: payload, two characters of length, seven of checksum.
        [payload, length, end] => payload.len() >= 27 && length.len() == 2 && end.len() == 9 && random(payload),
        [payload, end] => payload.len() >= 27 && end.len() == 9 && random(payload),
        _ => false,
    }
}

fn sendgrid(body: &str) -> bool {
    body.split_once('.').is_some_and(|(id, secret)| id.len() == 22 && secret.len() == 43 && random(secret))
}

fn github_fine_grained(body: &str) -> bool {
    body.split_once('_').is_some_and(|(id, secret)| id.len() == 22 && secret.len() == 59 && random(secret))
}

fn google(body: &str) -> bool {
    body.len() == 35 && random(body)
}

fn own(body: &str) -> bool {
    checksum::holds(&format!("mcps_{body}"))
}

fn aws_id(body: &str) -> bool {
    body.len() == 16 && !placeholder(body)
}

fn never(_: &str) -> bool {
    false
}

const fn token(
    prefix: &'static str,
    kind: &'static str,
    alphabet: fn(u8) -> bool,
    length: (usize, usize),
    proof: fn(&str) -> bool,
) -> Start {
    Start::Token(Token { prefix, kind, alphabet, length, proof })
}

/// Every format, by vendor. A row whose proof is [`never`] is redacted, but nobody is accused of leaking it.
#[rustfmt::skip] // A table reads by columns.
static STARTS: &[Start] = &[
    Start::Special("-----BEGIN ", pem::at),
    Start::Special("://", url::at),
    Start::Special("eyJ", jwt::at),
    token("mcps_", "mcpsec API key", word, (37, 37), own),
    token("ghp_", "GitHub token", alnum, (36, 36), checksum::holds),
    token("gho_", "GitHub token", alnum, (36, 36), checksum::holds),
    token("ghu_", "GitHub token", alnum, (36, 36), checksum::holds),
    token("ghs_", "GitHub token", alnum, (36, 36), checksum::holds),
    token("ghr_", "GitHub token", alnum, (36, 36), checksum::holds),
    token("github_pat_", "GitHub token", word, (82, 82), github_fine_grained),
    token("npm_", "npm token", alnum, (36, 36), checksum::holds),
    token("pypi-", "PyPI token", word, (70, 250), pypi),
    token("glpat-", "GitLab token", dotted, (20, 400), gitlab),
    token("glptt-", "GitLab token", hex, (40, 40), random),
    token("gldt-", "GitLab token", dotted, (20, 400), gitlab),
    token("glrt-", "GitLab token", dotted, (20, 400), gitlab),
    token("xoxb-", "Slack token", word, (40, 250), slack),
    token("xoxp-", "Slack token", word, (40, 250), slack),
    token("xoxa-", "Slack token", word, (40, 250), slack),
    token("xoxr-", "Slack token", word, (40, 250), slack),
    token("xoxs-", "Slack token", word, (40, 250), slack),
    token("xapp-1-", "Slack token", word, (80, 250), slack_app),
    token("hooks.slack.com/services/", "Slack webhook", path, (40, 60), slack_webhook),
    token("AKIA", "AWS access key id", base32, (16, 16), aws_id),
    token("ASIA", "AWS access key id", base32, (16, 16), aws_id),
    token("sk_live_", "Stripe key", alnum, (24, 250), random),
    token("rk_live_", "Stripe key", alnum, (24, 250), random),
    token("sk_test_", "Stripe test key", alnum, (24, 250), never),
    token("rk_test_", "Stripe test key", alnum, (24, 250), never),
    token("whsec_", "webhook secret", base64, (32, 100), random),
    token("sk-", "OpenAI key", word, (40, 250), openai),
    token("sk-ant-", "Anthropic key", word, (80, 130), anthropic),
    token("sk-or-v1-", "OpenRouter key", hex, (64, 64), random),
    token("AIza", "Google API key", word, (35, 35), google),
    token("GOCSPX-", "Google OAuth client secret", word, (28, 28), random),
    token("ya29.", "Google access token", word, (60, 500), random),
    token("SG.", "SendGrid key", dotted, (66, 66), sendgrid),
    token("hf_", "Hugging Face token", alnum, (34, 34), random),
    token("gsk_", "Groq key", alnum, (52, 52), random),
    token("xai-", "xAI key", alnum, (80, 80), random),
    token("r8_", "Replicate token", alnum, (37, 37), random),
    token("dop_v1_", "DigitalOcean token", hex, (64, 64), random),
    token("doo_v1_", "DigitalOcean token", hex, (64, 64), random),
    token("dor_v1_", "DigitalOcean token", hex, (64, 64), random),
    token("SK", "Twilio key", hex, (32, 32), random),
    token("shpat_", "Shopify token", hex, (32, 32), random),
    token("shpss_", "Shopify secret", hex, (32, 32), random),
    token("dapi", "Databricks token", hex, (32, 32), random),
    token("lin_api_", "Linear key", alnum, (40, 40), random),
    token("ntn_", "Notion token", alnum, (46, 46), random),
    token("hvs.", "Vault token", word, (90, 200), random),
    token("dckr_pat_", "Docker token", word, (27, 27), random),
    token("rubygems_", "RubyGems key", hex, (48, 48), random),
    token("figd_", "Figma token", word, (40, 60), random),
    token("PMAK-", "Postman key", word, (59, 59), random),
    token("glsa_", "Grafana token", word, (41, 41), random),
    token("sbp_", "Supabase token", hex, (40, 40), random),
    token("ATATT3", "Atlassian token", base64, (100, 250), random),
    token("AGE-SECRET-KEY-1", "age secret key", alnum, (58, 58), random),
];

#[cfg(test)]
mod tests {
    use super::{STARTS, Start};

    #[test]
    fn no_two_rows_have_the_same_prefix() {
        let mut literals: Vec<_> = STARTS.iter().map(Start::literal).collect();
        literals.sort_unstable();
        let count = literals.len();
        literals.dedup();
        assert_eq!(literals.len(), count);
    }
}
