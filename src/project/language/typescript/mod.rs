//! TypeScript and JavaScript, with and without JSX.

mod classes;
mod expressions;
mod functions;
mod modules;
mod patterns;
mod statements;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;

use tree_sitter::{Node, Tree};

use super::{
    lowering::{children, parsed, unread},
    parse::{Survey, span},
};
use crate::project::syntax::Module;

/// Lowers a source text. The dialect is found by trying: a file's name does not always tell.
pub(super) fn lower(text: &str) -> Module {
    let masked = without_type_star(text);
    let mut found = best(&masked);
    if found.as_ref().is_some_and(|(_, survey)| !survey.errors.is_empty())
        && let Some(masked) = without_import_types(&masked)
        && let Some(other) = best(&masked)
        && found.as_ref().is_some_and(|(_, survey)| other.1.lost() < survey.lost())
    {
        found = Some(other);
    }
    match found {
        Some((tree, survey)) => {
            Lowering::of(text, survey, |lowering, body| lowering.statements(tree.root_node(), body))
        }
        None => unread(text),
    }
}

/// `export type * from`, which the grammar does not know, as `export * from`; every byte stays where it is.
fn without_type_star(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    let mut from = 0;
    while let Some(at) = text[from..].find("export type").map(|at| from + at) {
        from = at + "export type".len();
        if text[from..].trim_start().starts_with('*') {
            masked.to_mut().replace_range(at + "export ".len()..from, "    ");
        }
    }
    masked
}

/// `import('m').T` as a type, which the grammar does not know everywhere, as a name of the same length; nothing where
/// there is none.
fn without_import_types(text: &str) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut from = 0;
    let mut changed = false;
    while let Some(at) = text[from..].find("import(").map(|at| from + at) {
        from = at + "import(".len();
        let before = text[..at].trim_end().chars().next_back();
        let Some(close) = text[from..].find(')').map(|close| from + close) else { break };
        let is_type =
            text[close + 1..].strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase()));
        let inner = &text[from..close];
        if is_type && inner.is_ascii() && !inner.contains('\n') && matches!(before, Some(':' | '<' | '|' | '&')) {
            bytes[at + "import".len()..=close]
                .iter_mut()
                .filter(|b| !b.is_ascii_alphanumeric())
                .for_each(|b| *b = b'_');
            changed = true;
        }
    }
    changed.then(|| String::from_utf8(bytes).ok()).flatten()
}

/// The tree with the least loss: the first dialect that parses whole, else the one that loses the fewest bytes.
fn best(text: &str) -> Option<(Tree, Survey)> {
    let dialects = [
        tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
        tree_sitter_typescript::LANGUAGE_TSX,
        tree_sitter_javascript::LANGUAGE,
    ];
    let mut best: Option<(Tree, Survey)> = None;
    for dialect in dialects {
        let Some((tree, survey)) = parsed(&dialect.into(), text) else { continue };
        if survey.errors.is_empty() {
            return Some((tree, survey));
        }
        if best.as_ref().is_none_or(|(_, other)| survey.lost() < other.lost()) {
            best = Some((tree, survey));
        }
    }
    best
}

/// What TypeScript has to know on the way down.
#[derive(Default)]
struct Around {
    /// The arguments in hand belong to `it(..)`, `describe(..)` and their like.
    in_test: bool,
}

type Lowering<'t> = super::lowering::Lowering<'t, Around>;

/// The first named child of one of these kinds.
fn child_of<'n>(node: Node<'n>, kinds: &[&str]) -> Option<Node<'n>> {
    children(node).into_iter().find(|child| kinds.contains(&child.kind()))
}

/// Whether an anonymous child is this token.
fn has_token(node: Node<'_>, token: &str) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|child| !child.is_named() && child.kind() == token)
}
