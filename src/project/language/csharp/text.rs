//! Literals, decoded.

/// The value of a string or character literal as written: usual, verbatim (`@".."`) or raw (`""".."""`).
pub(super) fn decode(literal: &str) -> String {
    let literal = literal.trim_end_matches("u8").trim_end_matches("U8");
    if literal.starts_with("\"\"\"") {
        return raw(literal);
    }
    if let Some(verbatim) = literal.strip_prefix("@\"") {
        return verbatim.strip_suffix('"').unwrap_or(verbatim).replace("\"\"", "\"");
    }
    let Some(quote @ ('"' | '\'')) = literal.chars().next() else { return literal.to_owned() };
    let inner = &literal[1..];
    escapes(inner.strip_suffix(quote).unwrap_or(inner))
}

/// A raw string without its quotes and without the indentation of its last line.
fn raw(literal: &str) -> String {
    let inner = literal.trim_matches('"');
    let Some((_, lines)) = inner.split_once('\n').filter(|(first, _)| first.trim().is_empty()) else {
        return inner.to_owned();
    };
    let (lines, indent) = lines.rsplit_once('\n').unwrap_or((lines, ""));
    let cut = |line: &str| line.strip_prefix(indent).unwrap_or(line).trim_end_matches('\r').to_owned();
    lines.split('\n').map(cut).collect::<Vec<_>>().join("\n")
}

/// Resolves what backslashes stand for.
pub(super) fn escapes(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        decoded.push_str(&rest[..at]);
        rest = escape(&rest[at + 1..], &mut decoded);
    }
    decoded.push_str(rest);
    decoded
}

/// Decodes what follows a backslash; gives what is left.
fn escape<'r>(rest: &'r str, decoded: &mut String) -> &'r str {
    let Some(kind) = rest.chars().next() else { return rest };
    let after = &rest[kind.len_utf8()..];
    let most = match kind {
        'u' => 4,
        'U' => 8,
        'x' => after.bytes().take(4).take_while(u8::is_ascii_hexdigit).count(),
        _ => 0,
    };
    if most > 0 {
        let value = after.get(..most).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        decoded.push(value.and_then(char::from_u32).unwrap_or('\u{fffd}'));
        return if value.is_some() { &after[most..] } else { after };
    }
    decoded.push(match kind {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'e' => '\u{1b}',
        'f' => '\u{c}',
        'v' => '\u{b}',
        plain => plain,
    });
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_string_is_decoded() {
        for (literal, expected) in [
            (r#""a\n\"\\b""#, "a\n\"\\b"),
            (r#""\u00e9\x41\U0001F600""#, "éA\u{1f600}"),
            (r#"@"c:\dir ""x""""#, r#"c:\dir "x""#),
            ("'x'", "x"),
            ("\"open", "open"),
            (r#""end\"#, "end"),
            (r#""\u12"#, "\u{fffd}12"),
            ("\"\"\"\n    a\n      \"b\n    \"\"\"", "a\n  \"b"),
            ("\"\"\"one \"line\" here\"\"\"", "one \"line\" here"),
            ("\"a\"u8", "a"),
        ] {
            assert_eq!(decode(literal), expected, "{literal}");
        }
    }
}
