//! Random values beside the name of a credential: `api_key = "…"`, `"token": "…"`, `Authorization: Bearer …`.

use super::{Secret, credential_name, looks_random, placeholder};

/// What such a value is called.
const KIND: &str = "credential";
/// Longest name and value that are looked at; they keep the work per separator constant.
const LONGEST_NAME: usize = 64;
const LONGEST_VALUE: usize = 512;

/// Values in `text` that look random and are assigned to the name of a credential, in order of position.
pub fn assigned(text: &str) -> Vec<Secret> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut next = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if !matches!(byte, b'=' | b':') || at < next {
            continue;
        }
        if !name_before(text, at).is_some_and(credential_name) {
            continue;
        }
        let (start, end) = value_after(bytes, at + 1);
        let Some(value) = text.get(start..end) else { continue };
        if looks_random(value) && !placeholder(value) {
            found.push(Secret { kind: KIND, range: start..end });
            next = end;
        }
    }
    found
}

/// The identifier that ends before `at`, with quotes and a few spaces between.
fn name_before(text: &str, at: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut end = at;
    while end > 0 && at - end < 8 && matches!(bytes[end - 1], b' ' | b'\t' | b'"' | b'\'' | b'\\' | b'`' | b']') {
        end -= 1;
    }
    let floor = end.saturating_sub(LONGEST_NAME);
    let mut start = end;
    while start > floor && (bytes[start - 1].is_ascii_alphanumeric() || matches!(bytes[start - 1], b'_' | b'-')) {
        start -= 1;
    }
    text.get(start..end).filter(|name| !name.is_empty())
}

/// Byte range of the value after a separator: up to the closing quote, or to the end of the word.
fn value_after(bytes: &[u8], at: usize) -> (usize, usize) {
    let mut start = at;
    // `:=`, `=>`, `==`, spaces, opening quotes (also escaped ones), and the scheme of an Authorization header.
    let opening = |byte: u8| matches!(byte, b' ' | b'\t' | b'=' | b'>' | b'"' | b'\'' | b'`' | b'\\');
    while start < bytes.len() && start - at < 8 && opening(bytes[start]) {
        start += 1;
    }
    for scheme in [&b"bearer "[..], b"basic ", b"token "] {
        if bytes.get(start..start + scheme.len()).is_some_and(|word| word.eq_ignore_ascii_case(scheme)) {
            start += scheme.len();
        }
    }
    let value = &bytes[start..];
    // `=` pads the end of base64; before anything else it ends the value.
    let padding = |at: usize| matches!(value.get(at + 1), None | Some(b'=')) || !value[at + 1].is_ascii_alphanumeric();
    let ends = |at: usize, byte: u8| match byte {
        b'"' | b'\'' | b'`' | b'\\' | b',' | b';' | b'&' | b'<' | b'>' | b')' | b']' | b'}' => true,
        b'=' => !padding(at),
        _ => !byte.is_ascii_graphic(),
    };
    let length = value.iter().take(LONGEST_VALUE).enumerate().position(|(at, byte)| ends(at, *byte));
    (start, start + length.unwrap_or_else(|| value.len().min(LONGEST_VALUE)))
}
