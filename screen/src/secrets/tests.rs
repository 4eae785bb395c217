use super::{assigned, find, find_loosely, redact};
use crate::checksum::crc32_base62;

/// Random text that is the same in every run, so that no literal here looks like somebody's key.
struct Dice(u64);

impl Dice {
    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        (0..length)
            .map(|_| {
                self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                alphabet[(self.0 >> 33) as usize % alphabet.len()]
            })
            .collect()
    }
}

const BASE62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &str = "0123456789abcdef";

/// One real-looking secret of each kind.
fn specimens() -> Vec<(&'static str, String)> {
    let mut dice = Dice(42);
    let mut checked = |prefix: &str| {
        let body = dice.text(BASE62, 30);
        let sum = crc32_base62(&body);
        format!("{prefix}{body}{sum}")
    };
    let mut list =
        vec![("GitHub token", checked("ghp_")), ("GitHub token", checked("ghs_")), ("npm token", checked("npm_"))];
    let own = format!("mcps_k7m2p9xa_{}", dice.text(BASE62, 22));
    list.push(("mcpsec API key", format!("{own}{}", crc32_base62(&own))));
    let mut push = |kind, text: String| list.push((kind, text));
    let d = &mut dice;
    push("GitHub token", format!("github_pat_{}_{}", d.text(BASE62, 22), d.text(BASE62, 59)));
    push("Slack token", format!("xoxb-{}-{}-{}", d.text("123456789", 12), d.text("123456789", 13), d.text(BASE62, 24)));
    push("Slack webhook", format!("hooks.slack.com/services/T02KQ7M9X/B05PW3N8Z/{}", d.text(BASE62, 24)));
    push("AWS access key id", format!("AKIA{}", d.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)));
    push("Stripe key", format!("sk_live_{}", d.text(BASE62, 24)));
    push("OpenAI key", format!("sk-proj-{}T3BlbkFJ{}", d.text(BASE62, 74), d.text(BASE62, 74)));
    push("OpenAI key", format!("sk-{}T3BlbkFJ{}", d.text(BASE62, 20), d.text(BASE62, 20)));
    push("Anthropic key", format!("sk-ant-api03-{}AA", d.text(BASE62, 93)));
    push("Google API key", format!("AIza{}", d.text(BASE62, 35)));
    push("PyPI token", format!("pypi-AgEIcHlwaS5vcmc{}", d.text(BASE62, 150)));
    push("GitLab token", format!("glpat-{}", d.text(BASE62, 20)));
    push("SendGrid key", format!("SG.{}.{}", d.text(BASE62, 22), d.text(BASE62, 43)));
    push("Hugging Face token", format!("hf_{}", d.text(&BASE62[10..], 34)));
    push("DigitalOcean token", format!("dop_v1_{}", d.text(HEX, 64)));
    push("Twilio key", format!("SK{}", d.text(HEX, 32)));
    let header = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
    push("JSON Web Token", format!("{header}.eyJzdWIiOiI3NDEifQ.{}", d.text(BASE62, 43)));
    list
}

#[test]
fn a_real_token_of_each_vendor_is_found_whole_in_any_surroundings() {
    for (kind, token) in specimens() {
        for (before, after) in
            [("", ""), ("key = \"", "\";"), ("- ", ".\n"), ("ä", "ä"), ("a=", "&b=c"), ("\\n", "\\n")]
        {
            let text = format!("{before}{token}{after}");
            let found = find(&text);
            assert_eq!(found.len(), 1, "{kind} in {text}: {found:?}");
            assert_eq!((found[0].kind, &text[found[0].range.clone()]), (kind, token.as_str()));
        }
    }
}

#[test]
fn a_token_inside_a_longer_word_is_not_found() {
    for (kind, token) in specimens() {
        assert_eq!(find(&format!("x{token}")), [], "{kind}");
    }
}

#[test]
fn a_failed_checksum_is_redacted_but_nobody_is_accused() {
    for (kind, mut token) in specimens().into_iter().take(4) {
        let last = token.pop().expect("not empty");
        token.push(if last == 'a' { 'b' } else { 'a' });
        assert_eq!(find(&token), [], "{kind}");
        assert_eq!(redact(&format!("see {token}!")), format!("see [redacted {kind}]!"));
    }
}

#[test]
fn placeholders_are_not_secrets() {
    for text in [
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY near AKIAIOSFODNN7EXAMPLE",
        "sk-ant-api03-your-key-here",
        "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx",
        "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
        "xoxb-123456789012-123456789012-xxxxxxxxxxxxxxxxxxxxxxxx",
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "AIzaSyxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
        "text.contains(\"-----BEGIN PRIVATE KEY-----\")",
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ2\n-----END CERTIFICATE-----",
        "postgres://user:password@localhost/db",
        "postgres://postgres:postgres@db:5432/app",
        "postgresql://USER:${DB_PASSWORD}@host/db",
        "redis://:%s@host",
        "https://user@host.io/path:1@2",
        "http://localhost:8080/@scope/name",
        "mysql://app:your-password@db.prod.io",
        "(postgres://[^:]+:)([^@]+)(@)",
        r"mongodb://(?P<user>\w+):(?P<word>.+)@host",
        "task-list sk-learn disk-usage risk-averse",
    ] {
        assert_eq!(find(text), [], "{text}");
    }
}

