//! `use` trees, `mod` and `extern crate`.

use tree_sitter::Node;

use super::{Lowering, parts};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::{Import, Span};

impl Lowering<'_> {
    pub(super) fn uses(&mut self, node: Node<'_>) {
        let whole = self.span(node);
        if let Some(argument) = node.field("argument") {
            self.tree(argument, "", whole);
        }
    }

    fn tree(&mut self, node: Node<'_>, prefix: &str, whole: Span) {
        self.deeper(|l| match node.kind() {
            "use_list" => parts(node).iter().for_each(|item| l.tree(*item, prefix, whole)),
            "scoped_use_list" => {
                let path = join(prefix, &node.field("path").map(|p| l.path(p)).unwrap_or_default());
                if let Some(list) = node.field("list") {
                    l.tree(list, &path, whole);
                }
            }
            "use_as_clause" => {
                let path = node.field("path").map(|p| l.path(p)).unwrap_or_default();
                let alias = node.field("alias").map_or("_", |a| l.source(a));
                l.bind(&join(prefix, &path), Some(alias), whole);
            }
            "use_wildcard" => {
                let path = parts(node).first().map(|p| l.path(*p)).unwrap_or_default();
                if let Some(module) = l.outside(&join(prefix, &path)) {
                    let local = "*".to_owned();
                    l.module.imports.push(Import { local, module, name: None, span: whole });
                }
            }
            "self" => l.bind(prefix, None, whole),
            _ => {
                let path = l.path(node);
                l.bind(&join(prefix, &path), None, whole);
            }
        });
    }

    /// `mod name;` stands for the file of that name.
    pub(super) fn file_module(&mut self, node: Node<'_>, name: &str) {
        let module = format!("self::{name}");
        let span = self.span(node);
        self.module.imports.push(Import { local: name.to_owned(), module, name: None, span });
    }

    pub(super) fn extern_crate(&mut self, node: Node<'_>) {
        let name = node.field("name").map_or("", |n| self.source(n));
        let local = node.field("alias").map_or(name, |a| self.source(a));
        self.bind(name, Some(local), self.span(node));
    }

    fn bind(&mut self, path: &str, alias: Option<&str>, span: Span) {
        let Some(path) = self.outside(path) else { return };
        let (module, name) = match path.rsplit_once("::") {
            Some(("self", _)) if self.modules > 0 => return,
            Some((module, name)) => (module.to_owned(), Some(name.to_owned())),
            None => (path.clone(), None),
        };
        let local = alias.or(name.as_deref()).unwrap_or(&path).to_owned();
        self.module.imports.push(Import { local, module, name, span });
    }

    /// A path as the file's top level would write it; nothing for what lies in this very file.
    fn outside(&self, path: &str) -> Option<String> {
        let mut rest = path;
        let mut up = 0;
        while up < self.modules
            && let Some(inner) = rest.strip_prefix("super")
            && (inner.is_empty() || inner.starts_with("::"))
        {
            rest = inner.strip_prefix("::").unwrap_or("");
            up += 1;
        }
        match (up, rest) {
            (0, "") => None,
            (0, path) => Some(path.to_owned()),
            (_, "") => None,
            (_, rest) if rest.starts_with("super") => Some(rest.to_owned()),
            (_, rest) => Some(format!("self::{rest}")),
        }
    }

    /// A path without blanks and without a leading `::`.
    fn path(&self, node: Node<'_>) -> String {
        let text: String = self.source(node).split_whitespace().collect();
        text.trim_start_matches("::").replace("r#", "")
    }
}

fn join(prefix: &str, path: &str) -> String {
    if prefix.is_empty() {
        path.to_owned()
    } else if path.is_empty() {
        prefix.to_owned()
    } else {
        format!("{prefix}::{path}")
    }
}
