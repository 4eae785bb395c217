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

use super::parse::{Survey, parse, span};
use crate::project::syntax::{Function, FunctionId, MAX_DEPTH, Module, Span, Statement};

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
    let Some((tree, survey)) = found else {
        let whole = Span::new(0, text.len());
        let top = Function { span: whole, ..Function::default() };
        return Module { errors: vec![whole], functions: vec![top], ..Module::default() };
    };
    let mut lowering = Lowering::new(text);
    lowering.module.comments = survey.comments;
    lowering.module.errors = survey.errors;
    lowering.module.functions.push(Function { span: Span::new(0, text.len()), ..Function::default() });
    let mut body = Vec::new();
    lowering.statements(tree.root_node(), &mut body);
    lowering.module.functions[0].body = body;
    lowering.module
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
        let Some(tree) = parse(&dialect.into(), text) else { continue };
        let survey = Survey::of(&tree);
        if survey.errors.is_empty() {
            return Some((tree, survey));
        }
        if best.as_ref().is_none_or(|(_, other)| survey.lost() < other.lost()) {
            best = Some((tree, survey));
        }
    }
    best
}

/// What is made of a tree so far.
struct Lowering<'t> {
    text: &'t str,
    module: Module,
    /// The function whose body is being lowered.
    function: FunctionId,
    /// How deep the node in hand is nested.
    depth: usize,
    /// The arguments in hand belong to `it(..)`, `describe(..)` and their like.
    in_test: bool,
}

impl<'t> Lowering<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, module: Module::default(), function: 0, depth: 0, in_test: false }
    }

    /// The source of a node.
    fn source(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// Does `lower` one level deeper, or nothing where that is too deep.
    fn deeper<T: Default>(&mut self, lower: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_DEPTH {
            self.module.too_deep = true;
            return T::default();
        }
        self.depth += 1;
        let result = lower(self);
        self.depth -= 1;
        result
    }

    /// Does `lower` with a fresh list of statements, and gives the list.
    fn collected(&mut self, lower: impl FnOnce(&mut Self, &mut Vec<Statement>)) -> Vec<Statement> {
        let mut statements = Vec::new();
        lower(self, &mut statements);
        statements
    }
}

/// The named children that are not comments.
fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra() || child.is_error()).collect()
}

/// The first named child of one of these kinds.
fn child_of<'n>(node: Node<'n>, kinds: &[&str]) -> Option<Node<'n>> {
    children(node).into_iter().find(|child| kinds.contains(&child.kind()))
}

/// Whether an anonymous child is this token.
fn has_token(node: Node<'_>, token: &str) -> bool {
    let mut cursor = node.walk();
    node.children(&mut cursor).any(|child| !child.is_named() && child.kind() == token)
}
