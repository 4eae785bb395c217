//! Literals, decoded.

/// The text of a string or template fragment without its quotes: escapes resolved, line continuations removed.
pub(super) fn decode(raw: &str) -> String {
    let mut decoded = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(escape) = rest.chars().next() else { return decoded };
        rest = &rest[escape.len_utf8()..];
        match escape {
            'n' => decoded.push('\n'),
            't' => decoded.push('\t'),
            'r' => decoded.push('\r'),
            'b' => decoded.push('\u{8}'),
            'f' => decoded.push('\u{c}'),
            'v' => decoded.push('\u{b}'),
            '0' if !rest.starts_with(|c: char| c.is_ascii_digit()) => decoded.push('\0'),
            '\r' => rest = rest.strip_prefix('\n').unwrap_or(rest),
            '\n' | '\u{2028}' | '\u{2029}' => {}
            'x' => take_unit(&mut rest, 2, &mut decoded),
            'u' => take_unicode(&mut rest, &mut decoded),
            other => decoded.push(other),
        }
    }
    decoded.push_str(rest);
    decoded
}

fn hex(rest: &str, digits: usize) -> Option<u32> {
    rest.get(..digits)
        .filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()))
        .and_then(|t| u32::from_str_radix(t, 16).ok())
}

fn take_unit(rest: &mut &str, digits: usize, decoded: &mut String) {
    if let Some(value) = hex(rest, digits) {
        *rest = &rest[digits..];
        decoded.push(char::from_u32(value).unwrap_or('\u{fffd}'));
    }
}

fn take_unicode(rest: &mut &str, decoded: &mut String) {
    if let Some((digits, after)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
        *rest = after;
        decoded.push(u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'));
        return;
    }
    let high = hex(rest, 4).filter(|unit| (0xd800..0xdc00).contains(unit));
    let low = rest.get(4..).and_then(|after| after.strip_prefix("\\u")).and_then(|after| hex(after, 4));
    if let (Some(high), Some(low @ 0xdc00..0xe000)) = (high, low) {
        *rest = &rest[10..];
        let scalar = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        decoded.push(char::from_u32(scalar).unwrap_or('\u{fffd}'));
        return;
    }
    take_unit(rest, 4, decoded);
}

/// A quoted literal without its quotes, as written.
pub(super) fn unquote(literal: &str) -> &str {
    let Some(quote @ ('"' | '\'' | '`')) = literal.chars().next() else { return literal };
    let inner = &literal[1..];
    inner.strip_suffix(quote).unwrap_or(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_and_broken_ones_lose_nothing_else() {
        for (raw, expected) in [
            ("plain", "plain"),
            (r"a\nb\tc\\d\'e", "a\nb\tc\\d'e"),
            (r"\x41\u0042\u{43}", "ABC"),
            (r"\ud83d\ude00!", "\u{1f600}!"),
            (r"\ud83dx", "\u{fffd}x"),
            ("one\\\ntwo", "onetwo"),
            (r"\u{zz}\xg1\u12", "\u{fffd}g112"),
            ("end\\", "end"),
            ("\\é", "é"),
        ] {
            assert_eq!(decode(raw), expected, "{raw}");
        }
    }
}
