//! Macro calls and attributes: their inside is parsed as the expressions that it mostly is.

use tree_sitter::Node;

use super::{Lowering, parts, statements::Tail};
use crate::project::language::fields::Fields as _;
use crate::project::{
    language::{
        braces::{self, Piece},
        parse::parse,
    },
    syntax::{Argument, Call, Expression, Kind, Part, Span, Statement, Text},
};

/// Most macros inside each other that are looked into: each is parsed anew.
const MAX_MACROS: usize = 8;

/// Macros whose first literal is a format string.
const FORMATS: &[&str] = &[
    "format",
    "print",
    "println",
    "eprint",
    "eprintln",
    "write",
    "writeln",
    "panic",
    "format_args",
    "todo",
    "unimplemented",
    "unreachable",
    "bail",
    "ensure",
    "anyhow",
    "eyre",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "log",
    "event",
    "assert",
    "debug_assert",
    "assert_eq",
    "assert_ne",
];

/// Macros that leave the function.
const RAISES: &[&str] = &["panic", "unreachable", "todo", "unimplemented", "bail"];

impl<'t> Lowering<'t> {
    /// `name`, `name(..)` or `name = value` of `#[..]`.
    pub(super) fn attribute(&mut self, node: Node<'_>) -> Option<Expression> {
        if let [path] = parts(node).as_slice() {
            return Some(self.expression(*path));
        }
        self.parsed(format!("{};", self.source(node)), self.span(node).start)
    }

    /// Parses a piece of the text that is an expression, and lowers it.
    fn parsed(&mut self, fragment: String, base: usize) -> Option<Expression> {
        self.reparse(&fragment, base, |l, root| {
            let statement = parts(root).into_iter().next()?;
            let inner =
                if statement.kind() == "expression_statement" { parts(statement).first().copied() } else { None };
            Some(l.expression(inner.unwrap_or(statement)))
        })?
    }

