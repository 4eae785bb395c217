//! `import` and `from .. import`.

use tree_sitter::Node;

use super::{Lowering, fields, parts, span};
use crate::project::language::fields::Fields as _;
use crate::project::syntax::Import;

impl Lowering<'_> {
    /// `import a.b` binds `a`. A second entry under the whole dotted name, which no expression can have, tells
    /// that the submodule is loaded.
    pub(super) fn import(&mut self, node: Node<'_>) {
        for item in fields(node, "name") {
            let name = item.field("name").unwrap_or(item);
            let module = self.dotted(name);
            if let Some(alias) = item.field("alias") {
                let local = self.source(alias).to_owned();
                self.bind(local, module, None, node);
                continue;
            }
            let first = module.split('.').next().unwrap_or_default().to_owned();
            if first != module {
                self.bind(module.clone(), module, None, node);
            }
            self.bind(first.clone(), first, None, node);
        }
    }

    pub(super) fn import_from(&mut self, node: Node<'_>) {
        let module = node.field("module_name").map(|m| self.dotted(m)).unwrap_or_default();
        if parts(node).iter().any(|part| part.kind() == "wildcard_import") {
            self.bind("*".to_owned(), module.clone(), None, node);
        }
        for item in fields(node, "name") {
            let name = self.dotted(item.field("name").unwrap_or(item));
            let local = item.field("alias").map_or_else(|| name.clone(), |a| self.source(a).to_owned());
            self.bind(local, module.clone(), Some(name), node);
        }
    }

    /// A dotted name without the blanks that may stand in it.
    fn dotted(&self, node: Node<'_>) -> String {
        self.source(node).chars().filter(|c| !c.is_whitespace()).collect()
    }

    fn bind(&mut self, local: String, module: String, name: Option<String>, node: Node<'_>) {
        self.module.imports.push(Import { local, module, name, span: span(node) });
    }
}
