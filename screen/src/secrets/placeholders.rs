//! Values that stand where a secret will be: exactly these are excused, nothing that merely looks harmless.

/// Words that nobody's random value contains; compared without case.
const MARKERS: [&str; 20] = [
    "example",
    "dummy",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "replace",
    "redacted",
    "your-",
    "your_",
    "yourkey",
    "yoursecret",
    "yourtoken",
    "yourapi",
    "yourpass",
    "goes-here",
    "goes_here",
    "not-a-real",
    "notreal",
    "insert",
];

/// Words that make a placeholder when they are a whole part between `-`, `_`, `.`, `/`, `:` or spaces.
const PARTS: [&str; 13] =
    ["test", "testing", "fake", "mock", "demo", "sample", "todo", "fixme", "your", "my", "here", "foo", "bar"];

/// Values that say what belongs here.
const WHOLE: [&str; 22] = [
    "password",
    "passwd",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "apikey",
    "api_key",
    "api-key",
    "string",
    "value",
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "localhost",
    "changeit",
    "admin",
    "secret_key",
];

/// Whether `value` is a placeholder: empty, a template (`${X}`, `<token>`), a word such as `changeme` or `your-key`,
/// one character repeated, or characters in sequence.
pub fn placeholder(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_ascii_lowercase();
    value.is_empty()
        || template(value)
        || WHOLE.contains(&lower.as_str())
        || MARKERS.iter().any(|marker| lower.contains(marker))
        || lower.split(['-', '_', '.', '/', ':', ' ']).any(|part| PARTS.contains(&part))
        || monotonous(value.as_bytes())
}

fn template(value: &str) -> bool {
    value.starts_with(['$', '<', '%'])
        || (value.starts_with('[') && value.ends_with(']'))
        || ["${", "{{", "$(", "#{", "process.env", "os.environ", "getenv", "secrets."]
            .iter()
            .any(|mark| value.contains(mark))
        || (value.starts_with('{') && value.ends_with('}') && !value.contains('"'))
}

/// Repeated or sequential characters, or too few different ones.
fn monotonous(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    let (mut equal, mut up, mut down) = (1, 1, 1);
    for (index, byte) in bytes.iter().enumerate() {
        seen[usize::from(*byte)] = true;
        let Some(before) = index.checked_sub(1).map(|before| bytes[before]) else { continue };
        equal = if *byte == before { equal + 1 } else { 1 };
        let letters = byte.is_ascii_alphanumeric() && before.is_ascii_alphanumeric();
        up = if letters && before.checked_add(1) == Some(*byte) { up + 1 } else { 1 };
        down = if letters && before.checked_sub(1) == Some(*byte) { down + 1 } else { 1 };
        let filler = matches!(byte, b'x' | b'X' | b'*' | b'.' | b'#');
        // Six equal or sequential characters happen by chance once in a million random hex digits.
        if equal >= if filler { 4 } else { 6 } || up >= 6 || down >= 6 {
            return true;
        }
    }
    bytes.len() >= 8 && seen.iter().filter(|seen| **seen).count() <= 4
}

#[cfg(test)]
mod tests {
    use super::placeholder;

    #[test]
    fn placeholders_are_recognised() {
        for value in [
            "",
            "  ",
            "${TOKEN}",
            "<your token>",
            "{{ token }}",
            "%TOKEN%",
            "$TOKEN",
            "changeme",
            "ChangeMe",
            "your-api-key",
            "YOUR_API_KEY",
            "xxxxxxxx",
            "sk-xxxx",
            "********",
            "aaaaaaaa",
            "0000000000000000",
            "1234567890abcdef",
            "abcdefgh",
            "987654321",
            "password",
            "AKIAIOSFODNN7EXAMPLE",
            "test-token",
            "my_secret_token",
            "abababab",
            "process.env.TOKEN",
            "fake",
            "insert-key-here",
            "[token]",
            "{token}",
            "localhost",
        ] {
            assert!(placeholder(value), "{value:?}");
        }
    }

    #[test]
    fn random_values_are_no_placeholders() {
        for value in [
            "8fK2pQx9LmZ4vT7w",
            "d3b07384d113edec49eaa6238ad5ff00",
            "hunter2hunter",
            "s3cr3t!",
            "correct horse battery",
            "Tr0ub4dor&3",
            "latest9f8e7d",
            "myth",
            "barn",
            "heretic7",
        ] {
            assert!(!placeholder(value), "{value:?}");
        }
    }
}