    /// Parses a piece of the text that begins at `base`, and looks at it.
    fn reparse<T>(&mut self, fragment: &str, base: usize, look: impl FnOnce(&mut Self, Node<'_>) -> T) -> Option<T> {
        if self.macros >= MAX_MACROS {
            return None;
        }
        let tree = parse(&tree_sitter_rust::LANGUAGE.into(), fragment)?;
        let outer = std::mem::replace(&mut self.base, base);
        self.macros += 1;
        let result = self.deeper(|l| look(l, tree.root_node()));
        self.macros -= 1;
        self.base = outer;
        result
    }

    /// A macro as a statement: some leave the function.
    pub(super) fn macro_statement(&mut self, node: Node<'_>, tail: Tail, out: &mut Vec<Statement>) {
        let span = self.span(node);
        let name = self.macro_name(node);
        let value = self.expression(node);
        if RAISES.contains(&name) {
            out.push(Statement::Raise(Some(value), span));
        } else if let ("ensure", Some(condition)) = (name, value.call().and_then(|call| call.positional(0))) {
            let condition = condition.clone();
            let kind = Kind::Unary("!".to_owned(), Box::new(condition));
            let condition = Expression { kind, span };
            let then = vec![Statement::Raise(None, span)];
            out.push(Statement::If { condition, then, otherwise: Vec::new(), span });
        } else {
            self.finish(value, tail, out);
        }
    }

    fn macro_name(&self, node: Node<'_>) -> &'t str {
        let path = node.field("macro").map_or("", |path| self.source(path));
        path.rsplit("::").next().unwrap_or_default().trim()
    }

    pub(super) fn macro_call(&mut self, node: Node<'_>) -> Kind {
        let name = self.macro_name(node).to_owned();
        let Some(tokens) = parts(node).into_iter().rfind(|part| part.kind() == "token_tree") else {
            return Kind::Unknown;
        };
        if name == "json" {
            return self.json(tokens);
        }
        let mut arguments = if name == "select" { self.selected(tokens) } else { self.inside_macro(tokens) };
        if FORMATS.contains(&name.as_str()) {
            self.interpolate(&mut arguments);
        }
        let only = arguments.len() == 1 && arguments[0].name.is_none();
        match name.as_str() {
            "format" | "format_args" if only => return arguments.remove(0).value.kind,
            "vec" if only && matches!(arguments[0].value.kind, Kind::List(_)) => return arguments.remove(0).value.kind,
            "concat" if arguments.iter().all(|argument| argument.value.text().is_some()) => {
                return Kind::Text(arguments.iter().filter_map(|argument| argument.value.text()).collect());
            }
            _ => {}
        }
        let function = self.macro_path(node);
        Kind::Call(Box::new(Call { function, arguments, ..Call::default() }))
    }

    /// The name of a macro with its mark: `println!`, `tracing::info!`.
    fn macro_path(&mut self, node: Node<'_>) -> Expression {
        let Some(path) = node.field("macro") else { return Expression::default() };
        let mut function = self.expression(path);
        match &mut function.kind {
            Kind::Name(name) | Kind::Member(_, Text { value: name, .. }) => name.push('!'),
            _ => {}
        }
        function
    }

    /// What stands in a macro's brackets. In braces it is a block, in square brackets a list.
    fn inside_macro(&mut self, tokens: Node<'_>) -> Vec<Argument> {
        let text = self.source(tokens);
        let base = self.span(tokens).start;
        let one = |value: Option<Expression>| value.map(|value| Argument { name: None, value }).into_iter().collect();
        match text.as_bytes().first() {
            // The name of the call stands where the mark or a blank was.
            Some(b'(') if base > 0 => {
                let arguments = self.reparse(&format!("f{text};"), base - 1, |l, root| {
                    let call = parts(root).first().and_then(|statement| parts(*statement).first().copied());
                    match call.and_then(|call| call.field("arguments")) {
                        Some(list) => l.arguments(list),
                        None => {
                            let body = l.block(root, Tail::Value);
                            let value = l.make(Kind::Block(body), root);
                            vec![Argument { name: None, value }]
                        }
                    }
                });
                arguments.unwrap_or_default()
            }
            Some(b'[') => one(self.parsed(format!("{text};"), base)),
            _ => one(self.parsed(text.to_owned(), base)),
        }
    }

    /// `select! { p = e => body, .. }` as the statements `e; body; ..`: what is awaited, then what is done.
    fn selected(&mut self, tokens: Node<'_>) -> Vec<Argument> {
        let base = self.span(tokens).start;
        let mut text = self.source(tokens).as_bytes().to_vec();
        let (mut start, mut body) = (1, false);
        for token in tokens.children(&mut tokens.walk()) {
            let span = self.span(token);
            let (from, to) = (span.start - base, span.end - base);
            if to == from || start > from {
                continue;
            }
            match token.kind() {
                "=" if !body => text[start..to].fill(b' '),
                "=>" if to - from == 2 => {
                    text[from..to].copy_from_slice(b"; ");
                    body = true;
                }
                "," => {
                    text[from] = b';';
                    (start, body) = (to, false);
                }
                "token_tree" if body && self.source(token).starts_with('{') => (start, body) = (to, false),
                _ => {}
            }
        }
        let value = String::from_utf8(text).ok().and_then(|text| self.parsed(text, base));
        value.map(|value| Argument { name: None, value }).into_iter().collect()
    }

    /// Replaces a format string and what follows it by a template.
    fn interpolate(&mut self, arguments: &mut Vec<Argument>) {
        let literal = arguments.iter().position(|argument| argument.name.is_none() && argument.value.text().is_some());
        let Some(position) = literal else { return };
        let values = arguments.split_off(position + 1);
        let format = &mut arguments[position].value;
        let span = format.span;
        let mut next = values.iter().filter(|value| value.name.is_none());
        let mut parts: Vec<Part> = Vec::new();
        for piece in braces::braces(format.text().unwrap_or_default()) {
            let value = match piece {
                Piece::Text(text) => {
                    parts.push(Part::Text(text));
                    continue;
                }
                Piece::Next => next.next().map(|value| value.value.clone()),
                Piece::At(at) => {
                    values.iter().filter(|value| value.name.is_none()).nth(at).map(|value| value.value.clone())
                }
                Piece::Named(name) => {
                    let given = values.iter().find(|value| value.name.as_ref() == Some(&name));
                    let inline = || Expression { kind: Kind::Name(name.clone()), span };
                    Some(given.map_or_else(inline, |value| value.value.clone()))
                }
            };
            parts.push(Part::Value(value.unwrap_or_default()));
        }
        format.kind = match parts.as_mut_slice() {
            [] => Kind::Text(String::new()),
            [Part::Text(text)] => Kind::Text(std::mem::take(text)),
            _ => Kind::Template(parts),
        };
    }

    /// An expression that is only known as tokens: `start..end` of the text.
    pub(super) fn among_tokens(&mut self, start: usize, end: usize) -> Expression {
        let text = self.text.get(start..end).unwrap_or_default();
        let parsed = if start > 0 { self.parsed(format!("({text});"), start - 1) } else { None };
        parsed.unwrap_or(Expression { kind: Kind::Unknown, span: Span::new(start, end) })
    }
}
