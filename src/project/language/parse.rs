//! From text to a syntax tree, with a bound on the work, and what can be read off any tree.

use std::ops::ControlFlow;

use tree_sitter::{Language, Node, ParseOptions, Parser, Tree};

use crate::project::syntax::Span;

/// Work that a parser may do per file before any byte is counted, in its own units (about 100 operations each).
const BUDGET: usize = 200_000;

/// Further work per byte.
const BUDGET_PER_BYTE: usize = 4;

/// The tree of `text`; nothing where the parser needs too much work (ambiguous or broken input can be quadratic).
pub(super) fn parse(language: &Language, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(language).ok()?;
    let mut left = BUDGET + text.len().saturating_mul(BUDGET_PER_BYTE);
    let mut progress = |_: &tree_sitter::ParseState| match left.checked_sub(1) {
        Some(less) => {
            left = less;
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    };
    let bytes = text.as_bytes();
    let mut read = |start: usize, _| bytes.get(start..).unwrap_or_default();
    parser.parse_with_options(&mut read, None, Some(ParseOptions::new().progress_callback(&mut progress)))
}

/// Comments and places where the parser gave up, in source order. Does not recurse, whatever the depth.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) comments: Vec<Span>,
    pub(super) errors: Vec<Span>,
}

impl Survey {
    /// Walks the tree of `text`, as far as there are errors in it or something that may begin a comment. Inside an error
    /// only comments are looked for.
    pub(super) fn of(tree: &Tree, text: &str) -> Self {
        let marks = comment_marks(text.as_bytes());
        let mut survey = Self::default();
        let mut cursor = tree.walk();
        let mut error_end = 0;
        loop {
            let node = cursor.node();
            // Grammars list comments as extras; asking for that first spares reading the name of every node.
            if node.is_extra() && node.kind().ends_with("comment") {
                survey.comments.push(span(node));
            }
            if (node.is_error() || node.is_missing()) && node.start_byte() >= error_end {
                // A root that is one error says nothing of where: its parts do.
                if node.parent().is_some() || !node.has_error() || node.child_count() == 0 {
                    survey.errors.push(span(node));
                    error_end = node.end_byte();
                }
            }
            if (is_worth_entering(node, &marks) && cursor.goto_first_child()) || cursor.goto_next_sibling() {
                continue;
            }
            loop {
                if !cursor.goto_parent() {
                    if survey.errors.is_empty() && tree.root_node().is_error() {
                        survey.errors.push(span(tree.root_node()));
                    }
                    return survey;
                }
                if cursor.goto_next_sibling() {
                    break;
                }
            }
        }
    }

    /// Bytes that the parser gave up on.
    pub(super) fn lost(&self) -> usize {
        self.errors.iter().map(|error| (error.end - error.start).max(1)).sum()
    }
}

/// Where a comment may begin, in any language, in order.
fn comment_marks(bytes: &[u8]) -> Vec<usize> {
    let begins = |at: &usize| match bytes[*at] {
        b'#' => true,
        b'/' => matches!(bytes.get(at + 1), Some(b'/' | b'*')),
        // What is left of markup in a script.
        b'<' => bytes[*at..].starts_with(b"<!--"),
        b'-' => bytes[*at..].starts_with(b"-->"),
        _ => false,
    };
    (0..bytes.len()).filter(begins).collect()
}

/// Whether a node may have a comment or an error in it.
fn is_worth_entering(node: Node<'_>, marks: &[usize]) -> bool {
    let next = marks.partition_point(|mark| *mark < node.start_byte());
    marks.get(next).is_some_and(|mark| *mark < node.end_byte()) || node.has_error()
}

/// The bytes of a node.
pub(super) fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}
