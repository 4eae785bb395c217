//! Literals, decoded.

/// The value of a string or rune literal as written.
pub(super) fn decode(literal: &str) -> String {
    if let Some(raw) = literal.strip_prefix('`') {
        return raw.strip_suffix('`').unwrap_or(raw).replace('\r', "");
    }
    let Some(quote @ ('"' | '\'')) = literal.chars().next() else { return literal.to_owned() };
    let inner = &literal[1..];
    let mut rest = inner.strip_suffix(quote).unwrap_or(inner);
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = escape(&rest[at + 1..], &mut bytes);
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Decodes what follows a backslash; gives what is left.
fn escape<'r>(rest: &'r str, bytes: &mut Vec<u8>) -> &'r str {
    let Some(kind) = rest.chars().next() else { return rest };
    let after = &rest[kind.len_utf8()..];
    let number = |from: &'r str, digits: usize, radix: u32| {
        from.get(..digits).and_then(|t| u32::from_str_radix(t, radix).ok()).map(|value| (value, &from[digits..]))
    };
    let mut scalar = |found: Option<(u32, &'r str)>| {
        let (value, left) = found.unwrap_or((u32::MAX, after));
        let mut buffer = [0; 4];
        let decoded = char::from_u32(value).unwrap_or('\u{fffd}');
        bytes.extend_from_slice(decoded.encode_utf8(&mut buffer).as_bytes());
        left
    };
    match kind {
        'u' => scalar(number(after, 4, 16)),
        'U' => scalar(number(after, 8, 16)),
        'x' | '0'..='7' => {
            let found = if kind == 'x' { number(after, 2, 16) } else { number(rest, 3, 8) };
            match found.and_then(|(value, left)| Some((u8::try_from(value).ok()?, left))) {
                Some((byte, left)) => {
                    bytes.push(byte);
                    left
                }
                None => after,
            }
        }
        _ => {
            let plain = match kind {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'a' => '\u{7}',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'v' => '\u{b}',
                other => other,
            };
            scalar(Some((plain.into(), after)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_and_broken_ones_lose_nothing_else() {
        for (literal, expected) in [
            (r#""a\n\t\"\\b""#, "a\n\t\"\\b"),
            ("`raw \\n \r\n`", "raw \\n \n"),
            (r#""\x41\101\u00e9\U0001F600""#, "AAé\u{1f600}"),
            (r#""\xc3\xa9""#, "é"),
            (r#""\u12"#, "\u{fffd}12"),
            (r"'x'", "x"),
            ("\"open", "open"),
            (r#""end\"#, "end"),
        ] {
            assert_eq!(decode(literal), expected, "{literal}");
        }
    }
}
