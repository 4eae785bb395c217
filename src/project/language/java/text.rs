//! Literals, decoded.

/// The value of a string, character or text block as written.
pub(super) fn decode(literal: &str) -> String {
    if let Some(block) = literal.strip_prefix("\"\"\"") {
        return escapes(&stripped(block.strip_suffix("\"\"\"").unwrap_or(block)));
    }
    let Some(quote @ ('"' | '\'')) = literal.chars().next() else { return literal.to_owned() };
    let inner = &literal[1..];
    escapes(inner.strip_suffix(quote).unwrap_or(inner))
}

/// A text block without its first line break and without the indentation that all its lines share.
fn stripped(block: &str) -> String {
    let inner = block.split_once('\n').map_or(block, |(_, rest)| rest);
    let lines: Vec<&str> = inner.lines().collect();
    let blank = |line: &&str| line.trim().is_empty();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let last = lines.last().filter(|last| blank(last));
    let shared = lines.iter().filter(|line| !blank(line)).chain(last).map(indent).min().unwrap_or(0);
    let cut = |line: &&str| line.get(shared..).unwrap_or_default().trim_end().to_owned();
    lines.iter().map(cut).collect::<Vec<_>>().join("\n")
}

fn escapes(text: &str) -> String {
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
    match kind {
        'u' => {
            let digits = after.trim_start_matches('u');
            let value = digits.get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            decoded.push(value.and_then(char::from_u32).unwrap_or('\u{fffd}'));
            return if value.is_some() { &digits[4..] } else { after };
        }
        '0'..='7' => {
            let most = if kind <= '3' { 3 } else { 2 };
            let end = rest.bytes().take(most).take_while(|digit| (b'0'..=b'7').contains(digit)).count();
            let value = u32::from_str_radix(&rest[..end], 8).ok();
            decoded.push(value.and_then(char::from_u32).unwrap_or('\u{fffd}'));
            return &rest[end..];
        }
        // A line that goes on.
        '\n' => {}
        'n' => decoded.push('\n'),
        't' => decoded.push('\t'),
        'r' => decoded.push('\r'),
        'b' => decoded.push('\u{8}'),
        'f' => decoded.push('\u{c}'),
        's' => decoded.push(' '),
        plain => decoded.push(plain),
    }
    after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_and_text_blocks_lose_their_indentation() {
        for (literal, expected) in [
            (r#""a\n\t\"\\b""#, "a\n\t\"\\b"),
            (r#""\u00e9\101\7x""#, "éA\u{7}x"),
            ("'x'", "x"),
            ("\"open", "open"),
            (r#""end\"#, "end"),
            (r#""\u12"#, "\u{fffd}12"),
            ("\"\"\"\n    a\n      b\n    \"\"\"", "a\n  b\n"),
            ("\"\"\"\n  a \\\n  b\"\"\"", "a b"),
        ] {
            assert_eq!(decode(literal), expected, "{literal}");
        }
    }
}
