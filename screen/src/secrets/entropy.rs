//! Whether a value looks as if a machine had drawn it.

/// Fewer characters are drawn by people as often as by machines.
const SHORTEST: usize = 16;
/// Enough where letters of both cases, digits and symbols are mixed.
const SHORTEST_MIXED: usize = 12;
/// Hexadecimal digits carry four bits: 24 of them are a 96-bit value.
const SHORTEST_HEX: usize = 24;

/// Whether `value` looks random: long enough, many different characters for its alphabet, and kinds of characters that
/// alternate as they do not in words, paths, versions and identifiers. UUIDs and plain numbers are not reported: they
/// name things far more often than they open them.
pub fn looks_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    let written = bytes.iter().any(|byte| !byte.is_ascii_graphic()) || value.contains("://");
    if written || bytes.len() < SHORTEST_MIXED || uuid(value) {
        return false;
    }
    let kinds = Kinds::of(bytes);
    if kinds.letters() == 0 || (kinds.digits == 0 && bytes.len() < 24) {
        return false;
    }
    let hex = bytes.iter().all(u8::is_ascii_hexdigit);
    let shortest = match (hex, kinds.count()) {
        (true, _) => SHORTEST_HEX,
        (false, 3..) => SHORTEST_MIXED,
        (false, _) => SHORTEST,
    };
    bytes.len() >= shortest
        && !words(value)
        && alternation(bytes) >= 0.2
        && entropy(bytes) >= threshold(bytes.len(), hex)
}

struct Kinds {
    lower: usize,
    upper: usize,
    digits: usize,
    symbols: usize,
}

impl Kinds {
    fn of(bytes: &[u8]) -> Self {
        let mut kinds = Self { lower: 0, upper: 0, digits: 0, symbols: 0 };
        for byte in bytes {
            match byte {
                b'a'..=b'z' => kinds.lower += 1,
                b'A'..=b'Z' => kinds.upper += 1,
                b'0'..=b'9' => kinds.digits += 1,
                _ => kinds.symbols += 1,
            }
        }
        kinds
    }

    fn letters(&self) -> usize {
        self.lower + self.upper
    }

    fn count(&self) -> usize {
        [self.lower, self.upper, self.digits, self.symbols].iter().filter(|count| **count > 0).count()
    }
}

/// `8-4-4-4-12` hexadecimal digits.
fn uuid(value: &str) -> bool {
    let lengths: Vec<usize> = value.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && value.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Whether every part between separators is a word, a number, a short mix such as `v2` or `4o`, or an identifier.
fn words(value: &str) -> bool {
    let mut parts = value.split(['-', '_', '.', '/', ':', ';', ',', '=']).filter(|part| !part.is_empty()).peekable();
    parts.all(|part| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        digits == part.len() || part.len() <= 4 || identifier(part, digits)
    })
}

/// `getUserName`, `X509KeyUsage`: few capitals, and at most one number among letters that can be spoken.
fn identifier(part: &str, digits: usize) -> bool {
    let vowels =
        part.bytes().filter(|byte| matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u')).count();
    let numbers = part.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).count();
    let spoken = digits <= 4 && numbers == 1 && vowels * 10 >= (part.len() - digits) * 3;
    (digits == 0 || spoken) && changes_case(part) * 5 <= part.len()
}

/// How often a capital follows a small letter: once a word in an identifier, every fourth time in a random value.
fn changes_case(part: &str) -> usize {
    part.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count()
}

/// Share of neighbours where a digit meets a letter or a capital follows a small letter.
fn alternation(bytes: &[u8]) -> f64 {
    let changes = bytes
        .windows(2)
        .filter(|pair| {
            (pair[0].is_ascii_digit() && pair[1].is_ascii_alphabetic())
                || (pair[0].is_ascii_alphabetic() && pair[1].is_ascii_digit())
                || (pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
        })
        .count();
    changes as f64 / (bytes.len() - 1) as f64
}

/// Shannon entropy in bits per character.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_usize; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| *count as f64 / total)
        .map(|share| -share * share.log2())
        .sum()
}

/// Least entropy: a share of what a value of this length can have at most.
fn threshold(length: usize, hex: bool) -> f64 {
    let most = (length.min(if hex { 16 } else { 40 }) as f64).log2();
    most * if hex { 0.75 } else { 0.82 }
}

#[cfg(test)]
mod tests {
    use super::looks_random;

    #[test]
    fn random_values_of_each_alphabet_are_recognised() {
        for value in [
            "8fK2pQx9LmZ4vT7w",                         // base62, 16
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", // hexadecimal
            "q7w2k9x4m1n8b5v3c6z0",                     // base36
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzQ8kLmNop0", // base64
            "vT9#kQ2$mZ7!",                             // 12, four kinds
            "kJx9-2LmQ_8vRt4pWz7Y",
        ] {
            assert!(looks_random(value), "{value:?}");
        }
    }

    #[test]
    fn what_people_write_is_not_random() {
        for value in [
            "",
            "short1",
            "8fK2pQx9Lm4",
            "getUserAccessTokenFromRequest",
            "gpt-4o-mini-2024-07-18",
            "claude-sonnet-4-20250514",
            "text-embedding-3-small",
            "us-east-1.amazonaws.com",
            "https://example.com/a1b2c3d4e5f6",
            "/usr/local/lib/python3.12",
            "550e8400-e29b-41d4-a716-446655440000",
            "1234567890123456789",
            "application/json;charset=utf-8",
            "correct horse battery staple 1",
            "a1a1a1a1a1a1a1a1a1a1",
            "deadbeef",
            "2026-11-21T08:00:00Z",
            "rate_limit_exceeded_error_v2",
            "DATABASE_CONNECTION_POOL_SIZE",
            "X509HardwareKeyUsageFlags",
            "packages/server-core/src/index2.ts",
            "ääääääääääääääää",
        ] {
            assert!(!looks_random(value), "{value:?}");
        }
    }
}
