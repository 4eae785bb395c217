//! What a source says to this command itself, in comments: it is no part of the program that facts speak of.

use super::syntax::Span;

/// The text with every comment that addresses us replaced by spaces, line breaks kept; nothing where there is none.
pub(super) fn blanked(text: &str, comments: &[Span]) -> Option<String> {
    // Nearly all files have none, and this is a fast search.
    if !text.contains("mcpsec:") {
        return None;
    }
    let own = |span: &&Span| text.get(span.start..span.end).is_some_and(is_aside);
    let mut plain = text.to_owned();
    for span in comments.iter().filter(own) {
        let spaces: String = text[span.start..span.end].bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }).collect();
        plain.replace_range(span.start..span.end, &spaces);
    }
    (plain != text).then_some(plain)
}

fn is_aside(comment: &str) -> bool {
    comment.trim_start_matches(|c: char| c.is_whitespace() || "/#*!".contains(c)).starts_with("mcpsec:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_and_only_what_is_said_to_us_goes() {
        let text = "a // mcpsec: ignore[x] -- \u{e9}\n/* mcpsec:\n b */ c // of mcpsec: not\n";
        let at = |part: &str| {
            let start = text.find(part).expect("it is there");
            Span::new(start, start + part.len())
        };
        let comments = [at("// mcpsec: ignore[x] -- \u{e9}"), at("/* mcpsec:\n b */"), at("// of mcpsec: not")];
        let plain = blanked(text, &comments).expect("something is said");
        assert_eq!(plain.len(), text.len());
        assert_eq!(plain.split_whitespace().collect::<Vec<_>>(), ["a", "c", "//", "of", "mcpsec:", "not"]);
        assert_eq!(plain.matches('\n').count(), 3);
        assert_eq!(blanked("a // b\n", &[Span::new(2, 6)]), None);
    }
}