#[test]
fn passwords_in_urls_are_found_alone() {
    let text = concat!("DATABASE_URL=postgres://app:kV9", "-mQz2_pL7@db.prod.io:5432/app?ssl=1");
    let found = find(text);
    assert_eq!(found.len(), 1);
    assert_eq!(&text[found[0].range.clone()], "kV9-mQz2_pL7");
    assert_eq!(redact("amqp://u:guest@localhost"), "amqp://u:[redacted password in a URL]@localhost");
}

#[test]
fn a_private_key_is_found_from_header_to_footer() {
    let body = Dice(3).text(BASE62, 64);
    for newline in ["\n", "\\n"] {
        let block = format!("-----BEGIN PRIVATE KEY-----{newline}{body}{newline}-----END PRIVATE KEY-----");
        let text = format!("key = '{block}'");
        let found = find(&text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(&text[found[0].range.clone()], block);
        assert_eq!(redact(&text), "key = '[redacted private key]'");
    }
}

#[test]
fn the_secret_half_of_an_aws_pair_is_found_near_its_id() {
    let mut dice = Dice(11);
    let (id, secret) = (format!("AKIA{}", dice.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)), dice.text(BASE62, 40));
    let near = format!("id={id}\nsecret={secret}\n");
    let kinds: Vec<_> = find(&near).into_iter().map(|found| found.kind).collect();
    assert_eq!(kinds, ["AWS access key id", "AWS secret access key"]);
    let far = format!("id={id}\n{}secret={secret}\n", "x ".repeat(300));
    assert_eq!(find(&far).len(), 1);
}

#[test]
fn random_values_beside_credential_words_are_redacted() {
    let value = "8fK2pQx9LmZ4vT7w";
    for (before, after) in [
        ("api_key = \"", "\""),
        ("{\"apiKey\":\"", "\",\"n\":1}"),
        ("{\\\"client_secret\\\": \\\"", "\\\"}"),
        ("PASSWORD=", "\n"),
        ("password: ", ""),
        ("Authorization: Bearer ", "\r\n"),
        ("?token=", "&x=1"),
        ("os.environ['SECRET_KEY'] = '", "'"),
        ("secret := `", "`"),
        ("'token' => '", "'"),
    ] {
        let text = format!("{before}{value}{after}");
        assert_eq!(redact(&text), format!("{before}[redacted credential]{after}"), "{text}");
    }
}

#[test]
fn ordinary_assignments_are_left_alone() {
    for text in [
        "cache_key = \"8fK2pQx9LmZ4vT7w\"",
        "nextPageToken: \"8fK2pQx9LmZ4vT7w\"",
        "api_key = \"your-api-key-goes-here-1\"",
        "password = getPasswordFromUser()",
        "token: string; secret: string",
        "const token = await fetchAccessToken2(request)",
        "id: 550e8400-e29b-41d4-a716-446655440000",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ] {
        assert_eq!(assigned(text), [], "{text}");
        assert_eq!(redact(text), text);
    }
}

#[test]
fn redacted_text_has_nothing_left_to_redact_and_no_text_panics() {
    let mut pieces: Vec<String> = specimens().into_iter().map(|(_, token)| token).collect();
    for piece in [
        "ä",
        "=",
        ":",
        "://",
        "@",
        "\"",
        " ",
        "-----BEGIN ",
        "PRIVATE KEY",
        "-----",
        "-----END ",
        "eyJ",
        ".",
        "sk-",
        "token",
        "api_key",
        "漢",
        "\n",
        "\\n",
        "8fK2pQx9LmZ4vT7w",
        "http",
        "AKIA",
        "SG.",
        "xoxb-",
        "\u{0}",
    ] {
        pieces.push(piece.to_owned());
    }
    let mut dice = Dice(5);
    let letters: String = (0..pieces.len()).filter_map(|index| char::from_u32(0x100 + index as u32)).collect();
    for _ in 0..1_500 {
        let text: String = dice.text(&letters, 10).chars().map(|c| pieces[c as usize - 0x100].as_str()).collect();
        for secret in find(&text) {
            assert!(
                find_loosely(&text)
                    .iter()
                    .any(|loose| loose.range.start < secret.range.end && secret.range.start < loose.range.end)
            );
        }
        let mut end = 0;
        for secret in find_loosely(&text) {
            assert!(end <= secret.range.start && text.get(secret.range.clone()).is_some(), "{text:?}");
            end = secret.range.end;
        }
        let clean = redact(&text);
        assert_eq!(find(&clean), [], "{text:?} became {clean:?}");
    }
}

#[test]
fn hostile_repetition_takes_linear_time() {
    let started = std::time::Instant::now();
    for piece in
        ["-----BEGIN PRIVATE KEY-----", "eyJ.", "://a:b@", "token=", "sk-", "AKIAAAAAAAAAAAAAAAAA ", "\x1b]", "xoxb-"]
    {
        let text = piece.repeat(100_000 / piece.len());
        let _ = redact(&text);
    }
    // Work that grows with the square of 100 kB would take minutes.
    assert!(started.elapsed().as_secs() < 60);
}
