//! Format strings: texts with places for values, as `format!`, `str.format` and `%` read them.

/// A piece of a format string.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Piece {
    /// Fixed text, escapes of the format resolved.
    Text(String),
    /// The next argument.
    Next,
    /// The argument at a position.
    At(usize),
    /// The argument, or variable, of a name; what follows the name (`.attr`, `[0]`) is left out.
    Named(String),
}

/// Splits `text` at `{..}`; `{{` and `}}` stand for braces. What is not closed stays text.
pub(super) fn braces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut fixed = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        fixed.push_str(before);
        if from.starts_with("{{") || from.starts_with("}}") {
            fixed.push_str(&from[..1]);
            rest = &from[2..];
            continue;
        }
        let close = if from.starts_with('{') { closing(from) } else { None };
        let Some(close) = close else {
            fixed.push_str(&from[..1]);
            rest = &from[1..];
            continue;
        };
        flush(&mut fixed, &mut pieces);
        pieces.push(hole(&from[1..close]));
        nested(&from[1..close], &mut pieces);
        rest = &from[close + 1..];
    }
    fixed.push_str(rest);
    flush(&mut fixed, &mut pieces);
    pieces
}

/// Splits `text` at `%s`, `%(name)d` and their like; `%%` stands for a per cent sign.
pub(super) fn percents(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut fixed = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        fixed.push_str(before);
        rest = &from[1..];
        if let Some(after) = rest.strip_prefix('%') {
            fixed.push('%');
            rest = after;
            continue;
        }
        let (name, after) = match rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            Some((name, after)) => (Some(name), after),
            None => (None, rest),
        };
        let flags = after.trim_start_matches(|c: char| "#0- +.123456789*".contains(c));
        if !flags.starts_with(|c: char| c.is_ascii_alphabetic()) {
            fixed.push('%');
            continue;
        }
        flush(&mut fixed, &mut pieces);
        let stars = after[..after.len() - flags.len()].matches('*').count();
        pieces.extend(std::iter::repeat_n(Piece::Next, stars));
        pieces.push(name.map_or(Piece::Next, |name| Piece::Named(name.to_owned())));
        rest = &flags[1..];
    }
    fixed.push_str(rest);
    flush(&mut fixed, &mut pieces);
    pieces
}

fn flush(fixed: &mut String, pieces: &mut Vec<Piece>) {
    if !fixed.is_empty() {
        pieces.push(Piece::Text(std::mem::take(fixed)));
    }
}

/// Where the brace that opens `text` is closed; a format specification may hold braces itself.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn hole(inner: &str) -> Piece {
    let end = inner.find([':', '!']).unwrap_or(inner.len());
    let field = inner[..end].trim();
    let name = &field[..field.find(['.', '[']).unwrap_or(field.len())];
    if name.is_empty() {
        return Piece::Next;
    }
    name.parse().map_or_else(|_| Piece::Named(name.to_owned()), Piece::At)
}

/// Values that only shape others: `{:{width}}`, `{:width$}`, `{:.*}`.
fn nested(inner: &str, pieces: &mut Vec<Piece>) {
    let Some((_, shape)) = inner.split_once(':') else { return };
    if let (Some(open), Some(close)) = (shape.find('{'), shape.rfind('}'))
        && open < close
    {
        pieces.push(hole(&shape[open + 1..close]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Piece {
        Piece::Text(value.to_owned())
    }

    #[test]
    fn braces_are_split_into_text_and_places() {
        assert_eq!(
            braces("a {} {{b}} {0:?} {name.x!r:>{width}} {"),
            [
                text("a "),
                Piece::Next,
                text(" {b} "),
                Piece::At(0),
                text(" "),
                Piece::Named("name".into()),
                Piece::Named("width".into()),
                text(" {"),
            ]
        );
    }

    #[test]
    fn per_cent_signs_are_split_into_text_and_places() {
        assert_eq!(
            percents("100%% %s %(key)05d %.2f %"),
            [text("100% "), Piece::Next, text(" "), Piece::Named("key".into()), text(" "), Piece::Next, text(" %"),]
        );
    }
}
