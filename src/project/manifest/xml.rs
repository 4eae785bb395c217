//! XML of build tools. Document types, and with them entities of one's own, are refused.

use roxmltree::{Document, Node, ParsingOptions};

use crate::project::{data::DataError, syntax::Span};

/// Deepest nesting that is read: the parser uses the stack for each element.
const MAX_DEPTH: usize = 200;

/// Parses a text.
pub(super) fn parse(text: &str) -> Result<Document<'_>, DataError> {
    let at = |start: usize| Span { start: start.min(text.len()), end: start.min(text.len()) };
    if let Some(start) = too_deep(text) {
        return Err(DataError { message: "nested too deeply".to_owned(), span: at(start) });
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: 1_000_000, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let position = error.pos();
        let row = usize::try_from(position.row).unwrap_or(1).saturating_sub(1);
        let start = text.split_inclusive('\n').take(row).map(str::len).sum();
        DataError { message: error.to_string(), span: at(start) }
    })
}

/// Where more elements are open than are read, counted generously: comments count as well.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let bytes = text.as_bytes();
    for (at, _) in text.match_indices('<') {
        match bytes.get(at + 1) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'!' | b'?') => {}
            _ => {
                let close = text[at..].find('>').map_or(text.len(), |length| at + length);
                if close > 0 && bytes.get(close - 1) != Some(&b'/') {
                    depth += 1;
                }
            }
        }
        if depth > MAX_DEPTH {
            return Some(at);
        }
    }
    None
}

/// The first child element of a name.
pub(super) fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// The text of the first child element of a name.
pub(super) fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    child(node, name)?.text().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_and_document_types_are_refused() {
        let nested = |times: usize| format!("{}x{}", "<a>".repeat(times), "</a>".repeat(times));
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert!(parse(&nested(100_000)).is_err());
        assert!(parse("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").is_err());
        assert!(parse("<a><!-- <b> --><c/><d></d></a>").is_ok());
    }
}
